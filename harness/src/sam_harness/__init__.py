"""Proves a SAM stack in layers: policies, LocalStack with real IAM, the stage."""

"""Brings a stack up on this machine and keeps it until Ctrl-C: what `up` does."""

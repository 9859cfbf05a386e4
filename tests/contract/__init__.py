"""The API as its clients see it, held against docs/openapi.yaml on a running stack."""

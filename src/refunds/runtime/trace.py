"""X-Ray's trace header, such as Root=1-5759e988-bd862e3f;Parent=53995c3f;Sampled=1."""

from __future__ import annotations


def trace_id(header: object) -> str | None:
    """Return the header's trace id; None where there is none."""
    if not isinstance(header, str):
        return None
    fields = (field.partition("=") for field in header.split(";"))
    return next((value for name, _, value in fields if name == "Root" and value), None)

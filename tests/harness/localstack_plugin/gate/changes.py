"""Which calls leave a service's policies and schemas alone; all others drop caches."""

from harness.iam.services import named

# By the beginning of the operation's name. What is missing here costs time, no more.
_READS = ("Describe", "Get", "Head", "List", "Simulate")


def may_change(service: str, operation: str) -> bool:
    """Tell whether policies, or what the mapping looks up, may be others afterwards."""
    harmless = named(service).harmless
    return harmless is not None and not operation.startswith((*_READS, *harmless))

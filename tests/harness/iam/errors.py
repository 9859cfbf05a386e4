"""What can be wrong with a policy or a request."""

from harness.errors import HarnessError


class MalformedPolicy(HarnessError):  # noqa: N818 - AWS's own name for it
    """A policy IAM would refuse; the message names policy and statement."""


class MalformedRequest(HarnessError):  # noqa: N818 - named like its counterpart
    """A request that no principal could make (no such principal, no resource)."""

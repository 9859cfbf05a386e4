"""Condition keys that every request has, whatever it asks for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from datetime import UTC, datetime

from harness.localstack_plugin.gate.caller import Service

# LocalStack is reached over HTTP on this machine, AWS over TLS: without this, every
# policy that denies what is not encrypted would deny everything. Declared here only.
SECURE_TRANSPORT = "true"


def of_request(region: str) -> dict[str, str]:
    """Return the keys of a request that is made now."""
    now = datetime.now(UTC)
    return {
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:RequestedRegion": region,
        "aws:SecureTransport": SECURE_TRANSPORT,
    }


def of_service(service: Service, account: str) -> dict[str, str]:
    """Return the keys that a calling service adds: for which resource it calls.

    ``account`` is the source's where its ARN names none, as that of an S3 bucket.
    """
    if not service.source_arn:
        return {}
    parts = service.source_arn.split(":", 5)
    source = (parts[4] if len(parts) == 6 else "") or account
    # SNS's own old name for the account is in the policies that it makes itself.
    return {
        "aws:SourceArn": service.source_arn,
        "aws:SourceAccount": source,
        "aws:SourceOwner": source,
    }

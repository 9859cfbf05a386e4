"""Resource policies, read through the API of the service that the resource is of."""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from harness.iam import services
from harness.iam.policy import Policy, PolicyKind, compile_policy

type Clients = Callable[[str, str, str], Any]


def holder(arn: str) -> str | None:
    """Return the ARN of what has the policy that counts for a resource.

    None: resources of this service have no policy that is read here.
    """
    policy = services.named(arn.split(":", 5)[2]).policy
    return policy.holder(arn) if policy else None


def policy_of(clients: Clients, arn: str, account: str) -> Policy | None:
    """Return the policy on a queue, topic, function or bucket; None: there is none.

    ``clients`` makes one of (service, account, region). ``account`` is whose S3 is
    asked: the ARN of a bucket does not say.

    Raises:
        MalformedPolicy: AWS would have refused the policy.

    """
    _, _, service, region, owner, _ = arn.split(":", 5)
    policy = services.named(service).policy
    if policy is None:
        return None
    try:
        text = policy.read(clients(service, owner or account, region), arn)
    except ClientError as error:
        if error.response["Error"]["Code"] in policy.absent:
            return None
        raise
    if not text:
        return None
    return compile_policy(json.loads(text), PolicyKind.RESOURCE, f"policy of {arn}")

"""Reserved concurrency that a deployment asks for, and whether the account has it.

CloudFormation would find out in the middle of the deployment.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sam_harness.errors import HarnessError, said_plainly
from sam_harness.template.names import ANYWHERE
from sam_harness.template.resolver import Resolver

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

# To functions that reserve none.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
_LEFT_TO_OTHERS = 100
_FUNCTIONS = {"AWS::Lambda::Function", "AWS::Serverless::Function"}
_RESERVED = "ReservedConcurrentExecutions"


def reserved(template: Mapping[str, Any], parameters: Mapping[str, str]) -> int:
    """Return how many environments the functions of a template reserve together."""
    resolver = Resolver(template, parameters, ANYWHERE)
    # In a mapping, from which what has no value is left out.
    found = [resolver.value({_RESERVED: one}) for one in _asked_for(template, resolver)]
    return sum(int(one.get(_RESERVED, 0)) for one in found)


def require(wanted: int, client: "LambdaClient") -> None:
    """Let the deployment go on where the account's quota allows to reserve so many.

    What functions of other stacks reserve is not counted.

    Raises:
        HarnessError: it does not; or Lambda does not say what the quota is.

    """
    with said_plainly():
        limit = client.get_account_settings()["AccountLimit"]
    quota = limit["ConcurrentExecutions"]
    if quota - wanted < _LEFT_TO_OTHERS:
        raise HarnessError(
            f"the functions reserve {wanted} environments, and the account's quota is "
            f"{quota} concurrent executions, of which Lambda keeps {_LEFT_TO_OTHERS} "
            f"for functions that reserve none: ask AWS for {wanted + _LEFT_TO_OTHERS} "
            "(Service Quotas, Lambda, Concurrent executions), or reserve at most "
            f"{max(0, quota - _LEFT_TO_OTHERS)}"
        )


def _asked_for(template: Mapping[str, Any], resolver: Resolver) -> Iterator[object]:
    shared = (template.get("Globals") or {}).get("Function") or {}
    for resource in template["Resources"].values():
        if resource["Type"] not in _FUNCTIONS:
            continue
        if (name := resource.get("Condition")) and not resolver.condition(name):
            continue
        is_sam = resource["Type"] == "AWS::Serverless::Function"
        yield ((shared if is_sam else {}) | resource["Properties"]).get(_RESERVED, 0)

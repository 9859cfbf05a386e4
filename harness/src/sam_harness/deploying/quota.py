"""Reserved concurrency that a deployment asks for, and whether the account has it.

CloudFormation would find out in the middle of the deployment.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sam_harness.errors import HarnessError, said_plainly
from sam_harness.template.document import Document
from sam_harness.template.names import ANYWHERE
from sam_harness.template.resolver import Resolver
from sam_harness.template.sam import translate

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

# To functions that reserve none.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
_LEFT_TO_OTHERS = 100
_FUNCTION = "AWS::Lambda::Function"
_RESERVED = "ReservedConcurrentExecutions"


def reserved(source: Document, parameters: Mapping[str, str]) -> int:
    """Return how many environments the functions of a template reserve together.

    Raises:
        HarnessError: SAM refuses the template.

    """
    template = translate(source, parameters).template
    deployed = Resolver(template, parameters, ANYWHERE).template()["Resources"]
    functions = [one for one in deployed.values() if one["Type"] == _FUNCTION]
    return sum(int(one["Properties"].get(_RESERVED, 0)) for one in functions)


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

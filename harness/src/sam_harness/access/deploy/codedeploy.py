"""What CodeDeploy needs to shift calls between the versions of functions.

Its service principal works in a role of the stack. What it calls is in no reference;
AWS's own two managed policies for such a role say what it needs.
https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
"""

from collections.abc import Iterator
from functools import cache

from sam_harness.access.deploy.needs import Need
from sam_harness.access.deploy.resources import arns_of, named_by
from sam_harness.access.policies import policies_of_aws
from sam_harness.access.stack import Placed, Stack
from sam_harness.access.targets import ANYTHING

SERVICE = "codedeploy.amazonaws.com"
POLICIES = ("AWSCodeDeployRoleForLambda", "AWSCodeDeployRoleForLambdaLimited")
_HOOK = "CodeDeployHook_"


def shifting(role: Placed, stack: Stack) -> Iterator[Need]:
    """Yield what CodeDeploy calls in a role for the aliases that it shifts.

    Alarms are asked for on ``*``, as both policies have it: whether CodeDeploy names
    those that it watches is not documented. Hooks are functions of a fixed prefix.
    """
    groups = stack.of_kind("AWS::CodeDeploy::DeploymentGroup")
    if not any(group.properties.get("ServiceRoleArn") == role.arn for group in groups):
        return
    aliases = stack.of_kind("AWS::Lambda::Alias")
    shifted = [
        (one, named_by(one, stack))
        for one in aliases
        if "UpdatePolicy" in one.attributes
    ]
    for action in sorted(_of_both()):
        if action.startswith("lambda:"):
            for alias, named in shifted:
                for arn in arns_of(alias, action, named):
                    yield Need(role, "shift calls in", action, arn)
        else:
            yield Need(role, "shift calls in", action, ANYTHING)
    for function in stack.of_kind("AWS::Lambda::Function"):
        if function.name.startswith(_HOOK):
            yield Need(role, "run hooks in", "lambda:InvokeFunction", function.arn)


@cache
def _of_both() -> frozenset[str]:
    """Return the actions that both policies allow on everything, without condition."""
    each = [
        frozenset(
            action
            for statement in policies_of_aws()[name]["Statement"]
            if statement["Resource"] == ANYTHING and "Condition" not in statement
            for action in statement["Action"]
        )
        for name in POLICIES
    ]
    return frozenset.intersection(*each)

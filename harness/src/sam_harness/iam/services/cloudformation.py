"""CloudFormation: stacks by name or ARN."""

from collections.abc import Iterable

from sam_harness.iam.call import (
    Authorization,
    Call,
    Rule,
    add_keys,
    add_tags,
    anything,
    by,
    every,
    own_keys,
    pass_role,
    rules,
)
from sam_harness.iam.service import QUERY, Service

_STACK = "stack/{}/*"
_ROLE = {"cloudformation:RoleArn": "RoleARN"}
_TEMPLATE = {
    **own_keys("cloudformation", "ImportResourceTypes ResourceTypes"),
    "cloudformation:StackPolicyUrl": "StackPolicyURL",
    "cloudformation:TemplateUrl": "TemplateURL",
}

RULES = rules(
    "cloudformation",
    {
        by("StackName", arn=_STACK): """
            CancelUpdateStack ContinueUpdateRollback CreateChangeSet CreateStack
            DeleteStack DescribeEvents DescribeStackEvents DescribeStackResource
            DetectStackDrift GetStackPolicy ListChangeSets ListStackResources
            RollbackStack SetStackPolicy SignalResource UpdateStack
            UpdateTerminationProtection
        """,
        by("StackName", arn=_STACK, default="*"): """
            DescribeStackResources DescribeStacks GetTemplate GetTemplateSummary
        """,
        # A change set may be named by its own ARN alone.
        by("StackName", "ChangeSetName", arn=_STACK): """
            DeleteChangeSet DescribeChangeSet ExecuteChangeSet
        """,
        every("stack/*/*"): "ListStacks",
        anything: "EstimateTemplateCost ValidateTemplate",
    },
)
add_keys(RULES, "CreateStack UpdateStack CreateChangeSet DeleteStack", _ROLE)
add_keys(RULES, "CreateStack UpdateStack CreateChangeSet", _TEMPLATE)
add_keys(
    RULES,
    "CreateChangeSet DeleteChangeSet DescribeChangeSet ExecuteChangeSet",
    own_keys("cloudformation", "ChangeSetName"),
)
add_tags(RULES, "CreateChangeSet CreateStack UpdateStack")


def _passing(inner: Rule) -> Rule:
    """Pass the role that CloudFormation is to work in on to it, where one is named."""

    def authorised(call: Call) -> Iterable[Authorization]:
        yield from inner(call)
        if role := call.parameters.get("RoleARN"):
            yield pass_role(role, "cloudformation")

    return authorised


for _name in ("CreateChangeSet", "CreateStack", "DeleteStack", "UpdateStack"):
    RULES[_name] = _passing(RULES[_name])

SERVICE = Service(name="cloudformation", rules=RULES, errors=QUERY)

"""CloudFormation: stacks by name or ARN."""

from sam_harness.iam.call import (
    Call,
    Context,
    add_keys,
    by,
    every,
    items,
    rules,
    strings,
    values,
)
from sam_harness.iam.service import QUERY, Service

_STACK = "stack/{}/*"


def _imported(call: Call) -> Context:
    """Return the types that a change set imports; it has no policy of its stack's."""
    imports = map(values, items(call.parameters.get("ResourcesToImport")))
    kinds = strings([one.get("ResourceType") for one in imports])
    return {
        "cloudformation:ImportResourceTypes": kinds,
        "cloudformation:StackPolicyUrl": (),
    }


RULES = rules(
    "cloudformation",
    {
        by("StackName", arn=_STACK): "CreateChangeSet",
        by("StackName", arn=_STACK, default="*"): """
            DescribeStackResources DescribeStacks GetTemplate GetTemplateSummary
        """,
        # A change set may be named by its own ARN alone.
        by("StackName", "ChangeSetName", arn=_STACK): """
            DeleteChangeSet DescribeChangeSet DescribeEvents ExecuteChangeSet
        """,
        every("stack/*/*"): "ListStacks",
    },
)
add_keys(RULES, "CreateChangeSet", _imported)
SERVICE = Service(
    name="cloudformation",
    rules=RULES,
    names={"StackName": _STACK},
    passes="RoleARN",
    errors=QUERY,
)

"""CloudFormation: stacks by name or ARN."""

from harness.iam.mapping.call import (
    Authorization,
    Call,
    Rule,
    anything,
    by,
    given,
    rules,
    with_tags,
)

_KEYS = {
    "cloudformation__RoleArn": "RoleARN",
    "cloudformation__TemplateUrl": "TemplateURL",
}


def _stack(call: Call, name: str) -> str:
    return call.arn(f"stack/{name}/*")


def _stack_or_all(call: Call) -> str:
    name = call.parameters.get("StackName")
    return by("StackName", _stack)(call) if name else _stack(call, "*")


def _change_set(call: Call) -> str:
    """Find the stack of a change set, which may be named by its own ARN alone."""
    if call.parameters.get("StackName"):
        return by("StackName", _stack)(call)
    return by("ChangeSetName", _stack)(call)


def _with_keys(table: dict[str, Rule], names: str, **keys: str) -> dict[str, Rule]:
    def keyed(inner: Rule) -> Rule:
        return lambda call: tuple(
            Authorization(one.action, one.resource, given(call, **keys))
            for one in inner(call)
        )

    return {name: keyed(table[name]) for name in names.split()}


_STACKS = rules(
    "cloudformation",
    {
        by("StackName", _stack): """
            CancelUpdateStack ContinueUpdateRollback CreateChangeSet CreateStack
            DeleteStack DescribeStackEvents DescribeStackResource
            DetectStackDrift GetStackPolicy ListChangeSets ListStackResources
            RollbackStack SetStackPolicy SignalResource UpdateStack
            UpdateTerminationProtection
        """,
        _stack_or_all: """
            DescribeStackResources DescribeStacks GetTemplate GetTemplateSummary
        """,
        _change_set: "DeleteChangeSet DescribeChangeSet ExecuteChangeSet",
        anything: """
            DescribeAccountLimits DescribeType EstimateTemplateCost ListExports
            ListImports ListStacks ListTypes ValidateTemplate
        """,
    },
)
_KEYED = {
    **_STACKS,
    **_with_keys(_STACKS, "CreateStack UpdateStack", **_KEYS),
    **_with_keys(
        _STACKS,
        "CreateChangeSet",
        cloudformation__ChangeSetName="ChangeSetName",
        **_KEYS,
    ),
    **_with_keys(
        _STACKS,
        "DeleteChangeSet DescribeChangeSet ExecuteChangeSet",
        cloudformation__ChangeSetName="ChangeSetName",
    ),
    **_with_keys(_STACKS, "DeleteStack", cloudformation__RoleArn="RoleARN"),
}
RULES = {**_KEYED, **with_tags(_KEYED, "CreateChangeSet CreateStack UpdateStack")}

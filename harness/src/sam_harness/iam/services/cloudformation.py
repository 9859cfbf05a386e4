"""CloudFormation: stacks by name or ARN."""

from sam_harness.iam.call import by, every, rules
from sam_harness.iam.service import QUERY, Service

_STACK = "stack/{}/*"

SERVICE = Service(
    name="cloudformation",
    rules=rules(
        "cloudformation",
        {
            by("StackName", arn=_STACK, default="*"): """
                DescribeStackResources DescribeStacks GetTemplate GetTemplateSummary
            """,
            # A change set may be named by its own ARN alone.
            by("StackName", "ChangeSetName", arn=_STACK): """
                DeleteChangeSet DescribeChangeSet DescribeEvents ExecuteChangeSet
            """,
            every("stack/*/*"): "ListStacks",
        },
    ),
    names={"StackName": _STACK},
    passes="RoleARN",
    errors=QUERY,
)

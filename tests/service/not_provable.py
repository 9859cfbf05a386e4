"""What LocalStack only pretends to create: a green run says nothing about these.

The template's rules (``sam-harness policy``) check them where they are written.
"""

from collections.abc import Iterator, Mapping

TYPES: Mapping[str, str] = {
    "AWS::CloudWatch::Dashboard": "reported as created, but there is none",
    "AWS::CodeDeploy::Application": "reported as created, but there is no CodeDeploy",
    "AWS::CodeDeploy::DeploymentGroup": (
        "reported as created: the aliases move at once, and no alarm stops them"
    ),
}

# By resource type and the path of the property.
SETTINGS: Mapping[tuple[str, str], str] = {
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification"): "dropped",
    ("AWS::Logs::LogGroup", "RetentionInDays"): "dropped",
}

# By the parameter that sets it.
LEVERS: Mapping[str, str] = {
    "Architecture": "kept, but every function runs on this machine's",
    "MaximumPollers": "kept, but nothing is polled any faster, and nothing is capped",
    "SnapStart": "dropped: nothing starts from a snapshot",
}


def lines() -> Iterator[str]:
    """Return one line per type, setting and lever."""
    for kind, reason in TYPES.items():
        yield f"{kind}: {reason}"
    for (kind, path), reason in SETTINGS.items():
        yield f"{kind} {path}: {reason}"
    for name, reason in LEVERS.items():
        yield f"parameter {name}: {reason}"

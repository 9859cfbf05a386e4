"""From any SAM or CloudFormation template to concrete resources, offline."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.template.artefacts import CodeUris
from harness.template.document import Document, load
from harness.template.physical import Place
from harness.template.resolver import Resolver
from harness.template.sam import translate

__all__ = ["Document", "load", "resolve", "transform", "violated_rules"]

# Rules may not name resources, so any place serves to evaluate them.
_ANYWHERE = Place("123456789012", "us-east-1", "aws", "stack")


def transform(
    path: Path,
    parameters: Mapping[str, str] | None = None,
    *,
    region: str = "us-east-1",
    code_uris: CodeUris | None = None,
) -> dict[str, Any]:
    """Return the template as plain CloudFormation, its intrinsics still in it.

    ``code_uris``: logical id -> "s3://bucket/key" or (bucket, key) of what was
    uploaded for it; every other local artefact gets a placeholder location.

    Raises:
        UsageError: there is no such file.
        HarnessError: it is no template, or SAM rejects it (one line per problem).

    """
    source = load(path)
    return translate(
        source, parameters or {}, region=region, code_uris=code_uris or {}
    ).template


def resolve(  # noqa: PLR0913 - the four of a stack's place, as a caller has them
    template: Mapping[str, Any],
    parameters: Mapping[str, str] | None = None,
    *,
    account_id: str,
    region: str,
    partition: str = "aws",
    stack_name: str,
) -> dict[str, Any]:
    """Return a transformed template with every intrinsic function resolved.

    Resources and outputs whose condition is false are gone. Names are the explicit
    ones, else ``<stack_name>-<LogicalId>``; what only a deployment decides (API ids)
    gets such a name too.

    Raises:
        HarnessError: a value that cannot be known, a reference to nothing, a cycle.

    """
    place = Place(account_id, region, partition, stack_name)
    return Resolver(template, parameters or {}, place).template()


def violated_rules(
    template: Mapping[str, Any], parameters: Mapping[str, str] | None = None
) -> list[str]:
    """Return what the template's Rules section has against these parameters."""
    resolver = Resolver(template, parameters or {}, _ANYWHERE)
    violated = []
    for name, rule in (template.get("Rules") or {}).items():
        if not resolver.holds(rule.get("RuleCondition", True)):
            continue
        for assertion in rule["Assertions"]:
            if not resolver.holds(assertion["Assert"]):
                said = assertion.get("AssertDescription", "an assertion failed")
                violated.append(f"{name}: {said}")
    return violated

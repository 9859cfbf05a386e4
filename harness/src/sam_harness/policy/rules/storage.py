"""Tables and log groups."""

from collections.abc import Iterator
from typing import Any

from sam_harness.policy.rule import (
    Element,
    Holds,
    ResolvedTemplate,
    Violation,
    known,
    listed,
    mapping,
    rule,
)
from sam_harness.project import Profile

_TABLE = "AWS::DynamoDB::Table"
_GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"


def _on(value: object) -> bool:
    return value in (True, "true", "True") or not known(value or "")


def _replicas(template: ResolvedTemplate) -> Iterator[tuple[Element, dict[str, Any]]]:
    """Yield each table with its settings, a global table once per replica."""
    for table in template.elements(_TABLE):
        yield table, table.properties
    for table in template.elements(_GLOBAL_TABLE):
        for replica in listed(table.properties.get("Replicas")):
            yield table, replica


@rule("E9030", Profile.STRICT)
def _encryption(template: ResolvedTemplate) -> Iterator[Violation]:
    """A table is encrypted with a KMS key."""
    for table in template.elements(_TABLE, _GLOBAL_TABLE):
        specification = mapping(table.properties.get("SSESpecification"))
        if not _on(specification.get("SSEEnabled")):
            message = f"{table.logical_id} has no KMS key: set SSESpecification"
            yield Violation(table.at("SSESpecification"), message)


@rule("E9031", Profile.STRICT, Holds.SOMEWHERE)
def _recovery(template: ResolvedTemplate) -> Iterator[Violation]:
    """A table has point-in-time recovery, at least on production."""
    for table, settings in _replicas(template):
        recovery = mapping(settings.get("PointInTimeRecoverySpecification"))
        if not _on(recovery.get("PointInTimeRecoveryEnabled")):
            message = (
                f"{table.logical_id} never has point-in-time recovery: set "
                "PointInTimeRecoverySpecification"
            )
            yield Violation(table.at("PointInTimeRecoverySpecification"), message)


@rule("E9032", Profile.STRICT, Holds.SOMEWHERE)
def _protection(template: ResolvedTemplate) -> Iterator[Violation]:
    """A table is protected against deletion, at least on production."""
    for table, settings in _replicas(template):
        if not _on(settings.get("DeletionProtectionEnabled")):
            simple = template.is_written_as(table, "AWS::Serverless::SimpleTable")
            message = (
                f"{table.logical_id} is never protected against deletion: "
                + (f"write it as {_TABLE} and " if simple else "")
                + "set DeletionProtectionEnabled, at least on production"
            )
            yield Violation(table.at("DeletionProtectionEnabled"), message)


@rule("E9033", Profile.STRICT)
def _log_retention(template: ResolvedTemplate) -> Iterator[Violation]:
    """A log group says how long it keeps logs."""
    for group in template.elements("AWS::Logs::LogGroup"):
        if "RetentionInDays" not in group.properties:
            message = f"{group.logical_id} keeps logs for ever: set RetentionInDays"
            yield Violation(group.at("RetentionInDays"), message)

"""The static layer over every branch that parameters can give a template."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.access.attached import Document
from harness.access.finding import Finding
from harness.access.matrix import Matrix
from harness.access.stack import placed
from harness.access.static import StaticLayer
from harness.policy.pack import Parameters, scenarios
from harness.template.document import load
from harness.template.sam import translate


def check(
    template: Path,
    matrix: Matrix,
    given: Mapping[str, str] | None = None,
    policies: Mapping[str, Document] | None = None,
) -> list[str]:
    """Return how template and matrix differ, in words, with the parameters it takes.

    ``given`` parameters are never varied. ``policies``: documents that the template
    only names, by ARN.

    Raises:
        HarnessError: it is no template, or a policy's document is not known.

    """
    found: dict[Finding, str] = {}
    absent = set(matrix.roles)
    for parameters, layer in layers(template, matrix, given or {}, policies):
        absent -= layer.roles.keys()
        varied = {k: v for k, v in parameters.items() if k not in (given or {})}
        suffix = ", ".join(f"{name}={value}" for name, value in varied.items())
        for finding in layer.findings():
            found.setdefault(finding, f" (with {suffix})" if suffix else "")
    missing = "the matrix has this role, the template has not"
    absentees = [Finding(role, "*", "*", missing) for role in sorted(absent)]
    return [f"{one}{suffix}" for one, suffix in found.items()] + [*map(str, absentees)]


def layers(
    template: Path,
    matrix: Matrix,
    given: Mapping[str, str],
    policies: Mapping[str, Document] | None = None,
) -> Iterator[tuple[Parameters, StaticLayer]]:
    """Yield the static layer for each set of parameters that takes another branch."""
    source = load(template)
    seen: list[StaticLayer] = []
    for parameters in scenarios(source, given):
        plain = translate(source, parameters, region="us-east-1", code_uris={}).template
        stack = placed(plain, parameters)
        seen.append(StaticLayer(matrix, stack, policies, before=seen))
        yield parameters, seen[-1]

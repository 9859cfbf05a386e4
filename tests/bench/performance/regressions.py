"""Our functions made worse on purpose, in a copy: the gates must notice each.

A gate that lets these pass guards nothing.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.performance import cases, measure, results, subjects
from bench.performance.subjects import MODULES
from sam_harness.errors import HarnessError
from service.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Regression:
    """A change of one of the service's modules, and the gate that must fail for it."""

    name: str
    gate: str
    module: str
    old: str
    new: str
    requirements: Path | None = None

    @property
    def path(self) -> Path:
        """The changed file, below the project."""
        return Path("src", *self.module.split(".")).with_suffix(".py")


REGRESSIONS = (
    Regression(
        "pydantic in the Receiver",
        "receiver_cold_cpu",
        MODULES["receiver"],
        "\nif TYPE_CHECKING:\n",
        "\nfrom pydantic import BaseModel\n"
        "class Body(BaseModel):\n"
        "    orderId: str\n"
        "    amount: float\n"
        "    reason: str\n"
        "\nif TYPE_CHECKING:\n",
        subjects.HERE / "peer" / "requirements.txt",
    ),
    Regression(
        "one more DynamoDB call",
        "receiver_aws_requests",
        MODULES["acceptance"],
        "    stored = add(refund)\n",
        "    stored = add(add(refund))\n",
    ),
    Regression(
        "a client built in the handler",
        "receiver_warm_cpu",
        MODULES["receiver"],
        "        return _accept(request, context, log)\n",
        f"        import {MODULES['aws']} as aws\n"
        "        aws.dynamodb_client.cache_clear()\n"
        "        aws.dynamodb_client()\n"
        "        return _accept(request, context, log)\n",
    ),
)


def measured(scratch: Path, on_progress: Callable[[str], None]) -> dict[str, float]:
    """Return the ratio that the gate of each regression finds, by its name."""
    ratios = {}
    for regression in REGRESSIONS:
        on_progress(regression.name)
        folder = scratch / regression.gate
        folder.mkdir()
        found = _measured(regression, folder)
        ratios[regression.name] = round(results.ratio(found, regression.gate), 3)
    return ratios


def verdicts(ratios: Mapping[str, float]) -> dict[str, results.Verdict]:
    """Judge each regression by its gate: none may hold."""
    return {
        one.name: results.Verdict(one.gate, ratios[one.name]) for one in REGRESSIONS
    }


def rows(ratios: Mapping[str, float]) -> list[tuple[str, ...]]:
    """Return a row per regression: its gate, what it found, what it lets pass."""
    titles = {metric.name: metric.title for metric in results.METRICS}
    return [
        (
            name,
            titles[verdict.metric],
            f"{verdict.measured:.2f}",
            f"{verdict.bound:.2f}",
        )
        for name, verdict in verdicts(ratios).items()
    ]


def _measured(regression: Regression, scratch: Path) -> results.Results:
    wanted = measure.OF_GATE[regression.gate]
    template = worsened(regression, scratch / "copy")
    with measure.ready(scratch, template) as bench:
        cases.all_alike(bench.built, bench.stub, bench.scratch)
        return results.summarise(measure.rounds(bench, [[wanted]] * ROUNDS))


def worsened(regression: Regression, copy: Path) -> Path:
    """Copy what the artefact is made of, change it, and return the copy's template.

    Raises:
        HarnessError: the place that it changes is not there any more.
    """
    shutil.copytree(
        ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__")
    )
    template = copy / "template.yaml"
    # pydantic is compiled: for the machine that measures, as the peer's is.
    text = (ROOT / "template.yaml").read_text()
    template.write_text(text.replace("Default: arm64", "Default: x86_64"))
    file = copy / regression.path
    code = file.read_text()
    if code.count(regression.old) != 1:
        raise HarnessError(
            f"{regression.name}: {file.name} has no such place any more, "
            "change bench/performance/regressions.py"
        )
    file.write_text(code.replace(regression.old, regression.new))
    if regression.requirements:
        shutil.copy(regression.requirements, copy / "src" / "requirements.txt")
    return template

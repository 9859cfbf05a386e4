"""What each layer of the gate proves, and what its run has left in reports/."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of the gate; ``report`` is its JUnit file in reports/."""

    name: str
    proves: str
    report: str


LAYERS = (
    Layer("policy", "the template keeps our rules and cfn-lint's", "policy.xml"),
    Layer("unit", "decisions, adapters, the contract against the code", "unit.xml"),
    Layer("integration", "the deployed stack: wiring, failures, denials, DLQ",
          "integration.xml"),
    Layer("harness", "its rules, its commands, what the IAM gate decides",
          "harness-unit.xml"),
    Layer("emulator", "LocalStack with the harness's plugin behaves as AWS documents",
          "harness.xml"),
    Layer("contract", "generated and hostile requests, a generated client",
          "contract.xml"),
    Layer("mutation", "a removed permission is missed, a new one is noticed",
          "mutate-policy.xml"),
    Layer("end to end", "the tests of a stage, rehearsed on LocalStack",
          "e2e-rehearsal.xml"),
    Layer("deployment", "release, update, a broken update, and back",
          "deploy-rehearsal.xml"),
    Layer("packaging", "the artefact is what `sam build` makes", "packaging.xml"),
    Layer("distribution", "the harness's wheel proves a foreign project",
          "distribution.xml"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """What a layer's run says; ``failed`` are the names of the tests that did."""

    layer: Layer
    tests: int
    skipped: int
    failed: tuple[str, ...]
    seconds: float
    when: str


def results(reports: Path) -> Mapping[Layer, Result]:
    """Return the results of the layers that have run."""
    return {
        layer: _read(layer, reports / layer.report)
        for layer in LAYERS
        if (reports / layer.report).exists()
    }


def _read(layer: Layer, file: Path) -> Result:
    suites = list(ET.parse(file).iter("testsuite"))  # noqa: S314 - as above
    return Result(
        layer,
        tests=sum(int(suite.get("tests", "0")) for suite in suites),
        skipped=sum(int(suite.get("skipped", "0")) for suite in suites),
        failed=tuple(name for suite in suites for name in _failed(suite)),
        seconds=sum(float(suite.get("time", "0")) for suite in suites),
        when=suites[0].get("timestamp", "")[:16].replace("T", " ") if suites else "",
    )


def _failed(suite: ET.Element) -> Iterator[str]:
    for case in suite.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            yield case.get("name", "")

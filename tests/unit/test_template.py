"""What template.yaml must keep to that no linter can know."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sam_harness.template.document import load
from sam_harness.template.resolver import violated_rules
from sam_harness.template.sam import translate
from service.checkout import ROOT

SOURCE = load(ROOT / "template.yaml")
FUNCTIONS = [
    name
    for name, one in SOURCE["Resources"].items()
    if one["Type"] == "AWS::Serverless::Function"
]
# CloudFormation hands these over; the function is the same.
NO_CONFIGURATION = {"DeploymentType"}
ONE_CAP = [
    ({}, True),
    ({"MaximumConcurrency": "0"}, False),
    ({"MaximumConcurrency": "1"}, False),
    ({"MaximumPollers": "20"}, False),
    ({"MaximumConcurrency": "0", "MaximumPollers": "20"}, True),
    ({"MaximumConcurrency": "0", "MaximumPollers": "1"}, False),
]


def named(value: object) -> Iterator[str]:
    """Yield the parameters that a value is made of."""
    if isinstance(value, dict):
        if isinstance(name := value.get("Ref"), str):
            yield name
        elif isinstance(text := value.get("Fn::Sub"), str):
            yield from re.findall(r"\$\{(\w+)\}", text)
        else:
            for one in value.values():
                yield from named(one)
    elif isinstance(value, list):
        for one in value:
            yield from named(one)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_version_is_described_by_all_that_configures_its_function(name: str) -> None:
    """Else a changed parameter is deployed and never in force: see docs/deploy.md."""
    properties: dict[str, Any] = SOURCE["Resources"][name]["Properties"]
    shared = SOURCE["Globals"]["Function"]
    parameters = SOURCE["Parameters"].keys() - NO_CONFIGURATION
    # What a function is started by is no part of its versions.
    own = {key: value for key, value in properties.items() if key != "Events"}
    described = set(named(own.pop("VersionDescription")))

    assert described == {*named(shared), *named(own)} & parameters


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_description_is_never_too_long(name: str) -> None:
    """Lambda takes 256 characters."""
    text = SOURCE["Resources"][name]["Properties"]["VersionDescription"]["Fn::Sub"]
    longest = re.sub(r"\$\{(\w+)\}", lambda found: "x" * width(found[1]), text)

    assert len(longest) <= 256


def width(parameter: str) -> int:
    """Return how long a parameter's value may be; of a number, what is plausible."""
    declared = SOURCE["Parameters"][parameter]
    if "AllowedValues" in declared:
        return max(len(str(value)) for value in declared["AllowedValues"])
    if "MaxLength" in declared:
        return int(declared["MaxLength"])
    return {"Stage": 20, "DecisionLimit": len("9999999.99")}.get(parameter, 5)


@pytest.mark.parametrize(("given", "is_accepted"), ONE_CAP)
def test_the_queue_has_one_cap(given: dict[str, str], is_accepted: bool) -> None:  # noqa: FBT001 - a column
    """Concurrency or provisioned pollers: Lambda refuses both, the gateway neither."""
    # Translating leaves the rules alone: once does for all values.
    template = translate(SOURCE, {}).template

    violated = violated_rules(template, given)

    assert (violated == []) is is_accepted, violated

"""What template.yaml must keep to that no linter can know."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sam_harness.localstack.stacks.parameters import problems
from sam_harness.template.document import load
from sam_harness.template.names import ANYWHERE
from sam_harness.template.resolver import Resolver
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
# What a function is started by, and how often at once, is no part of its versions.
OF_NO_VERSION = {"Events", "ReservedConcurrentExecutions"}
# The whole ARN would be too long for a description.
LAST_OF_ARN = "Secret"
GATEWAYS_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:gateway-AbCdEf"
SIMULATED = {"GatewayUrl": "simulated"}
GATEWAY = {"GatewayUrl": "https://gateway.example", "GatewaySecretArn": GATEWAYS_ARN}
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
        elif "Fn::Sub" in value:
            text, *more = listed(value["Fn::Sub"])
            yield from re.findall(r"\$\{(\w+)\}", text)
            yield from named(more)
        else:
            for one in value.values():
                yield from named(one)
    elif isinstance(value, list):
        for one in value:
            yield from named(one)


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - a template's
    """Return both forms of Fn::Sub as a list: text, then what the text may name."""
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_version_is_described_by_all_that_configures_its_function(name: str) -> None:
    """Else a changed parameter is deployed and never in force: see docs/deploy.md."""
    properties: dict[str, Any] = SOURCE["Resources"][name]["Properties"]
    shared = SOURCE["Globals"]["Function"]
    parameters = SOURCE["Parameters"].keys() - NO_CONFIGURATION
    own = {key: properties[key] for key in properties.keys() - OF_NO_VERSION}
    described = set(named(own.pop("VersionDescription"))) - {LAST_OF_ARN}

    assert described == {*named(shared), *named(own)} & parameters


def test_reserving_concurrency_publishes_no_version() -> None:
    """Lambda would publish none either, and CloudFormation fail with 409."""

    def versions(**given: str) -> dict[str, object]:
        template = translate(SOURCE, SIMULATED | given).template
        resolver = Resolver(template, SIMULATED | given, ANYWHERE)
        return {
            name: resolver.value(one["Properties"])
            for name, one in template["Resources"].items()
            if one["Type"] == "AWS::Lambda::Version"
        }

    assert len(versions()) == len(FUNCTIONS)
    assert versions(ProcessorReservedConcurrency="20") == versions()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_description_is_never_too_long(name: str) -> None:
    """Lambda takes 256 characters."""
    description = SOURCE["Resources"][name]["Properties"]["VersionDescription"]
    text = listed(description["Fn::Sub"])[0]
    longest = re.sub(r"\$\{(\w+)\}", lambda found: "x" * width(found[1]), text)

    assert len(longest) <= 256


def width(parameter: str) -> int:
    """Return how long a parameter's value may be; of a number, what is plausible."""
    if parameter == LAST_OF_ARN:
        return 64
    declared = SOURCE["Parameters"][parameter]
    if "AllowedValues" in declared:
        return max(len(str(value)) for value in declared["AllowedValues"])
    if "MaxLength" in declared:
        return int(declared["MaxLength"])
    if "MaxValue" in declared:
        return len(str(declared["MaxValue"]))
    return {"Stage": 20}.get(parameter, 5)


@pytest.mark.parametrize(("given", "is_accepted"), ONE_CAP)
def test_the_queue_has_one_cap(given: dict[str, str], is_accepted: bool) -> None:  # noqa: FBT001 - a column
    """Concurrency or provisioned pollers: Lambda refuses both, the gateway neither."""
    # Translating leaves the rules alone: once does for all values.
    template = translate(SOURCE, {}).template

    violated = list(problems(template, SIMULATED | given))

    assert (violated == []) is is_accepted, violated


@pytest.mark.parametrize(
    ("given", "is_accepted"),
    [
        (SIMULATED | {"Stage": "test"}, True),
        (GATEWAY | {"Stage": "production"}, True),
        (GATEWAY | {"Stage": "production", "GatewaySecretArn": ""}, False),
        (GATEWAY | SIMULATED | {"Stage": "production"}, False),
        # Whatever a stage is called: what is not known to be harmless is none of it.
        (GATEWAY | SIMULATED | {"Stage": "prod"}, False),
        (GATEWAY | {"Stage": "live", "GatewaySecretArn": ""}, False),
        (SIMULATED | {"Stage": "preview"}, True),
    ],
)
def test_production_has_a_gateway_and_its_secret(
    given: dict[str, str],
    is_accepted: bool,  # noqa: FBT001 - a column
) -> None:
    """Elsewhere both may be left out."""
    template = translate(SOURCE, {}).template

    assert (list(problems(template, given)) == []) is is_accepted


@pytest.mark.parametrize(
    ("url", "is_accepted"),
    [
        ("simulated", True),
        ("https://gateway.example", True),
        ("https://gateway.example:8443/v1", True),
        ("http://127.0.0.1:8080", True),
        ("http://host.docker.internal:8080/v1", True),
        ("http://gateway.example", False),
        ("https://user:password@gateway.example", False),
        ("https://gateway.example/v1?key=1", False),
        ("https://gateway.example#v1", False),
        ("", False),
        ("ftp://gateway.example", False),
    ],
)
def test_gateway_url_is_said_and_has_no_credentials(
    url: str,
    is_accepted: bool,  # noqa: FBT001 - a column
) -> None:
    """A public gateway is called with TLS only; what a URL holds is in every log."""
    declared = SOURCE["Parameters"]["GatewayUrl"]

    assert bool(re.fullmatch(declared["AllowedPattern"], url)) is is_accepted


@pytest.mark.parametrize(
    ("days", "is_accepted"),
    [
        ("0", True),
        ("29", False),
        ("30", True),
        ("100", True),
        ("9999", True),
        ("10000", False),
        ("", False),
        ("030", False),
    ],
)
def test_refunds_are_kept_for_ever_or_for_a_month_at_least(
    days: str,
    is_accepted: bool,  # noqa: FBT001 - a column
) -> None:
    """For two weeks something sends refunds again; their records outlive that."""
    declared = SOURCE["Parameters"]["RetentionDays"]

    assert bool(re.fullmatch(declared["AllowedPattern"], days)) is is_accepted


@pytest.mark.parametrize("template", ["template.yaml", ".github/deploy-role.yaml"])
@pytest.mark.parametrize(
    ("name", "is_accepted"),
    [
        ("gateway-AbCdEf", True),
        (f"{'a' * 57}-AbCdEf", True),
        (f"{'a' * 58}-AbCdEf", False),
        ("gateway", False),
        ("gateway-AbCdE", False),
        ("gateway-AbCdEf?", False),
    ],
)
def test_secret_is_named_by_its_whole_arn(
    template: str,
    name: str,
    is_accepted: bool,  # noqa: FBT001 - a column
) -> None:
    """IAM compares with the ARN that ends in Secrets Manager's six characters."""
    declared = load(ROOT / template)["Parameters"]["GatewaySecretArn"]
    arn = GATEWAYS_ARN.replace("gateway-AbCdEf", name)

    assert bool(re.fullmatch(declared["AllowedPattern"], arn)) is is_accepted


def test_the_alarm_on_429_watches_what_the_access_log_has() -> None:
    """An alarm on a metric without a source, or a filter on no field, never rings."""
    resources = SOURCE["Resources"]
    watched = resources["TooManyRequestsAlarm"]["Properties"]
    counted = resources["TooManyRequestsFilter"]["Properties"]
    log = resources["RefundApi"]["Properties"]["AccessLogSetting"]
    line = json.loads(log["Format"].replace("$context.status", "429"))
    (metric,) = counted["MetricTransformations"]

    [(field, value)] = re.findall(
        r'^\{ \$\.(\w+) = "(\d+)" \}$', counted["FilterPattern"]
    )
    assert line[field] == value == "429"
    assert log["DestinationArn"] == {"Fn::GetAtt": ["ApiAccessLogGroup", "Arn"]}
    assert counted["LogGroupName"] == {"Ref": "ApiAccessLogGroup"}
    assert (metric["MetricNamespace"], metric["MetricName"]) == (
        watched["Namespace"], watched["MetricName"],
    )  # fmt: skip


def test_the_gateway_has_to_be_said() -> None:
    """A parameter that was forgotten never means the simulated one, on no stage."""
    assert "Default" not in SOURCE["Parameters"]["GatewayUrl"]

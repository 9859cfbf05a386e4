"""What CREATE_COMPLETE does not prove: the resources are there, as the template says.

The template is what is asked for, so this follows it without being told.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

import boto3
import pytest

from sam_harness.deploying.stack import DeployedStack
from sam_harness.emulator.emulator import Emulator
from service import expected_resources
from service.actual_resources import NO_SETTINGS, READERS
from service.deployed import RefundService
from service.expected_resources import Resource


@pytest.fixture(scope="session")
def resources(
    deployed: DeployedStack, account_id: str, emulator: Emulator
) -> list[Resource]:
    """Return the resources as the template describes them."""
    return expected_resources.resources(
        deployed, account_id=account_id, region=emulator.region
    )


def differences(session: boto3.Session, resource: Resource) -> list[str]:
    """Return how a resource differs from what the template says."""
    reality = READERS[resource.kind](session, resource)
    return list(expected_resources.differences(resource.properties, reality))


def is_known(kind: str, difference: str, unproven: Collection[str]) -> bool:
    """Tell whether the difference is no setting, or one that LocalStack drops."""
    dropped = (tuple(name.split(".", 1)) for name in unproven if "." in name)
    return any(
        known_kind == kind and is_about(difference, path)
        for known_kind, path in (*dropped, *NO_SETTINGS)
    )


def is_about(difference: str, path: str) -> bool:
    """Tell whether the difference is about this property, or below it."""
    return difference.startswith((f"{path}.", f"{path} "))


@pytest.mark.parametrize("kind", sorted(READERS))
def test_every_resource_is_as_the_template_says(
    session: boto3.Session,
    resources: list[Resource],
    unproven: dict[str, str],
    kind: str,
) -> None:
    """Asked of the resource's own service, not of CloudFormation."""
    promised_ones = [resource for resource in resources if resource.kind == kind]
    found = {
        resource.logical_id: [
            difference
            for difference in differences(session, resource)
            if not is_known(kind, difference, unproven)
        ]
        for resource in promised_ones
    }

    assert promised_ones, f"the template has no {kind}: remove its reader"
    assert found == {resource.logical_id: [] for resource in promised_ones}


def test_every_type_is_checked_or_known_to_be_pretended(
    resources: list[Resource], unproven: dict[str, str]
) -> None:
    """A new type in the template needs a reader, or a reason why there is none."""
    pretended = {name for name in unproven if "." not in name}
    assert {one.kind for one in resources} == READERS.keys() | pretended


def test_what_is_listed_as_dropped_is_really_missing(
    session: boto3.Session, resources: list[Resource], unproven: dict[str, str]
) -> None:
    """The emulator's word for it is not taken: each service is asked."""
    missing = {
        f"{resource.kind}.{difference.partition(' ')[0].partition('.')[0]}"
        for resource in resources
        if resource.kind in READERS
        for difference in differences(session, resource)
    }

    # The others have here the value that they would have without the template.
    assert {
        "AWS::DynamoDB::Table.PointInTimeRecoverySpecification",
        "AWS::Logs::LogGroup.RetentionInDays",
    } <= missing & unproven.keys()


def test_the_dashboard_is_really_missing(
    session: boto3.Session, resources: list[Resource]
) -> None:
    """It is merely pretended, and listed as that."""
    (dashboard,) = of_kind(resources, "AWS::CloudWatch::Dashboard")
    cloudwatch = session.client("cloudwatch")

    with pytest.raises(cloudwatch.exceptions.ClientError):
        cloudwatch.get_dashboard(DashboardName=dashboard.properties["DashboardName"])


def test_the_metric_filter_is_really_missing(
    session: boto3.Session, resources: list[Resource]
) -> None:
    """So on LocalStack its alarm watches nothing; that both fit is a unit test's."""
    (one,) = of_kind(resources, "AWS::Logs::MetricFilter")
    answer = session.client("logs").describe_metric_filters(
        logGroupName=one.properties["LogGroupName"]
    )

    assert answer["metricFilters"] == []


def test_codedeploy_is_really_missing(
    session: boto3.Session, resources: list[Resource]
) -> None:
    """One deployment group per function is promised; none is made here."""
    groups = of_kind(resources, "AWS::CodeDeploy::DeploymentGroup")
    codedeploy = session.client("codedeploy")

    assert len(groups) == len(of_kind(resources, "AWS::Lambda::Function"))
    with pytest.raises(codedeploy.exceptions.ClientError, match="codedeploy"):
        codedeploy.list_applications()


def of_kind(resources: list[Resource], kind: str) -> list[Resource]:
    """Return the resources of this type; there must be some."""
    found = [one for one in resources if one.kind == kind]
    assert found, f"the template has no {kind}"
    return found


def reality(session: boto3.Session, resource: Resource) -> Mapping[str, Any]:
    """Return the resource as its service describes it."""
    return READERS[resource.kind](session, resource)


def test_every_queue_is_encrypted_and_talks_tls_only(
    session: boto3.Session, resources: list[Resource]
) -> None:
    """Whatever the template says: dead letters are refunds too."""
    for queue in of_kind(resources, "AWS::SQS::Queue"):
        attributes = reality(session, queue)
        statements = json.loads(attributes.get("Policy", '{"Statement": []}'))

        assert attributes["SqsManagedSseEnabled"], queue.logical_id
        assert {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": attributes["QueueArn"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            "Sid": "TlsOnly",
        } in statements["Statement"], queue.logical_id


def test_the_table_deletes_by_the_attribute_that_decisions_have(
    session: boto3.Session, resources: list[Resource]
) -> None:
    """Nothing expires on LocalStack; that TTL is on, and by what, is the setting."""
    (table,) = of_kind(resources, "AWS::DynamoDB::Table")

    assert reality(session, table)["TimeToLiveSpecification"] == {
        "AttributeName": "expiresAt",
        "Enabled": True,
    }


def test_the_dlq_takes_messages_of_the_refund_queue_only(
    session: boto3.Session, stack: RefundService
) -> None:
    """The redrive policy points there, and the redrive allow policy back."""
    sqs = session.client("sqs")
    refund_queue, dlq = (
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        for url in (stack.queue_url, stack.dlq_url)
    )

    redrive = json.loads(refund_queue["RedrivePolicy"])
    allowed = json.loads(dlq["RedriveAllowPolicy"])
    assert redrive == {"deadLetterTargetArn": stack.dlq_arn, "maxReceiveCount": 3}
    assert allowed == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [refund_queue["QueueArn"]],
    }


def test_the_mapping_reports_failures_one_by_one_and_is_capped(
    session: boto3.Session, resources: list[Resource]
) -> None:
    """Partial responses save the neighbours; the cap saves the payment gateway."""
    (mapping,) = of_kind(resources, "AWS::Lambda::EventSourceMapping")
    there = reality(session, mapping)

    assert there["State"] == "Enabled"
    assert there["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert there["ScalingConfig"]["MaximumConcurrency"] == 10


def test_everything_that_can_be_traced_is(
    session: boto3.Session, resources: list[Resource]
) -> None:
    """The stage and all functions."""
    (stage,) = of_kind(resources, "AWS::ApiGateway::Stage")
    functions = of_kind(resources, "AWS::Lambda::Function")

    assert reality(session, stage)["TracingEnabled"] is True
    modes = [reality(session, one)["TracingConfig"]["Mode"] for one in functions]
    assert modes == ["Active"] * 4


def test_the_api_key_is_throttled_and_has_a_quota(
    session: boto3.Session, resources: list[Resource]
) -> None:
    """By the usage plan that binds it to the stage."""
    (plan,) = of_kind(resources, "AWS::ApiGateway::UsagePlan")
    (key,) = of_kind(resources, "AWS::ApiGateway::UsagePlanKey")
    there = reality(session, plan)

    assert there["Throttle"] == {"RateLimit": 1000, "BurstLimit": 1000}
    assert there["Quota"] == {"Limit": 1000000, "Period": "DAY"}
    assert reality(session, key)["UsagePlanId"] == plan.physical_id


def _metrics(alarm: Resource) -> list[Mapping[str, Any]]:
    """Return the one metric that an alarm watches, or all that it calculates with."""
    queries = alarm.properties.get("Metrics", [])
    found = [one["MetricStat"]["Metric"] for one in queries if "MetricStat" in one]
    return found or [alarm.properties]


def test_every_alarm_watches_something_real_and_tells_the_topic(
    resources: list[Resource],
) -> None:
    """Dimensions name what the stack has; an alarm on nothing never goes off."""
    names = {one.physical_id for one in resources} | {
        one.properties[name]
        for one in resources
        for name in ("QueueName", "Name", "StageName", "FunctionName")
        if name in one.properties
    }
    names |= {
        one.properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        for one in of_kind(resources, "AWS::Lambda::Function")
    }
    (topic,) = [one.physical_id for one in resources if one.kind == "AWS::SNS::Topic"]
    alarms = [one for one in resources if one.kind == "AWS::CloudWatch::Alarm"]

    watched = {
        dimension["Value"]
        for alarm in alarms
        for metric in _metrics(alarm)
        for dimension in metric.get("Dimensions", [])
    }
    told = {one for alarm in alarms for one in alarm.properties["AlarmActions"]}

    assert alarms
    assert watched <= names
    assert told == {topic}

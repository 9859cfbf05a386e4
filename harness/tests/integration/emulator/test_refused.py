"""What AWS refuses of a call, where LocalStack takes it or makes an error 500."""

import json
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

# What boto3 would say itself, other clients leave to AWS.
UNCHECKED = Config(parameter_validation=False)
EVENT = {
    "id": "i",
    "account": "123456789012",
    "source": "s",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "detail-type": "d",
}


@pytest.mark.parametrize(
    ("service", "operation", "asked", "said"),
    [
        ("dynamodb", "query", {"TableName": "none", "Limit": 0}, "'0' at 'limit'"),
        ("dynamodb", "put_item", {}, "null at '(tableName|item)'"),
        ("stepfunctions", "list_executions", {}, "ValidationException"),
        ("sqs", "create_queue", {}, "MissingParameter.* null at 'queueName'"),
        ("sns", "create_topic", {}, "ValidationError.* null at 'name'"),
        ("sqs", "create_queue", {"QueueName": "q", "tags": {"aws:a": ""}}, "aws: pre"),
        (
            "ssm",
            "put_parameter",
            {"Name": "n", "Value": "v"} | {"Tags": [{"Key": "aws:a", "Value": ""}]},
            "aws: pre",
        ),
        (
            "apigateway",
            "create_usage_plan",
            {"name": "p", "apiStages": [{"apiId": "a", "stage": "s"}]},
            "NotFoundException.*: API Stage not found: a:s",
        ),
    ],
)
def test_a_call_that_is_none_is_refused_by_name(
    session: boto3.Session,
    service: Any,  # noqa: ANN401 - any service's client
    operation: str,
    asked: dict[str, Any],
    said: str,
) -> None:
    """With the code that clients look for."""
    client: Any = session.client(service, config=UNCHECKED)
    with pytest.raises(ClientError, match=said) as refused:
        getattr(client, operation)(**asked)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500


def test_a_bus_that_has_rules_is_not_deleted(session: boto3.Session) -> None:
    """LocalStack deletes the rules, too."""
    events, name = session.client("events"), f"bus-{uuid4().hex[:8]}"
    events.create_event_bus(Name=name)
    events.put_rule(Name="r", EventBusName=name, EventPattern='{"source": ["s"]}')

    with pytest.raises(ClientError, match="can't be deleted since it has rules"):
        events.delete_event_bus(Name=name)

    events.delete_rule(Name="r", EventBusName=name)
    events.delete_event_bus(Name=name)


@pytest.mark.parametrize("place", ["prefix", "suffix"])
@pytest.mark.parametrize("value", [1, 1.5, True, None, ["a", 1]])
def test_a_number_has_no_prefix(
    session: boto3.Session, place: str, value: object
) -> None:
    """Nor a suffix, in upper or lower case: LocalStack loses its event."""
    events = session.client("events")

    def matches(*conditions: object) -> bool:
        return events.test_event_pattern(
            Event=json.dumps({**EVENT, "resources": [], "detail": {"n": value}}),
            EventPattern=json.dumps({"detail": {"n": conditions}}),
        )["Result"]

    looked_for = {place: {"equals-ignore-case": "B"}}
    assert not matches(looked_for)
    assert matches(looked_for, {"exists": True})


def test_items_that_expire_already_are_not_had_expire_again(
    session: boto3.Session, table: str
) -> None:
    """Nor the other way round."""
    dynamodb = session.client("dynamodb")

    def set_(enabled: bool) -> None:  # noqa: FBT001 - DynamoDB's
        dynamodb.update_time_to_live(
            TableName=table,
            TimeToLiveSpecification={"Enabled": enabled, "AttributeName": "t"},
        )

    with pytest.raises(ClientError, match="TimeToLive is already disabled"):
        set_(enabled=False)
    set_(enabled=True)
    with pytest.raises(ClientError, match="TimeToLive is already enabled"):
        set_(enabled=True)


def test_an_api_with_a_method_for_every_verb_is_exported(
    session: boto3.Session,
) -> None:
    """By API Gateway's own name, as OpenAPI has none."""
    client = session.client("apigateway")
    api = client.create_rest_api(name="any")["id"]
    [root] = client.get_resources(restApiId=api)["items"]
    at: Any = {"restApiId": api, "resourceId": root["id"], "httpMethod": "ANY"}
    client.put_method(**at, authorizationType="NONE")
    client.put_integration(**at, type="MOCK")
    client.create_deployment(restApiId=api, stageName="s")

    for kind in ("oas30", "swagger"):
        told = client.get_export(restApiId=api, stageName="s", exportType=kind)
        paths = json.loads(told["body"].read())["paths"]
        assert "x-amazon-apigateway-any-method" in paths["/"]


def test_a_usage_plan_gets_no_stage_that_there_is_not(session: boto3.Session) -> None:
    """By an update, as when it is made."""
    client = session.client("apigateway")
    plan = client.create_usage_plan(name="p")["id"]
    change: Any = {"path": "/apiStages", "value": "a:s"}

    with pytest.raises(ClientError, match="API Stage not found: a:s"):
        client.update_usage_plan(
            usagePlanId=plan, patchOperations=[{"op": "add", **change}]
        )


def test_a_list_has_no_more_keys_than_s3_gives(session: boto3.Session) -> None:
    """Who asks for more has to ask again."""
    s3, name = session.client("s3"), f"list-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)

    assert s3.list_objects_v2(Bucket=name, MaxKeys=5000)["MaxKeys"] == 1000


def test_a_body_that_is_no_xml_of_s3s_is_refused(session: boto3.Session) -> None:
    """LocalStack makes an error 500."""
    s3: Any = session.client("s3", config=UNCHECKED)
    name = f"rules-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)

    with pytest.raises(ClientError, match="MalformedXML"):
        s3.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": []}
        )
    arn = "arn:aws:sqs:us-east-1:000000000000:q"
    with pytest.raises(ClientError, match="MalformedXML"):
        s3.put_bucket_notification_configuration(
            Bucket=name,
            NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn}]},
        )

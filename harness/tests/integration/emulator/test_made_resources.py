"""What a resource is made with, of which LocalStack's providers drop something."""

import json
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.functions import make_role
from harness.tests.integration.emulator.templates import artefact
from sam_harness.deploying.deploy import Deployer
from sam_harness.errors import HarnessError


def test_a_state_machine_has_its_tags_and_an_api_its_source_of_keys(
    unchecked: Deployer,
    stack_name: str,
    session: boto3.Session,
    tmp_path: Path,
) -> None:
    """LocalStack drops both; SAM gives every state machine a tag."""
    machine = {
        "RoleArn": make_role(session, "states"),
        "DefinitionString": json.dumps(
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
        ),
    }
    api = {"Name": stack_name, "ApiKeySourceType": "AUTHORIZER"}

    def deployed(*tags: tuple[str, str]) -> dict[str, str]:
        told = [{"Key": key, "Value": value} for key, value in tags]
        resources = {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {**machine, "Tags": told},
            },
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": api},
        }
        stack = unchecked.deploy(artefact(tmp_path, resources), stack_name, {})
        found = session.client("apigateway").get_rest_api(
            restApiId=stack.resources["Api"]
        )
        assert found["apiKeySource"] == "AUTHORIZER"
        listed = session.client("stepfunctions").list_tags_for_resource(
            resourceArn=stack.resources["Machine"]
        )
        return {one["key"]: one["value"] for one in listed["tags"]}

    assert deployed(("a", "1"), ("b", "2")) == {"a": "1", "b": "2"}
    assert deployed(("b", "3")) == {"b": "3"}


def test_a_state_machine_that_aws_refuses_is_refused(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """LocalStack would find out when it runs; see refusals."""
    machine = {
        "RoleArn": "arn:aws:iam::000000000000:role/any",
        "Definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}},
    }
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine}

    with pytest.raises(HarnessError, match=r"MISSING_TRANSITION_TARGET: .*: B"):
        unchecked.deploy(artefact(tmp_path, {"Machine": resource}), stack_name, {})


def test_a_topic_is_named_after_its_stack_and_keeps_its_name(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """So that a policy on what begins with the stack's name is on it."""
    made = []
    for shown in ("before", "after"):
        topics = {
            "Plain": {"DisplayName": shown},
            "Ordered": {"DisplayName": shown, "FifoTopic": True},
        }
        resources = {
            name: {"Type": "AWS::SNS::Topic", "Properties": one}
            for name, one in topics.items()
        }
        stack = unchecked.deploy(artefact(tmp_path, resources), stack_name, {})
        made.append([stack.resources[name].split(":")[-1] for name in topics])

    plain, ordered = made[0]
    assert plain.startswith(f"{stack_name}-Plain-")
    assert ordered.startswith(f"{stack_name}-Ordered-")
    assert ordered.endswith(".fifo")
    assert made[1] == made[0]


def test_a_fifo_topic_delivers_to_queues_only(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """Be a subscription in the topic, or for itself.

    https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html
    """
    fifo, email = {"FifoTopic": True}, {"Protocol": "email", "Endpoint": "a@b.example"}
    topic = {"Type": "AWS::SNS::Topic", "Properties": fifo | {"Subscription": [email]}}
    own = {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": fifo},
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": {"Ref": "Topic"}, **email},
        },
    }

    for number, resources in enumerate(({"Topic": topic}, own)):
        made = artefact(tmp_path, resources)
        with pytest.raises(HarnessError, match="Invalid protocol type: email"):
            unchecked.deploy(made, f"{stack_name}-{number}", {})


def test_a_function_runs_no_more_often_than_it_reserves(
    unchecked: Deployer,
    stack_name: str,
    session: boto3.Session,
    tmp_path: Path,
) -> None:
    """LocalStack drops it; 0 keeps a function from running at all."""
    client = session.client("lambda")
    properties = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": make_role(session),
        "Code": {"ZipFile": "def handler(event, context): return 'ran'"},
    }

    def deployed(reserved: dict[str, int]) -> str:
        function = {
            "Type": "AWS::Lambda::Function",
            "Properties": {**properties, **reserved},
        }
        stack = unchecked.deploy(
            artefact(tmp_path, {"Function": function}), stack_name, {}
        )
        return stack.resources["Function"]

    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName=deployed({"ReservedConcurrentExecutions": 0}))
    answer = client.invoke(FunctionName=deployed({}))
    assert answer["Payload"].read() == b'"ran"'
    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName=deployed({"ReservedConcurrentExecutions": 0}))


def test_a_boolean_reaches_a_function_as_cloudformation_writes_it(
    unchecked: Deployer, stack_name: str, session: boto3.Session, tmp_path: Path
) -> None:
    """True, in YAML or JSON, is the text ``true``; so it is after an update."""
    properties = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": make_role(session),
        "Code": {"ZipFile": "def handler(event, context): pass"},
    }

    def deployed(**variables: object) -> dict[str, str]:
        function = {**properties, "Environment": {"Variables": variables}}
        resource = {"Type": "AWS::Lambda::Function", "Properties": function}
        made = artefact(tmp_path, {"Function": resource})
        stack = unchecked.deploy(made, stack_name, {})
        told = session.client("lambda").get_function_configuration(
            FunctionName=stack.resources["Function"]
        )
        return told["Environment"]["Variables"]

    assert deployed(AB=True, CD=1) == {"AB": "true", "CD": "1"}
    assert deployed(AB=False) == {"AB": "false"}


def test_a_permission_is_for_the_account_that_the_template_names(
    unchecked: Deployer,
    stack_name: str,
    session: boto3.Session,
    tmp_path: Path,
) -> None:
    """LocalStack drops it, and SAM names it for every bucket."""
    role, client = make_role(session), session.client("lambda")
    code = {"ZipFile": "def handler(event, context): pass"}
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": role,
            "Code": code,
        },
    }
    permission = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": "Function"},
            "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com",
            "SourceAccount": "111122223333",
        },
    }
    resources = {"Function": function, "Permission": permission}

    stack = unchecked.deploy(artefact(tmp_path, resources), stack_name, {})

    policy = client.get_policy(FunctionName=stack.resources["Function"])["Policy"]
    (statement,) = json.loads(policy)["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"AWS:SourceAccount": "111122223333"}
    }


def test_a_long_parameter_has_the_advanced_tier(session: boto3.Session) -> None:
    """LocalStack keeps it in any; see ssm_rules."""
    ssm, long = session.client("ssm"), "x" * 4097
    with pytest.raises(ClientError, match=r"ValidationException.* 4096 characters"):
        ssm.put_parameter(Name="/made/long", Value=long, Type="String")

    ssm.put_parameter(Name="/made/long", Value=long, Type="String", Tier="Advanced")
    ssm.delete_parameter(Name="/made/long")


def test_a_global_table_is_made_and_has_an_id(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """LocalStack's CloudFormation looks for the id in what DynamoDB answers."""
    properties = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        "Replicas": [{"Region": "us-east-1"}],
    }
    resource = {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties}
    outputs = {"Id": {"Value": {"Fn::GetAtt": ["Table", "TableId"]}}}
    made = artefact(tmp_path, {"Table": resource}, Outputs=outputs)

    stack = unchecked.deploy(made, stack_name, {})

    assert len(stack.outputs["Id"]) == 36

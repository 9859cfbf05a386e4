"""A deployment is what its template says, or fails with what is missing."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.functions import make_role
from sam_harness.deploying.deploy import Deployer
from sam_harness.emulator import unproven
from sam_harness.emulator.emulator import Emulator
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import Artefact

QUEUE = {"Type": "AWS::SQS::Queue"}


@pytest.fixture
def deployer(
    session: boto3.Session, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> Deployer:
    """Return what deploys templates that cfn-lint is not asked about."""
    monkeypatch.setattr("sam_harness.deploying.deploy.check", lambda _: None)
    return Deployer(session, account_id)


@pytest.fixture
def name() -> str:
    """Return a stack's name."""
    return f"stack-{uuid4().hex[:8]}"


def artefact(folder: Path, resources: dict[str, Any], **sections: object) -> Artefact:
    """Return a template as something to deploy."""
    template = folder / "template.json"
    template.write_text(json.dumps({"Resources": resources, **sections}, indent=1))
    return Artefact("key", template)


def test_a_state_machine_has_its_tags_and_an_api_its_source_of_keys(
    deployer: Deployer, name: str, session: boto3.Session, tmp_path: Path
) -> None:
    """LocalStack drops both; SAM gives every state machine a tag."""
    machine = {
        "RoleArn": "arn:aws:iam::000000000000:role/any",
        "DefinitionString": json.dumps(
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
        ),
    }
    api = {"Name": name, "ApiKeySourceType": "AUTHORIZER"}

    def deployed(*tags: tuple[str, str]) -> dict[str, str]:
        told = [{"Key": key, "Value": value} for key, value in tags]
        resources = {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {**machine, "Tags": told},
            },
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": api},
        }
        stack = deployer.deploy(artefact(tmp_path, resources), name, {})
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


def test_a_state_machine_has_its_numbers_and_its_log(
    deployer: Deployer, name: str, session: boto3.Session, tmp_path: Path
) -> None:
    """LocalStack can put only texts into a definition, and hands on no log."""
    end = {"Type": "Succeed"}
    wait = '{"Type": "Wait", "Seconds": ${Seconds}, "Next": "End"}'
    states = f'{{"Wait": {wait}, "End": {json.dumps(end)}}}'
    machine = {
        "RoleArn": "arn:aws:iam::000000000000:role/any",
        "DefinitionString": f'{{"StartAt": "Wait", "States": {states}}}',
        "DefinitionSubstitutions": {"Seconds": 3, "Unused": True},
        "LoggingConfiguration": {
            "Level": "ALL",
            "IncludeExecutionData": True,
            "Destinations": [
                {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": "Log.Arn"}}}
            ],
        },
    }
    resources = {
        "Log": {"Type": "AWS::Logs::LogGroup"},
        "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
    }

    stack = deployer.deploy(artefact(tmp_path, resources), name, {})

    told = session.client("stepfunctions").describe_state_machine(
        stateMachineArn=stack.resources["Machine"]
    )
    assert json.loads(told["definition"])["States"]["Wait"]["Seconds"] == 3
    assert told["loggingConfiguration"]["level"] == "ALL"


def test_a_function_runs_no_more_often_than_it_reserves(
    deployer: Deployer, name: str, session: boto3.Session, tmp_path: Path
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
        stack = deployer.deploy(artefact(tmp_path, {"Function": function}), name, {})
        return stack.resources["Function"]

    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName=deployed({"ReservedConcurrentExecutions": 0}))
    answer = client.invoke(FunctionName=deployed({}))
    assert answer["Payload"].read() == b'"ran"'
    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName=deployed({"ReservedConcurrentExecutions": 0}))


def test_a_permission_is_for_the_account_that_the_template_names(
    deployer: Deployer, name: str, session: boto3.Session, tmp_path: Path
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

    stack = deployer.deploy(artefact(tmp_path, resources), name, {})

    policy = client.get_policy(FunctionName=stack.resources["Function"])["Policy"]
    (statement,) = json.loads(policy)["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"AWS:SourceAccount": "111122223333"}
    }


def test_what_the_emulator_drops_fails_by_its_name(
    deployer: Deployer, name: str, tmp_path: Path
) -> None:
    """All of it at once: a property that is not taken, a type that there is not."""
    stage = {"Type": "AWS::ApiGatewayV2::Api", "Condition": "Always"}
    resources = {
        "Queue": {**QUEUE, "Properties": {"Unheard": {"Of": 1}}},
        "Api": stage,
    }
    always = {"Always": {"Fn::Equals": ["a", "a"]}}

    with pytest.raises(HarnessError) as caught:
        deployer.deploy(artefact(tmp_path, resources, Conditions=always), name, {})

    said = str(caught.value)
    assert "AWS::SQS::Queue.Unheard: the emulator drops it" in said
    assert "AWS::ApiGatewayV2::Api: the emulator has none" in said
    assert "template.json:3: Queue" in said


def test_a_nested_stack_fails_with_the_reason_of_its_resource(
    deployer: Deployer, name: str, tmp_path: Path
) -> None:
    """Not only by the status in which it ended."""
    queue = {**QUEUE, "Properties": {"Unheard": 1}}
    (tmp_path / "inner.json").write_text(json.dumps({"Resources": {"Queue": queue}}))
    inner = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "inner.json"},
    }

    with pytest.raises(HarnessError, match=r"Inner .*Queue: AWS::SQS::Queue\.Unheard"):
        deployer.deploy(artefact(tmp_path, {"Inner": inner}), name, {})


def test_what_an_update_does_not_take_over_fails(
    deployer: Deployer, name: str, tmp_path: Path
) -> None:
    """A provider that makes a property need not be one that changes it."""
    kept = {**QUEUE, "Properties": {"DelaySeconds": 1}}
    deployer.deploy(artefact(tmp_path, {"Queue": kept}), name, {})
    changed = {**QUEUE, "Properties": {"DelaySeconds": 2, "Unheard": 1}}

    with pytest.raises(HarnessError, match=r"Queue\.Unheard"):
        deployer.deploy(artefact(tmp_path, {"Queue": changed}), name, {})

    # Again: there is nothing to update, and still it is not what was asked for.
    with pytest.raises(HarnessError, match="UPDATE_ROLLBACK_COMPLETE"):
        deployer.deploy(artefact(tmp_path, {"Queue": changed}), name, {})
    deployed = deployer.deploy(
        artefact(tmp_path, {"Queue": kept, "B": QUEUE}), name, {}
    )
    assert deployed.resources.keys() == {"Queue", "B"}


def test_what_is_allowed_is_deployed_and_listed(
    deployer: Deployer, emulator: Emulator, account_id: str, name: str, tmp_path: Path
) -> None:
    """By a logical id that no other test has."""
    logical_id = f"Queue{uuid4().hex[:8]}"
    resources = {logical_id: {**QUEUE, "Properties": {"Allowed": 1}}}
    unproven.allow(emulator.endpoint_url, [logical_id])

    deployer.deploy(artefact(tmp_path, resources), name, {})

    line = "AWS::SQS::Queue.Allowed: the emulator drops it"
    assert line in unproven.lines(emulator.endpoint_url, account_id)


def test_what_would_be_downloaded_is_refused_at_once(
    deployer: Deployer, name: str, tmp_path: Path
) -> None:
    """Kinesis would run npm."""
    stream = {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 1}}

    with pytest.raises(HarnessError, match=r"Kinesis::Stream is not emulated: .*npm"):
        deployer.deploy(artefact(tmp_path, {"Stream": stream}), name, {}, timeout_s=10)


def test_a_schedule_that_nothing_would_follow_is_refused(
    deployer: Deployer, name: str, tmp_path: Path
) -> None:
    """LocalStack keeps a schedule of EventBridge Scheduler, and calls nothing."""
    role = "arn:aws:iam::000000000000:role/any"
    schedule = {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "ScheduleExpression": "rate(1 minute)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": {"Fn::GetAtt": "Queue.Arn"}, "RoleArn": role},
        },
    }
    made = artefact(tmp_path, {"Queue": QUEUE, "Schedule": schedule})

    with pytest.raises(HarnessError, match=r"Schedule\.Target: .* nothing is ever"):
        deployer.deploy(made, name, {})


def test_a_circle_and_a_forbidden_value_are_refused(
    deployer: Deployer, name: str, tmp_path: Path
) -> None:
    """Before anything is made, by whatever client."""
    circle = {
        one: {**QUEUE, "Properties": {"QueueName": {"Ref": other}}}
        for one, other in (("A", "B"), ("B", "A"))
    }
    with pytest.raises(HarnessError, match=r"Circular dependency .*\[A, B\]"):
        deployer.deploy(artefact(tmp_path, circle), name, {})

    letters = {"P": {"Type": "String", "AllowedPattern": "[a-z]+"}}
    made = artefact(tmp_path, {"A": QUEUE}, Parameters=letters)
    with pytest.raises(HarnessError, match="Parameter 'P' must match"):
        deployer.deploy(made, name, {"P": "A1"})


def test_a_circle_of_what_sam_makes_is_refused(
    deployer: Deployer, name: str, tmp_path: Path
) -> None:
    """The bucket waits for the permission to call the function that has its name."""
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "InlineCode": "handler = print",
            "Environment": {"Variables": {"BUCKET": {"Ref": "Bucket"}}},
            "Events": {
                "Made": {
                    "Type": "S3",
                    "Properties": {
                        "Bucket": {"Ref": "Bucket"},
                        "Events": "s3:ObjectCreated:*",
                    },
                }
            },
        },
    }
    resources = {"Bucket": {"Type": "AWS::S3::Bucket"}, "Function": function}
    made = artefact(tmp_path, resources, Transform="AWS::Serverless-2016-10-31")

    with pytest.raises(HarnessError, match=r"Circular dependency .*FunctionMadePerm"):
        deployer.deploy(made, name, {})


def test_an_output_that_cannot_be_evaluated_tells_why(
    session: boto3.Session, name: str
) -> None:
    """The stack failed, whatever its resources are."""
    cloudformation = session.client("cloudformation")
    outputs = {"V": {"Value": {"Fn::Select": [9, ["a"]]}}, "W": {"Value": "w"}}
    body = json.dumps({"Resources": {"A": QUEUE}, "Outputs": outputs})

    cloudformation.create_stack(StackName=name, TemplateBody=body)
    with pytest.raises(Exception, match="ROLLBACK_COMPLETE"):
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
        )

    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert "Fn::Select" in stack["StackStatusReason"]


def test_values_that_localstack_cannot_evaluate_are_there(
    deployer: Deployer, name: str, tmp_path: Path
) -> None:
    """Also after an update, of which a list parameter is part."""
    outputs = {
        "Literal": {"Value": {"Fn::Sub": "${AWS::Region} ${!aws:userid}"}},
        "Zone": {"Value": {"Fn::Select": [1, {"Fn::GetAZs": ""}]}},
        "Block": {"Value": {"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/16", 2, 8]}]}},
        "List": {"Value": {"Fn::Join": ["|", {"Ref": "P"}]}},
    }
    sections = {
        "Parameters": {"P": {"Type": "CommaDelimitedList", "Default": "a,b"}},
        "Outputs": outputs,
    }
    created = deployer.deploy(artefact(tmp_path, {"A": QUEUE}, **sections), name, {})

    changed = {**QUEUE, "Properties": {"DelaySeconds": 1}}
    made = artefact(tmp_path, {"A": changed}, **sections)
    updated = deployer.deploy(made, name, {})

    wanted = {
        "Literal": "us-east-1 ${aws:userid}",
        "Zone": "us-east-1b",
        "Block": "10.0.1.0/24",
        "List": "a|b",
    }
    assert created.outputs == wanted
    assert updated.outputs == wanted


def test_a_template_that_cfn_lint_refuses_makes_no_stack(
    session: boto3.Session, account_id: str, name: str, tmp_path: Path
) -> None:
    """The line is told, and CloudFormation never asked."""
    resources = {"A": {**QUEUE, "Properties": {"QueueNam": "x"}}}

    with pytest.raises(HarnessError, match=r"template.json:\d+:\d+: E3002"):
        Deployer(session, account_id).deploy(artefact(tmp_path, resources), name, {})

    with pytest.raises(ClientError, match="does not exist"):
        session.client("cloudformation").describe_stacks(StackName=name)

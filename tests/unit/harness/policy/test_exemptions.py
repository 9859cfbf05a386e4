"""What looks like a defect and is none, and the other way round."""

from collections.abc import Callable

import pytest

from harness.policy.pack import Verdict

type Judge = Callable[..., list[Verdict]]

TRUST = """
      AssumeRolePolicyDocument: {Statement: []}"""
QUEUE = """
  {name}:
    Type: AWS::SQS::Queue
    Properties: {{SqsManagedSseEnabled: true{more}}}
"""
FUNCTION = """
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      Tracing: Active
      Role: !GetAtt R.Arn
      FunctionName: f
  L:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: /aws/lambda/f, RetentionInDays: 7}
"""


def found(verdicts: list[Verdict]) -> set[tuple[str, object]]:
    """Return rule and resource of each verdict."""
    return {(verdict.rule.id, verdict.violation.path[1]) for verdict in verdicts}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("SQS::Queue", "{RedrivePolicy: {deadLetterTargetArn: !GetAtt Q.Arn}}"),
        ("SNS::Subscription", "{RedrivePolicy: {deadLetterTargetArn: !GetAtt Q.Arn}}"),
        ("Events::Rule", "{Targets: [{DeadLetterConfig: {Arn: !GetAtt Q.Arn}}]}"),
        (
            "Lambda::EventInvokeConfig",
            "{DestinationConfig: {OnFailure: {Destination: !GetAtt Q.Arn}}}",
        ),
    ],
)
def test_a_dead_letter_queue_of_any_service_needs_none_itself(
    judge_text: Judge, kind: str, properties: str
) -> None:
    """Whoever sends there what it could not deliver."""
    queue = QUEUE.format(name="Q", more="")
    user = f"  U: {{Type: AWS::{kind}, Properties: {properties}}}\n"

    assert ("E9020", "Q") in found(judge_text(f"Resources:{queue}"))
    assert ("E9020", "Q") not in found(judge_text(f"Resources:{queue}{user}"))


def test_a_fifo_queues_messages_may_be_kept_as_long(judge_text: Judge) -> None:
    """Their clock starts again in the dead-letter queue."""
    fifo = ", FifoQueue: true"
    redrive = ", RedrivePolicy: {deadLetterTargetArn: !GetAtt D.Arn}"
    standard = QUEUE.format(name="Q", more=redrive) + QUEUE.format(name="D", more="")
    fifo_pair = QUEUE.format(name="Q", more=fifo + redrive) + QUEUE.format(
        name="D", more=fifo
    )

    assert found(judge_text(f"Resources:{standard}")) == {("E9024", "D")}
    assert not judge_text(f"Resources:{fifo_pair}")


def test_a_single_message_needs_no_partial_answer(judge_text: Judge) -> None:
    """A batch of one fails alone."""
    mapping = (
        "  M:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties:\n"
        "      EventSourceArn: arn:aws:sqs:us-east-1:123456789012:jobs\n"
        "      FunctionName: f\n      ScalingConfig: {MaximumConcurrency: 2}\n"
        "      BatchSize: "
    )

    assert found(judge_text(f"Resources:\n{mapping}2\n")) == {("E9022", "M")}
    assert not judge_text(f"Resources:\n{mapping}1\n")


def test_a_log_group_serves_the_function_whose_name_it_carries(
    judge_text: Judge,
) -> None:
    """Lambda writes there without being told."""
    role = f"  R:\n    Type: AWS::IAM::Role\n    Properties:{TRUST}\n"

    assert not judge_text(f"Resources:{FUNCTION}{role}")
    renamed = FUNCTION.replace("/aws/lambda/f,", "/aws/lambda/g,")
    assert found(judge_text(f"Resources:{renamed}{role}")) == {("E9005", "F")}


def test_two_functions_do_not_share_a_log_group(judge_text: Judge) -> None:
    """Each has its own retention, permission and alarms."""
    both = "".join(
        f"  {name}: {{Type: AWS::Lambda::Function, Properties: {{Role: r, "
        "TracingConfig: {Mode: Active}, LoggingConfig: {LogGroup: !Ref L}}}\n"
        for name in ("F", "G")
    )
    group = "  L: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 7}}\n"

    assert found(judge_text(f"Resources:\n{both}{group}")) == {("E9005", "G")}


def test_a_managed_policy_of_the_template_is_judged_by_its_statements(
    judge_text: Judge,
) -> None:
    """It is no wider than what it says."""
    role = (
        f"  R:\n    Type: AWS::IAM::Role\n    Properties:{TRUST}\n"
        "      ManagedPolicyArns: [!Ref P]\n"
        "  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
        "      PolicyDocument: {Statement: {Effect: Allow, Action: 's3:*', "
        "Resource: 'arn:aws:s3:::b'}}\n"
    )

    assert found(judge_text(f"Resources:{FUNCTION}{role}")) == {("E9001", "P")}


@pytest.mark.parametrize(
    ("effect", "action", "resource", "rules"),
    [
        ("Allow", "NotAction: s3:*", "Resource: arn:aws:s3:::b", {"E9001"}),
        ("Allow", "Action: s3:GetObject", "NotResource: arn:b", {"E9002"}),
        ("Allow", "Action: s3:GetObject", "Resource: '*'", {"E9002"}),
        ("Allow", "Action: s3:GetObject", "Resource: arn:aws:s3:::b*/*", {"E9002"}),
        ("Allow", "Action: s3:GetObject", "Resource: arn:aws:s3:::b/*", set()),
        (
            "Allow",
            "Action: s3:GetObject",
            "Resource: !Sub arn:aws:s3:::${B}/*",
            set(),
        ),
        ("Allow", "Action: logs:A", "Resource: arn:aws:logs:r:1:log-group:g:*", set()),
        (
            "Allow",
            "Action: logs:A",
            "Resource: arn:aws:logs::1:log-group:*",
            {"E9002"},
        ),
        ("Deny", "Action: '*'", "Resource: '*'", set()),
    ],
)
def test_a_wildcard_is_what_covers_more_than_one_thing(
    judge_text: Judge, effect: str, action: str, resource: str, rules: set[str]
) -> None:
    """The streams of a log group and the objects of a bucket end in one."""
    text = (
        "Parameters: {B: {Type: String}}\n"
        f"Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:{TRUST}\n"
        "      Policies:\n        - PolicyDocument:\n            Statement:\n"
        f"              - Effect: {effect}\n"
        f"                {action}\n                {resource}\n"
    )

    assert {rule for rule, _ in found(judge_text(text))} == rules


@pytest.mark.parametrize(
    ("variable", "rules"),
    [
        ("TOKEN_TTL_SECONDS: '600'", set()),
        ("SECRET_ARN: arn:aws:secretsmanager:us-east-1:1:secret:s", set()),
        ("USE_TOKEN: 'true'", set()),
        ("API_KEY: <your key>", set()),
        ("DB_PASSWORD: ''", set()),
        ("dbPassword: correct-horse", {"E9006"}),
        ("DATABASE_URL: 'postgres://app:horse@db/shop'", {"E9006"}),
        ("ANYTHING: AKIAIOSFODNN7EXAMPLE", {"E9006"}),
        ("API_TOKEN: !Ref Token", {"E9006"}),
    ],
)
def test_a_secret_is_told_by_its_name_or_its_looks(
    judge_text: Judge, variable: str, rules: set[str]
) -> None:
    """A default of a parameter is written down as well."""
    text = (
        "Parameters: {Token: {Type: String, Default: correct-horse}}\n"
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        "      Role: r\n      TracingConfig: {Mode: Active}\n"
        "      LoggingConfig: {LogGroup: !Ref L}\n"
        f"      Environment:\n        Variables:\n          {variable}\n"
        "  L: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 7}}\n"
    )

    assert {rule for rule, _ in found(judge_text(text))} == rules


def test_the_second_stage_that_sam_makes_is_found(judge_text: Judge) -> None:
    """Without OpenApiVersion it adds one called Stage, with no limits at all."""
    api = (
        "Resources:\n  A:\n    Type: AWS::Serverless::Api\n    Properties:\n"
        "      StageName: live\n      DefinitionBody: {swagger: '2.0', paths: {}}\n"
    )

    stray = [v for v in judge_text(api) if "stage Stage" in v.violation.message]
    assert {verdict.rule.id for verdict in stray} == {"E9010", "E9011", "E9012"}
    fixed = judge_text(f"{api}      OpenApiVersion: 3.0.1\n")
    assert not [v for v in fixed if "stage Stage" in v.violation.message]


@pytest.mark.parametrize(
    ("resource", "rules"),
    [
        ("ApiGateway::Method, Properties: {HttpMethod: GET}", {"E9013"}),
        ("ApiGateway::Method, Properties: {HttpMethod: OPTIONS}", set()),
        (
            "ApiGateway::Method, Properties: {HttpMethod: GET, ApiKeyRequired: true}",
            set(),
        ),
        ("ApiGatewayV2::Route, Properties: {RouteKey: GET /}", {"E9013"}),
        ("ApiGatewayV2::Route, Properties: {RouteKey: $connect}", {"E9013"}),
        ("ApiGatewayV2::Route, Properties: {RouteKey: $disconnect}", set()),
        (
            "ApiGatewayV2::Route, Properties: {RouteKey: /, AuthorizationType: JWT}",
            set(),
        ),
        ("Lambda::Url, Properties: {AuthType: NONE}", {"E9013"}),
        ("Lambda::Url, Properties: {AuthType: AWS_IAM}", set()),
    ],
)
def test_a_method_without_caller_is_open_however_it_is_declared(
    judge_text: Judge, resource: str, rules: set[str]
) -> None:
    """REST methods, HTTP routes and function URLs."""
    text = f"Resources: {{M: {{Type: AWS::{resource}}}}}\n"

    assert {rule for rule, _ in found(judge_text(text))} == rules


@pytest.mark.parametrize(
    ("security", "rules"),
    [
        ("[]", {"E9013"}),
        ("[{api_key: []}]", set()),
        ("[{NONE: []}]", {"E9013"}),
        ("[{api_key: []}, {}]", {"E9013"}),
    ],
)
def test_every_alternative_of_a_definition_must_ask(
    judge_text: Judge, security: str, rules: set[str]
) -> None:
    """An empty alternative lets anyone in."""
    text = (
        "Resources:\n  A:\n    Type: AWS::ApiGateway::RestApi\n    Properties:\n"
        "      Body:\n        security: [{api_key: []}]\n"
        f"        paths: {{/: {{get: {{security: {security}}}, options: {{}}}}}}\n"
    )

    assert {rule for rule, _ in found(judge_text(text))} == rules

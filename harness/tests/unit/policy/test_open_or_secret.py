"""What counts as a wildcard, a secret, an open method."""

import pytest

from harness.tests.unit.policy.conftest import Judge
from harness.tests.unit.policy.small_templates import FUNCTION, TRUST, found


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


@pytest.mark.parametrize("setting", ["OpenApiVersion", "Globals"])
def test_the_second_stage_that_sam_makes_is_one_finding(
    judge_text: Judge, setting: str
) -> None:
    """Without OpenApiVersion it adds one called Stage; no other setting reaches it."""
    api = (
        "Resources:\n  A:\n    Type: AWS::Serverless::Api\n    Properties:\n"
        "      StageName: live\n      DefinitionBody: {openapi: 3.0.1, paths: {}}\n"
    )
    fixed = (
        f"Globals: {{Api: {{OpenApiVersion: 3.0.1}}}}\n{api}"
        if setting == "Globals"
        else f"{api}      OpenApiVersion: 3.0.1\n"
    )

    [stray] = [v for v in judge_text(api) if "live" not in v.violation.message]
    assert stray.rule.id == "E9014"
    assert "set Globals.Api.OpenApiVersion" in stray.violation.message
    assert "E9014" not in {rule for rule, _ in found(judge_text(fixed))}


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

"""Which methods of SAM's APIs, and of definitions, let every caller in."""

import pytest

from harness.tests.unit.policy.conftest import Judge
from harness.tests.unit.policy.small_templates import found

SAM = """
Resources:
  A:
    Type: AWS::Serverless::{kind}
    Properties: {{{settings}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      Events:
        E: {{Type: {kind}, Properties: {{Path: /, Method: get, {api}: !Ref A{event}}}}}
"""
REST = """
Parameters: {{P: {{Type: String}}}}
Resources:
  A:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Policy: {policy}
      Body: {{paths: {{/: {{get: {{{method}}}}}}}, security: [{{api_key: []}}]}}
"""
AUTHORISER = "Auth: {{DefaultAuthorizer: A, Authorizers: {{A: {}}}}}"
LAMBDA = AUTHORISER.format("{FunctionArn: arn:x}")
COGNITO = AUTHORISER.format("{UserPoolArn: arn:x}")
JWT = AUTHORISER.format("{IdentitySource: a, JwtConfiguration: {issuer: i}}")
IAM = "Auth: {DefaultAuthorizer: AWS_IAM}"


def of_principal(written: str) -> str:
    """Return a statement that lets this principal call an API."""
    quoted = written.replace("*", "'*'")
    return f"{{Effect: Allow, Principal: {quoted}, Action: execute-api:Invoke}}"


FOR_ALL, FOR_ONE = of_principal("*"), of_principal("{AWS: '1'}")


def is_open(judge_text: Judge, kind: str, settings: str, event: str = "") -> bool:
    """Tell whether the event's method is found to be open."""
    api = "ApiId" if kind == "HttpApi" else "RestApiId"
    said = found(
        judge_text(SAM.format(kind=kind, settings=settings, api=api, event=event))
    )
    return ("E9013", "A") in said


@pytest.mark.parametrize(
    "settings",
    [
        IAM,
        LAMBDA,
        COGNITO,
        "Auth: {ApiKeyRequired: true}",
        "Auth: {ResourcePolicy: {IpRangeWhitelist: [10.0.0.0/8]}}",
        "EndpointConfiguration: {Type: PRIVATE}",
    ],
)
def test_a_rest_api_with_any_of_these_is_closed(
    judge_text: Judge, settings: str
) -> None:
    """Its authorisers, its key, its resource policy, or no way in from outside."""
    assert not is_open(judge_text, "Api", f"StageName: live, {settings}")


@pytest.mark.parametrize(
    "settings", ["Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}", JWT]
)
def test_an_http_api_with_any_of_these_is_closed(
    judge_text: Judge, settings: str
) -> None:
    """It knows no keys."""
    assert not is_open(judge_text, "HttpApi", settings)


def test_an_event_has_the_last_word(judge_text: Judge) -> None:
    """It closes what its API leaves open, and opens what that closes."""
    own, none = ", Auth: {Authorizer: AWS_IAM}", ", Auth: {Authorizer: NONE}"
    regional = "StageName: a, EndpointConfiguration: {Type: REGIONAL}"

    assert is_open(judge_text, "Api", regional)
    assert not is_open(judge_text, "Api", regional, own)
    assert is_open(judge_text, "Api", f"StageName: a, {COGNITO}", none)
    assert is_open(judge_text, "HttpApi", JWT, none)


@pytest.mark.parametrize(
    ("policy", "method", "rules"),
    [
        ("!Ref AWS::NoValue", "x-amazon-apigateway-auth: {type: AWS_IAM}", set()),
        ("!Ref AWS::NoValue", "x-amazon-apigateway-auth: {type: NONE}", {"E9013"}),
        # REST APIs ignore the security of the whole definition.
        ("!Ref AWS::NoValue", "", {"E9013"}),
        (f"{{Statement: [{FOR_ALL}]}}", "", {"E9013"}),
        (f"{{Statement: [{FOR_ALL}, {{Effect: Deny}}]}}", "", set()),
        (f"{{Statement: {FOR_ONE}}}", "", set()),
        (f"{{Statement: {of_principal('[*]')}}}", "", {"E9013"}),
        (f"{{Statement: {of_principal('{AWS: *}')}}}", "", {"E9013"}),
        (f"{{Statement: {of_principal('{AWS: [1, *]}')}}}", "", {"E9013"}),
        ("!Ref P", "", set()),
    ],
)
def test_a_definition_is_open_if_nothing_keeps_callers_away(
    judge_text: Judge, policy: str, method: str, rules: set[str]
) -> None:
    """By IAM, or by the API's resource policy."""
    text = REST.format(policy=policy, method=method)

    assert {rule for rule, _ in found(judge_text(text))} == rules

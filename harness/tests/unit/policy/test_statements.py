"""What a statement allows, judged by AWS's service authorization reference."""

import pytest

from harness.tests.unit.policy.conftest import Judge
from harness.tests.unit.policy.small_templates import TRUST, found

ROLE = (
    "Parameters: {B: {Type: String}}\n"
    f"Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:{TRUST}\n"
    "      Policies:\n        - PolicyDocument:\n            Statement:\n"
    "              - Effect: Allow\n"
    "                Action: [ACTIONS]\n                Resource: [RESOURCES]\n"
)
BOUNDED = (
    f"Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:{TRUST}\n"
    "      PermissionsBoundary: BOUNDARY\n      ManagedPolicyArns: [ATTACHED]\n"
    "  B:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
    "      ManagedPolicyName: b\n      Roles: [ROLES]\n      PolicyDocument:\n"
    "        Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}\n"
)
NAMED = "!Sub arn:aws:iam::${AWS::AccountId}:policy/b"
WIDE = "{Statement: {Effect: Allow, Action: sns:Publish, Resource: '*'}}"
OURS = "arn:aws:{}:us-east-1:123456789012:{}"
INTERFACES = OURS.format("ec2", "network-interface/*")
VALIDATE = "arn:aws:mobiletargeting:*:123456789012:phone/number/validate"
FOREIGN = "  F: {Type: AWS::Odd::Thing}\n"


def broken_by(judge_text: Judge, actions: str, resources: str) -> set[str]:
    """Return the rules that are broken by a role that allows this."""
    text = ROLE.replace("ACTIONS", actions).replace("RESOURCES", resources)
    return {rule for rule, _ in found(judge_text(text + FOREIGN))}


@pytest.mark.parametrize(
    ("actions", "rules"),
    [
        ("cloudwatch:PutMetricData", set()),
        ("CloudWatch:putmetricdata, xray:PutTraceSegments", set()),
        ("s3:ListAllMyBuckets, ssm:DescribeParameters", set()),
        ("polly:SynthesizeSpeech, ce:GetCostAndUsage", set()),
        ("translate:TranslateText, s3-object-lambda:WriteGetObjectResponse", set()),
        ("polly:PutLexicon, polly:SynthesizeSpeech", {"E9002"}),
        ("sqs:ListQueues, sqs:SendMessage", {"E9002"}),
        ("'xray:Put*'", {"E9008"}),
        ("'dynamodb:Get*'", {"E9002", "E9008"}),
        ("'s3:*'", {"E9001", "E9002"}),
        ("'*'", {"E9001", "E9002"}),
        ("sqs:NotYetKnown", {"E9002"}),
    ],
)
def test_every_resource_is_allowed_for_actions_that_know_none(
    judge_text: Judge, actions: str, rules: set[str]
) -> None:
    """``*`` is all that AWS accepts for them, whichever service they are of.

    Or for what is on none, unless its request names one:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonpolly.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-writing-lambda.html
    """
    assert broken_by(judge_text, actions, "'*'") == rules


def test_it_is_said_which_action_could_have_less(judge_text: Judge) -> None:
    """Those that know no resource have to move out of the statement."""
    text = ROLE.replace("ACTIONS", "sqs:ListQueues, sqs:SendMessage")

    [one] = judge_text(text.replace("RESOURCES", "'*'"))

    assert "ARNs that sqs:SendMessage is on; * alone is for sqs:ListQueues" in (
        one.violation.message
    )


@pytest.mark.parametrize(
    ("action", "resource", "rules"),
    [
        ("dynamodb:Query", OURS.format("dynamodb", "table/t/index/*"), {"E9008"}),
        ("dynamodb:Query", OURS.format("dynamodb", "table/*"), {"E9002"}),
        ("dynamodb:Query", OURS.format("dynamodb", "table/t*/index/i"), {"E9002"}),
        ("lambda:InvokeFunction", OURS.format("lambda", "function:f:*"), {"E9008"}),
        ("lambda:InvokeFunction", OURS.format("lambda", "function:f*"), {"E9002"}),
        ("s3:GetObject", "arn:aws:s3:::b/2026/*", {"E9008"}),
        ("s3:GetObject", "arn:aws:s3:::*/2026", {"E9002"}),
        ("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/m", {"E9008"}),
        ("logs:PutLogEvents", OURS.format("logs", "log-group:/a/b:*"), set()),
        ("logs:PutLogEvents", OURS.format("logs", "log-group:/a/*"), {"E9002"}),
        ("s3:GetObject", "!Sub '${B}/*'", set()),
        ("mobiletargeting:PhoneNumberValidate", VALIDATE, {"E9008"}),
        ("appsync:GraphQL", "!Sub '${F}/types/*'", set()),
        ("appsync:GraphQL", "!Sub '${F.Arn}/types/*'", {"E9008"}),
        # What is made has no id before.
        ("ec2:CreateNetworkInterface", INTERFACES, {"E9008"}),
        ("ec2:DeleteNetworkInterface", INTERFACES, {"E9002"}),
        ("dynamodb:CreateTable", OURS.format("dynamodb", "table/*"), {"E9002"}),
    ],
)
def test_a_wildcard_below_a_name_is_a_style(
    judge_text: Judge, action: str, resource: str, rules: set[str]
) -> None:
    """The formats of AWS's reference say what is a name and what is below it."""
    assert broken_by(judge_text, action, resource) == rules


@pytest.mark.parametrize(
    ("action", "resource", "rules"),
    [
        ("sqs:SendMessage", OURS.format("sns", "t"), {"E9009"}),
        ("s3:GetObject", "arn:aws:s3:::b", {"E9009"}),
        ("s3:ListBucket", "arn:aws:s3:::b", set()),
        ("lambda:InvokeFunction", OURS.format("lambda", "layer:l"), {"E9009"}),
        ("ec2:CreateTags", OURS.format("ec2", "snapshot/snap-1"), set()),
        ("s3:GetObject", "'arn:aws:s3:::${aws:username}'", set()),
        ("sqs:SendMessage", "!Ref B", set()),
        ("sqs:SendMessage", "!GetAtt F.Arn", set()),
        (
            "cloudformation:CreateChangeSet",
            "arn:aws:cloudformation:us-east-1:aws:transform/Serverless-2016-10-31",
            set(),
        ),
        ("apigateway:GET", "arn:aws:apigateway:us-east-1::/restapis/a", set()),
    ],
)
def test_an_action_on_none_of_its_resources_allows_nothing(
    judge_text: Judge, action: str, resource: str, rules: set[str]
) -> None:
    """Where the reference may lack a format, or the ARN is not known, it may pass."""
    assert broken_by(judge_text, action, resource) == rules


@pytest.mark.parametrize(
    ("policies", "rules"),
    [
        ("[LambdaInvokePolicy: {FunctionName: f}]", {"E9050"}),
        ("[{Statement: {Effect: Allow, Action: 'sqs:*', Resource: a}}]", {"E9001"}),
        (f"[LambdaInvokePolicy: {{FunctionName: f}}, {WIDE}]", {"E9002", "E9050"}),
    ],
)
def test_what_sam_writes_itself_is_not_held_against_a_template(
    judge_text: Judge, policies: str, rules: set[str]
) -> None:
    """The policy template's statement has a wildcard that no property reaches."""
    flow = (
        "Resources:\n  Flow:\n    Type: AWS::Serverless::StateMachine\n"
        "    Properties:\n      Definition: {StartAt: A}\n"
        f"      Policies: {policies}\n"
    )

    assert {rule for rule, _ in found(judge_text(flow))} == rules


@pytest.mark.parametrize(
    ("boundary", "attached", "roles", "rules"),
    [
        ("!Ref B", "", "", set()),
        (NAMED, "arn:aws:iam::aws:policy/ReadOnlyAccess", "", set()),
        ("!Ref B", "!Ref B", "", {"E9001", "E9002"}),
        ("!Ref B", "", "deployer", {"E9001", "E9002"}),
        ("arn:aws:iam::1:policy/other", "", "", {"E9001", "E9002"}),
    ],
)
def test_a_boundary_allows_nothing(
    judge_text: Judge, boundary: str, attached: str, roles: str, rules: set[str]
) -> None:
    """A role has a wide policy as its boundary, attached, both or neither."""
    text = BOUNDED.replace("BOUNDARY", boundary).replace("ATTACHED", attached)

    assert {rule for rule, _ in found(judge_text(text.replace("ROLES", roles)))} == (
        rules
    )

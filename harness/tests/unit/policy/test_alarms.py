"""Alarms on what exists, and on what only looks as if it did."""

import pytest

from harness.tests.unit.policy.conftest import Judge

STACK = """
Parameters: {{Env: {{Type: String, Default: test}}}}
Resources:
  Shared:
    Type: AWS::CloudFormation::Stack
    Properties: {{TemplateURL: https://b.s3.amazonaws.com/t}}
  Custom:
    Type: Custom::Queue
    Properties: {{ServiceToken: !Ref Topic}}
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: jobs
      SqsManagedSseEnabled: true
      RedriveAllowPolicy: {{redrivePermission: allowAll}}
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      GlobalSecondaryIndexes: [{{IndexName: byDay}}]
      SSESpecification: {{SSEEnabled: true}}
      DeletionProtectionEnabled: true
      PointInTimeRecoverySpecification: {{PointInTimeRecoveryEnabled: true}}
  Shop:
    Type: AWS::ApiGateway::RestApi
    Properties: {{Name: !Sub "${{AWS::StackName}}-shop"}}
  Flow:
    Type: AWS::StepFunctions::StateMachine
  Topic:
    Type: AWS::SNS::Topic
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Role: r
      TracingConfig: {{Mode: Active}}
      LoggingConfig: {{LogGroup: !Ref Logs}}
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {{RetentionInDays: 7}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: {namespace}
      MetricName: {metric}
      Dimensions: {dimensions}
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
"""
SENT = ("AWS/SQS", "NumberOfMessagesSent")
QUERY = """
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      SqsManagedSseEnabled: true
      RedriveAllowPolicy: {{redrivePermission: allowAll}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Metrics:
        - Id: a
          AccountId: {}
          MetricStat:
            Metric:
              Namespace: AWS/SQS
              MetricName: NumberOfMessagesSent
              Dimensions: [{{Name: QueueName, Value: payments}}]
            Period: 60
            Stat: Sum
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
"""


def said_of(
    judge_text: Judge, namespace: str, metric: str, **dimensions: str
) -> list[str]:
    """Return what the pack says about an alarm on this metric."""
    listed = [f"{{Name: {name}, Value: {value}}}" for name, value in dimensions.items()]
    text = STACK.format(
        namespace=namespace, metric=metric, dimensions=f"[{', '.join(listed)}]"
    )
    return [one.violation.message for one in judge_text(text)]


@pytest.mark.parametrize(
    ("namespace", "metric", "dimensions"),
    [
        ("AWS/SQS", "NumberOfMessagesSent", {"QueueName": "jobs"}),
        ("AWS/SQS", "NumberOfMessagesSent", {"QueueName": "!GetAtt Jobs.QueueName"}),
        ("AWS/DynamoDB", "ReadThrottleEvents", {"TableName": "!Ref Orders"}),
        (
            "AWS/DynamoDB",
            "WriteThrottleEvents",
            {"TableName": "orders", "GlobalSecondaryIndexName": "byDay"},
        ),
        ("AWS/DynamoDB", "UserErrors", {}),
        ("AWS/ApiGateway", "5XXError", {"ApiName": '!Sub "${AWS::StackName}-shop"'}),
        ("AWS/States", "ExecutionsFailed", {"StateMachineArn": "!Ref Flow"}),
        ("AWS/SNS", "PublishSize", {"TopicName": "!GetAtt Topic.TopicName"}),
        ("AWS/Lambda", "Errors", {}),
        # Only a deployment tells these.
        (*SENT, {"QueueName": "!GetAtt Shared.Outputs.QueueName"}),
        (*SENT, {"QueueName": "{'Fn::GetAtt': Shared.Outputs.QueueName}"}),
        (*SENT, {"QueueName": "!GetAtt Custom.Name"}),
        (*SENT, {"QueueName": "!Sub 'payments-${Env}'"}),
        (*SENT, {"QueueName": "!Join ['-', [!Ref Env, '1']]"}),
        # The template has none of its kind: then it is another stack's.
        ("AWS/ApiGateway", "4xx", {"ApiId": "elsewhere"}),
        ("Refunds", "Anything", {"at": "all"}),
        ("AWS/Kinesis", "Anything", {"StreamName": "elsewhere"}),
    ],
)
def test_an_alarm_on_what_exists_is_fine(
    judge_text: Judge, namespace: str, metric: str, dimensions: dict[str, str]
) -> None:
    """By name, reference or attribute; other namespaces are let through."""
    assert said_of(judge_text, namespace, metric, **dimensions) == []


@pytest.mark.parametrize(
    ("namespace", "metric", "dimensions", "message"),
    [
        ("AWS/SQS", "MessagesSent", {"QueueName": "jobs"}, "no metric MessagesSent"),
        ("AWS/Sqs", "NumberOfMessagesSent", {}, "the namespace is AWS/SQS"),
        ("AWS/SQS", "NumberOfMessagesSent", {}, "NumberOfMessagesSent by nothing"),
        ("AWS/SQS", "NumberOfMessagesSent", {"Queue": "jobs"}, "Sent by Queue"),
        ("AWS/SQS", "NumberOfMessagesSent", {"QueueName": "job"}, "has QueueName job"),
        # A queue's reference is its URL, which is not what the metric is called by.
        ("AWS/SQS", "NumberOfMessagesSent", {"QueueName": "!Ref Jobs"}, "https://sqs"),
        (*SENT, {"QueueName": "!Sub '${AWS::StackName}-job'"}, "QueueName stack-job"),
        ("AWS/SNS", "PublishSize", {"TopicName": "!Ref Topic"}, "TopicName arn:"),
        # HTTP APIs are counted by ApiId, and their errors have other names.
        ("AWS/ApiGateway", "4xx", {"ApiName": "shop"}, "no 4xx by ApiName"),
        ("AWS/ApiGateway", "5XXError", {"ApiName": "shop"}, "has ApiName shop"),
        # Published for each operation only.
        ("AWS/DynamoDB", "SystemErrors", {"TableName": "orders"}, "by TableName"),
        (
            "AWS/DynamoDB",
            "WriteThrottleEvents",
            {"TableName": "orders", "GlobalSecondaryIndexName": "byWeek"},
            "has GlobalSecondaryIndexName byWeek",
        ),
        ("AWS/Lambda", "Errors", {"FunctionName": "worker"}, "FunctionName worker"),
    ],
)
def test_an_alarm_on_nothing_is_found(
    judge_text: Judge,
    namespace: str,
    metric: str,
    dimensions: dict[str, str],
    message: str,
) -> None:
    """It would stay silent for ever."""
    [said] = said_of(judge_text, namespace, metric, **dimensions)

    assert message in said


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("!Ref AWS::NoValue", ["no resource of the template has QueueName payments"]),
        ("!Ref AWS::AccountId", ["no resource of the template has QueueName payments"]),
        ("'210987654321'", []),
    ],
)
def test_a_metric_of_another_account_is_of_another_stack(
    judge_text: Judge, account: str, said: list[str]
) -> None:
    """An alarm asks for a queue's metric in its own account or in another."""
    found = judge_text(QUERY.format(account))

    assert [one.violation.message for one in found] == said

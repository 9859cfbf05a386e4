"""What a call asks for in vain, as a template does that is told so.

What is known of each name: ``known.toml`` of `stacks`. Imports no LocalStack.
"""

from collections.abc import Mapping
from typing import Any

from sam_harness.localstack.stacks.proof import PROOF, kept_in_vain

_FILES = {"FileSystemConfigs": "AWS::Lambda::Function.FileSystemConfigs"}
_LINK = "AWS::ApiGateway::Method.Integration.ConnectionId"
_MAIL = dict.fromkeys(("RawMessage", "Source"), "ses:SendEmail")
_SCHEDULE = {"Target": "AWS::Scheduler::Schedule.Target"}
# Service and operation -> a parameter, or the patch of one, and what a template calls
# it, if it can say it.
ASKED: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("apigateway", "CreateDomainName"): {
        "domainName": "AWS::ApiGateway::DomainName.DomainName"
    },
    ("apigateway", "CreateRestApi"): {
        "cloneFrom": "AWS::ApiGateway::RestApi.CloneFrom"
    },
    ("apigateway", "CreateVpcLink"): {"targetArns": _LINK},
    ("apigateway", "PutIntegration"): {"connectionId": _LINK},
    ("apigateway", "UpdateIntegration"): {"patchOperations/connectionId": _LINK},
    ("cloudformation", "CreateStackSet"): {
        "StackSetName": "AWS::CloudFormation::StackSet"
    },
    ("cloudwatch", "PutCompositeAlarm"): {
        "ActionsSuppressor": "AWS::CloudWatch::CompositeAlarm.ActionsSuppressor",
        "AlarmRule": "AWS::CloudWatch::CompositeAlarm.AlarmRule",
    },
    ("cloudwatch", "PutMetricAlarm"): {
        "ExtendedStatistic": "AWS::CloudWatch::Alarm.ExtendedStatistic",
        "Metrics": "AWS::CloudWatch::Alarm.Metrics",
    },
    ("dynamodb", "UpdateTable"): {
        "ReplicaUpdates": "AWS::DynamoDB::GlobalTable.Replicas"
    },
    ("lambda", "CreateFunction"): _FILES,
    ("lambda", "UpdateFunctionConfiguration"): _FILES,
    ("logs", "PutMetricFilter"): {"filterName": "AWS::Logs::MetricFilter"},
    ("logs", "PutSubscriptionFilter"): {
        "filterPattern": "AWS::Logs::SubscriptionFilter.FilterPattern"
    },
    ("s3", "PutBucketWebsite"): {
        "WebsiteConfiguration": "AWS::S3::Bucket.WebsiteConfiguration"
    },
    ("scheduler", "CreateSchedule"): _SCHEDULE,
    ("scheduler", "UpdateSchedule"): _SCHEDULE,
    ("ses", "SendBulkTemplatedEmail"): _MAIL,
    ("ses", "SendEmail"): _MAIL,
    ("ses", "SendRawEmail"): _MAIL,
    ("ses", "SendTemplatedEmail"): _MAIL,
    ("sns", "Publish"): {"PhoneNumber": "sns:Publish"},
    ("ssm", "PutParameter"): {
        "AllowedPattern": "AWS::SSM::Parameter.AllowedPattern",
        "Policies": "AWS::SSM::Parameter.Policies",
    },
    ("ssm", "SendCommand"): {"DocumentName": "ssm:SendCommand"},
}


def check(names: Mapping[str, str], account: str, request: Mapping[str, Any]) -> None:
    """Note what is without effect; refuse what else a call asks for, without leave."""
    for parameter, name in names.items():
        field, _, patched = parameter.partition("/")
        asked = request.get(field) or ()
        if any(one.get("path") == f"/{patched}" for one in asked) if patched else asked:
            PROOF.ask_leave(account, name, kept_in_vain()[name])

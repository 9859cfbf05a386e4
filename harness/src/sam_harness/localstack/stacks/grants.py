"""What Lambda asks a function's role for before it takes a mapping, or where to send.

AWS refuses such a deployment; LocalStack takes it, and messages are left, or lost.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localstack.aws.connect import connect_to
from localstack.services.lambda_.api_utils import function_locators_from_arn

from sam_harness.iam.call import Call
from sam_harness.localstack.gate import handler

type Properties = Mapping[str, Any]
type Asked = Iterator[tuple[str, str, str]]

# What a source is read by, and how something is sent to a target, by the service in
# its ARN.
_READ = {"sqs": ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
_SEND = {
    "events": "PutEvents",
    "lambda": "Invoke",
    "sns": "Publish",
    "sqs": "SendMessage",
}


def missing(
    stack: Any,  # noqa: ANN401 - LocalStack is untyped
    made: Mapping[str, Any],
    before: Mapping[str, Any],
) -> Iterator[tuple[str, str, str]]:
    """Yield id, type and reason where a function's role lacks a permission.

    Of those that an operation has made or changed; ``before``: what there was.
    """
    if handler.state() == handler.OFF:
        return
    account, region = stack.account_id, stack.region_name
    lambda_ = connect_to(aws_access_key_id=account, region_name=region).lambda_
    for logical_id, one in made.items():
        properties = one.get("Properties") or {}
        if properties == (before.get(logical_id) or {}).get("Properties"):
            continue
        for role, arn, operation in _asked(one["Type"], properties, lambda_):
            if not handler.GATE.may(role, _call(arn, operation)):
                said = (
                    "The provided execution role does not have permissions to call "
                    f"{operation} on {arn.split(':')[2].upper()} ({arn})"
                )
                yield logical_id, one["Type"], said


def _asked(kind: str, properties: Properties, lambda_: Any) -> Asked:  # noqa: ANN401 - boto3's
    """Yield a role, an ARN and the operation on it that the role must be allowed."""
    match kind:
        case "AWS::Lambda::Function":
            target = (properties.get("DeadLetterConfig") or {}).get("TargetArn")
            yield from _sent(properties["Role"], [target])
        case "AWS::Lambda::EventInvokeConfig":
            ways = (properties.get("DestinationConfig") or {}).values()
            yield from _sent(
                _role(properties, lambda_), [one.get("Destination") for one in ways]
            )
        case "AWS::Lambda::EventSourceMapping":
            source = str(properties.get("EventSourceArn"))
            if operations := _READ.get(_service(source)):
                role = _role(properties, lambda_)
                yield from ((role, source, operation) for operation in operations)


def _sent(role: str, targets: list[str | None]) -> Asked:
    for target in targets:
        if target and (operation := _SEND.get(_service(target))):
            yield role, target, operation


def _service(arn: str) -> str:
    return f"{arn}:::".split(":")[2]


def _role(properties: Properties, lambda_: Any) -> str:  # noqa: ANN401 - boto3's
    # Without an alias, which LocalStack does not look up here.
    name, *_ = function_locators_from_arn(str(properties["FunctionName"]))
    role: str = lambda_.get_function_configuration(FunctionName=name)["Role"]
    return role


def _call(arn: str, operation: str) -> Call:
    _, _, service, region, account, name = arn.split(":", 5)
    url = f"https://sqs.{region}.amazonaws.com/{account}/{name}"
    parameters: dict[str, dict[str, object]] = {
        "events": {"Entries": [{"EventBusName": arn}]},
        "lambda": {"FunctionName": arn},
        "sns": {"TopicArn": arn},
        "sqs": {"QueueUrl": url},
    }
    return Call(service, operation, parameters[service], account, region)

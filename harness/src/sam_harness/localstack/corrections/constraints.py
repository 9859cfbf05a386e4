"""What a service refuses because of the limits in its API's own description.

What is required, lengths, ranges, patterns and enumerations, most of which LocalStack
does not look at; and tags, which have one rule in all services.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from sam_harness.localstack.stacks.reading import NOW

type Untyped = Any  # botocore's shapes, and what a request says

# Service -> the error's code. S3 has errors of its own; SNS describes little more than
# what is required.
_CODES = {
    "BadRequestException": "apigateway",
    "InvalidParameterException": "logs",
    "MissingParameter": "sqs",
    "ValidationError": "cloudformation cloudwatch iam sns sts",
    "ValidationException": "dynamodb dynamodbstreams events kms lambda scheduler"
    " secretsmanager ssm stepfunctions",
}
SERVICES = {one: code for code, all_ in _CODES.items() for one in all_.split()}
# Asked for what is required only: it takes more names of attributes than it describes.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
_OLDER = {"sqs"}
# As SERVICES, of tags.
TAGS = SERVICES | {
    "kms": "TagException",
    "lambda": "InvalidParameterValueException",
    "sns": "InvalidParameter",
    "sqs": "InvalidParameterValue",
}
# Less than Lambda's description has, which is also of functions on instances.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
_MOST = {"FilterList": 5, "MemorySize": 10240, "Timeout": 900}
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html
_BUT_LEAST = {"MaximumRecordAgeInSeconds": 60}  # or the least that is described
# What LocalStack says for a resource that it only pretends, as a stack was allowed to.
PRETENDED = "unknown"
# A repetition of repetitions, which Python may try for minutes.
_SLOW = re.compile(r"[+*]\)[+*]")
_NUMBERS = {"integer", "long", "float", "double"}


def check(operation: Untyped, request: Untyped, *, own: bool = False) -> None:
    """Check a request, maybe LocalStack's own, against its operation's description.

    Raises:
        ValueError: with the first problem, as AWS tells it.
    """
    shape = operation.input_shape  # None: there is nothing to say
    is_older = operation.service_model.service_name in _OLDER
    for at, value, broken in _problems(shape, request, "") if shape else ():
        if own and value in ([], {}):  # it has them for none
            continue
        if is_older and value is not None:
            continue
        shown = "null" if value is None else f"'{str(value)[:100]}'"
        raise ValueError(
            f"1 validation error detected: Value {shown} at '{at}' failed to satisfy "
            f"constraint: {broken}"
        )


def check_body(operation: Untyped, request: Untyped) -> None:
    """Check the XML of a request of S3's, which has one error for all that is wrong.

    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    shape = operation.input_shape
    name = shape and shape.serialization.get("payload")
    body = request.get(name)  # no text, nor the place of a bucket
    if not isinstance(body, Mapping) or operation.name == "CreateBucket":
        return
    if any(_problems(shape.members[name], body, "")):
        said = "The XML you provided was not well-formed or did not validate against"
        raise ValueError(f"{said} our published schema")


def check_tags(request: Mapping[str, Untyped]) -> None:
    """Refuse tags that are called as AWS's own, but those of a stack on what it makes.

    https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    given = request.get("Tags") or request.get("tags") or ()
    told = [{"key": one} if isinstance(one, str) else one for one in given]
    keys = [v for one in told for name, v in one.items() if name.lower()[-3:] == "key"]
    own = "aws:cloudformation:" if NOW.get() else "aws: none"
    if any(one.lower().startswith("aws:") and not one.startswith(own) for one in keys):
        said = "aws: prefixed tag key names are not allowed for external use."
        raise ValueError(said)


def _problems(
    shape: Untyped, value: Untyped, at: str
) -> Iterator[tuple[str, Untyped, str]]:
    if shape.name == "AttributeValue" and shape.type_name == "structure":
        return  # items are full of them, and they have no limits
    yield from ((at, value, f"Member must {one}") for one in _broken(shape, value))
    kind = shape.type_name
    if kind == "structure":
        named = {n: f"{at}.{n[0].lower()}{n[1:]}".strip(".") for n in shape.members}
        told = [name for name in named if value.get(name) is not None]
        for name in told:
            yield from _problems(shape.members[name], value[name], named[name])
        for name in shape.required_members:
            if name not in told:
                yield named[name], None, "Member must not be null"
    elif kind in {"list", "map"}:
        for name in value if kind == "map" else ():
            for broken in _broken(shape.key, name):
                said = f"Map keys must satisfy constraint: [Member must {broken}]"
                yield at, name, said
        for name, one in value.items() if kind == "map" else enumerate(value, 1):
            of = shape.value if kind == "map" else shape.member
            yield from _problems(of, one, f"{at}.{name}.member")


def _broken(shape: Untyped, value: Untyped) -> Iterator[str]:
    said, kind = shape.metadata, shape.type_name
    what = "value" if kind in _NUMBERS else "length"
    size = value if kind in _NUMBERS else len(value) if hasattr(value, "__len__") else 0
    if size < said.get("min", size):
        yield f"have {what} greater than or equal to {said['min']}"
    if said.get("min", size) < size < (least := _BUT_LEAST.get(shape.name, size)):
        yield f"be {said['min']}, or {least} at least"
    if size > (most := _MOST.get(shape.name, said.get("max", size))):
        yield f"have {what} less than or equal to {most}"
    if "enum" in said and value not in said["enum"]:
        yield f"satisfy enum value set: [{', '.join(said['enum'])}]"
    is_text = isinstance(value, str) and value != PRETENDED
    pattern = said.get("pattern") if is_text else None
    if pattern and not _SLOW.search(pattern):
        with suppress(re.error):  # Java's patterns know more than Python's
            if not re.fullmatch(pattern, value, re.ASCII):
                yield f"satisfy regular expression pattern: {pattern}"

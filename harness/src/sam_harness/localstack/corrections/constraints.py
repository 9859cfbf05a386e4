"""What a service refuses because of the limits in its API's own description.

What is required, lengths, ranges, patterns and enumerations, most of which LocalStack
does not look at; and tags, which have one rule in all services.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from sam_harness.localstack.stacks.proof import PROOF

type Untyped = Any  # botocore's shapes, and what a request says

# Service -> the error's code. S3 has errors of its own; SQS and SNS describe little
# more than what is required.
SERVICES = {
    "apigateway": "BadRequestException",
    "cloudformation": "ValidationError",
    "cloudwatch": "ValidationError",
    "dynamodb": "ValidationException",
    "dynamodbstreams": "ValidationException",
    "events": "ValidationException",
    "iam": "ValidationError",
    "kms": "ValidationException",
    "lambda": "ValidationException",
    "logs": "InvalidParameterException",
    "scheduler": "ValidationException",
    "secretsmanager": "ValidationException",
    "sns": "ValidationError",
    "sqs": "MissingParameter",
    "ssm": "ValidationException",
    "stepfunctions": "ValidationException",
    "sts": "ValidationError",
}
# Likewise of tags.
TAGS = SERVICES | {
    "kms": "TagException",
    "lambda": "InvalidParameterValueException",
    "sns": "InvalidParameter",
    "sqs": "InvalidParameterValue",
}
# Less than Lambda's description has, which is also of functions on instances.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MOST = {"Timeout": 900, "MemorySize": 10240}
# What LocalStack says for a resource that it only pretends, as a stack was allowed to.
PRETENDED = "unknown"
# A repetition of repetitions, which Python may try for minutes.
_SLOW = re.compile(r"[+*]\)[+*]")
_VALUE = "AttributeValue"  # DynamoDB's, of which items are full; without limits
_NUMBERS = {"integer", "long", "float", "double"}


def check(shape: Untyped, request: Untyped) -> None:
    """Check a request against the description of its operation.

    Raises:
        ValueError: with the first problem, as AWS tells it.
    """
    for at, value, broken in _problems(shape, request, ""):
        shown = "null" if value is None else f"'{str(value)[:100]}'"
        raise ValueError(
            f"1 validation error detected: Value {shown} at '{at}' failed to satisfy "
            f"constraint: {broken}"
        )


def check_body(operation: Untyped, request: Untyped) -> None:
    """Check what of a request of S3 is XML, but where S3 is said to put a bucket.

    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    shape = operation.input_shape
    name = shape.serialization.get("payload") if shape else None
    is_xml = name and shape.members[name].type_name == "structure"
    if not is_xml or operation.name == "CreateBucket" or request.get(name) is None:
        return
    if any(_problems(shape.members[name], request[name], "")):
        raise ValueError(
            "The XML you provided was not well-formed or did not validate against our "
            "published schema"
        )


def check_tags(request: Mapping[str, Untyped]) -> None:
    """Check that no tag is called as AWS's own are; CloudFormation here gives those.

    https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    given = request.get("Tags") or request.get("tags") or ()
    names = ("Key", "key", "TagKey")
    keys = (
        one if isinstance(one, str) else next((one[n] for n in names if n in one), "")
        for one in given
    )
    for key in keys:
        own = PROOF.is_making() and key.startswith("aws:cloudformation:")
        if key.lower().startswith("aws:") and not own:
            raise ValueError(
                "aws: prefixed tag key names are not allowed for external use."
            )


def _problems(
    shape: Untyped, value: Untyped, at: str
) -> Iterator[tuple[str, Untyped, str]]:
    if shape.name == _VALUE:
        return
    yield from ((at, value, f"Member must {one}") for one in _broken(shape, value))
    kind = shape.type_name
    if kind == "structure":
        named = {n: f"{at}.{n[0].lower()}{n[1:]}".strip(".") for n in shape.members}
        told = {name for name in named if value.get(name) is not None}
        for name in told:
            yield from _problems(shape.members[name], value[name], named[name])
        for name in {*shape.required_members} - told:
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
    # LocalStack's own calls have empty lists for none.
    if size < said.get("min", size) and kind not in {"list", "map"}:
        yield f"have {what} greater than or equal to {said['min']}"
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

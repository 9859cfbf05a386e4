"""What SQS refuses of a queue's policies, and of a message's attributes."""

import json
from collections.abc import Mapping

import pytest

from sam_harness.localstack.corrections.sqs_rules import (
    Attributes,
    check_attributes,
    check_policies,
    check_queue,
)

HERE = "arn:aws:sqs:eu-west-1:123456789012:"
SOURCE = f"{HERE}orders"
FORBIDS = json.dumps({"redrivePermission": "denyAll"})
NAMES_ANOTHER = {"redrivePermission": "byQueue", "sourceQueueArns": [f"{HERE}others"]}
NAMES_THIS = NAMES_ANOTHER | {"sourceQueueArns": [SOURCE]}
QUEUES: Mapping[str, Attributes] = {
    f"{HERE}dlq": {},
    f"{HERE}dlq.fifo": {"FifoQueue": "true"},
    f"{HERE}forbids": {"RedriveAllowPolicy": FORBIDS},
    f"{HERE}names-another": {"RedriveAllowPolicy": json.dumps(NAMES_ANOTHER)},
    f"{HERE}names-this": {"RedriveAllowPolicy": json.dumps(NAMES_THIS)},
    f"{HERE.replace('eu-', 'us-')}elsewhere": {},
}


def redrive(target: str, count: object = 3, *, fifo: bool = False) -> None:
    """Check a policy of the queue ``orders``; ``target`` may lack the ARN's begin."""
    arn = target if target.startswith("arn:") else HERE + target
    policy = {"deadLetterTargetArn": arn, "maxReceiveCount": count}
    attributes = {"RedrivePolicy": json.dumps(policy)}
    check_policies(SOURCE, attributes, QUEUES.get, fifo=fifo)


@pytest.mark.parametrize(
    ("target", "fifo"), [("dlq", False), ("names-this", False), ("dlq.fifo", True)]
)
@pytest.mark.parametrize("count", [1, "1", 1000])
def test_a_redrive_policy_of_a_fitting_queue_is_taken(
    target: str, *, fifo: bool, count: object
) -> None:
    """The count as a number or as its digits; both are in templates."""
    redrive(target, count, fifo=fifo)


@pytest.mark.parametrize(
    ("target", "fifo", "reason"),
    [
        ("absent", False, "Dead letter target does not exist"),
        (f"{HERE.replace('eu-', 'us-')}elsewhere", False, "target does not exist"),
        ("dlq", True, "must be same type of queue"),
        ("dlq.fifo", False, "must be same type of queue"),
        ("forbids", False, "does not allow this source queue"),
        ("names-another", False, "does not allow this source queue"),
    ],
)
def test_a_redrive_policy_of_another_queue_is_refused(
    target: str, *, fifo: bool, reason: str
) -> None:
    """With the policy itself and why, as SQS writes it."""
    with pytest.raises(ValueError, match=f"RedrivePolicy is invalid.*{reason}"):
        redrive(target, fifo=fifo)


@pytest.mark.parametrize("count", [0, 1001, "x", -1, None])
def test_a_redrive_policy_counts_from_1_to_1000(count: object) -> None:
    """Also when what it says is no number."""
    with pytest.raises(ValueError, match="Invalid value for maxReceiveCount"):
        redrive("dlq", count)


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("no JSON", "unsupported format"),
        ("[1]", "unsupported format"),
        ('{"maxReceiveCount": 3}', "deadLetterTargetArn"),
        (json.dumps({"deadLetterTargetArn": f"{HERE}dlq"}), "maxReceiveCount"),
    ],
)
def test_a_redrive_policy_that_is_none_is_refused(policy: str, reason: str) -> None:
    """Whatever the queue is."""
    with pytest.raises(ValueError, match=reason):
        check_policies(SOURCE, {"RedrivePolicy": policy}, QUEUES.get, fifo=False)


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ({"redrivePermission": "allowSome"}, "must be one of"),
        ({"redrivePermission": "byQueue"}, "sourceQueueArns"),
        ({"redrivePermission": "denyAll", "sourceQueueArns": [SOURCE]}, "byQueue"),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [SOURCE] * 11}, "At most"),
    ],
)
def test_a_redrive_allow_policy_says_which_queues(
    policy: dict[str, object], reason: str
) -> None:
    """None, all, or up to ten by their ARNs."""
    attributes = {"RedriveAllowPolicy": json.dumps(policy)}
    with pytest.raises(ValueError, match=reason):
        check_policies(SOURCE, attributes, QUEUES.get, fifo=False)


def text(value: str, kind: str = "String") -> dict[str, str]:
    """Return one attribute with a text."""
    return {"DataType": kind, "StringValue": value}


def test_a_message_has_at_most_ten_attributes() -> None:
    """Ten are taken."""
    check_attributes({f"a{number}": text("v") for number in range(10)})
    with pytest.raises(ValueError, match=r"\[11\] exceeds the allowed maximum \[10\]"):
        check_attributes({f"a{number}": text("v") for number in range(11)})


@pytest.mark.parametrize("value", ["0", "-1.5", "1e3", "12345678901234567890.1"])
def test_a_number_is_a_number(value: str) -> None:
    """With a label of one's own, too."""
    check_attributes({"a": text(value, "Number"), "b": text(value, "Number.int")})


@pytest.mark.parametrize("value", ["abc", "1_000", "nan", "inf", " 1", "0x1", "1,5"])
def test_what_is_no_number_is_refused(value: str) -> None:
    """Also what Python would read as one."""
    with pytest.raises(ValueError, match=r"Can't cast the value .* 'a' to a number"):
        check_attributes({"a": text(value, "Number.int")})


@pytest.mark.parametrize("kind", ["String", "String.name", "Number", "Binary.png"])
def test_an_attribute_has_a_value(kind: str) -> None:
    """Of the field that its type says."""
    with pytest.raises(ValueError, match="must contain a non-empty value"):
        check_attributes({"a": text("", kind)})
    check_attributes(None)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("DelaySeconds", 0, 900),
        ("MaximumMessageSize", 1024, 1048576),
        ("MessageRetentionPeriod", 60, 1209600),
        ("ReceiveMessageWaitTimeSeconds", 0, 20),
        ("VisibilityTimeout", 0, 43200),
    ],
)
def test_a_queue_has_attributes_within_their_ranges(
    name: str, least: int, most: int
) -> None:
    """Both ends are taken; others, and what is no number, are refused."""
    for good in (str(least), str(most), most):  # as JavaScript may send it
        check_queue({"Attributes": {name: good, "FifoQueue": "true"}})
    for bad in (str(least - 1), str(most + 1), "x", ""):
        with pytest.raises(ValueError, match=f"Invalid value for the parameter {name}"):
            check_queue({"Attributes": {name: bad}})
    check_queue({})

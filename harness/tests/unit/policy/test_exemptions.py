"""What the rules let pass, and what looks alike."""

import pytest

from harness.tests.unit.policy.conftest import Judge
from harness.tests.unit.policy.small_templates import FUNCTION, QUEUE, TRUST, found


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("SQS::Queue", "{RedrivePolicy: {deadLetterTargetArn: !GetAtt Q.Arn}}"),
        ("SQS::Queue", '{RedrivePolicy: !Sub \'{"deadLetterTargetArn": "${Q.Arn}"}\'}'),
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
    """An event source or a rule that sends there what it could not deliver."""
    queue = QUEUE.format(name="Q", more="")
    user = f"  U: {{Type: AWS::{kind}, Properties: {properties}}}\n"

    assert ("E9026", "Q") in found(judge_text(f"Resources:{queue}"))
    assert ("E9026", "Q") not in found(judge_text(f"Resources:{queue}{user}"))


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

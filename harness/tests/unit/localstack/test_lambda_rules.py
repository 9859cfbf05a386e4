"""What Lambda refuses of a function."""

import pytest

from sam_harness.localstack.corrections.lambda_rules import check_function

TABLE = "arn:aws:dynamodb:us-east-1:210987654321:table/t"


def test_events_that_nothing_would_take_are_refused() -> None:
    """They would be lost."""
    with pytest.raises(ValueError, match="no queue of SQS and no topic of SNS"):
        check_function({"DeadLetterConfig": {"TargetArn": TABLE}})


@pytest.mark.parametrize("kind", ["sns", "sqs"])
def test_a_dead_letter_queue_or_topic_is_taken(kind: str) -> None:
    """None is an empty ARN."""
    check_function({"DeadLetterConfig": {"TargetArn": f"arn:aws:{kind}:a:1:n"}})
    check_function({"DeadLetterConfig": {"TargetArn": ""}})


def test_a_function_that_is_no_image_has_no_settings_of_one() -> None:
    """An update does not say what the function is."""
    image = {"ImageConfig": {"Command": ["a"]}}
    package = {"Runtime": "python3.13", "Handler": "a.b", "Code": {"ZipFile": b""}}
    with pytest.raises(ValueError, match="ImageConfig"):
        check_function({**package, **image})
    check_function({"PackageType": "Image", "Code": {"ImageUri": "i"}, **image})
    check_function(image)


@pytest.mark.parametrize("code", [{}, {"S3Bucket": "b"}, {"ImageUri": "i"}])
def test_a_function_has_code(code: dict[str, str]) -> None:
    """LocalStack makes an error 500."""
    asked = {"Runtime": "python3.13", "Handler": "a.b", "Code": code}
    with pytest.raises(ValueError, match="provide a source for function code"):
        check_function(asked)
    check_function({**asked, "Code": {"S3Bucket": "b", "S3Key": "k"}})
    check_function({**asked, "Code": {"ZipFile": b""}})

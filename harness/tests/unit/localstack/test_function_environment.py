"""Which variables a function sees."""

from pathlib import Path

from sam_harness.localstack.lambda_.process import environment_of


def test_localstacks_own_variables_are_left_out() -> None:
    """And Lambda's win over the function's, as far as Lambda reserves them."""
    seen = environment_of(
        {
            "AWS_REGION": "eu-west-1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": 128,
            "LOCALSTACK_RUNTIME_ID": "1",
            "EDGE_PORT": "4566",
        },
        {"AWS_REGION": "us-east-1", "TZ": "Europe/Berlin", "STAGE": "test"},
        code=Path("/code"),
        runtime="python3.13",
    )

    assert seen["AWS_REGION"] == "eu-west-1"
    assert seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert (seen["TZ"], seen["STAGE"]) == ("Europe/Berlin", "test")
    assert not {"LOCALSTACK_RUNTIME_ID", "EDGE_PORT"} & set(seen)

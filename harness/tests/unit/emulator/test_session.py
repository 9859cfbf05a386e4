"""Clients that talk to one LocalStack, whatever the caller's environment says."""

import pytest

from sam_harness.emulator.emulator import session


def test_the_callers_endpoint_does_not_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_ENDPOINT_URL and USE_SSL would both, in localstack-client's own session."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("USE_SSL", "1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    client = session("http://127.0.0.1:2", "123456789012").client("sqs")

    assert client.meta.endpoint_url == "http://127.0.0.1:2"
    assert client.meta.region_name == "us-east-1"

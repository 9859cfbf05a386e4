"""What LocalStack is told when it is started."""

from urllib.parse import urlsplit

from sam_harness.emulator.environment import common


def test_whom_localstack_would_ask_is_on_this_machine() -> None:
    """Seen at a proxy: for an operation that it has not it asks api.localstack.cloud.

    An empty variable, as none, would leave it at that.
    """
    told = common(listen="127.0.0.1:4566", reachable_at="127.0.0.1:4566")

    assert urlsplit(told["API_ENDPOINT"]).hostname == "127.0.0.1"

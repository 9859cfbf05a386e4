"""Where LocalStack differs from AWS in a way that matters before it serves."""

from functools import partial

from localstack.runtime.server import twisted as server


def install() -> None:
    """Correct LocalStack; called once, before it opens its port."""
    _listen_where_told()


def _listen_where_told() -> None:
    # LocalStack drops the host of GATEWAY_LISTEN and listens on every interface.
    def listen(reactor: object, port: int, interface: str = "") -> object:
        hosts = {each.port: each.host for each in server.config.GATEWAY_LISTEN}
        return tcp4(reactor, port, interface=interface or hosts.get(port, ""))

    tcp4 = server.endpoints.TCP4ServerEndpoint
    server.endpoints.TCP4ServerEndpoint = partial(listen)

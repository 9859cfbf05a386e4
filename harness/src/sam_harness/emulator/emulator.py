"""A running LocalStack as those see it that use it, and sessions that talk to it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import boto3
from localstack_client.session import Session

LOOPBACK = "127.0.0.1"
REGION = "us-east-1"
DEFAULT_ACCOUNT = "000000000000"
_OWN_HOST = re.compile(r"https?://(\w+)\.(execute-api|lambda-url)\.[^/]+(.*)")


@dataclass(frozen=True, slots=True)
class Emulator:
    """How to reach a LocalStack, and how its functions reach this machine.

    A server for the functions binds to ``listen_address``; the functions call it by the
    name ``host_address``, and this machine's own processes by ``listen_address``.
    ``log`` is empty where LocalStack's log is unknown. Without ``has_gate`` no IAM
    policy is enforced.
    """

    mode: str
    description: str
    endpoint_url: str
    log: str
    region: str = REGION
    host_address: str = LOOPBACK
    listen_address: str = LOOPBACK
    container_id: str = ""
    has_gate: bool = True

    def session(
        self, account_id: str = DEFAULT_ACCOUNT, token: str | None = None
    ) -> boto3.Session:
        """Return a session whose clients and resources talk to this LocalStack.

        It is an account's, or one of the access key and the token that STS gave out.
        """
        return session(self.endpoint_url, account_id, token)

    def url_of(self, url: str) -> str:
        """Return where it answers here, if this is a REST API's or function's URL.

        That is https://<id>.execute-api.<region>.amazonaws.com/<stage> on AWS, and
        http://<id>.lambda-url.<region>.<host>/ in the emulator; else it is as it was.
        """
        if found := _OWN_HOST.fullmatch(url):
            name, kind, path = found.groups()
            return f"{self.endpoint_url}/_aws/{kind}/{name}{path}"
        return url

    @property
    def log_path(self) -> Path:
        """LocalStack's log, written while it runs."""
        return Path(self.log)

    def log_text(self, start: int = 0) -> str:
        """Return the log from byte ``start`` on."""
        with self.log_path.open("rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace")


class EmulatorSession(Session):  # type: ignore[misc] # localstack-client is untyped
    """localstack-client's session, bound to one endpoint.

    By itself it lets AWS_ENDPOINT_URL and USE_SSL of the caller's environment win over
    the host that it is given.
    """

    def __init__(self, endpoint_url: str, account_id: str, token: str | None) -> None:
        # LocalStack takes an access key of twelve digits for the account's number.
        self._clients: dict[str, object] = {}
        super().__init__(
            aws_access_key_id=account_id,
            aws_secret_access_key="test",  # noqa: S106 - LocalStack checks no secret
            aws_session_token=token,
            region_name=REGION,
        )
        own = {"aws_session_token": token, "endpoint_url": endpoint_url}
        self._own = self.common_protected_kwargs | own

    def resource(self, service_name: str, **options: Any) -> object:  # noqa: ANN401 - as boto3 says
        """Return a resource."""
        return boto3.resource(service_name, **options | self._own)  # type: ignore[call-overload] # of any service

    def client(self, service_name: str, **options: Any) -> object:  # noqa: ANN401 - as boto3 says
        """Return a client; without options always the same one.

        To make one takes longer than most calls. Clients are safe to share, also
        between threads.
        """
        if options:
            return boto3.client(service_name, **options | self._own)  # type: ignore[call-overload] # of any service
        if service_name not in self._clients:
            self._clients[service_name] = boto3.client(service_name, **self._own)  # type: ignore[call-overload] # likewise
        return self._clients[service_name]


def session(
    endpoint_url: str, account_id: str, token: str | None = None
) -> boto3.Session:
    """Return a session; typed as boto3's, of which it has ``client``, ``resource``."""
    return cast("boto3.Session", EmulatorSession(endpoint_url, account_id, token))

"""boto3 clients that talk to one LocalStack."""

from typing import cast

import boto3
from localstack_client.session import Session

DEFAULT_ACCOUNT = "000000000000"


class EmulatorSession(Session):  # type: ignore[misc] # localstack-client is untyped
    """localstack-client's session, bound to one endpoint.

    Its own constructor lets AWS_ENDPOINT_URL and USE_SSL of the caller's environment
    win over the host it is given.
    """

    def __init__(self, endpoint_url: str, region: str, account_id: str) -> None:
        # LocalStack takes an access key of twelve digits for the account's number.
        self._clients: dict[str, object] = {}
        super().__init__(
            aws_access_key_id=account_id,
            aws_secret_access_key="test",  # noqa: S106 - LocalStack checks no secret
            region_name=region,
        )
        self._service_endpoint_mapping: dict[str, str] = dict.fromkeys(
            self._service_endpoint_mapping, endpoint_url
        )

    def client(self, service_name: str, **options: object) -> object:
        """Return a client; without options always the same one.

        To make one takes longer than most calls. Clients are safe to share, also
        between threads.
        """
        if options:
            return super().client(service_name, **options)
        if service_name not in self._clients:
            self._clients[service_name] = super().client(service_name)
        return self._clients[service_name]


def session(endpoint_url: str, region: str, account_id: str) -> boto3.Session:
    """Return a session; typed as boto3's, of which it has ``client``, ``resource``."""
    return cast("boto3.Session", EmulatorSession(endpoint_url, region, account_id))

"""What is left of the signature of a call that LocalStack makes of itself."""

from typing import Any

import pytest
from botocore.auth import AUTH_TYPE_MAPS
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.useragent import UserAgentString

from harness.localstack_plugin import internal_calls


def signed(name: str, service: str) -> AWSRequest:
    """Return a request that is signed in the way that botocore calls ``name``."""
    request = AWSRequest(method="POST", url="http://localhost:4566/", data=b"{}")
    signer: Any = AUTH_TYPE_MAPS[name]
    signer(Credentials("KEY", "-", "TOKEN"), service, "eu-west-1").add_auth(request)
    return request


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AUTH_TYPE_MAPS, "v4", AUTH_TYPE_MAPS["v4"])
    monkeypatch.setattr(UserAgentString, "to_string", UserAgentString.to_string)
    internal_calls.install()


def test_it_says_who_calls_what_and_where() -> None:
    """LocalStack and the gate read the key, the token, the region and the service."""
    request = signed("v4", "sqs")

    day = request.headers["X-Amz-Date"][:8]
    assert request.headers["X-Amz-Security-Token"] == "TOKEN"
    said = request.headers["Authorization"]
    assert said.startswith(
        f"AWS4-HMAC-SHA256 Credential=KEY/{day}/eu-west-1/sqs/aws4_request, "
    )
    assert said.endswith(f"Signature={'0' * 64}")


@pytest.mark.parametrize("name", ["s3v4", "v4-query", "s3v4-query"])
def test_what_others_may_check_is_signed_as_before(name: str) -> None:
    """S3's checksums, and URLs that are given to somebody."""
    request = signed(name, "s3")

    said = f"{request.headers.get('Authorization')} {request.url}"
    assert "Signature=" in said
    assert f"Signature={'0' * 64}" not in said

"""One stack with a REST API, for all tests of what API Gateway asks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sam_harness.deploying.deploy import Deployer
from sam_harness.emulator.emulator import Emulator
from sam_harness.packaging.build import Artefact

ALL = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
    }
)
TEMPLATE = Path(__file__).parent / "stack" / "template.yaml"


@dataclass(frozen=True, slots=True)
class Api:
    """The stack's API and its outputs."""

    session: boto3.Session
    endpoint: str
    outputs: Mapping[str, str]

    def url(self, path: str) -> str:
        """Return the URL of a path of the API's stage."""
        return f"{self.endpoint}/_aws/execute-api/{self.outputs['ApiId']}/live{path}"

    def get(self, path: str, **options: Any) -> requests.Response:  # noqa: ANN401 - of requests
        """Call a path; ``options`` are those of requests."""
        return requests.get(self.url(path), timeout=30, **options)

    def key(self, output: str) -> dict[str, str]:
        """Return the header of an API key."""
        keys = self.session.client("apigateway")
        found = keys.get_api_key(apiKey=self.outputs[output], includeValue=True)
        return {"x-api-key": found["value"]}

    def credentials(self, output: str, policy: str = "") -> Credentials:
        """Return credentials of a role of the stack, under a session policy."""
        told = self.session.client("sts").assume_role(
            RoleArn=self.outputs[output],
            RoleSessionName="test",
            Policy=policy or ALL,
        )["Credentials"]
        return Credentials(
            told["AccessKeyId"], told["SecretAccessKey"], told["SessionToken"]
        )


def signed(url: str, credentials: Credentials, service: str) -> dict[str, str]:
    """Return the headers of a signed GET."""
    request = AWSRequest("GET", url)
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    return dict(request.headers.items())


@pytest.fixture(scope="session")
def api(session: boto3.Session, account_id: str, emulator: Emulator) -> Api:
    """Return the API of one deployment."""
    deployed = Deployer(session, account_id).deploy(
        Artefact("rest", TEMPLATE), f"rest-{uuid4().hex[:8]}", {}
    )
    return Api(session, emulator.endpoint_url, deployed.outputs)

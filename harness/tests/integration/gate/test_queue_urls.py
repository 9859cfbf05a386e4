"""Requests straight to a queue's URL, which LocalStack routes past its usual chain."""

from urllib.parse import urlencode

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness.tests.integration.gate.resources import REGION, Queue, Resources
from harness.tests.integration.gate.roles import Role, client, denied
from sam_harness.emulator import gate_client
from sam_harness.emulator.emulator import Emulator

pytestmark = pytest.mark.needs_gate(reason="it is about the gate")

SEND = {"Action": "SendMessage", "MessageBody": "{}"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def queue(resources: Resources) -> Queue:
    """Return a queue that only its account's administrator may use."""
    return resources.queue()


def credentials(session: boto3.Session) -> Credentials:
    """Return what a session signs with."""
    found = session.get_credentials()
    assert found
    return found


def signed(queue: Queue, session: boto3.Session) -> requests.Response:
    """Send a message with a signature in the headers."""
    request = AWSRequest("POST", queue.url, headers=dict(FORM), data=urlencode(SEND))
    SigV4Auth(credentials(session), "sqs", REGION).add_auth(request)
    return requests.post(
        queue.url, data=request.data, headers=dict(request.headers), timeout=10
    )


def presigned(queue: Queue, session: boto3.Session) -> requests.Response:
    """Send a message with a signature in the URL."""
    request = AWSRequest("GET", f"{queue.url}?{urlencode(SEND)}")
    SigV4QueryAuth(credentials(session), "sqs", REGION).add_auth(request)
    return requests.get(str(request.url), timeout=10)


def shown(queue: Queue, session: boto3.Session) -> requests.Response:
    """Look at the messages on LocalStack's own page, with a signature."""
    page = f"{queue.url.partition('/queue/')[0]}/_aws/sqs/messages"
    request = AWSRequest("GET", page, params={"QueueUrl": queue.url})
    SigV4Auth(credentials(session), "sqs", REGION).add_auth(request)
    signature = dict(request.headers)
    return requests.get(page, {"QueueUrl": queue.url}, headers=signature, timeout=10)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unsigned_request_is_refused(
    queue: Queue, emulator: Emulator, method: str
) -> None:
    """And recorded, as such calls of any other service are."""
    answer = requests.request(method, queue.url, params=SEND, timeout=10)

    assert answer.status_code == 403
    assert "MissingAuthenticationToken" in answer.text
    noted = [
        one["reason"]
        for one in gate_client.decisions(emulator.endpoint_url)
        if one["call"] == "sqs:SendMessage" and one["decision"] == "error"
    ]
    assert "not signed" in noted


@pytest.mark.parametrize("send", [signed, presigned])
def test_a_signed_request_needs_the_permission(
    queue: Queue, role: Role, send: object
) -> None:
    """Of the one whose key it is signed with, wherever the signature is."""
    assert callable(send)
    session = role.session()

    refused = send(queue, session)

    assert refused.status_code == 403
    assert "not authorized to perform: sqs:sendmessage on resource" in refused.text
    role.allow("sqs:SendMessage", queue.arn)
    assert send(queue, session).status_code == 200


def test_looking_at_messages_without_receiving_them_needs_the_permission_too(
    queue: Queue, role: Role, session: boto3.Session, emulator: Emulator
) -> None:
    """LocalStack's page of them is no API of AWS; what it shows is the same."""
    session.client("sqs").send_message(QueueUrl=queue.url, MessageBody="a secret")
    someone = role.session()
    page = f"{emulator.endpoint_url}/_aws/sqs/messages"

    refused = shown(queue, someone)
    unsigned = requests.get(page, {"QueueUrl": queue.url}, timeout=10)

    assert (refused.status_code, unsigned.status_code) == (403, 403)
    assert "not authorized to perform: sqs:receivemessage on resource" in refused.text
    assert "a secret" not in refused.text + unsigned.text
    role.allow("sqs:ReceiveMessage", queue.arn)
    assert "a secret" in shown(queue, someone).text


@pytest.mark.parametrize("token", [None, "another"])
def test_a_key_of_a_role_is_refused_without_its_token(
    queue: Queue, role: Role, emulator: Emulator, token: str | None
) -> None:
    """At a queue's URL, in a presigned one, and at the service's own."""
    role.allow("sqs:*", "*")
    given = credentials(role.session())
    bare = emulator.session(given.access_key, token)

    refused = denied(client(bare, "sqs").list_queues)
    asked = [send(queue, bare) for send in (signed, presigned)]

    assert refused.code == "InvalidClientTokenId"
    assert "The security token included in the request is invalid" in refused.message
    assert [answer.status_code for answer in asked] == [403, 403]
    assert all("InvalidClientTokenId" in answer.text for answer in asked)
    whole = emulator.session(given.access_key, given.token)
    assert presigned(queue, whole).status_code == 200

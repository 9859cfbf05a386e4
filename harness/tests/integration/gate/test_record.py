"""What the gate tells about its decisions, and what they cost."""

import time
from statistics import median

import boto3
import pytest

from harness.tests.integration.gate.resources import Resources
from harness.tests.integration.gate.roles import Role, denied
from sam_harness.emulator import gate_client
from sam_harness.emulator.emulator import Emulator

pytestmark = pytest.mark.needs_gate(reason="it is about the gate")

CALLS = 60
# Of what a call takes that the gate does not look at; 1.1 on two cores.
MOST_TIMES = 2


def test_decisions_tell_who_what_and_why(
    role: Role, resources: Resources, emulator: Emulator, account_id: str
) -> None:
    """Equal decisions are counted; a denial names what it lacked."""
    queue = resources.queue()
    role.allow("sqs:SendMessage", queue.arn, policy="sender")
    sqs = role.client("sqs")
    sqs.send_message(QueueUrl=queue.url, MessageBody="{}")
    sqs.send_message(QueueUrl=queue.url, MessageBody="{}")
    denied(sqs.purge_queue, QueueUrl=queue.url)

    sent, purged = gate_client.decisions(
        emulator.endpoint_url, account=account_id, role=role.name
    )

    assert sent["role"] == purged["role"] == role.arn
    assert sent["principal"].endswith(f":assumed-role/{role.name}/test")
    assert (sent["call"], sent["action"]) == ("sqs:SendMessage", "sqs:SendMessage")
    assert sent["resource"] == queue.arn
    assert (sent["decision"], sent["count"]) == ("allowed", 2)
    assert sent["statements"] == ["sender/0"]
    assert sent["first"] <= sent["last"] <= purged["first"]
    assert purged["decision"] == "implicitDeny"
    assert purged["reason"] == "no identity-based policy allows it"
    assert not gate_client.decisions(
        emulator.endpoint_url, account="123412341234", role=role.arn
    )


def test_the_gate_takes_a_small_part_of_a_call(
    role: Role, resources: Resources, session: boto3.Session
) -> None:
    """Policies are not read again each time."""
    table = resources.table()
    role.allow("dynamodb:*", resources.arn("dynamodb", f"table/{table}"))
    clients = session.client("dynamodb"), role.client("dynamodb")
    took_s: tuple[list[float], list[float]] = ([], [])

    for _ in range(CALLS):  # in turn: the machine does other things meanwhile
        for client, times in zip(clients, took_s, strict=True):
            began = time.perf_counter()
            client.get_item(TableName=table, Key={"PK": {"S": "1"}})
            times.append(time.perf_counter() - began)

    ungated, gated = map(median, took_s)
    assert gated < ungated * MOST_TIMES

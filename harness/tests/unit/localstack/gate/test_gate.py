"""The gate on moto's IAM: which calls pass, and which are denied."""

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    KEY,
    QUEUE,
    SEND,
    Client,
    a_call,
    allow,
    assume,
    clients,
    decisions,
    denial_of,
    document,
    put,
)
from sam_harness.localstack.gate import caller
from sam_harness.localstack.gate.denial import DeniedCall
from sam_harness.localstack.gate.gate import ACTIVE, Gate
from sam_harness.localstack.gate.knowledge import Knowledge
from sam_harness.localstack.gate.record import Record


def test_what_the_role_lacks_is_refused_and_what_it_has_passes(
    gate: Gate, iam: Client
) -> None:
    """SQS's code is the one that LocalStack's serializer turns into AccessDenied."""
    told = denial_of(gate, SEND)

    assert (told.code, told.http_status) == ("AccessDeniedException", 403)
    assert f"perform: sqs:sendmessage on resource: {QUEUE} because" in told.message
    put(gate, iam, "sender", allow("sqs:SendMessage", QUEUE))
    gate.check(SEND, KEY)


def test_policies_are_read_once_until_iam_is_written(gate: Gate, iam: Client) -> None:
    """A change that the gate did not see served is not looked for."""
    denial_of(gate, SEND)

    iam.put_role_policy(RoleName="worker", PolicyName="p",
                        PolicyDocument=document(allow("sqs:*")))  # fmt: skip

    denial_of(gate, SEND)
    gate.answered(a_call("GetRole", "iam"), {})
    denial_of(gate, SEND)
    gate.answered(a_call("PutRolePolicy", "iam"), {})
    gate.check(SEND, KEY)


@pytest.mark.parametrize(
    ("operation", "parameters", "is_read_again"),
    [
        ("PutRolePolicy", {"RoleName": "another"}, False),
        ("PutRolePolicy", {"RoleName": "worker"}, True),
        ("CreatePolicyVersion", {"PolicyArn": "arn:aws:iam::1:policy/p"}, True),
    ],
)
def test_a_role_is_read_again_after_a_change_that_may_be_one_of_it(
    gate: Gate,
    iam: Client,
    operation: str,
    parameters: dict[str, str],
    is_read_again: bool,  # noqa: FBT001 - a table's column
) -> None:
    """A policy may be attached to any role; what names another role is none of it."""
    denial_of(gate, SEND)
    iam.put_role_policy(RoleName="worker", PolicyName="p",
                        PolicyDocument=document(allow("sqs:*")))  # fmt: skip

    gate.answered(a_call(operation, "iam", **parameters), {})

    if is_read_again:
        gate.check(SEND, KEY)
    else:
        denial_of(gate, SEND)


def test_a_write_that_failed_also_drops_what_was_read(gate: Gate, iam: Client) -> None:
    """It may have changed something before it failed."""
    denial_of(gate, SEND)
    iam.put_role_policy(
        RoleName="worker", PolicyName="p", PolicyDocument=document(allow("sqs:*"))
    )

    gate.answered(a_call("PutRolePolicy", "iam"), None)

    gate.check(SEND, KEY)


def test_a_role_that_is_deleted_may_do_nothing(gate: Gate) -> None:
    """Its session lives on, as on AWS."""
    told = denial_of(gate, SEND)

    assert "no identity-based policy allows" in told.message
    assert gate.state == ACTIVE


@pytest.mark.parametrize("key", ["000000000000", "123456789012", "test"])
def test_the_harness_may_do_everything(gate: Gate, key: str) -> None:
    """Its calls are not even recorded."""
    gate.check(a_call("NoSuchOperation"), key)

    assert gate.record.report()["decisions"] == []


@pytest.mark.parametrize(
    "key", ["LSIAUNKNOWN", "ASIAUNKNOWN", "AKIAUNKNOWN", "test2", "1234567890123", ""]
)
def test_a_key_that_sts_did_not_give_out_is_refused(gate: Gate, key: str) -> None:
    """Nothing is an administrator by accident."""
    assert denial_of(gate, SEND, key).code == "InvalidClientTokenId"


def test_a_session_that_is_over_is_refused(gate: Gate) -> None:
    """Its key is as good as unknown."""
    assume(gate, key="LSIAOLD", hours=-1)

    assert denial_of(gate, SEND, "LSIAOLD").code == "InvalidClientTokenId"


def test_a_session_has_its_token(gate: Gate) -> None:
    """Another one, or none, is refused; a key of no session needs none."""
    assume(gate)
    gate.check_token(SEND, KEY, f"token of {KEY}")
    gate.check_token(SEND, "test", "any")

    for token in ("", "another"):
        with pytest.raises(DeniedCall, match="The security token included"):
            gate.check_token(SEND, KEY, token)
    assert [one["reason"] for one in decisions(gate)] == ["without its session token"]


@pytest.mark.parametrize("name", ["X-Amz-Security-Token", "x-amz-security-token"])
def test_a_token_comes_in_a_header_or_in_the_url(name: str) -> None:
    """The URL of S3's older signature has it in small letters."""
    assert caller.session_token({}, {name: "given"}) == "given"
    assert caller.session_token({"X-Amz-Security-Token": "given"}, {}) == "given"
    assert not caller.session_token({}, {})


@pytest.mark.usefixtures("iam")
def test_a_call_that_is_not_signed_is_refused(gate: Gate) -> None:
    """AWS lets only public resources be used so."""
    told = denial_of(gate, SEND, caller.access_key({}, {}))

    assert told.code == "MissingAuthenticationToken"


def test_an_operation_that_is_not_mapped_is_refused_whatever_the_role_may(
    gate: Gate, iam: Client
) -> None:
    """And it is recorded; the gate goes on."""
    put(gate, iam, "everything", allow("*"))

    told = denial_of(gate, a_call("NoSuchOperation"))

    assert "no IAM mapping for sqs:NoSuchOperation" in told.message
    assert [one["decision"] for one in decisions(gate)] == ["error"]
    assert gate.state == ACTIVE


def test_an_exception_refuses_its_call_and_no_other(iam: Client) -> None:
    """Here the reading of the role's policies fails at first; the record keeps that."""
    makers = iter([_no_clients])

    def fails_once(service: str, account: str, region: str) -> Client:
        return next(makers, clients)(service, account, region)

    gate = Gate(Knowledge(fails_once), Record())
    assume(gate)
    put(gate, iam, "sender", allow("sqs:SendMessage"))

    told = denial_of(gate, SEND)
    gate.check(SEND, KEY)

    assert told.http_status == 403
    assert "RuntimeError('no clients')" in told.message
    assert [one["decision"] for one in decisions(gate)] == ["failed", "allowed"]
    assert gate.state == ACTIVE


@pytest.mark.parametrize("role", ["None", f"arn:aws:iam::{ACCOUNT}:role/gone"])
def test_a_role_that_is_none_is_refused_with_its_reason(gate: Gate, role: str) -> None:
    """As LocalStack assumes `None` for a state machine without a role."""
    call = a_call("AssumeRole", "sts", RoleArn=role, RoleSessionName="one")

    told = denial_of(gate, call, "test", service_principal="states")

    assert role in told.message
    assert gate.state == ACTIVE


def test_a_change_that_it_missed_ends_the_run(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it still allows may be denied since: no result counts from then on."""
    monkeypatch.setattr(Knowledge, "after", _no_clients)

    gate.answered(SEND, {})

    assert gate.state.startswith("failed: after sqs:SendMessage: ")


def _no_clients(*_of: object) -> Client:
    raise RuntimeError("no clients")

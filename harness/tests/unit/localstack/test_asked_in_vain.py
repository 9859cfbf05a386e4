"""What a call asks for and has no effect here: listed, or refused without leave."""

from typing import Any
from uuid import uuid4

import pytest

from sam_harness.localstack.corrections import reaching, vain
from sam_harness.localstack.stacks.proof import PROOF, kept_in_vain
from sam_harness.localstack.stacks.reading import NOW, making

SCHEDULE: dict[str, Any] = {"Name": "s", "Target": {"Arn": "arn"}}


@pytest.fixture
def account() -> str:
    """Return an account of which nothing was told."""
    return uuid4().hex


def checked(operation: str, asked: dict[str, Any], account: str) -> None:
    """Check a call of Scheduler or Systems Manager."""
    service = "ssm" if operation == "PutParameter" else "scheduler"
    vain.check(vain.ASKED[service, operation], account, asked)


def test_each_name_is_known_with_its_reason() -> None:
    """By which a template may be given leave for it, too."""
    named = {name for names in vain.ASKED.values() for name in names.values()}

    assert named <= kept_in_vain().keys()


def test_what_is_merely_without_effect_is_listed(account: str) -> None:
    """Where it is asked for."""
    checked("PutParameter", {"Name": "p", "Policies": ""}, account)
    assert PROOF.lines(account) == []

    checked("PutParameter", {"Name": "p", "AllowedPattern": "a+"}, account)

    line = "AWS::SSM::Parameter.AllowedPattern: kept, but no value is checked"
    assert PROOF.lines(account) == [line]


def test_leave_for_a_resource_holds_while_it_is_made(
    account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for the calls of others, nor afterwards."""
    monkeypatch.setattr(PROOF, "allowed", {"Mine"})
    for operation in ("CreateSchedule", "UpdateSchedule"):
        with making("Mine"):
            checked(operation, SCHEDULE, account)
            with making("Other"), pytest.raises(ValueError, match="nothing is"):
                checked(operation, SCHEDULE, account)
            assert NOW.get()
        with pytest.raises(ValueError, match="nothing is ever called"):
            checked(operation, SCHEDULE, account)

    assert len(PROOF.lines(account)) == 1
    assert not NOW.get()


def test_what_a_target_of_a_rule_keeps_in_vain_is_listed(account: str) -> None:
    """Here where events would go that it does not take."""
    target = {"Id": "a", "Arn": "arn:aws:sqs:eu-west-1:123456789012:q"}
    reaching.check_targets(account, "eu-west-1", {"Targets": [target]})
    assert PROOF.lines(account) == []
    dead: Any = {"DeadLetterConfig": {"Arn": target["Arn"]}}

    reaching.check_targets(account, "eu-west-1", {"Targets": [target | dead]})

    [line] = PROOF.lines(account)
    assert line.startswith("AWS::Events::Rule.Targets.DeadLetterConfig: kept, but")

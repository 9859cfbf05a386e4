"""What calls of Step Functions need."""

from dataclasses import replace

from harness.tests.unit.iam.calls import ACCOUNT, ROLE, a_call, needed, only

MACHINE = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:m"


def test_an_alias_is_decided_on_the_arn_of_its_state_machine() -> None:
    """The alias is a condition key; without one there is none."""
    called = a_call("stepfunctions", "StartExecution", stateMachineArn=MACHINE)
    plain = replace(called, prefix="states")
    alias = replace(plain, parameters={"stateMachineArn": f"{MACHINE}:live"})

    assert needed(alias) == needed(plain) == [("states:StartExecution", MACHINE)]
    assert only(alias).context == {"states:StateMachineQualifier": ("live",)}
    assert not only(plain).context


def test_to_make_a_state_machine_its_role_has_to_be_passed() -> None:
    """And its version to be published, where that is asked for."""
    made = a_call(
        "stepfunctions", "CreateStateMachine", name="m", roleArn=ROLE, publish=True
    )
    changed = a_call("stepfunctions", "UpdateStateMachine", stateMachineArn=MACHINE)

    assert needed(made) == [
        ("states:CreateStateMachine", MACHINE),
        ("states:PublishStateMachineVersion", MACHINE),
        ("iam:PassRole", ROLE),
    ]
    assert needed(changed) == [("states:UpdateStateMachine", MACHINE)]


def test_a_task_is_reported_on_to_the_machine_of_its_token() -> None:
    """Of an activity's token it cannot be told which activity it is."""
    told = a_call("stepfunctions", "SendTaskSuccess", stateMachineArn=MACHINE)
    other = a_call("stepfunctions", "SendTaskFailure", taskToken="token")
    activity = f"arn:aws:states:eu-west-1:{ACCOUNT}:activity:*"

    assert needed(told) == [("states:SendTaskSuccess", MACHINE)]
    assert only(other).formats == (activity,)

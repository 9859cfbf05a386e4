"""What calls of EventBridge Scheduler need."""

from harness.tests.unit.iam.calls import ACCOUNT, ROLE, a_call, needed, only

HERE = f"arn:aws:scheduler:eu-west-1:{ACCOUNT}"


def test_a_schedule_is_in_the_default_group_unless_another_is_said() -> None:
    """So are those that policies name."""
    plain = a_call("scheduler", "GetSchedule", Name="s")
    grouped = a_call("scheduler", "DeleteSchedule", Name="s", GroupName="g")

    assert needed(plain) == [("scheduler:GetSchedule", f"{HERE}:schedule/default/s")]
    assert needed(grouped) == [("scheduler:DeleteSchedule", f"{HERE}:schedule/g/s")]


def test_who_makes_or_changes_a_schedule_passes_its_role_on() -> None:
    """To Scheduler, which calls the target in that role."""
    for operation in ("CreateSchedule", "UpdateSchedule"):
        call = a_call("scheduler", operation, Name="s", Target={"RoleArn": ROLE})

        assert needed(call) == [
            (f"scheduler:{operation}", f"{HERE}:schedule/default/s"),
            ("iam:PassRole", ROLE),
        ]


def test_a_group_is_decided_on_its_own_arn() -> None:
    """It is not a schedule."""
    read = a_call("scheduler", "GetScheduleGroup", Name="g")

    assert only(read).resource == f"{HERE}:schedule-group/g"

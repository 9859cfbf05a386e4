"""EventBridge Scheduler: a schedule is in a group, the default one or another."""

from collections.abc import Iterable

from sam_harness.iam.call import Authorization, Call, by, pass_role, rules, values
from sam_harness.iam.service import Service


def _schedule(call: Call) -> str:
    group = call.parameters.get("GroupName") or "default"
    return call.arn(f"schedule/{group}/{call.text('Name')}")


def _write(call: Call) -> Iterable[Authorization]:
    """Need the schedule, and to pass on the role in which its target is called."""
    yield Authorization(f"scheduler:{call.operation}", _schedule(call))
    if role := values(call.parameters.get("Target")).get("RoleArn"):
        yield pass_role(role, "scheduler")


RULES = rules(
    "scheduler",
    {
        _schedule: "DeleteSchedule GetSchedule",
        by("Name", arn="schedule-group/{}"): """
            CreateScheduleGroup DeleteScheduleGroup GetScheduleGroup
        """,
    },
)
RULES |= {"CreateSchedule": _write, "UpdateSchedule": _write}
SERVICE = Service(name="scheduler", rules=RULES, names={"ResourceArn": "{}"})

"""Schedules of EventBridge's rules: which one LocalStack follows."""

import json
import subprocess
from pathlib import Path

from sam_harness.emulator.environment import plugin_site
from sam_harness.environments import python_of

SCHEDULES = """
import json
from types import SimpleNamespace as Some
from localstack.services.events.event_bus import EventBusService
from localstack.services.events.models import events_stores
from localstack.services.events.rule import RuleService
from localstack.services.events.scheduler import JobScheduler
from sam_harness.localstack.corrections import events

PLACE, MINUTELY = ("eu-west-1", "000000000000"), "rate(1 minute)"
YEARLY, PATTERN = "cron(0 0 1 1 ? *)", '{"source": ["a"]}'
bus = EventBusService.create_event_bus_service("default", *PLACE, None, None).event_bus
events_stores[PLACE[1]][PLACE[0]].event_buses["default"] = bus
sent = []


def put_rule(name, schedule, **more):
    service = RuleService.create_rule_service(
        name, *PLACE, schedule, event_bus_name="default", **more
    )
    bus.rules[name] = service.rule
    return service


def put_targets(service):
    service.create_schedule_job(lambda: sent.append(service.rule.name))


def put_to_a_targeted_rule(name, schedule):
    # Through the handler that sees what was answered.
    service = put_rule(name, schedule, targets=bus.rules[name].targets)
    again = lambda **asked: put_targets(service)
    events.connect_to = lambda **of: Some(events=Some(put_targets=again))
    asked, answer = {"ScheduleExpression": schedule}, {"RuleArn": service.arn}
    events.follow_first_schedule(
        None,
        Some(
            operation=Some(name="PutRule"),
            service_request=asked,
            service_response=answer,
            service_exception=None,
            account_id=PLACE[1],
            region=PLACE[0],
        ),
        None,
    )


events.install()
target = {"Id": "t", "Arn": "arn:aws:sqs:eu-west-1:000000000000:q"}
put_rule("was a pattern", None, event_pattern=PATTERN, targets={"t": target})
put_to_a_targeted_rule("was a pattern", MINUTELY)
put_rule("without targets", None, event_pattern=PATTERN)
put_to_a_targeted_rule("without targets", MINUTELY)
twice = put_rule("twice", MINUTELY)
put_targets(twice)
put_targets(twice)
put_targets(put_rule("now a pattern", MINUTELY))
put_rule("now a pattern", None, event_pattern=PATTERN)
put_targets(put_rule("now each minute", YEARLY))
put_rule("now each minute", MINUTELY)
put_targets(put_rule("now enabled", MINUTELY, state="DISABLED"))
put_rule("now enabled", MINUTELY, state="ENABLED")
put_targets(put_rule("gone", MINUTELY))
del bus.rules["gone"]
for job in JobScheduler.instance().jobs:
    if job.is_enabled:
        job.job_func()
print(json.dumps(sent))
"""


def test_a_rule_follows_its_last_schedule_only(tmp_path: Path) -> None:
    """What it becomes after it got its targets counts, and it is followed once.

    In a process of its own: nothing tells of schedules from outside.
    """
    told = subprocess.run(  # noqa: S603 - LocalStack's own interpreter
        [python_of("localstack"), "-c", SCHEDULES],
        env={
            "FILESYSTEM_ROOT": str(tmp_path),
            "OVERRIDE_IN_DOCKER": "0",
            "PYTHONPATH": str(plugin_site()),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(told.stdout) == [
        "was a pattern",
        "twice",
        "now each minute",
        "now enabled",
    ]

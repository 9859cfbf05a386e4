"""Where LocalStack's EventBridge differs from AWS's."""

import json
from collections.abc import Callable
from threading import Lock
from typing import Any
from urllib.parse import unquote_plus
from uuid import uuid4

from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.aws.connect import connect_to
from localstack.services.events.models import events_stores
from localstack.services.events.rule import RuleService
from localstack.services.events.scheduler import (
    Job,
    JobScheduler,
    convert_schedule_to_cron,
)
from localstack.services.events.target import TargetSender, TargetSenderFactory
from localstack.services.events.utils import to_json_str
from localstack.utils.json import extract_jsonpath

from sam_harness.localstack.corrections import events_templates, reaching


def install() -> None:
    """Correct LocalStack's EventBridge."""
    # LocalStack loses an event of which a number or a list is put into a text.
    for service, kind in list(TargetSenderFactory.target_map.items()):
        own = type(kind.__name__, (_OWN.get(service, _Filling), kind), {})
        TargetSenderFactory.register_target_sender(service, own)
    _follow_last_schedules()
    handlers.run_custom_response_handlers.append(follow_first_schedule)
    handlers.serve_custom_service_request_handlers.append(_name_object)


def _name_object(_chain: object, context: RequestContext, _response: object) -> None:
    """Tell of an object's key as it is, which S3 has encoded, and of who did what.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    asked = context.service_request or {}
    is_told = context.operation and context.operation.name == "PutEvents"
    for entry in asked["Entries"] if is_told and context.is_internal_call else ():
        if entry["Source"] == "aws.s3":
            detail = json.loads(entry["Detail"]) | {"requester": context.account_id}
            detail["object"]["key"] = unquote_plus(detail["object"]["key"])
            if "reason" in detail:  # of a multipart upload it is the event's whole name
                detail["reason"] = detail["reason"].rpartition(":")[2]
            entry["Detail"] = json.dumps(detail)


def follow_first_schedule(
    _chain: object, context: RequestContext, _response: object
) -> None:
    """Give a rule its targets anew: LocalStack looks for a schedule then only."""
    asked = context.service_request or {}
    is_put = context.operation and context.operation.name == "PutRule"
    if not is_put or not asked.get("ScheduleExpression") or context.service_exception:
        return
    rule = _rule(context.service_response["RuleArn"])
    kept = rule.targets.values() if rule else ()
    # Any of them will do, but one that there was leave for.
    targets = [one for one in kept if reaching.is_reached(one["Arn"])]
    if targets:
        place = {"region_name": context.region}
        connect_to(aws_access_key_id=context.account_id, **place).events.put_targets(
            Rule=rule.name, EventBusName=rule.event_bus_name, Targets=targets
        )


def _follow_last_schedules() -> None:
    # LocalStack follows the schedule of each PutTargets from then on, whatever becomes
    # of the rule, and never that of one that is disabled then. Here a rule that had a
    # schedule at its last PutTargets is asked each minute which it has.
    jobs: dict[str, str] = {}
    lock = Lock()

    def create_schedule_job(service: RuleService, job: Callable[..., None]) -> None:
        def when_due(*_arguments: object) -> None:
            rule = _rule(service.arn)
            if rule and rule.schedule_expression:
                cron = convert_schedule_to_cron(rule.schedule_expression)
                if Job(job, cron, enabled=True).should_run_now():
                    job()

        scheduler = JobScheduler.instance()
        with lock:
            scheduler.cancel_job(jobs.get(service.arn))
            jobs[service.arn] = scheduler.add_job(when_due, "* * * * *")

    RuleService.create_schedule_job = create_schedule_job


def _rule(arn: str) -> Any:  # noqa: ANN401 - LocalStack is untyped
    """Return a rule as it is now; None: it is gone."""
    *_, region, account, resource = arn.split(":", 5)
    *bus, name = resource.removeprefix("rule/").split("/")
    found = events_stores[account][region].event_buses.get("/".join(bus) or "default")
    return found and found.rules.get(name)


class _Filling(TargetSender):  # type: ignore[misc] # LocalStack is untyped
    def process_event(self, event: object, trace_header: object) -> None:
        """Send an event to the target, unless the rule is disabled.

        LocalStack looks at nothing but the pattern.
        https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html
        """
        rule = _rule(self.rule_arn)
        if not rule or rule.state == "DISABLED":
            return
        if given := self.target.get("Input"):  # LocalStack sends none that is empty
            self.send_event(json.loads(given), trace_header)
        else:
            super().process_event(event, trace_header)

    def transform_event_with_target_input_transformer(
        self, input_transformer: dict[str, Any], event: dict[str, Any]
    ) -> object:
        """Return what the target is sent."""
        plain = json.loads(to_json_str(event))
        own = {"detailType" if k == "detail-type" else k: v for k, v in plain.items()}
        own.pop("detail", None)
        values = {
            name: value
            for name, path in (input_transformer.get("InputPathsMap") or {}).items()
            if (value := extract_jsonpath(plain, path)) != []  # there is none
        } | {
            "aws.events.rule-arn": self.rule_arn,
            "aws.events.rule-name": self.rule_name,
            "aws.events.event.ingestion-time": plain.get("time", ""),
            "aws.events.event": own,
            "aws.events.event.json": plain,
        }
        return events_templates.filled(input_transformer["InputTemplate"], values)


class _Starting(_Filling):
    def send_event(self, event: object, _trace_header: object) -> None:
        """Start a state machine; LocalStack's needs the whole event, for a name."""
        self.service = "stepfunctions"
        self.client.start_execution(
            stateMachineArn=self.arn, name=str(uuid4()), input=to_json_str(event)
        )


_OWN = {"states": _Starting}

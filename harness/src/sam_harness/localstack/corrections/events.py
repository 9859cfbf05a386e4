"""Where LocalStack's EventBridge differs from AWS's."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from localstack.services.events.models import events_stores
from localstack.services.events.rule import RuleService
from localstack.services.events.scheduler import JobScheduler
from localstack.services.events.target import TargetSender, TargetSenderFactory
from localstack.services.events.utils import to_json_str
from localstack.utils.json import extract_jsonpath

from sam_harness.localstack.corrections import event_templates


def install() -> None:
    """Correct LocalStack's EventBridge."""
    # LocalStack loses an event of which a number or a list is put into a text.
    for service, kind in list(TargetSenderFactory.target_map.items()):
        own = type(kind.__name__, (_OWN.get(service, _Filling), kind), {})
        TargetSenderFactory.register_target_sender(service, own)
    RuleService.create_schedule_job = _scheduling(RuleService.create_schedule_job)


def _scheduling(original: Any) -> Any:  # noqa: ANN401 - LocalStack is untyped
    # Each PutTargets has LocalStack follow a rule's schedule once more, and it goes on
    # with the one before.
    jobs: dict[str, str] = {}

    def create_schedule_job(self: RuleService, job: Callable[..., None]) -> None:
        JobScheduler.instance().cancel_job(jobs.pop(self.arn, None))
        original(self, job)
        jobs[self.arn] = self.job_id

    return create_schedule_job


class _Filling(TargetSender):  # type: ignore[misc] # LocalStack is untyped
    def process_event(self, event: object, trace_header: object) -> None:
        """Send an event to the target, unless the rule is disabled.

        LocalStack looks at nothing but the pattern.
        https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html
        """
        buses = events_stores[self.account_id][self.region].event_buses.values()
        rules = (rule for bus in list(buses) for rule in list(bus.rules.values()))
        if any(one.arn == self.rule_arn and one.state != "DISABLED" for one in rules):
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
        return event_templates.filled(input_transformer["InputTemplate"], values)


class _Starting(_Filling):
    def send_event(self, event: object, _trace_header: object) -> None:
        """Start a state machine; LocalStack's needs the whole event, for a name."""
        self.service = "stepfunctions"
        self.client.start_execution(
            stateMachineArn=self.arn, name=str(uuid4()), input=to_json_str(event)
        )


_OWN = {"states": _Starting}

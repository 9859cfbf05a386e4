"""What EventBridge refuses of rules, targets, buses and events; LocalStack takes it.

Imports LocalStack where it is needed only, as unit tests come without; each check is a
ValueError with AWS's words.
"""

from collections.abc import Mapping
from typing import Any

from sam_harness.localstack.corrections import reaching

type Request = Mapping[str, Any]


def check_pattern(request: Request) -> None:
    """LocalStack reads a pattern at each event, and then loses every one of its bus.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """
    from localstack.services.events.event_rule_engine import (  # noqa: PLC0415 - not in unit tests
        EventPatternCompiler,
    )

    if pattern := request.get("EventPattern"):
        EventPatternCompiler().compile_event_pattern(pattern)  # as TestEventPattern


def check_targets(account: str, region: str, request: Request) -> None:
    """Have LocalStack keep what nothing here calls, as it has it of some kinds."""
    from localstack.services.events.target import (  # noqa: PLC0415 - not in unit tests
        BatchTargetSender,
        TargetSenderFactory,
    )
    from localstack.utils.aws.arns import (  # noqa: PLC0415 - likewise
        extract_service_from_arn,
    )

    reaching.check_targets(account, region, request)
    for arn in (one["Arn"] for one in request["Targets"]):
        service = extract_service_from_arn(arn)  # None: of no service, as "unknown"
        if service not in TargetSenderFactory.target_map:
            TargetSenderFactory.register_target_sender(service, BatchTargetSender)


def check_events(request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html."""
    for entry in request["Entries"]:
        if str(entry.get("Source")).startswith("aws."):
            raise ValueError(
                f"Not authorized for the source {entry['Source']}. (AWS answers with "
                "that entry as failed, the emulator refuses them all.)"
            )


def check_bus(account: str, region: str, request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEventBus.html."""
    from localstack.services.events.models import (  # noqa: PLC0415 - not in unit tests
        events_stores,
    )

    bus = events_stores[account][region].event_buses.get(request["Name"])
    if bus and bus.rules:
        raise ValueError("EventBus can't be deleted since it has rules.")

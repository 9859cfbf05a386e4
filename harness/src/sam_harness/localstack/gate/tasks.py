"""Which state machine gave out the token of a task: no call of Step Functions tells."""

from collections.abc import Mapping
from typing import Any


def with_machine(asked: Mapping[str, Any], account: str, region: str) -> dict[str, Any]:
    """Return what a call asks, and the ARN of the machine that its token is of."""
    # It is loaded by its first call.
    from localstack.services.stepfunctions.asl.eval.callback.callback import (  # noqa: PLC0415 - as said
        ActivityCallbackEndpoint,
    )
    from localstack.services.stepfunctions.backend.models import (  # noqa: PLC0415 - as said
        sfn_stores,
    )

    for execution in list(sfn_stores[account][region].executions.values()):
        if not (worker := execution.exec_worker):
            continue
        waiting = worker.env.callback_pool_manager.get(asked["taskToken"])
        # Of an activity, which it does not name.
        if waiting and not isinstance(waiting, ActivityCallbackEndpoint):
            return {**asked, "stateMachineArn": execution.state_machine_arn}
    return dict(asked)

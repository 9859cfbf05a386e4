"""What Step Functions refuses of a state machine, where LocalStack takes it.

Imports LocalStack where it is needed only, as unit tests come without; each check is a
ValueError with AWS's words.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sam_harness.errors import HarnessError
from sam_harness.iam.call import Call
from sam_harness.localstack.gate.caller import Service
from sam_harness.localstack.stacks.proof import PROOF

type Request = Mapping[str, Any]

_EVERY_ERROR = "States.ALL"
# What goes on by its choices, or ends the machine.
_NEITHER = {"Choice", "Succeed", "Fail"}
_TRIES = {"Map", "Parallel", "Task"}
# By which Step Functions learns that an execution has ended.
_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
_DELIVERY = """
    CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery
    ListLogDeliveries PutResourcePolicy DescribeResourcePolicies DescribeLogGroups
"""
_NO_LOG = "The state machine IAM Role is not authorized to access the Log Destination"
# https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
_SPREADS = re.compile(r'"Mode"\s*:\s*"DISTRIBUTED"')
_STANDARD = re.compile(
    r'"Resource"\s*:\s*"arn:[^:"]*:states:[^"]*'
    r'(\.sync(:2)?|\.waitForTaskToken|:activity:[^"]*)"'
    rf"|{_SPREADS.pattern}"
)


def install() -> None:
    """Take every name of an error: LocalStack knows few of those that States begins.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    from localstack.services.stepfunctions.asl.component.common.error_name import (  # noqa: PLC0415 - not in unit tests
        custom_error_name,
    )

    custom_error_name.ILLEGAL_CUSTOM_ERROR_PREFIX = "\0"


def check_trust(_account: str, region: str, request: Request) -> None:
    """Check that Step Functions may assume a machine's role, before it has to.

    And that this role may have it told when the executions end that it waits for, and
    have a log delivered.
    https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
    """
    from sam_harness.localstack.gate import handler  # noqa: PLC0415 - not in unit tests

    names_role = request.get("roleArn")
    asked = request.keys() & {"definition", "loggingConfiguration", "roleArn"}
    request = _whole(request)
    role = request.get("roleArn")
    if not role or not asked or handler.state() == handler.OFF:
        return
    if not re.fullmatch(r"arn:[\w-]+:iam::\d{12}:role/.+", role):
        raise ValueError(f"Invalid Role Arn: '{role}'")
    account = role.split(":")[4]
    own = f"arn:aws:states:{region}:{account}:stateMachine:{request.get('name')}"
    assumes = {"RoleArn": role, "RoleSessionName": "states"}
    machine = Service("states.amazonaws.com", request.get("stateMachineArn", own))
    if names_role:
        _require(
            machine,
            Call("sts", "AssumeRole", assumes, account, region),
            "Neither the global service principal states.amazonaws.com, nor the "
            "regional one is authorized to assume the provided role.",
        )
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
    waits = "states:startExecution.sync" in (request.get("definition") or "")
    for operation in ("PutRule", "PutTargets", "DescribeRule") if waits else ():
        on = {"Name": _RULE, "Rule": _RULE}
        said = f"'{role}' is not authorized to create managed-rule: {operation} {_RULE}"
        _require(role, Call("events", operation, on, account, region), said)
    # Its role may get the permission later, as it needs the machine's ARN.
    if _SPREADS.search(request.get("definition") or ""):
        PROOF.note(account, "states:StartExecution")
    log = request.get("loggingConfiguration") or {}
    logs = log.get("destinations") if (log.get("level") or "OFF") != "OFF" else ()
    for operation in _DELIVERY.split() if logs else ():
        said = f"{_NO_LOG} (it needs logs:{operation} on *)"
        _require(role, Call("logs", operation, {}, account, region), said)


def _require(who: str | Service, call: Call, said: str) -> None:
    from sam_harness.localstack.gate import handler  # noqa: PLC0415 - not in unit tests

    try:
        may = handler.GATE.may(who, call)
    except HarnessError as error:  # a policy that cannot be read
        raise ValueError(str(error)) from error
    if not may:
        raise ValueError(said)


def _whole(request: Request) -> Request:
    """Return a request with what a machine that is to be updated keeps."""
    arn = str(request.get("stateMachineArn"))
    if not re.fullmatch(r"arn:[^:]+:states:[^:]+:\d{12}:stateMachine:.+", arn):
        return request  # LocalStack says so
    from localstack.services.stepfunctions.backend.models import (  # noqa: PLC0415 - not in unit tests
        sfn_stores,
    )

    region, account = arn.split(":")[3:5]
    found = sfn_stores[account][region].state_machines.get(arn)
    if not found:  # LocalStack says so
        return request
    kept = {"definition": found.definition, "roleArn": found.role_arn}
    kept["loggingConfiguration"] = found.logging_config
    told = {name: one for name, one in request.items() if one is not None}
    return {"type": found.sm_type, "name": found.name} | kept | told


def check(request: Request) -> None:
    """Check a machine's definition."""
    request = _whole(request)
    try:
        said = json.loads(request.get("definition") or "{}")
    except ValueError:  # LocalStack says so
        return
    if not isinstance(said, dict) or not said:
        return
    if "JSONata" in request["definition"] and "{%" in request["definition"]:
        raise ValueError(
            "JSONata cannot be evaluated here: LocalStack would download Java for it. "
            "JSONPath can"
        )
    if ":apigateway:invoke" in request["definition"]:
        raise ValueError("apigateway:invoke finds no API here: let a function call it")
    found = _STANDARD.search(request["definition"])
    if found and request.get("type") == "EXPRESS":
        raise ValueError(f"An Express state machine does not support {found[0]}")
    try:
        problem = next(problems(said), "")
    except (AttributeError, TypeError) as error:
        problem = f"SCHEMA_VALIDATION_FAILED: a value of another type: {error}"
    if problem:
        raise ValueError(f"Invalid State Machine Definition: '{problem}'")


def problems(machine: Request, at: str = "") -> Iterator[str]:
    """Yield what is wrong with a state machine, and with those inside its states.

    https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-state-machine-structure.html
    """
    states, reached = machine.get("States") or {}, [machine.get("StartAt")]
    wrong = [name for name, one in states.items() if not isinstance(one, Mapping)]
    for name in wrong:
        yield (
            "SCHEMA_VALIDATION_FAILED: No state, which is an object, but a value: move "
            f"it out of States at {at}/States/{name}"
        )
    if wrong:
        return
    for name in reached:
        for target in _next(states.get(name) or {}):
            if target not in reached:
                reached.append(target)
    for name in reached:
        if name not in states:
            yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {name} at {at}"
    for name, state in states.items():
        here = f"{at}/States/{name}"
        if name not in reached:
            yield (
                f'MISSING_TRANSITION_TARGET: State "{name}" is not reachable. at {here}'
            )
        yield from _of_state(state, here)


def _of_state(state: Request, here: str) -> Iterator[str]:
    ends = ("Next" in state) + bool(state.get("End"))
    if state.get("Type") not in _NEITHER and ends != 1:
        yield f"SCHEMA_VALIDATION_FAILED: One of Next and End is required at {here}"
    for kind in ("Retry", "Catch"):
        if kind in state and state.get("Type") not in _TRIES:
            yield f"SCHEMA_VALIDATION_FAILED: Field is not supported at {here}/{kind}"
        for later, caught in enumerate(reversed(state.get(kind) or ())):
            errors = caught.get("ErrorEquals") or ()
            if _EVERY_ERROR in errors and (later or len(errors) > 1):
                yield (
                    f"SCHEMA_VALIDATION_FAILED: {_EVERY_ERROR} must appear alone and "
                    f"at the end of the list at {here}/{kind}"
                )
    inner = [state.get("Iterator"), state.get("ItemProcessor")]
    for machine in (*(state.get("Branches") or ()), *filter(None, inner)):
        yield from problems(machine, here)


def _next(state: Request) -> Iterator[str]:
    yield from (state[name] for name in ("Next", "Default") if name in state)
    for kind in ("Choices", "Catch"):
        yield from (one["Next"] for one in state.get(kind) or () if "Next" in one)

"""Step Functions, whose actions begin with ``states``.

What needs a version or an alias is decided on the ARN of its state machine:
https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html

What has a task's token is decided on the state machine that gave it out, or on the
activity, although the service authorization reference names neither. Seen on AWS:
https://github.com/aws/aws-cdk/pull/8486 https://github.com/NOAA-OWP/hydrovis/issues/837
"""

from collections.abc import Iterable
from typing import Any

from sam_harness.iam.call import (
    Authorization,
    Call,
    Context,
    Rule,
    add_keys,
    rules,
)
from sam_harness.iam.service import JSON, ResourceType, SampleCall, Service, Subject

_MACHINE = ":stateMachine:"
_QUALIFIED = """
    DescribeStateMachine ListStateMachineAliases StartExecution StartSyncExecution
"""


def _split(call: Call) -> tuple[str, str]:
    """Return the ARN of a state machine and its version or alias, which may be ""."""
    place, _, named = call.text("stateMachineArn").partition(_MACHINE)
    name, _, qualifier = named.partition(":")
    return f"{place}{_MACHINE}{name}", qualifier


def _arn(call: Call, named: str) -> str:
    return f"arn:{call.partition}:states:{call.region}:{call.account}:{named}"


def _machine(call: Call) -> str:
    return _split(call)[0]


def _all_machines(call: Call) -> str:
    return _arn(call, "stateMachine:*")


def _qualifier(call: Call) -> Context:
    qualifier = _split(call)[1]
    return {"states:StateMachineQualifier": (qualifier,) if qualifier else ()}


def _write(call: Call) -> Iterable[Authorization]:
    """Need to make or change a machine, to publish a version, to pass on its role."""
    if call.operation == "CreateStateMachine":
        machine = _arn(call, f"stateMachine:{call.text('name')}")
    else:
        machine = _machine(call)
    yield Authorization(f"states:{call.operation}", machine)
    if call.parameters.get("publish"):
        yield Authorization("states:PublishStateMachineVersion", machine)


def _report(call: Call) -> Iterable[Authorization]:
    """Need to report on a task; the gate adds the machine that its token is of."""
    action = f"states:{call.operation}"
    if call.parameters.get("stateMachineArn"):
        yield Authorization(action, _machine(call))
        return
    activity = _arn(call, "activity:*")
    yield Authorization(action, activity, formats=(activity,))


RULES: dict[str, Rule] = rules(
    "states",
    {
        _machine: f"""
            {_QUALIFIED} DeleteStateMachine ListStateMachineVersions
            PublishStateMachineVersion
        """,
        _all_machines: "ListStateMachines",
    },
)
add_keys(RULES, _QUALIFIED, _qualifier)
RULES |= {"CreateStateMachine": _write, "UpdateStateMachine": _write}
RULES |= dict.fromkeys(
    ("SendTaskFailure", "SendTaskHeartbeat", "SendTaskSuccess"), _report
)

_NOT_FOUND = ("StateMachineDoesNotExist",)


def _of_machine(it: Subject) -> dict[str, Any]:
    return {"stateMachineArn": it.arn}


SERVICE = Service(
    name="stepfunctions",
    prefix="states",
    rules=RULES,
    names={
        "executionArn": "{}",
        "activityArn": "{}",
        "mapRunArn": "{}",
        "resourceArn": "{}",
    },
    passes="roleArn",
    errors=JSON,
    types={
        "AWS::StepFunctions::StateMachine": ResourceType(
            "states:{region}:{account}:stateMachine:{name}",
            "StateMachineName",
            ref="{arn}",
        )
    },
    harmless="Send Start Stop Redrive",
    samples={
        "DescribeStateMachine": SampleCall(_of_machine, _NOT_FOUND),
        "StartExecution": SampleCall(_of_machine, _NOT_FOUND),
        "DeleteStateMachine": SampleCall(_of_machine, destroys=True),
    },
)

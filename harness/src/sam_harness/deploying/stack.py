"""A stack as CloudFormation describes it, and what becomes of an operation on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sam_harness.errors import HarnessError
from sam_harness.waiting import wait_until

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import (
        StackEventTypeDef,
        StackTypeDef,
    )

# LocalStack does one thing at a time, and telling all events takes it ten milliseconds.
POLL_S = 0.25
_COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A deployed stack: its outputs, and logical id -> physical id.

    ``functions`` leads from the logical id of each Lambda function to what its callers
    invoke: the alias that is published with it, else the function by its name.
    ``template`` is what was deployed, without intrinsics (see ``template``).
    """

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    functions: Mapping[str, str]
    template: Mapping[str, Any]


def described(
    client: "CloudFormationClient", stack: str, promised: Mapping[str, Any]
) -> DeployedStack:
    """Return a deployed stack; ``promised`` is its template without intrinsics.

    Raises:
        HarnessError: a promised resource is not listed as complete.

    """
    listed = client.describe_stack_resources(StackName=stack)["StackResources"]
    complete = [one for one in listed if one["ResourceStatus"] in _COMPLETE]
    resources = {
        one["LogicalResourceId"]: one["PhysicalResourceId"] for one in complete
    }
    if missing := sorted(promised["Resources"].keys() - resources.keys()):
        names = ", ".join(missing)
        raise HarnessError(f"stack {stack} is said to be complete without {names}")
    found = client.describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {
        output["OutputKey"]: output["OutputValue"]
        for output in found.get("Outputs", [])
    }
    kinds = {one["LogicalResourceId"]: one["ResourceType"] for one in complete}
    return DeployedStack(
        stack, outputs, resources, _invoked(resources, kinds), promised
    )


def parameters_of(described: "StackTypeDef") -> dict[str, str]:
    """Return the parameters that a stack was deployed with, by name."""
    return {
        one["ParameterKey"]: one["ParameterValue"]
        for one in described.get("Parameters", [])
    }


def _invoked(
    resources: Mapping[str, str], kinds: Mapping[str, str]
) -> Mapping[str, str]:
    names = {
        logical_id: name
        for logical_id, name in resources.items()
        if kinds[logical_id] == "AWS::Lambda::Function"
    }
    aliases = {
        arn.split(":")[6]: arn
        for logical_id, arn in resources.items()
        if kinds[logical_id] == "AWS::Lambda::Alias"
    }
    return {logical_id: aliases.get(name, name) for logical_id, name in names.items()}


class Operation:
    """One create, update or delete of a stack, from before it is submitted.

    It is followed by its events: LocalStack ends failed updates in UPDATE_COMPLETE.

    ``updates`` tells whether the stack existed when the operation began.
    """

    def __init__(self, cloudformation: "CloudFormationClient", stack: str) -> None:
        self._cloudformation = cloudformation
        self._name = self._stack = stack
        before = self._events()
        self._seen = {event["EventId"] for event in before}
        self.updates = bool(before)
        if before:  # by its id a stack can be asked for after it was deleted
            self._stack = before[0]["StackId"]

    def wait(
        self, timeout_s: float, on_event: Callable[[str], None] = lambda _: None
    ) -> None:
        """Return when the operation is done.

        Raises:
            HarnessError: a resource failed (each is named, with CloudFormation's
                reason), something was rolled back, or time ran out.

        """
        failures: list[str] = []
        last = "nothing yet"

        def follow() -> tuple[str, bool]:
            nonlocal last
            for event in self._fresh():
                last = f"{event['ResourceStatus']} {event['LogicalResourceId']}"
                on_event(last)
                if "FAILED" in last or "ROLLBACK" in last:
                    failures.append(_reason(event))
                if self._is_last(event):
                    return last, True
            return last, False

        wait_until(
            follow,
            lambda seen: seen[1],
            what=f"end of stack {self._name}'s operation",
            timeout_s=timeout_s,
            poll_s=POLL_S,
        )
        if failures:
            listed = "\n  ".join(dict.fromkeys(failures))
            raise HarnessError(f"stack {self._name} failed:\n  {listed}")

    def _is_last(self, event: "StackEventTypeDef") -> bool:
        status = event["ResourceStatus"]
        of_stack = event.get("PhysicalResourceId") == event["StackId"]
        # UPDATE_ROLLBACK_COMPLETE ends it, ..._CLEANUP_IN_PROGRESS does not.
        return of_stack and status.endswith(("_COMPLETE", "_FAILED"))

    def _fresh(self) -> list["StackEventTypeDef"]:
        fresh = [e for e in self._events() if e["EventId"] not in self._seen]
        self._seen.update(event["EventId"] for event in fresh)
        return sorted(fresh, key=lambda event: event["Timestamp"])

    def _events(self) -> list["StackEventTypeDef"]:
        try:
            pages = self._cloudformation.get_paginator("describe_stack_events")
            return [
                event
                for page in pages.paginate(StackName=self._stack)
                for event in page["StackEvents"]
            ]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":  # no such stack
                return []
            raise


def _reason(event: "StackEventTypeDef") -> str:
    why = event.get("ResourceStatusReason") or "no reason given"
    kind = event.get("ResourceType", "resource")
    return f"{event['LogicalResourceId']} ({kind}) {event['ResourceStatus']}: {why}"

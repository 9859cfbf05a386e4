"""Follows a CloudFormation operation by its events, whatever the status says."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from harness.errors import HarnessError
from harness.polling import wait_until

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackEventTypeDef

# LocalStack does one thing at a time, and telling all events takes it ten milliseconds.
POLL_S = 0.25


class Operation:
    """One create, update or delete of a stack, from before it is submitted.

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
        self._judge(failures)

    def _judge(self, failures: list[str]) -> None:
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

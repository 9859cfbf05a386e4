"""What becomes of an operation on a stack, by CloudFormation's own events."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sam_harness.errors import HarnessError
from sam_harness.waiting import wait_until

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackEventTypeDef

# While events come, and when none has come for long: LocalStack answers in
# milliseconds, AWS throttles an account's calls, and its updates take minutes.
LEAST_PAUSE_S, MOST_PAUSE_S = 0.25, 8.0
_MOST_OF_A_REASON = 1_000  # characters
THROTTLED = {"RequestLimitExceeded", "Throttling", "ThrottlingException"}


class Operation:
    """One create, update or delete of a stack, from before it is submitted.

    It is followed by its events: LocalStack ends failed updates in UPDATE_COMPLETE.

    ``updates`` tells whether the stack existed when the operation began.
    """

    def __init__(self, cloudformation: "CloudFormationClient", stack: str) -> None:
        self._cloudformation = cloudformation
        self._name = self._stack = stack
        self._seen: set[str] = set()
        self._pause_s = LEAST_PAUSE_S
        before = list(self._events())
        self._seen = {event["EventId"] for event in before}
        self.updates = bool(before)
        if before:  # by its id a stack can be asked for after it was deleted
            self._stack = before[0]["StackId"]

    def submit(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        *,
        update: bool,
    ) -> bool:
        """Create or update the stack; returns whether there is something to wait for.

        ``template``: as the call takes it, by its text or where it is in S3.

        Raises:
            HarnessError: CloudFormation does not take it, and why.
        """
        client = self._cloudformation
        submit = client.update_stack if update else client.create_stack
        try:
            submit(
                StackName=self._name,
                **template,
                Capabilities=[
                    "CAPABILITY_AUTO_EXPAND",
                    "CAPABILITY_IAM",
                    "CAPABILITY_NAMED_IAM",
                ],
                Parameters=[
                    {"ParameterKey": name, "ParameterValue": value}
                    for name, value in parameters.items()
                ],
            )
        except ClientError as error:
            said = error.response["Error"]["Message"]
            # A ValidationError as any other, by its code.
            if update and "No updates are to be performed" in said:
                return False
            raise HarnessError(f"stack {self._name}: {said}") from error
        return True

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
            poll_s=lambda: self._pause_s,
        )
        if failures:
            failures += failed_events(self._cloudformation, self._stack)
            listed = "\n  ".join(dict.fromkeys(failures))
            raise HarnessError(f"stack {self._name} failed:\n  {listed}")

    def _is_last(self, event: "StackEventTypeDef") -> bool:
        status = event["ResourceStatus"]
        of_stack = event.get("PhysicalResourceId") == event["StackId"]
        # UPDATE_ROLLBACK_COMPLETE ends it, ..._CLEANUP_IN_PROGRESS does not.
        return of_stack and status.endswith(("_COMPLETE", "_FAILED"))

    def _fresh(self) -> list["StackEventTypeDef"]:
        """Return the new events, the oldest first; none while AWS throttles."""
        try:
            fresh = [e for e in self._events() if e["EventId"] not in self._seen]
        except ClientError as error:
            if error.response["Error"]["Code"] not in THROTTLED:
                raise
            fresh = []
        factor = 0.5 if fresh else 2.0
        paused = self._pause_s * factor
        self._pause_s = min(max(paused, LEAST_PAUSE_S), MOST_PAUSE_S)
        self._seen.update(event["EventId"] for event in fresh)
        fresh.reverse()  # the newest came first, also of the same millisecond
        return sorted(fresh, key=lambda event: event["Timestamp"])

    def _events(self) -> Iterator["StackEventTypeDef"]:
        """Yield the events page by page, the newest first, up to those known before."""
        try:
            pages = self._cloudformation.get_paginator("describe_stack_events")
            for page in pages.paginate(StackName=self._stack):
                yield from page["StackEvents"]
                if any(one["EventId"] in self._seen for one in page["StackEvents"]):
                    return
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":  # no such stack
                raise


def failed_events(cloudformation: "CloudFormationClient", stack: str) -> list[str]:
    """Return why the last operation on a stack failed, by `DescribeEvents`.

    CloudFormation validates an operation before it begins, also that of a change set:
    what it finds then is in no stack event. Empty where that cannot be asked.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeEvents.html
    """
    try:
        answer = cloudformation.describe_events(
            StackName=stack, Filters={"FailedEvents": True}
        )
    except ClientError:
        return []  # LocalStack has no such operation; a caller may lack permission
    events = answer["OperationEvents"]
    latest = events[0].get("OperationId") if events else None
    lines = []
    for event in events:
        if event.get("OperationId") == latest:
            who = event.get("LogicalResourceId") or stack
            kind = event.get("ResourceType") or event.get("OperationType", "operation")
            status = event.get("ResourceStatus") or event.get("EventType", "")
            why = event.get("ValidationStatusReason") or event.get(
                "ResourceStatusReason", "no reason given"
            )
            lines.append(f"{who} ({kind}) {status}: {why}")
    return lines


def _reason(event: "StackEventTypeDef") -> str:
    kind = event.get("ResourceType", "resource")
    what = f"{event['LogicalResourceId']} ({kind}) {event['ResourceStatus']}"
    if not (why := event.get("ResourceStatusReason")):
        return what  # of a stack: what its resources tell
    # Of a state machine LocalStack tells the whole definition.
    told = " ".join(why.split())
    return f"{what}: {told[:_MOST_OF_A_REASON]}{' …' * (len(told) > _MOST_OF_A_REASON)}"

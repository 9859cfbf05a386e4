"""A stack of a test: made, changed and deleted, each until it has ended."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import boto3

from sam_harness.waiting import wait_until

type Resources = Mapping[str, Any]
type Exports = Mapping[str, str]

CAPABILITIES = ("CAPABILITY_NAMED_IAM",)
QUEUE = {"Queue": {"Type": "AWS::SQS::Queue"}}


class Stack:
    """A stack; each operation returns why it failed, empty if it did not."""

    def __init__(self, session: boto3.Session, name: str = "") -> None:
        self.name = name or f"stack-{uuid4().hex[:8]}"
        self._cloudformation: Any = session.client("cloudformation")
        self._id = ""

    def create(
        self,
        resources: Resources = QUEUE,
        exports: Exports | None = None,
        *,
        capabilities: Sequence[str] = CAPABILITIES,
        protected: bool = False,
        **sections: str,
    ) -> str:
        """Make the stack; ``sections``: more of its template."""
        made = self._cloudformation.create_stack(
            StackName=self.name,
            TemplateBody=_template(resources, exports, **sections),
            Capabilities=capabilities,
            EnableTerminationProtection=protected,
        )
        self._id = made["StackId"]
        return self._outcome()

    def update(
        self, resources: Resources = QUEUE, exports: Exports | None = None
    ) -> str:
        """Change it."""
        self._cloudformation.update_stack(
            StackName=self.name,
            TemplateBody=_template(resources, exports),
            Capabilities=CAPABILITIES,
        )
        return self._outcome()

    def delete(self) -> str:
        """Delete it."""
        self._cloudformation.delete_stack(StackName=self.name)
        return self._outcome()

    @property
    def ids(self) -> dict[str, str]:
        """The physical ids of its resources."""
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"] for one in self._made()
        }

    @property
    def reasons(self) -> list[str]:
        """Why its resources failed."""
        told = (one.get("ResourceStatusReason") for one in self._made())
        return [reason for reason in told if reason]

    def _made(self) -> list[Any]:
        told = self._cloudformation.describe_stack_resources(StackName=self.name)
        return list(told["StackResources"])

    def _outcome(self) -> str:
        [found] = wait_until(
            lambda: self._cloudformation.describe_stacks(StackName=self._id)["Stacks"],
            lambda seen: not seen[0]["StackStatus"].endswith("IN_PROGRESS"),
            what=f"an operation of {self.name}",
            timeout_s=60,
        )
        status = str(found["StackStatus"])
        done = status.endswith("COMPLETE")
        return "" if done else str(found.get("StackStatusReason") or status)


def _template(resources: Resources, exports: Exports | None, **sections: str) -> str:
    outputs = {
        f"Output{number}": {"Value": value, "Export": {"Name": name}}
        for number, (name, value) in enumerate((exports or {}).items())
    }
    return json.dumps({"Resources": resources, "Outputs": outputs, **sections})

"""An ARN taken apart into the parameters that API calls name it by."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

type Parameters = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Thing:
    """The resource of a call; ``keys``: the key attributes of a table or index."""

    arn: str
    keys: tuple[str, ...] = ()

    @property
    def last(self) -> str:
        """The end of the ARN: a role's name."""
        return self.arn.rpartition("/")[2].rpartition(":")[2]

    @property
    def table(self) -> str:
        """The table's name, also of an index."""
        return self.arn.partition(":table/")[2].partition("/")[0]

    @property
    def index(self) -> Parameters:
        """IndexName, if it is an index."""
        below = self.arn.partition("/index/")[2]
        return {"IndexName": below} if below else {}

    @property
    def key(self) -> Parameters:
        """A key that no other item has."""
        return {name: {"S": f"access-{uuid4()}"} for name in self.keys}

    @property
    def queue(self) -> Parameters:
        """QueueUrl."""
        _, _, _, region, account, name = self.arn.split(":")
        host = f"https://sqs.{region}.amazonaws.com"
        return {"QueueUrl": f"{host}/{account}/{name}"}

    @property
    def stream(self) -> Parameters:
        """The log group and the log stream."""
        named = self.arn.partition(":log-group:")[2]
        group, _, stream = named.partition(":log-stream:")
        return {"logGroupName": group, "logStreamName": stream or "access"}

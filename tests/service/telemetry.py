"""What deployed functions wrote to CloudWatch Logs, and what the dashboard draws."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sam_harness.waiting import wait_until

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient

_PLATFORM = ("INIT_START ", "INIT_REPORT ", "REPORT ", "RequestId: ")


@dataclass(frozen=True, slots=True)
class Metric:
    """One value of an EMF line, as CloudWatch would store it."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]
    unit: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Invocation:
    """What one ended invocation wrote, line by line, without the platform's lines."""

    request_id: str
    written: tuple[str, ...]
    report: str

    def log_lines(self) -> list[dict[str, Any]]:
        """Return the log's lines; raises ValueError where one is not JSON."""
        return [line for line in self._parsed() if "_aws" not in line]

    def metrics(self) -> list[Metric]:
        """Return the metrics of the EMF lines."""
        return [
            metric for line in self._parsed() if "_aws" in line for metric in _emf(line)
        ]

    def _parsed(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written]


@dataclass(frozen=True, slots=True)
class FunctionLog:
    """The log group of one function."""

    logs: "CloudWatchLogsClient"
    group: str

    def text(self) -> str:
        """Return everything in it."""
        return "\n".join(line for stream in self._streams().values() for line in stream)

    def invocations(self, mentioning: str = "") -> list[Invocation]:
        """Return the ended invocations whose lines mention this, oldest first."""
        return [
            invocation
            for stream in self._streams().values()
            for invocation in _invocations(stream)
            if any(mentioning in line for line in invocation.written)
        ]

    def lines(self, **fields: object) -> list[dict[str, Any]]:
        """Return the JSON lines that have all these values."""
        return [
            line
            for invocation in self.invocations()
            for line in invocation.log_lines()
            if fields.items() <= line.items()
        ]

    def wait_for_lines(self, **fields: object) -> list[dict[str, Any]]:
        """Return them once there are any; a log arrives after what it tells of."""
        return wait_until(
            lambda: self.lines(**fields),
            bool,
            what=f"a line with {fields} in {self.group}",
            timeout_s=10,
        )

    def environments(self) -> int:
        """Count the execution environments that have written to it."""
        return len(self._streams())

    def _streams(self) -> dict[str, list[str]]:
        """Return stream -> lines; an execution environment has a stream of its own."""
        streams: dict[str, list[str]] = {}
        pages = self.logs.get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=self.group):
            for event in page["events"]:
                lines = event["message"].splitlines()
                streams.setdefault(event["logStreamName"], []).extend(lines)
        return streams


def _invocations(lines: list[str]) -> list[Invocation]:
    found = []
    request_id, written = "", list[str]()
    for line in lines:
        if line.startswith("START RequestId: "):
            request_id, written = line.split()[2], []
        elif line.startswith("REPORT RequestId: "):
            found.append(Invocation(request_id, tuple(written), line))
        elif line.startswith("END RequestId: ") or line.startswith(_PLATFORM):
            continue
        else:
            written.append(line)
    return found


def _emf(line: dict[str, Any]) -> list[Metric]:
    return [
        Metric(
            directive["Namespace"],
            metric["Name"],
            frozenset((name, line[name]) for name in names),
            metric["Unit"],
            tuple(line[metric["Name"]]),
        )
        for directive in line["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
    ]


def dashboard_metrics(body: str) -> set[tuple[str, str, frozenset[tuple[str, str]]]]:
    """Return namespace, name and dimensions of every metric of a dashboard's body."""
    found = set()
    for widget in json.loads(body)["widgets"]:
        before: list[str] = []
        for metric in widget["properties"].get("metrics", []):
            before = _spelled_out(metric, before)
            namespace, name, *dimensions = before
            pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
            found.add((namespace, name, frozenset(pairs)))
    return found


def _spelled_out(metric: list[Any], before: list[str]) -> list[str]:
    """Replace "." by the same field of the metric before, "..." by all but the rest.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    fields = [field for field in metric if isinstance(field, str)]
    if fields and fields[0] == "...":
        rest = fields[1:]
        return before[: len(before) - len(rest)] + rest
    return [
        before[place] if field == "." else field for place, field in enumerate(fields)
    ]

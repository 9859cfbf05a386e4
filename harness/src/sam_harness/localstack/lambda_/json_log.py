"""A log as LogFormat JSON asks for it, with the platform's records of level INFO.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
"""

import json
from datetime import UTC, datetime

_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_ALIASES = {"WARNING": "WARN", "CRITICAL": "FATAL"}
_METRICS = {
    "durationMs": "Duration",
    "billedDurationMs": "Billed Duration",
    "memorySizeMB": "Memory Size",
    "maxMemoryUsedMB": "Max Memory Used",
    "initDurationMs": "Init Duration",
}


def of(text: str, level: str) -> str:
    """Return a log with records for the platform's lines, and of ``level`` and above.

    A line that is no JSON object with a level passes, as on Lambda.
    """
    return "".join(_record(line, level) for line in text.splitlines(keepends=True))


def _record(line: str, level: str) -> str:
    parts = dict(part.partition(": ")[::2] for part in line.strip().split("\t"))
    match line.split():
        case ["INIT_START", *_, version]:
            return _platform("initStart", phase="init", runtimeVersion=version)
        case ["START", "RequestId:", request_id, "Version:", version]:
            return _platform("start", requestId=request_id, version=version)
        case ["END", "RequestId:", _]:
            return ""  # platform.runtimeDone is of level DEBUG
        case ["REPORT", "RequestId:", request_id, *_]:
            metrics = {
                name: float(parts[label].split()[0])
                for name, label in _METRICS.items()
                if label in parts
            }
            status = parts.get("Status", "success")
            return _platform(
                "report", requestId=request_id, metrics=metrics, status=status
            )
    return line if _passes(line, level) else ""


def _platform(kind: str, **record: object) -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"time": now, "type": f"platform.{kind}", "record": record}
    return json.dumps(told) + "\n"


def _passes(line: str, level: str) -> bool:
    try:
        said = str(json.loads(line)["level"]).upper()
    except (ValueError, TypeError, KeyError):
        return True
    said = _ALIASES.get(said, said)
    return said not in _LEVELS or _LEVELS.index(said) >= _LEVELS.index(level.upper())

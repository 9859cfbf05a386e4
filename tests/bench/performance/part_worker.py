"""A fresh process that takes our function apart: the CPU time of each piece.

The job's handler names one of the functions below. As in worker.py, the result goes to
the file that the job names, and nothing is loaded before it is measured: no typing
either.
"""
# Without types, which would have to be loaded, too.
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: ANN001, ANN002, ANN201, ANN202 - as above

import json
import sys
import time
from importlib import import_module

MODULES = {}  # of the service, by their role: see subjects.py
LINES = 400
CLASSES = 40


class _Context:
    aws_request_id = "bench"

    def get_remaining_time_in_millis(self):
        return 30_000


def _cpu_s(piece, times=1):
    began = time.process_time()
    for _ in range(times):
        piece()
    return (time.process_time() - began) / times


def _load(*modules):
    return lambda: [import_module(name) for name in modules]


def start(event):
    """Take one cold start, piece by piece, each with what it is the first to load."""
    _load(MODULES["loading"])()  # no garbage collection, as there

    def clients():
        aws = import_module(MODULES["aws"])
        aws.dynamodb_client()
        aws.sqs_client()

    pieces = {
        "botocore": _load("botocore.config", "botocore.session"),
        "powertools": _load(MODULES["telemetry"]),
        "clients": clients,
        "ours": _load(MODULES["receiver"]),
        "request": lambda: _answer(event),
    }
    taken = {f"start_{name}": _cpu_s(piece) for name, piece in pieces.items()}
    return taken | {"start_whole": sum(taken.values())}


def signer(_event):
    """Load what would be left of botocore without its client."""
    _load(MODULES["loading"])()
    left = _load("botocore.auth", "botocore.credentials", "botocore.httpsession")
    return {"signer_alone": _cpu_s(left)}


def lines(_event):
    """Write log lines, and counters with the line that each ends in."""
    telemetry = import_module(MODULES["telemetry"]).Telemetry("test")
    log = telemetry.log("bench").bind(correlation_id="bench", refundId="bench")

    def line():
        log.info("refund accepted", queued=True)

    def metric():
        telemetry.count("RefundAccepted")
        telemetry.flush()

    line()
    metric()
    return {"log_line": _cpu_s(line, LINES), "metrics_line": _cpu_s(metric, LINES)}


def records(_event):
    """Make classes of five fields: each cold start does so for each class."""
    dataclass = import_module("dataclasses").make_dataclass
    named_tuple = import_module("typing").NamedTuple
    fields = [(name, str) for name in ("one", "two", "three", "four", "five")]
    return {
        "named_tuple": _cpu_s(lambda: named_tuple("Record", fields), CLASSES),
        "frozen_dataclass": _cpu_s(
            lambda: dataclass("Record", fields, frozen=True, slots=True), CLASSES
        ),
    }


def _answer(event):
    answer = sys.modules[MODULES["receiver"]].handler(event, _Context())
    assert answer["statusCode"] == 202


if __name__ == "__main__":
    _job = json.load(sys.stdin)
    MODULES.update(_job["modules"])
    _found = globals()[_job["handler"]](_job["first"][0])
    with open(_job["result"], "w") as _file:  # noqa: PTH123 - pathlib is not loaded yet
        json.dump(_found, _file)

"""A fresh process that runs one handler and says what that took.

Knows of no subject: the standard library only, so that what it loads is no subject's
advantage. Standard input is the job; the result goes to the file that it names, because
standard output is the handler's.
"""

import gc
import importlib
import json
import sys
import time
from uuid import uuid4


class _Context:
    """What Lambda passes beside the event."""

    function_name = "bench"
    function_version = "1"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"

    def __init__(self) -> None:
        self.aws_request_id = str(uuid4())
        self._ends_s = time.monotonic() + 30

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of 30 s."""
        return int((self._ends_s - time.monotonic()) * 1000)


def _run(handler, events):  # noqa: ANN001, ANN202 - types would be loaded, too
    """Return CPU and wall time in seconds, and the answers."""
    contexts = [_Context() for _ in events]
    cpu, wall = time.process_time(), time.perf_counter()
    answers = [
        handler(event, context) for event, context in zip(events, contexts, strict=True)
    ]
    return time.process_time() - cpu, time.perf_counter() - wall, answers


def _peak_kib() -> int:
    # Not getrusage: what that says of a fresh process began with its parent's memory.
    with open("/proc/self/status") as status:  # noqa: PTH123 - as below
        return next(int(line.split()[1]) for line in status if line[:6] == "VmHWM:")


def _main() -> None:
    job = json.load(sys.stdin)
    module, _, name = job["handler"].rpartition(".")
    cpu, wall = time.process_time(), time.perf_counter()
    handler = getattr(importlib.import_module(module), name)
    init_cpu, init_wall = time.process_time() - cpu, time.perf_counter() - wall
    first_cpu, first_wall, answers = _run(handler, job["first"])
    blocks = []
    for events in job["blocks"]:
        gc.collect()
        cpu, wall, more = _run(handler, events)
        blocks.append([cpu, wall])
        answers += more
    result = {
        "cold_cpu_s": init_cpu + first_cpu,
        "cold_wall_s": init_wall + first_wall,
        "init_cpu_s": init_cpu,
        "first_wall_s": first_wall,
        "blocks": blocks,
        "answers": answers,
        "peak_kib": _peak_kib(),
    }
    with open(job["result"], "w") as file:  # noqa: PTH123 - pathlib is the handler's
        json.dump(result, file)


if __name__ == "__main__":
    _main()

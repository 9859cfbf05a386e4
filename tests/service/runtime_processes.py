"""The processes that run a function's code on this machine, to be killed."""

import os
import signal
from pathlib import Path


def kill_all(function_name: str) -> int:
    """Kill the function's processes without a warning; return how many there were."""
    pids = [
        int(directory.name)
        for directory in Path("/proc").glob("[0-9]*")
        if _runs(directory, function_name)
    ]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return len(pids)


def _runs(process: Path, function_name: str) -> bool:
    try:
        command = (process / "cmdline").read_bytes().split(b"\0")
        environment = (process / "environ").read_bytes().split(b"\0")
    except OSError:  # gone meanwhile, or not ours
        return False
    named = f"AWS_LAMBDA_FUNCTION_NAME={function_name}".encode()
    return b"awslambdaric" in command and named in environment

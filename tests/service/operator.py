"""The operator's commands, run as an operator runs them: in a process of their own."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass

from harness.environments import ROOT
from refund_stack.stack import RefundStack

TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    status: int
    output: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody with the credentials of the stack's account."""

    stack: RefundStack
    account_id: str

    def dlq(self, *arguments: str) -> Ended:
        """Run ``python -m harness dlq`` on the stack, to its end."""
        with self._start(*arguments) as process:
            output, _ = process.communicate(timeout=TIMEOUT_S)
            return Ended(process.returncode, output)

    def interrupted_dlq(self, *arguments: str, after: str) -> Ended:
        """Press Ctrl-C as soon as a line of the output begins with ``after``."""
        with self._start(*arguments) as process:
            assert process.stdout
            output = ""
            for line in process.stdout:
                output += line
                if line.startswith(after):
                    process.send_signal(signal.SIGINT)
                    break
            rest, _ = process.communicate(timeout=TIMEOUT_S)
            return Ended(process.returncode, output + rest)

    def _start(self, command: str, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "harness", "dlq", command, *options,
             "--stack", self.stack.name, "--region", self.stack.region,
             "--endpoint-url", self.stack.endpoint_url],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "tests"),
                "AWS_ACCESS_KEY_ID": self.account_id,
                "AWS_SECRET_ACCESS_KEY": "test",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip

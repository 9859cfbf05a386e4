"""The emulator of a run: begun, waited for, watched, and stopped or left.

Used where the run was started, which with xdist is the controller.
"""

import secrets
import sys
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from sam_harness import project
from sam_harness.deploying.deploy import Deployer
from sam_harness.emulator import choice, gate_client, ready, starting, unproven
from sam_harness.emulator.choice import Choice
from sam_harness.emulator.emulator import Emulator
from sam_harness.emulator.starting import LocalStack
from sam_harness.environments import progress
from sam_harness.errors import HarnessError
from sam_harness.pytest_plugin import watch

_FIRST_ACCOUNT = 100_000_000_000
_ACCOUNTS_OF_A_RUN = 1000


@dataclass(frozen=True, slots=True)
class RunEmulator:
    """A run's emulator; ``wait`` returns when it answers, or raises HarnessError."""

    emulator: Emulator
    chosen: Choice
    wait: Callable[[], object]
    first_account: int = _FIRST_ACCOUNT
    accounts: set[str] = field(default_factory=set)

    def account(self, worker: int) -> str:
        """Return the AWS account of a worker, 0 and up."""
        account = str(self.first_account + worker)
        self.accounts.add(account)
        return account

    def describe(self) -> str:
        """One line: which LocalStack this is, and why."""
        return f"{self.emulator.description} ({self.chosen.reason})"

    def allow_unproven(self, names: Collection[str]) -> None:
        """Let stacks have what the emulator drops, besides what the project allows."""
        if self.emulator.has_gate:
            unproven.allow(self.emulator.endpoint_url, names)

    def watch_gate(self, config: pytest.Config) -> None:
        """End the run where the gate fails, and write down what it decides."""
        if self.emulator.has_gate:
            shared = self.chosen.mode == choice.ATTACHED
            accounts = self.accounts if shared else None
            report = project.current().reports / watch.REPORT
            watching = watch.GateWatch(self.emulator.endpoint_url, report, accounts)
            config.pluginmanager.register(watching, watch.NAME)

    def tidy_up(self) -> None:
        """Leave nothing in an emulator that goes on: no stacks, which cost it time.

        Nor decisions of the gate, of which it keeps a limited number.
        """
        for account in self.accounts:
            # It has ended meanwhile, or is a foreign one without CloudFormation.
            with suppress(HarnessError, BotoCoreError, ClientError):
                _delete_stacks(self.emulator.session(account), account)
                if self.emulator.has_gate:
                    gate_client.clear(self.emulator.endpoint_url, account)


def begin(stopping: ExitStack, wanted: str, *, foreign: bool) -> RunEmulator:
    """Start LocalStack, which gets ready meanwhile, or attach to one.

    ``stopping`` gets what is to be done when the run has ended.

    Raises:
        HarnessError: it cannot be started or used.
    """
    chosen = choice.choose(wanted, progress, container=starting.container_is_possible)
    if chosen.mode == choice.ATTACHED:
        emulator = ready.attach(chosen.url, foreign=foreign)
        # Other runs use it, too, and may have used it before.
        first = _FIRST_ACCOUNT * 2 + secrets.randbelow(10**8) * _ACCOUNTS_OF_A_RUN
        held = RunEmulator(emulator, chosen, lambda: None, first)
        stopping.callback(held.tidy_up)
        return held
    began = time.monotonic()
    localstack = starting.begin(chosen.mode, progress)
    stopping.callback(_stop, localstack)
    return RunEmulator(localstack.emulator, chosen, _waiting(localstack, began))


def _waiting(localstack: LocalStack, began: float) -> Callable[[], object]:
    """Begin to wait for LocalStack, and return what goes on with that to its end."""

    def wait() -> None:
        localstack.wait_until_ready()
        progress(f"LocalStack started in {time.monotonic() - began:.1f} s")

    executor = ThreadPoolExecutor(1, "localstack")
    waiting = executor.submit(wait)
    executor.shutdown(wait=False)
    return waiting.result


def _delete_stacks(session: boto3.Session, account: str) -> None:
    listed = session.client("cloudformation").describe_stacks()["Stacks"]
    deployer = Deployer(session, account)
    for stack in listed:
        if not stack["StackStatus"].startswith("DELETE_"):
            deployer.delete(stack["StackName"])


def _stop(localstack: LocalStack) -> None:
    began = time.monotonic()
    localstack.stop()
    said = f"sam-harness: LocalStack stopped in {time.monotonic() - began:.1f} s"
    print(said, file=sys.stderr, flush=True)

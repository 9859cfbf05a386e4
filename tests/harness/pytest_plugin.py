"""pytest plugin: one LocalStack for the whole run, also with ``-n``.

Loaded by ``pytest_plugins = ["harness.pytest_plugin"]`` in the conftest.py of the
directory that pytest is called with. The process that was started by the user starts
LocalStack; xdist's workers are told where it is, and each has an account of its own.
With ``--keep-emulator`` LocalStack stays for the next run, which gets other accounts.
"""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from harness import pytest_gate, pytest_mode, pytest_phases, pytest_sigterm
from harness.emulator import choice, kept
from harness.emulator.kept_lease import Lease
from harness.emulator.reachable import Emulator
from harness.errors import HarnessError
from harness.pytest_gate import GateWatch
from harness.pytest_log import LogOfTest
from harness.pytest_mode import TestsOfMode

KNOWN = (choice.AUTO, *choice.MODES)
WORKER_INPUT = "harness_emulator"
WORKER_ACCOUNT = "harness_account"
FIRST_ACCOUNT = 100_000_000_000
_chosen = pytest.StashKey[choice.Choice]()
_emulator = pytest.StashKey[Emulator]()
_lease = pytest.StashKey[Lease]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--emulator`` and ``--keep-emulator``."""
    group = parser.getgroup("harness")
    group.addoption(
        "--keep-emulator",
        action="store_true",
        help="use the embedded LocalStack that an earlier run has kept, or start one, "
        f"and keep it; it ends when it was not used for {kept.IDLE_S / 60:.0f} minutes,"
        " or by `python -m harness emulator stop`",
    )
    group.addoption(
        "--emulator",
        choices=KNOWN,
        help="how to run LocalStack; default: EMULATOR of the environment, or auto "
        "(a container where a Docker engine answers, else embedded)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the mode, or take over what xdist's controller started."""
    config.pluginmanager.register(pytest_phases.Phases(config), pytest_phases.NAME)
    config.addinivalue_line("markers", pytest_mode.DESCRIPTION)
    if told := _worker_input(config):
        _use(config, Emulator.from_fields(told[WORKER_INPUT]))
    elif _wanted(config) not in KNOWN:
        known = ", ".join(KNOWN)
        raise pytest.UsageError(f"EMULATOR={_wanted(config)}: choose one of {known}")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start LocalStack, before the header is written and the workers are started."""
    config = session.config
    if _worker_input(config) or config.option.collectonly:
        return
    pytest_sigterm.end_on_sigterm(config)
    try:
        config.stash[_chosen] = chosen = choice.choose(
            _wanted(config), _progress, container=choice.container_is_possible
        )
        if config.option.keep_emulator:
            _take(config, chosen.mode)
        else:
            _start(config, chosen.mode)
    except HarnessError as error:
        pytest.exit(f"no LocalStack, no tests: {error}", returncode=1)


def _start(config: pytest.Config, mode: str) -> None:
    with pytest_phases.measured(config, "LocalStack started"):
        started = choice.start(mode, _progress)
    config.add_cleanup(partial(_stop, started.stop))
    _use(config, started.emulator)
    watch = GateWatch(started.emulator.endpoint_url)
    config.pluginmanager.register(watch, pytest_gate.NAME)


def _use(config: pytest.Config, emulator: Emulator) -> None:
    config.stash[_emulator] = emulator
    config.pluginmanager.register(LogOfTest(emulator))
    config.pluginmanager.register(TestsOfMode(emulator.mode))


def _stop(stop: Callable[[], None]) -> None:
    began = time.monotonic()
    stop()
    said = f"harness: LocalStack stopped in {time.monotonic() - began:.1f} s"
    print(said, file=sys.stderr, flush=True)


def _take(config: pytest.Config, mode: str) -> None:
    if mode != choice.EMBEDDED:
        raise HarnessError(
            "--keep-emulator keeps an embedded LocalStack, and this one would be in a "
            f"{mode}: add --emulator embedded"
        )
    with pytest_phases.measured(config, "kept LocalStack taken"):
        config.stash[_lease] = lease = kept.take(_progress)
    config.add_cleanup(lease.release)
    _use(config, lease.emulator)
    lease.account(0)
    watch = GateWatch(lease.emulator.endpoint_url, accounts=lease.accounts)
    config.pluginmanager.register(watch, pytest_gate.NAME)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist is untyped
    """Tell an xdist worker where LocalStack is."""
    config = node.config
    node.workerinput[WORKER_INPUT] = config.stash[_emulator].to_fields()
    number = int(node.workerinput["workerid"].removeprefix("gw"))
    node.workerinput[WORKER_ACCOUNT] = _account(config, number)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which LocalStack this is, since when, and why."""
    if _worker_input(config):
        return []
    if not (emulator := config.stash.get(_emulator, None)):
        return ["emulator: none, nothing is run"]
    chosen = config.stash[_chosen]
    started = pytest_phases.text(config)
    return [f"emulator: {emulator.describe()} ({chosen.reason}; {started})"]


def emulator_of(config: pytest.Config) -> Emulator | None:
    """Return the LocalStack of a run, as other plugins need it; None: not started."""
    return config.stash.get(_emulator, None)


@pytest.fixture(scope="session")
def emulator(pytestconfig: pytest.Config) -> Emulator:
    """Return the LocalStack of this run."""
    return pytestconfig.stash[_emulator]


@pytest.fixture(scope="session")
def account_id(pytestconfig: pytest.Config) -> str:
    """Return the AWS account of this xdist worker; nobody else uses it."""
    told = _worker_input(pytestconfig)
    return str(told[WORKER_ACCOUNT]) if told else _account(pytestconfig, 0)


def _account(config: pytest.Config, worker: int) -> str:
    """Return the account of a worker; without xdist there is but one, 0."""
    if lease := config.stash.get(_lease, None):
        return lease.account(worker)
    return str(FIRST_ACCOUNT + worker)


def _wanted(config: pytest.Config) -> str:
    wanted = config.getoption("emulator") or os.environ.get("EMULATOR")
    return str(wanted or choice.AUTO)


def _progress(text: str) -> None:
    print(f"harness: {text} …", file=sys.stderr, flush=True)


def _worker_input(config: pytest.Config) -> dict[str, Any]:
    found: dict[str, Any] = getattr(config, "workerinput", {})
    return found

"""pytest plugin: one LocalStack for the whole run, also for all workers of xdist.

Loaded by ``pytest_plugins = ["harness.pytest_plugin"]`` in the conftest.py of the
directory that pytest is called with. LocalStack is there before the tests run; each
worker has an account of its own.
"""

import os
from dataclasses import asdict
from typing import Any, NoReturn

import pytest

from harness import pytest_gate, pytest_localstack, pytest_mode, pytest_signals
from harness.emulator import choice
from harness.emulator.reachable import Emulator
from harness.errors import HarnessError
from harness.pytest_localstack import Given
from harness.pytest_log import LogOfTest
from harness.pytest_mode import TestsOfMode

KNOWN = (choice.AUTO, *choice.MODES)
# Under these names a worker of xdist is told its emulator and its account.
_TOLD_EMULATOR, _TOLD_ACCOUNT = "harness-emulator", "harness-account"
_chosen = pytest.StashKey[choice.Choice]()
_emulator = pytest.StashKey[Emulator]()
_given = pytest.StashKey[Given]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--emulator``."""
    group = parser.getgroup("harness")
    group.addoption(
        "--emulator",
        choices=KNOWN,
        help="how to run LocalStack; default: EMULATOR of the environment, or auto "
        "(a container where a Docker engine answers, else embedded)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Look at what is wanted, before anything is started."""
    config.addinivalue_line("markers", pytest_mode.DESCRIPTION)
    if _wanted(config) not in KNOWN:
        known = ", ".join(KNOWN)
        raise pytest.UsageError(f"EMULATOR={_wanted(config)}: choose one of {known}")
    if not config.option.collectonly:
        pytest_signals.end_on_signals(config)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start LocalStack, before the header is written and xdist's workers are made.

    It gets ready while the tests are collected.
    """
    config = session.config
    if config.option.collectonly:
        return
    if told := _told(config):
        _use(config, Emulator(**told[_TOLD_EMULATOR]))
        return
    try:
        config.stash[_chosen] = chosen = choice.choose(
            _wanted(config),
            pytest_localstack.progress,
            container=choice.container_is_possible,
        )
        given = pytest_localstack.start(config, chosen.mode)
    except HarnessError as error:
        _give_up(error)
    config.stash[_given] = given
    _use(config, given.emulator)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist is untyped
    """Tell a worker of xdist where LocalStack is, and its account."""
    given = node.config.stash[_given]
    number = int(node.workerinput["workerid"].removeprefix("gw"))
    node.workerinput[_TOLD_EMULATOR] = asdict(given.emulator)
    node.workerinput[_TOLD_ACCOUNT] = given.account(number)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Go on once LocalStack is ready, and watch its gate from then on."""
    if given := session.config.stash.get(_given, None):
        try:
            given.wait()
        except HarnessError as error:
            _give_up(error)
        session.config.pluginmanager.register(given.watch, pytest_gate.NAME)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which LocalStack this is, and why."""
    if _told(config):
        return []
    if not (emulator := config.stash.get(_emulator, None)):
        return ["emulator: none, nothing is run"]
    return [f"emulator: {emulator.describe()} ({config.stash[_chosen].reason})"]


def emulator_of(config: pytest.Config) -> Emulator | None:
    """Return the LocalStack of a run, as other plugins need it; None: not started."""
    return config.stash.get(_emulator, None)


@pytest.fixture(scope="session")
def emulator(pytestconfig: pytest.Config) -> Emulator:
    """Return the LocalStack of this run."""
    return pytestconfig.stash[_emulator]


@pytest.fixture(scope="session")
def account_id(pytestconfig: pytest.Config) -> str:
    """Return the AWS account of this worker; no other one uses it."""
    told = _told(pytestconfig)
    return str(told[_TOLD_ACCOUNT]) if told else pytestconfig.stash[_given].account(0)


def _use(config: pytest.Config, emulator: Emulator) -> None:
    config.stash[_emulator] = emulator
    config.pluginmanager.register(LogOfTest(emulator))
    config.pluginmanager.register(TestsOfMode(emulator.mode))


def _give_up(error: HarnessError) -> NoReturn:
    pytest.exit(f"no LocalStack, no tests: {error}", returncode=1)


def _told(config: pytest.Config) -> dict[str, Any]:
    """Return what the controller has told this worker; empty: it is no worker."""
    told: dict[str, Any] = getattr(config, "workerinput", {})
    return told


def _wanted(config: pytest.Config) -> str:
    wanted = config.getoption("emulator") or os.environ.get("EMULATOR")
    return str(wanted or choice.AUTO)

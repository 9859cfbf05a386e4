"""pytest plugin: one LocalStack for the whole run, also with ``--forks``.

Loaded by ``pytest_plugins = ["harness.pytest_plugin"]`` in the conftest.py of the
directory that pytest is called with. LocalStack is there before the tests run; each
process that runs some has an account of its own. With ``--keep-emulator`` LocalStack
stays for the next run, which gets other accounts.
"""

import os
from typing import NoReturn

import pytest

from harness import (
    pytest_gate,
    pytest_localstack,
    pytest_mode,
    pytest_phases,
    pytest_signals,
)
from harness.emulator import choice, kept
from harness.emulator.reachable import Emulator
from harness.errors import HarnessError
from harness.forks.worker import number_of
from harness.pytest_localstack import Given
from harness.pytest_log import LogOfTest
from harness.pytest_mode import TestsOfMode

KNOWN = (choice.AUTO, *choice.MODES)
pytest_plugins = ["harness.forks.pytest_plugin"]
_chosen = pytest.StashKey[choice.Choice]()
_emulator = pytest.StashKey[Emulator]()
_given = pytest.StashKey[Given]()


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


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Look at what is wanted, before anything is started."""
    config.pluginmanager.register(pytest_phases.Phases(), pytest_phases.NAME)
    config.addinivalue_line("markers", pytest_mode.DESCRIPTION)
    if _wanted(config) not in KNOWN:
        known = ", ".join(KNOWN)
        raise pytest.UsageError(f"EMULATOR={_wanted(config)}: choose one of {known}")
    if not config.option.collectonly:
        pytest_signals.end_on_signals(config)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start LocalStack, before the header is written.

    It gets ready while the tests are collected.
    """
    config = session.config
    if config.option.collectonly:
        return
    try:
        config.stash[_chosen] = chosen = choice.choose(
            _wanted(config),
            pytest_localstack.progress,
            container=choice.container_is_possible,
        )
        keep = config.option.keep_emulator
        get = pytest_localstack.take if keep else pytest_localstack.start
        config.stash[_given] = given = get(config, chosen.mode)
    except HarnessError as error:
        _give_up(error)
    config.stash[_emulator] = given.emulator
    config.pluginmanager.register(LogOfTest(given.emulator))
    config.pluginmanager.register(TestsOfMode(given.emulator.mode))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Go on once LocalStack is ready, and watch its gate from then on."""
    if given := session.config.stash.get(_given, None):
        try:
            given.wait()
        except HarnessError as error:
            _give_up(error)
        session.config.pluginmanager.register(given.watch, pytest_gate.NAME)


def pytest_forks_begin(config: pytest.Config) -> None:
    """Leave it to the first process to watch the gate."""
    config.pluginmanager.unregister(name=pytest_gate.NAME)


def _give_up(error: HarnessError) -> NoReturn:
    pytest.exit(f"no LocalStack, no tests: {error}", returncode=1)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which LocalStack this is, since when, and why."""
    if not (emulator := config.stash.get(_emulator, None)):
        return ["emulator: none, nothing is run"]
    chosen = config.stash[_chosen]
    said = [chosen.reason, *filter(None, [pytest_phases.text(config)])]
    return [f"emulator: {emulator.describe()} ({'; '.join(said)})"]


def emulator_of(config: pytest.Config) -> Emulator | None:
    """Return the LocalStack of a run, as other plugins need it; None: not started."""
    return config.stash.get(_emulator, None)


@pytest.fixture(scope="session")
def emulator(pytestconfig: pytest.Config) -> Emulator:
    """Return the LocalStack of this run."""
    return pytestconfig.stash[_emulator]


@pytest.fixture(scope="session")
def account_id(pytestconfig: pytest.Config) -> str:
    """Return the AWS account of this process; nobody else uses it."""
    return pytestconfig.stash[_given].accounts[number_of(pytestconfig)]


def _wanted(config: pytest.Config) -> str:
    wanted = config.getoption("emulator") or os.environ.get("EMULATOR")
    return str(wanted or choice.AUTO)

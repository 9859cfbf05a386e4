"""pytest plugin: one LocalStack for the whole run, also with ``-n``.

Loaded by ``pytest_plugins = ["harness.pytest_plugin"]`` in the conftest.py of the
directory that pytest is called with. The process that was started by the user starts
LocalStack; xdist's workers are told where it is, and each has an account of its own.
With ``--keep-emulator`` LocalStack stays for the next run, which gets other accounts.
"""

import os
from typing import Any, NoReturn

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
from harness.pytest_localstack import Given
from harness.pytest_log import LogOfTest
from harness.pytest_mode import TestsOfMode

KNOWN = (choice.AUTO, *choice.MODES)
WORKER_INPUT = "harness_emulator"
WORKER_ACCOUNT = "harness_account"
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
    """Choose the mode, or take over what xdist's controller started."""
    config.pluginmanager.register(pytest_phases.Phases(config), pytest_phases.NAME)
    config.addinivalue_line("markers", pytest_mode.DESCRIPTION)
    if told := _worker_input(config):
        _use(config, Emulator.from_fields(told[WORKER_INPUT]))
    elif _wanted(config) not in KNOWN:
        known = ", ".join(KNOWN)
        raise pytest.UsageError(f"EMULATOR={_wanted(config)}: choose one of {known}")
    elif not config.option.collectonly:  # before anything is started
        pytest_signals.end_on_signals(config)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start LocalStack, before the header is written and the workers are started.

    It gets ready while they collect the tests.
    """
    config = session.config
    if _worker_input(config) or config.option.collectonly:
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
    _use(config, given.emulator)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Go on once LocalStack is ready, and watch its gate from then on."""
    if given := session.config.stash.get(_given, None):
        try:
            given.wait()
        except HarnessError as error:
            _give_up(error)
        session.config.pluginmanager.register(given.watch, pytest_gate.NAME)


def _give_up(error: HarnessError) -> NoReturn:
    pytest.exit(f"no LocalStack, no tests: {error}", returncode=1)


def _use(config: pytest.Config, emulator: Emulator) -> None:
    config.stash[_emulator] = emulator
    config.pluginmanager.register(LogOfTest(emulator))
    config.pluginmanager.register(TestsOfMode(emulator.mode))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist is untyped
    """Tell an xdist worker where LocalStack is."""
    config = node.config
    node.workerinput[WORKER_INPUT] = config.stash[_emulator].to_fields()
    number = int(node.workerinput["workerid"].removeprefix("gw"))
    node.workerinput[WORKER_ACCOUNT] = config.stash[_given].account(number)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which LocalStack this is, since when, and why."""
    if _worker_input(config):
        return []
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
    """Return the AWS account of this xdist worker; nobody else uses it."""
    told = _worker_input(pytestconfig)
    # Without xdist there is but one, 0.
    return str(told[WORKER_ACCOUNT]) if told else pytestconfig.stash[_given].account(0)


def _wanted(config: pytest.Config) -> str:
    wanted = config.getoption("emulator") or os.environ.get("EMULATOR")
    return str(wanted or choice.AUTO)


def _worker_input(config: pytest.Config) -> dict[str, Any]:
    found: dict[str, Any] = getattr(config, "workerinput", {})
    return found

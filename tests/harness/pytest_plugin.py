"""pytest plugin: one LocalStack for the whole run, also with ``-n``.

Loaded by ``pytest_plugins = ["harness.pytest_plugin"]`` in the conftest.py of the
directory that pytest is called with. The process that was started by the user starts
LocalStack; xdist's workers are told where it is, and each has an account of its own.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Generator
from functools import partial
from types import FrameType
from typing import Any

import pytest

from harness.emulator import choice
from harness.emulator.reachable import Emulator
from harness.errors import HarnessError
from harness.pytest_gate import GateWatch

MARKER = "emulator_mode"
LOG_LINES = 100
KNOWN = (choice.AUTO, *choice.MODES)
WORKER_INPUT = "harness_emulator"
_chosen = pytest.StashKey[choice.Choice]()
_emulator = pytest.StashKey[Emulator]()
_start_s = pytest.StashKey[float]()
_log_begin = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--emulator``."""
    parser.getgroup("harness").addoption(
        "--emulator",
        choices=KNOWN,
        help="how to run LocalStack; default: EMULATOR of the environment, or auto "
        "(a container where a Docker engine answers, else embedded)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the mode, or take over what xdist's controller started."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(mode, *, reason): only for one way of running LocalStack",
    )
    if told := _worker_input(config):
        config.stash[_emulator] = emulator = Emulator.from_fields(told[WORKER_INPUT])
        config.stash[_chosen] = choice.Choice(emulator.mode, "the controller's choice")
    elif _wanted(config) not in KNOWN:
        known = ", ".join(KNOWN)
        raise pytest.UsageError(f"EMULATOR={_wanted(config)}: choose one of {known}")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start LocalStack, before the header is written and the workers are started."""
    config = session.config
    if _worker_input(config) or config.option.collectonly:
        return
    before = signal.signal(signal.SIGTERM, _exit_on_signal)
    config.add_cleanup(partial(_restore, before))
    try:
        config.stash[_chosen] = chosen = choice.choose(
            _wanted(config), _progress, container=choice.container_is_possible
        )
        began = time.monotonic()
        started = choice.start(chosen.mode, _progress)
    except HarnessError as error:
        pytest.exit(f"no LocalStack, no tests: {error}", returncode=1)
    config.add_cleanup(started.stop)
    config.stash[_start_s] = time.monotonic() - began
    config.stash[_emulator] = started.emulator
    config.pluginmanager.register(GateWatch(started.emulator.endpoint_url))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist is untyped
    """Tell an xdist worker where LocalStack is."""
    node.workerinput[WORKER_INPUT] = node.config.stash[_emulator].to_fields()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which LocalStack this is, since when, and why."""
    if _worker_input(config):
        return []
    if not (emulator := config.stash.get(_emulator, None)):
        return ["emulator: none, nothing is run"]
    chosen = config.stash[_chosen]
    started = f"started in {config.stash[_start_s]:.1f} s"
    deselected = [
        f"emulator: tests marked {MARKER}({mode!r}) are deselected"
        for mode in choice.MODES
        if mode != chosen.mode
    ]
    return [
        f"emulator: {emulator.describe()} ({chosen.reason}; {started})",
        *deselected,
    ]


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Deselect the tests that are about the other way of running LocalStack."""
    if not (chosen := config.stash.get(_chosen, None)):
        return
    others = {item for item in items if _mode_of(item) not in {None, chosen.mode}}
    if others:
        config.hook.pytest_deselected(items=[i for i in items if i in others])
        items[:] = [item for item in items if item not in others]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(
    item: pytest.Item,
) -> Generator[None, object, object]:
    """Remember where the log stands when a test begins."""
    if emulator := item.config.stash.get(_emulator, None):
        item.stash[_log_begin] = emulator.log_path.stat().st_size
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach what LocalStack logged during a failing test to its report."""
    report = yield
    if report.failed and (emulator := item.config.stash.get(_emulator, None)):
        lines = emulator.log_text(item.stash[_log_begin]).splitlines() or ["(nothing)"]
        left_out = max(len(lines) - LOG_LINES, 0)
        title = f"LocalStack's log during the {report.when}"
        if left_out:
            title += f" (the last {LOG_LINES} lines; {left_out} before them)"
        report.sections.append((title, "\n".join(lines[-LOG_LINES:])))
    return report


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
    number = int(told["workerid"].removeprefix("gw")) if told else 0
    return str(100_000_000_000 + number)


def _mode_of(item: pytest.Item) -> str | None:
    """Return the only mode that a test is meant for; None: both."""
    if not (marker := item.get_closest_marker(MARKER)):
        return None
    if not marker.kwargs.get("reason") or marker.args not in {
        (m,) for m in choice.MODES
    }:
        raise pytest.UsageError(
            f"{item.nodeid}: {MARKER} takes one of {choice.MODES} and a reason"
        )
    mode: str = marker.args[0]
    return mode


def _wanted(config: pytest.Config) -> str:
    wanted = config.getoption("emulator") or os.environ.get("EMULATOR")
    return str(wanted or choice.AUTO)


def _progress(text: str) -> None:
    print(f"harness: {text} …", file=sys.stderr, flush=True)


def _worker_input(config: pytest.Config) -> dict[str, Any]:
    found: dict[str, Any] = getattr(config, "workerinput", {})
    return found


def _restore(handler: Callable[[int, FrameType | None], Any] | int | None) -> None:
    signal.signal(signal.SIGTERM, handler)


def _exit_on_signal(number: int, _frame: object) -> None:
    name = signal.Signals(number).name
    pytest.exit(f"{name} was received", returncode=128 + number)

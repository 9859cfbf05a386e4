"""Options and hooks: when a run's emulator begins, and how xdist's workers learn of it.

A run has an emulator where ``--emulator`` is given (then it starts while the tests are
collected) or, else, where a collected test uses the fixture `emulator`. Workers of
xdist share the one of the controller, which does not collect: with ``-n`` it takes
``--emulator``. Each worker has an AWS account of its own.
"""

import argparse
import os
import signal
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from sam_harness import project
from sam_harness.emulator import choice
from sam_harness.errors import HarnessError
from sam_harness.pytest_plugin import selection

if TYPE_CHECKING:
    from sam_harness.emulator.emulator import Emulator
    from sam_harness.pytest_plugin.run_emulator import RunEmulator

pytest_plugins = ["sam_harness.pytest_plugin.fixtures"]
KINDS = f"{choice.AUTO}, {choice.CONTAINER}, {choice.EMBEDDED}, or http://HOST:PORT"
_held: "pytest.StashKey[RunEmulator]" = pytest.StashKey()
_emulator: "pytest.StashKey[Emulator]" = pytest.StashKey()
_status: pytest.StashKey[int] = pytest.StashKey()
# Under these names a worker of xdist is told its emulator and its account.
_TOLD_EMULATOR, _TOLD_ACCOUNT = "harness-emulator", "harness-account"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("harness")
    group.addoption(
        "--emulator",
        type=_kind,
        metavar="KIND",
        help=f"{KINDS} of a LocalStack that is running already; default (without -n): "
        "EMULATOR of the environment, or auto (a container where a Docker engine "
        "answers, else embedded)",
    )
    group.addoption(
        "--foreign-emulator",
        action="store_true",
        help="the running LocalStack is not the harness's: leave out what needs its "
        "IAM gate, and list that",
    )
    group.addoption(
        "--allow-unproven",
        action="append",
        default=[],
        metavar="NAME",
        help="a type, a Type.Property or a logical id that the emulator may drop, "
        "besides allow-unproven of pyproject.toml; may be repeated",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Add the markers, and what conftest.py may tell is not provable."""
    try:
        project.work_on(config.rootpath)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error
    for description in selection.MARKERS:
        config.addinivalue_line("markers", description)
    config.pluginmanager.register(selection.NotProvable(), selection.NAME)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Return the exit status that a shell expects of a run that SIGTERM has ended."""
    status = yield
    return config.stash.get(_status, status)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin with the emulator, before the header is written and workers are made."""
    config = session.config
    if told := _told(config):
        if _TOLD_EMULATOR in told:
            from sam_harness.emulator.emulator import Emulator  # noqa: PLC0415 - heavy

            end_on_signals(config)
            _use(config, Emulator(**told[_TOLD_EMULATOR]))
    elif config.option.emulator:
        _begin(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist is untyped
    """Tell a worker of xdist its emulator and its account."""
    if held := node.config.stash.get(_held, None):
        number = int(node.workerinput["workerid"].removeprefix("gw"))
        node.workerinput[_TOLD_EMULATOR] = asdict(held.emulator)
        node.workerinput[_TOLD_ACCOUNT] = held.account(number)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Begin with the emulator if a test uses it; deselect what it cannot show."""
    needed = any("emulator" in getattr(item, "fixturenames", ()) for item in items)
    if needed and not (_held in config.stash or _told(config)):
        _begin(config)
        # The header is out already.
        for line in pytest_report_header(config):
            config.get_terminal_writer().line(line)
    if emulator := emulator_of(config):
        selection.select(config, items, emulator)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Go on once the emulator is ready, and watch its gate from then on."""
    if held := session.config.stash.get(_held, None):
        try:
            held.wait()
            held.allow_unproven(session.config.option.allow_unproven)
        except HarnessError as error:
            _give_up(error)
        held.watch_gate(session.config)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """List what the emulator has dropped of this worker's stacks."""
    config = session.config
    emulator = emulator_of(config)
    if not emulator:
        return
    # Beside workers of xdist the controller's account has no stacks.
    selection.not_provable(config).update(dict.fromkeys(_unproven(config, emulator), 0))


def _unproven(config: pytest.Config, emulator: "Emulator") -> list[str]:
    from sam_harness.emulator import unproven  # noqa: PLC0415 - heavy

    if not emulator.has_gate:
        return ["what this emulator makes of each property: it does not tell"]
    try:
        return unproven.lines(emulator.endpoint_url, account_of(config))
    except HarnessError as error:
        return [f"what the emulator has dropped: {error}"]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which emulator this is, and why."""
    held = config.stash.get(_held, None)
    return [f"emulator: {held.describe()}"] if held else []


def emulator_of(config: pytest.Config) -> "Emulator | None":
    """Return the emulator of a run, as other plugins need it; None: it has none."""
    return config.stash.get(_emulator, None)


def account_of(config: pytest.Config) -> str:
    """Return the AWS account of this worker, or of the run without workers."""
    told = _told(config)
    return str(told[_TOLD_ACCOUNT]) if told else config.stash[_held].account(0)


def _begin(config: pytest.Config) -> None:
    if config.option.collectonly:
        return
    from sam_harness.pytest_plugin import run_emulator  # noqa: PLC0415 - heavy

    wanted = config.option.emulator or os.environ.get("EMULATOR") or choice.AUTO
    foreign = config.option.foreign_emulator
    if not choice.is_known(wanted):
        raise pytest.UsageError(f"EMULATOR={wanted}: it is one of {KINDS}")
    if foreign and not wanted.startswith("http://"):
        raise pytest.UsageError("--foreign-emulator needs --emulator http://HOST:PORT")
    # Undone in the opposite order: a signal while LocalStack stops ends it and the run.
    stopping = ExitStack()
    config.add_cleanup(stopping.close)
    end_on_signals(config)
    try:
        config.stash[_held] = held = run_emulator.begin(
            stopping, wanted, foreign=foreign
        )
    except HarnessError as error:
        _give_up(error)
    _use(config, held.emulator)


def _use(config: pytest.Config, emulator: "Emulator") -> None:
    from sam_harness.pytest_plugin import watch  # noqa: PLC0415 - heavy

    config.stash[_emulator] = emulator
    if emulator.log:
        config.pluginmanager.register(watch.LogOfTest(emulator))


def end_on_signals(config: pytest.Config) -> None:
    """Take SIGTERM and SIGINT for the end of the run, until ``config`` is cleaned up.

    A shell has SIGINT ignored by what it starts with &, and so would be all that the
    run starts in turn.
    """

    def terminate(number: int, _frame: object) -> None:
        config.stash[_status] = 128 + number
        # Not by pytest.exit: pytest itself ignores an Exception in some places.
        raise KeyboardInterrupt(f"{signal.Signals(number).name} was received")

    handlers = {signal.SIGTERM: terminate, signal.SIGINT: signal.default_int_handler}
    restoring = ExitStack()
    config.add_cleanup(restoring.close)
    for number, handler in handlers.items():
        restoring.callback(signal.signal, number, signal.signal(number, handler))


def _give_up(error: HarnessError) -> NoReturn:
    pytest.exit(f"no LocalStack, no tests: {error}", returncode=1)


def _told(config: pytest.Config) -> dict[str, Any]:
    """Return what the controller has told this worker; empty: it is no worker."""
    told: dict[str, Any] = getattr(config, "workerinput", {})
    return told


def _kind(text: str) -> str:
    if not choice.is_known(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {KINDS}")
    return text

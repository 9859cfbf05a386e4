"""Which tests an emulator cannot show anything with, and telling so after the run."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from sam_harness import project
from sam_harness.emulator import choice

if TYPE_CHECKING:
    from sam_harness.emulator.emulator import Emulator

MODE, GATE = "emulator_mode", "needs_gate"
MARKERS = (
    f"{MODE}(mode, *, reason): only for one way of running LocalStack",
    f"{GATE}(*, reason): only for a LocalStack with our IAM gate in it",
)
# A test that asks for the gate's decisions needs the gate without being marked.
_GATE_FIXTURE = "gate_decisions"
NAME = "harness-not-provable"
REPORT = "not-provable.json"
_UNKNOWN_LOG = "what LocalStack logs during a failing test: its log is unknown"


class NotProvable:
    """What the run cannot show, by reason, with the number of tests deselected for it.

    Workers of xdist all collect the same tests; they tell the controller.
    """

    def __init__(self) -> None:
        self.reasons: dict[str, int] = {}

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the controller."""
        if output := getattr(session.config, "workeroutput", None):
            output[NAME] = self.reasons

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - xdist is untyped
        """Take over what a worker has told; one that crashed tells nothing."""
        self.reasons |= getattr(node, "workeroutput", {}).get(NAME, {})

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """List it, and keep the list beside the other reports of the run."""
        if self.reasons and not hasattr(terminalreporter.config, "workerinput"):
            terminalreporter.section("not provable here")
            for reason, count in sorted(self.reasons.items()):
                deselected = f" ({count} tests deselected)" if count else ""
                terminalreporter.line(reason + deselected)
            reports = project.current().reports
            reports.mkdir(parents=True, exist_ok=True)
            (reports / REPORT).write_text(json.dumps(sorted(self.reasons)), "utf-8")


def not_provable(config: pytest.Config) -> dict[str, int]:
    """Return what the summary will list; a project's conftest.py may add to it."""
    plugin = config.pluginmanager.get_plugin(NAME)
    assert isinstance(plugin, NotProvable)
    return plugin.reasons


def select(
    config: pytest.Config, items: list[pytest.Item], emulator: "Emulator"
) -> None:
    """Deselect the tests that this emulator can show nothing with."""
    reasons = not_provable(config)
    if not emulator.log:
        reasons.setdefault(_UNKNOWN_LOG, 0)
    why_not = {item: _why_not(item, emulator) for item in items}
    for reason in filter(None, why_not.values()):
        reasons[reason] = reasons.get(reason, 0) + 1
    if others := [item for item in items if why_not[item]]:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if not why_not[item]]


def _why_not(item: pytest.Item, emulator: "Emulator") -> str | None:
    """Return why a test can show nothing with this emulator; None: it can."""
    mode, reason = _only_mode(item)
    if mode not in {None, emulator.mode}:
        return f"only with emulator mode {mode}: {reason}"
    if emulator.has_gate:
        return None
    if marker := item.get_closest_marker(GATE):
        if not marker.kwargs.get("reason"):
            raise pytest.UsageError(f"{item.nodeid}: {GATE} takes a reason")
        return f"only with an IAM gate: {marker.kwargs['reason']}"
    if _GATE_FIXTURE in getattr(item, "fixturenames", ()):
        return "only with an IAM gate: it tells what was decided"
    return None


def _only_mode(item: pytest.Item) -> tuple[str | None, str]:
    """Return the only mode that a test is meant for, and why; None: any."""
    if not (marker := item.get_closest_marker(MODE)):
        return None, ""
    reason = marker.kwargs.get("reason")
    if not reason or marker.args not in {(mode,) for mode in choice.MODES}:
        raise pytest.UsageError(
            f"{item.nodeid}: {MODE} takes one of {choice.MODES} and a reason"
        )
    return marker.args[0], reason

"""What Step Functions refuses of the ways between states. Imports nothing foreign.

https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-state-machine-structure.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

type Said = Mapping[str, Any]

_EVERY_ERROR = "States.ALL"
# What goes on by its choices, or ends the machine.
_NEITHER = {"Choice", "Succeed", "Fail"}


def problems(machine: Said, at: str = "") -> Iterator[str]:
    """Yield what is wrong with a machine, and with those inside its states."""
    states, reached = machine.get("States") or {}, [machine.get("StartAt")]
    wrong = [name for name, one in states.items() if not isinstance(one, Mapping)]
    for name in wrong:
        yield (
            "SCHEMA_VALIDATION_FAILED: No state, which is an object, but a value: move "
            f"it out of States at {at}/States/{name}"
        )
    if wrong:
        return
    for name in reached:
        for target in _targets(states.get(name) or {}):
            if target not in reached:
                reached.append(target)
    for name in reached:
        if name not in states:
            yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {name} at {at}"
    for name, state in states.items():
        here = f"{at}/States/{name}"
        if name not in reached:
            yield (
                f'MISSING_TRANSITION_TARGET: State "{name}" is not reachable. at {here}'
            )
        yield from _of_state(state, here)


def _of_state(state: Said, here: str) -> Iterator[str]:
    ends = ("Next" in state) + bool(state.get("End"))
    if state.get("Type") not in _NEITHER and ends != 1:
        yield f"SCHEMA_VALIDATION_FAILED: One of Next and End is required at {here}"
    for kind in ("Retry", "Catch"):
        for later, caught in enumerate(reversed(state.get(kind) or ())):
            errors = caught.get("ErrorEquals") or ()
            if _EVERY_ERROR in errors and (later or len(errors) > 1):
                yield (
                    f"SCHEMA_VALIDATION_FAILED: {_EVERY_ERROR} must appear alone and "
                    f"at the end of the list at {here}/{kind}"
                )
    inner = [state.get("Iterator"), state.get("ItemProcessor")]
    for machine in (*(state.get("Branches") or ()), *filter(None, inner)):
        yield from problems(machine, here)


def _targets(state: Said) -> Iterator[str]:
    yield from (state[name] for name in ("Next", "Default") if name in state)
    for kind in ("Choices", "Catch"):
        yield from (one["Next"] for one in state.get(kind) or () if "Next" in one)

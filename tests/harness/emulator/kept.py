"""A LocalStack that outlives the run: found and checked, or started anew."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.emulator import kept_lease, kept_start, kept_state
from harness.emulator.kept_lease import Lease
from harness.emulator.kept_state import HOME, State
from harness.emulator.localstack_environment import SERVICES
from harness.emulator.reachable import Emulator
from harness.emulator.readiness import wait_until_ready
from harness.errors import HarnessError
from harness.polling import wait_until

IDLE_S = 30 * 60.0
STOP_TIMEOUT_S = 30.0
ANSWER_TIMEOUT_S = 5.0
# What runs leave behind in memory is not much, but it adds up.
MANY_RUNS = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """The LocalStack to keep; unused for ``idle_s`` it ends."""

    key: str = field(default_factory=kept_state.key)
    services: tuple[str, ...] = SERVICES
    idle_s: float = IDLE_S


def take(
    on_progress: Callable[[str], None],
    home: Path = HOME,
    wanted: Wanted | None = None,
) -> Lease:
    """Return a lease of the kept LocalStack, starting one where there is none to use.

    Raises:
        HarnessError: it does not start, or must be replaced while others use it.

    """
    wanted = wanted or Wanted()
    with kept_state.deciding(home):
        state = kept_state.read(home)
        trouble = state and _trouble(home, state, wanted)
        if trouble:
            _make_way(home, trouble, on_progress)
        if not state or trouble:
            on_progress(
                "starting a LocalStack that is kept (`python -m harness emulator stop`)"
            )
            state = kept_start.start(home, wanted.key, wanted.services, wanted.idle_s)
        return Lease(_reachable(state), state.since, kept_lease.new_run(home))


def stop(home: Path = HOME, *, force: bool = False) -> bool:
    """End the kept LocalStack; False: there is none.

    Raises:
        HarnessError: a run uses it (and ``force`` is not given), or it does not end.

    """
    with kept_state.deciding(home):
        if not force and _in_use(home):
            raise HarnessError(
                "a run uses the kept LocalStack: wait for its end, or add --force"
            )
        was_kept = kept_state.is_held(kept_state.keeper_lock(home))
        _end(home)
        return was_kept


def _trouble(home: Path, state: State, wanted: Wanted) -> str | None:
    """Say what keeps a LocalStack from being used; None: nothing."""
    if not kept_state.is_held(kept_state.keeper_lock(home)):
        return "its keeper is gone"
    if state.key != wanted.key:
        return "plugin, flags or libraries have changed since it was started"
    if kept_lease.last_run(home) >= MANY_RUNS and not _in_use(home):
        return f"it has served {MANY_RUNS} runs"
    try:
        health = wait_until_ready(
            state.endpoint_url, timeout_s=ANSWER_TIMEOUT_S, has_ended=lambda: False
        )
    except HarnessError as error:
        return str(error)
    if health["pid"] != state.pid:
        return f"process {health['pid']} answers in its place"
    return None


def _make_way(home: Path, trouble: str, on_progress: Callable[[str], None]) -> None:
    if _in_use(home):
        raise HarnessError(
            f"the kept LocalStack cannot be used ({trouble}) nor replaced, another run "
            "uses it: wait for that, or run without --keep-emulator"
        )
    on_progress(f"replacing the kept LocalStack: {trouble}")
    _end(home)


def _end(home: Path) -> None:
    kept_state.forget(home)
    wait_until(
        lambda: kept_state.is_held(kept_state.keeper_lock(home)),
        lambda held: not held,
        what="end of the kept LocalStack",
        timeout_s=STOP_TIMEOUT_S,
    )
    for file in kept_state.runs(home):
        file.unlink(missing_ok=True)
    (home / "last-run").unlink(missing_ok=True)


def _in_use(home: Path) -> bool:
    return any(map(kept_state.is_held, kept_state.runs(home)))


def _reachable(state: State) -> Emulator:
    return Emulator(
        mode="embedded",
        description=f"{state.description}, kept since {state.since}",
        endpoint_url=state.endpoint_url,
        region=state.region,
        log=state.log,
    )

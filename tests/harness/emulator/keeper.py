"""Keeps a LocalStack while runs come and go: ``python -m harness.emulator.keeper``.

Started by harness.emulator.kept, as a process of its own that no run waits for. It ends
when its state file is gone, when its LocalStack has ended, or when nobody has used that
for a while; LocalStack ends with it, however that comes about.
"""

import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from harness.emulator import kept_state, sweep
from harness.emulator.embedded import EmbeddedLocalStack
from harness.emulator.kept_state import State
from harness.errors import HarnessError

POLL_S = 0.25


def main(argv: Sequence[str]) -> int:
    """Run until there is no more reason to."""
    home, key, services, idle_s = Path(argv[0]), argv[1], argv[2], float(argv[3])
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    with ExitStack() as stack:
        guard = kept_state.hold(kept_state.keeper_lock(home))
        if not guard:
            print("another LocalStack is kept already", file=sys.stderr)
            return 1
        stack.enter_context(guard)
        try:
            emulator = EmbeddedLocalStack(
                services=services.split(","),
                log_path=home / "localstack.log",
                memory=None,  # what many runs leave behind would fill it
            )
            stack.enter_context(emulator)
        except HarnessError as error:
            print(error, file=sys.stderr)
            return error.exit_status
        state = _state(emulator, key)
        kept_state.write(home, state)
        _keep(home, state, emulator, idle_s)
    return 0


def _state(emulator: EmbeddedLocalStack, key: str) -> State:
    return State(
        pid=emulator.pid,
        endpoint_url=emulator.endpoint_url,
        region=emulator.region,
        description=emulator.describe(),
        log=str(emulator.log_path),
        key=key,
        since=datetime.now(UTC).strftime("%H:%M UTC"),
    )


def _keep(
    home: Path, state: State, emulator: EmbeddedLocalStack, idle_s: float
) -> None:
    used = time.monotonic()
    while kept_state.read(home) == state and emulator.is_running:
        if kept_state.runs(home):
            used = time.monotonic()
            _clean_up(home, emulator)
        elif time.monotonic() - used > idle_s and _ends_unless_taken(home):
            return
        time.sleep(POLL_S)  # the pace of its looks, whatever there is to see


def _clean_up(home: Path, emulator: EmbeddedLocalStack) -> None:
    for run in kept_state.runs(home):
        if not (file := kept_state.hold(run)):
            continue  # it still goes on
        with file:
            file.seek(0)
            for account in file.read().split():
                try:
                    sweep.account(emulator.session(account), emulator.endpoint_url)
                except (BotoCoreError, ClientError, HarnessError) as error:
                    print(f"account {account}: {error}", file=sys.stderr, flush=True)
            run.unlink(missing_ok=True)


def _ends_unless_taken(home: Path) -> bool:
    with kept_state.deciding(home):
        if kept_state.runs(home):
            return False
        kept_state.forget(home)
        return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

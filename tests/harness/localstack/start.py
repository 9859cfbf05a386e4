"""Runs inside LocalStack before it serves: corrections, and the sign of life.

To add a piece, call its ``install`` here. A piece that raises stops LocalStack; one
that cannot be imported leaves no health route, and the emulator refuses to go on.
"""

from localstack.runtime import hooks

from harness.localstack_plugin import (
    corrections,
    economies,
    garbage,
    health,
    preload,
)
from harness.localstack_plugin.gate import handler as gate


@hooks.on_infra_start()  # type: ignore[untyped-decorator] # LocalStack is untyped
def install() -> None:
    """Install every piece that is not found by name."""
    economies.install()
    corrections.install()
    gate.install()
    preload.install()
    health.install()


@hooks.on_infra_ready()  # type: ignore[untyped-decorator] # as above
def search_for_garbage() -> None:
    """Begin with it, now that LocalStack serves."""
    garbage.search_what_comes()

"""Runs cells in processes, each with a world of its own."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING

from faults.cells import Cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from faults.cells import AnyCell
    from faults.scenarios import Finding
    from faults.stage import Stage

# Much of the time a cell waits for what hangs, so there are more than processors.
WORKERS = 4 * (os.cpu_count() or 1)

# Of this process, where it is a worker.
_stages: list[Stage] = []


def run_all(
    cells: Sequence[AnyCell], log: Path | None
) -> Iterator[tuple[AnyCell, Finding]]:
    """Yield what became of each cell, as they end.

    `log`: where the functions' output goes; None: nowhere.
    """
    in_order = sorted(cells, key=_rank)
    forking = get_context("forkserver")
    forking.set_forkserver_preload(["faults.deliveries"])
    pool = ProcessPoolExecutor(
        min(WORKERS, len(cells)),
        mp_context=forking,
        initializer=_begin,
        initargs=(log,),
    )
    try:
        running = {pool.submit(_run, cell): cell for cell in in_order}
        for done in as_completed(running):
            yield running[done], done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _rank(cell: AnyCell) -> tuple[bool, bool, bool]:
    """Begin with the deliveries, which are few and find most; then what waits long."""
    if not isinstance(cell, Cell):
        return (False, False, False)
    return (True, not cell.takes_time, cell.times != "for long")


def _begin(log: Path | None) -> None:
    # Ctrl-C is for the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # In the worker: it takes a second, and this process needs none of it.
    from faults.stage import Stage  # noqa: PLC0415
    from faults.world import World  # noqa: PLC0415

    world = World().start()
    world.log = log
    _stages.append(Stage(world, world.environment()))


def _run(cell: AnyCell) -> Finding:
    from faults import deliveries, scenarios  # noqa: PLC0415

    began_s = time.monotonic()
    [stage] = _stages
    if isinstance(cell, Cell):
        finding = scenarios.run(stage, cell)
    else:
        finding = deliveries.run(stage, cell)
    return replace(finding, elapsed_s=time.monotonic() - began_s)

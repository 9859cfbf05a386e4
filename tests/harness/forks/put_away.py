"""The end of a process: what its tests have left is put away, and looked for."""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import pytest
from _pytest.threadexception import collect_thread_exception, thread_exceptions
from _pytest.unraisableexception import collect_unraisable, unraisable_exceptions
from _pytest.warnings import catch_warnings_for_item

# There is no public way to any of it. Pytest does the same at the end of a run: some in
# the last test's teardown, and the rest when it is unconfigured, which forks never are.


def put_away(session: pytest.Session, last: pytest.Item) -> list[pytest.TestReport]:
    """Return reports of what failed, as of the ``last`` test's teardown."""
    with _captured(last), _warnings_of(session, last):
        calls = [_call(partial(session._setupstate.teardown_exact, None))]  # noqa: SLF001 - as above
    # It may be any test's, so what the last one is marked with has no say.
    with _captured(last), _warnings_of(session, None):
        calls += map(_call, _looks_for_what_is_left(session.config))
    # Not by the hook: an expected failure of the test is none of these.
    failed = [call for call in calls if call.excinfo]
    return [pytest.TestReport.from_item_and_call(last, call) for call in failed]


def _call(step: Callable[[], None]) -> pytest.CallInfo[None]:
    reraise = (pytest.exit.Exception, KeyboardInterrupt)
    return pytest.CallInfo.from_call(step, when="teardown", reraise=reraise)


def _warnings_of(
    session: pytest.Session, item: pytest.Item | None
) -> AbstractContextManager[None]:
    config = session.config
    return catch_warnings_for_item(config, config.hook, when="runtest", item=item)


def _looks_for_what_is_left(config: pytest.Config) -> Iterator[Callable[[], None]]:
    yield _look_for_garbage
    if thread_exceptions in config.stash:
        yield partial(collect_thread_exception, config)
    if unraisable_exceptions in config.stash:
        yield partial(collect_unraisable, config)


def _look_for_garbage() -> None:
    gc.collect()


def _captured(item: pytest.Item) -> AbstractContextManager[object]:
    capture = item.config.pluginmanager.getplugin("capturemanager")
    captured: AbstractContextManager[object] = (
        capture.item_capture("teardown", item) if capture else nullcontext()
    )
    return captured

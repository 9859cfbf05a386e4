"""What makes LocalStack faster, where it pays; nothing else may come in here.

Seconds of processor time over a start, a first deployment and 21 refunds, of 6.9: no
URL builders 1.1, no garbage collection 0.9, no managed policies 0.6, loaders 0.3.
"""

import functools
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore import session
from botocore.loaders import JSONFileLoader
from moto.core.config import default_user_config
from werkzeug.routing import Rule

# Python's own number is 2,000; LocalStack keeps most of what a call makes.
OBJECTS_BETWEEN_COLLECTIONS = 50_000
FIRST_ALARM_S = 60.0


def install() -> None:
    """Build no URLs, read each description of a service once, and leave out policies.

    LocalStack changes copies of the descriptions.
    """
    _build_no_urls()
    session.create_loader = functools.cache(session.create_loader)
    read = functools.cache(JSONFileLoader().load_file)
    setattr(JSONFileLoader, "load_file", lambda _loader, path: read(path))  # noqa: B010 - mypy: a method
    # A copy of 1,400 policies for each account of a run. The emulator's IAM is
    # LocalStack's, which has its own.
    default_user_config["iam"]["load_aws_managed_policies"] = False


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Collect no garbage within, and what was loaded there not afterwards either."""
    gc.disable()
    try:
        yield
    finally:
        collect_garbage()


def collect_garbage() -> None:
    """Collect garbage from now on, but not in what is there by now."""
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    gc.enable()


def judge_alarms_later(scheduler: Any) -> None:  # noqa: ANN401 - LocalStack is untyped
    """Judge an alarm after its period, or a minute, whichever is less.

    LocalStack judges each at once, by a dozen calls: a quarter of the time that a
    deployment of fourteen takes. Until then it is in INSUFFICIENT_DATA, as on AWS:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    schedule = scheduler.schedule

    def later(func: object, period: float, **options: object) -> object:
        start = time.time() + min(period, FIRST_ALARM_S)
        return schedule(func, period, start=start, **options)

    scheduler.schedule = later


def _build_no_urls() -> None:
    # For each route werkzeug compiles two functions that build its URL, and LocalStack
    # adds each of its hundred routes to a new copy of all before it. It builds no URL.
    def compile_builder(rule: Any, append_unknown: bool = True) -> Callable[..., Any]:  # noqa: ANN401, FBT001, FBT002 - werkzeug's signature
        def build(*arguments: object, **values: object) -> object:
            return original(rule, append_unknown)(*arguments, **values)

        return build

    rules: Any = Rule
    original = rules._compile_builder  # noqa: SLF001 - there is no option
    rules._compile_builder = compile_builder  # noqa: SLF001 - as above

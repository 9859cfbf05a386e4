"""CloudWatch's alarms: LocalStack judges each at once, by a dozen calls.

A template's fourteen took a quarter of the time that its deployment takes.
"""

import time
from collections.abc import Callable

from localstack.utils.scheduler import ScheduledTask
from localstack.utils.scheduler import Scheduler as Immediate

_FIRST_S = 60.0


class Scheduler(Immediate):  # type: ignore[misc] # LocalStack is untyped
    """Judges an alarm after its period, or a minute, whichever is less.

    Until then it is in INSUFFICIENT_DATA, in which AWS makes it:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """

    def schedule(
        self, func: Callable[..., object], period: float = _FIRST_S, **options: object
    ) -> ScheduledTask:
        """Schedule the judgements of an alarm; ``period``: seconds between two."""
        start = time.time() + min(period, _FIRST_S)
        return super().schedule(func, period, start=start, **options)

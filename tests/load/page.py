"""reports/load/index.html: what each load did, as pictures; it needs nothing else."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from math import ceil

from bench.svg import Axis, Line, Mark, lines, picture
from load.observed import Observed

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Load</title><style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1rem/1.45 system-ui; }}
svg {{ width: 100%; height: auto; }} .bad {{ color: #cf222e; font-weight: 600; }}
table {{ border-collapse: collapse; width: 100%; font-size: .9rem; }}
th, td {{ padding: .3rem .4rem; text-align: right; border-top: 1px solid #8888; }}
th:first-child, td:first-child {{ text-align: left; }}
.wide {{ overflow-x: auto; }}
</style></head><body><h1>Load</h1>
<p>An open model: requests arrive by the clock, whether others are answered or not. The
latency counts from when a request was due. Local stack, {processors} processors,
{made:%Y-%m-%d %H:%M} UTC: compare shapes and ratios, not milliseconds.</p>
{verdict}<div class="wide">{table}</div>{pictures}</body></html>
"""
_HEADINGS = (
    "load", "sent", "told to repeat", "accepted", "decided", "paid twice", "p50", "p95",
    "p99", "p95 to steady", "longest backlog",
)  # fmt: skip
PERCENTILES = (0.5, 0.95, 0.99)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that this share of all is not above; 0 without any."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0


def page(
    runs: Sequence[Observed], problems: Sequence[str], processors: int, made: datetime
) -> str:
    """Return the page; ``problems`` stand at its top."""
    items = "".join(f"<li>{escape(one)}</li>" for one in problems)
    verdict = (
        f'<ul class="bad">{items}</ul>'
        if items
        else "<p>All accepted refunds are decided, none is paid twice.</p>"
    )
    return _PAGE.format(
        processors=processors,
        made=made,
        verdict=verdict,
        table=_table(runs),
        pictures="".join(
            f"<h2>{escape(run.scenario.name)}</h2>{drawn(run)}" for run in runs
        ),
    )


def _table(runs: Sequence[Observed]) -> str:
    steady = percentile([one.took_s for one in runs[0].sent], 0.95)
    head = "".join(f"<th>{escape(name)}</th>" for name in _HEADINGS)
    body = "".join(f"<tr>{_row(run, steady)}</tr>" for run in runs)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(run: Observed, steady_s: float) -> str:
    took = [one.took_s for one in run.sent]
    shares = [percentile(took, share) for share in PERCENTILES]
    cells = [
        run.scenario.name, len(run.sent), sum(len(one.refused) for one in run.sent),
        len(run.accepted), len(run.decided),
        sum(times > 1 for times in run.payments.values()),
        *(f"{share * 1000:,.0f} ms" for share in shares),
        f"{shares[1] / steady_s:.1f}" if steady_s else "-",
        max(one.queued for one in run.samples),
    ]  # fmt: skip
    return "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)


def drawn(run: Observed) -> str:
    """Return one picture of a load: refunds, backlog, latency and memory over time."""
    end_s = max([one.at_s for one in run.samples] + list(run.decided.values()))
    x = Axis.stepped("seconds", ceil(end_s / 5) * 5, 5)
    outage = run.scenario.outage_s
    marks = (Mark(outage[0], "the payment gateway fails"),) if outage else ()
    accepted = sorted(one.due_s + one.took_s for one in run.sent if one.refund_id)
    decided = sorted(run.decided.values())
    counts = [
        Line("accepted", _counted(accepted)),
        Line("decided", _counted(decided)),
    ]
    backlog = [
        Line("in the queue", [(one.at_s, one.queued) for one in run.samples]),
        Line("in the DLQ", [(one.at_s, one.dead) for one in run.samples]),
    ]
    latency = [
        Line(f"p{share * 100:.0f}", _by_second(run, share)) for share in (0.5, 0.95)
    ]
    memory = [
        Line("emulator", [(one.at_s, one.emulator_bytes / 1e6) for one in run.samples]),
        Line(
            "largest function",
            [(one.at_s, one.function_bytes / 1e6) for one in run.samples],
        ),
    ]
    parts = [
        lines(title, x, _up_to(y, series), series, shaded=outage, marks=marks)
        for title, y, series in (
            ("Refunds", "refunds", counts),
            ("Backlog", "messages", backlog),
            ("Latency of POST /refunds, by the second it was due", "ms", latency),
            ("Memory", "MB", memory),
        )
    ]
    return picture(run.scenario.name, parts)


def _by_second(run: Observed, share: float) -> list[tuple[float, float]]:
    seconds: dict[int, list[float]] = {}
    for one in run.sent:
        seconds.setdefault(int(one.due_s), []).append(one.took_s * 1000)
    return [(at + 0.5, percentile(took, share)) for at, took in sorted(seconds.items())]


def _counted(times: Iterable[float]) -> list[tuple[float, float]]:
    return [(at, float(number)) for number, at in enumerate(times, 1)]


def _up_to(name: str, series: Sequence[Line]) -> Axis:
    most = max((y for line in series for _, y in line.points), default=1) or 1
    magnitude = 10 ** (len(str(int(most))) - 1)
    step = max(1.0, magnitude / 2 if most / magnitude < 2 else magnitude)
    return Axis.stepped(name, (int(most / step) + 1) * step, step)

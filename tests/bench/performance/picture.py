"""The results as bars: ours and the floor against what the usual way takes."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from bench.performance.results import METRICS
from bench.performance.show import figure
from bench.performance.subjects import FLOOR, NAMES, OURS, PEER

if TYPE_CHECKING:
    from bench.performance.results import Results

SHOWN = (
    "receiver_cold_cpu",
    "receiver_warm_cpu",
    "reader_warm_cpu",
    "receiver_peak_memory",
    "processor_cpu_of_10",
    "processor_wall_at_4_ms",
)
LABELS = {OURS: "ours", PEER: "the usual way", FLOOR: "floor: no SDK at all"}
_WIDTH, _LEFT, _BAR = 860, 300, 400
_GROUP, _TOP, _THICK = 74, 74, 15

# A card of its own in light and dark: readable wherever the page puts it.
_STYLE = """
.card{fill:#fff;stroke:#d0d7de}.title{font-weight:600;font-size:16px;fill:#1f2328}
.name{font-weight:600;fill:#1f2328}.unit,.key{fill:#57606a;font-size:12px}
.value{fill:#424a53;font-size:12px}.rule{stroke:#d8dee4}
.ours{fill:#1a7f5a}.peer_usual{fill:#b4bcc6}.floor{fill:#8250df}
@media(prefers-color-scheme:dark){.card{fill:#0d1117;stroke:#30363d}
.title,.name{fill:#e6edf3}.unit,.key{fill:#8b949e}.value{fill:#c9d1d9}
.rule{stroke:#21262d}.ours{fill:#3fb98a}.peer_usual{fill:#6e7681}.floor{fill:#a371f7}}
"""


def draw(results: Results) -> str:
    """Return the picture as SVG."""
    metrics = [metric for metric in METRICS if metric.name in SHOWN]
    height = _TOP + _GROUP * len(metrics) + 14
    what = "What the functions take"
    fonts = "system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"
    size = f'width="{_WIDTH - 1}" height="{height - 1}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"',
        f' font-family="{fonts}" font-size="14" role="img" aria-label="{what}">',
        f"<style>{_STYLE}</style>",
        f'<rect class="card" x=".5" y=".5" {size} rx="10"/>',
        f'<text class="title" x="24" y="34">{what}: less is better</text>',
        *_key(),
    ]
    for index, metric in enumerate(metrics):
        medians = {name: results[metric.name][name].median for name in NAMES}
        title, _, kind = metric.title.partition(": ")
        lines += _group(_TOP + index * _GROUP, title, f"{kind}, {metric.unit}", medians)
    return "\n".join([*lines, "</svg>\n"])


def _key() -> list[str]:
    lines = []
    for index, name in enumerate(NAMES):
        x = _LEFT + 100 + index * 140
        lines.append(
            f'<rect class="{name}" x="{x}" y="24" width="12" height="12" rx="2"/>'
            f'<text class="key" x="{x + 18}" y="34">{LABELS[name]}</text>'
        )
    return lines


def _group(y: int, title: str, unit: str, medians: dict[str, float]) -> list[str]:
    lines = [
        f'<path class="rule" d="M24 {y - 10}H{_WIDTH - 24}"/>',
        f'<text class="name" x="24" y="{y + 20}">{escape(title)}</text>',
        f'<text class="unit" x="24" y="{y + 40}">{escape(unit)}</text>',
    ]
    for index, name in enumerate(NAMES):
        share = medians[name] / medians[PEER]
        top = y + index * (_THICK + 4)
        width = max(2.0, _BAR * min(share, 1.1))
        of_peer = "" if name == PEER else f" · {share:.0%} of the usual way"
        lines.append(
            f'<rect class="{name}" x="{_LEFT}" y="{top}" width="{width:.1f}" '
            f'height="{_THICK}" rx="3"/><text class="value" '
            f'x="{_LEFT + width + 8:.1f}" y="{top + 12}">'
            f"{figure(medians[name])}{of_peer}</text>"
        )
    return lines

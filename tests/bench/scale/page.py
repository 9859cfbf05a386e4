"""docs/scale.md: the words of page.md with the figures of the simulation in it."""

from collections.abc import Callable
from pathlib import Path

from harness.environments import ROOT
from scale.scenarios import Base
from scale.tell_cost import tell_cost
from scale.tell_limits import tell_limits
from scale.tell_local import tell_local
from scale.tell_outage import tell_outage
from scale.tell_skew import tell_skew
from scale.told import Told

PATH = ROOT / "docs" / "scale.md"
_WORDS = Path(__file__).with_name("page.md")


def render(on_progress: Callable[[str], None]) -> dict[Path, str]:
    """Run every simulation; return what belongs into which file."""
    told = _tell(on_progress)
    texts = {PATH: _WORDS.read_text().format_map(told.texts)}
    return texts | {PATH.with_name(name): svg for name, svg in told.pictures.items()}


def differs(path: Path, text: str) -> bool:
    """Tell whether a file is not what would be written."""
    return not path.exists() or path.read_text() != text


def _tell(on_progress: Callable[[str], None]) -> Told:
    base = Base.of("ours")
    on_progress("limits: each raised in turn")
    told, stacks = tell_limits(base)
    on_progress("outages of the payment gateway")
    told |= tell_outage(base, stacks)
    on_progress("skewed orders")
    told |= tell_skew(stacks)
    on_progress("costs")
    return told | tell_cost(base, stacks) | tell_local()

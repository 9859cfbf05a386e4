"""What the check reports."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One problem at one line of a template; sorts by place."""

    path: Path
    line: int
    column: int
    rule: str
    message: str
    level: str  # "error", "warning" or "note", as in SARIF
    sentence: str
    help_uri: str = ""
    suppressed_by: str = ""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}"
        return f"{where}: {self.rule} {self.message}"

"""Warnings as plain data: their own class may not be one to hand to another process."""

import warnings
from typing import NamedTuple


class Warned(NamedTuple):
    """What a summary needs of a warning."""

    category: str
    text: str
    filename: str
    lineno: int
    line: str | None

    @classmethod
    def of(cls, warning: warnings.WarningMessage) -> "Warned":
        """Return what can be handed on."""
        return cls(
            warning.category.__name__,
            str(warning.message),
            warning.filename,
            warning.lineno,
            warning.line,
        )

    def rebuilt(self) -> warnings.WarningMessage:
        """Return a warning that looks the same, of a class of the same name."""
        category = type(self.category, (Warning,), {})
        return warnings.WarningMessage(
            category(self.text), category, self.filename, self.lineno, line=self.line
        )

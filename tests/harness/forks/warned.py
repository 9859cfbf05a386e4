"""Warnings as plain data: their own class may not be one to hand to another process."""

import warnings
from typing import NamedTuple


class Plain(NamedTuple):
    """What a summary needs of a warning."""

    category: str
    message: str
    filename: str
    lineno: int
    line: str | None


def plain(warning: warnings.WarningMessage) -> Plain:
    """Return what can be handed on."""
    return Plain(
        warning.category.__name__,
        str(warning.message),
        warning.filename,
        warning.lineno,
        warning.line,
    )


def read(it: Plain) -> warnings.WarningMessage:
    """Return a warning that looks the same, of a class of the same name."""
    category = type(it.category, (Warning,), {})
    message = category(it.message)
    return warnings.WarningMessage(
        message, category, it.filename, it.lineno, line=it.line
    )

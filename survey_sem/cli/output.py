"""What commands share when they print."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from survey_sem.errors import OptionError, did_you_mean


def checked_format(value: str, known: Sequence[str]) -> str:
    """`value`, when it is one of the formats of a command.

    Raises
    ------
    OptionError
        It is not.
    """
    return checked_choice("--format", value, known)


def checked_choice(option: str, value: str, known: Sequence[str]) -> str:
    """`value`, when it is one of `known`.

    Raises
    ------
    OptionError
        It is not; the nearest known value is suggested.
    """
    if value not in known:
        raise OptionError(
            "unknown-value",
            f"{option} cannot be '{value}'",
            where=option,
            expected=" or ".join(known),
            hint=did_you_mean(value, known),
        )
    return value


def words(value: str | None, option: str) -> list[str] | None:
    """The parts of a comma-separated option; None when it was not given.

    Raises
    ------
    OptionError
        It was given, and names nothing: an empty variable of a shell, which must not pass for an option left out.
    """
    if value is None:
        return None
    found = [word for part in value.split(",") if (word := part.strip())]
    if not found:
        raise OptionError("empty-option", f"{option} is given, and names nothing", where=option, got=repr(value))
    return found


def warn(warnings: Iterable[object]) -> None:
    """Write warnings to standard error, one block each."""
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)

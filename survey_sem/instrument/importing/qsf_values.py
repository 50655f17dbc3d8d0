"""Values of a JSON file that may hold anything anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping(value: object) -> dict[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def entries(value: object) -> dict[str, Any]:
    """A mapping, or a list as a mapping of positions: Qualtrics writes either for the same thing."""
    if isinstance(value, list):
        return {str(position): entry for position, entry in enumerate(value)}
    return mapping(value)


def text_of(value: object) -> str:
    """A text, or a number as text; blank for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value) if not isinstance(value, float) or value != value or not value.is_integer() else str(int(value))


def number_of(value: object) -> float | None:
    """A finite number, also one written as text; None for anything else."""
    try:
        number = float(text_of(value))
    except ValueError:
        return None
    if number != number or abs(number) > 1e15:
        return None
    return int(number) if number.is_integer() else number


def ordered(value: object, order: object) -> dict[str, Any]:
    """Entries in the order that a list of their keys gives; those it does not name follow."""
    found = entries(value)
    first = [text_of(key) for key in order if text_of(key) in found] if isinstance(order, list) else []
    return {key: found[key] for key in dict.fromkeys((*first, *found))}


def is_on(value: object) -> bool:
    """Whether a switch is on: Qualtrics writes ``"ON"``, ``"true"``, ``true`` or ``1``."""
    return text_of(value).lower() in ("on", "true", "1") or value is True


def settings_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What answers must fulfil."""
    return mapping(mapping(payload.get("Validation")).get("Settings"))

"""Who is asked an item, as a small tree: parsed from text, never evaluated as code.

The language: ``watched = 1 and (age >= 18 or not answered(city))``. Relations ``= != < <= > >=``, ``in (1, 2)`` and,
for items of several choices, ``has 3``; ``and or not`` and parentheses; texts in quotes. An item that was not answered
makes a relation neither true nor false.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Code = int | float | str
Comparator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "has"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """An item against one value; of ``in`` several."""

    item: str
    relation: Comparator
    values: tuple[Code, ...]

    def __str__(self) -> str:
        shown = [f"'{value}'" if isinstance(value, str) else format(value, ".15g") for value in self.values]
        listed = f"({', '.join(shown)})" if self.relation == "in" else shown[0]
        return f"{self.item} {self.relation} {listed}"


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether an item was answered."""

    item: str

    def __str__(self) -> str:
        return f"answered({self.item})"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a route."""

    inner: Route

    def __str__(self) -> str:
        return f"not {_inside(self.inner)}"


@dataclass(frozen=True, slots=True)
class All:
    """Several routes that must all hold."""

    parts: tuple[Route, ...]

    def __str__(self) -> str:
        return " and ".join(_inside(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """Several routes of which one must hold."""

    parts: tuple[Route, ...]

    def __str__(self) -> str:
        return " or ".join(_inside(part) for part in self.parts)


Route = Comparison | Answered | Not | All | Any


def _inside(route: Route) -> str:
    return f"({route})" if isinstance(route, (All, Any)) else str(route)


def items_of(route: Route) -> tuple[str, ...]:
    """Items that a route asks about, each once, from left to right."""
    match route:
        case Comparison() | Answered():
            return (route.item,)
        case Not(inner):
            return items_of(inner)
        case All(parts) | Any(parts):
            return tuple(dict.fromkeys(name for part in parts for name in items_of(part)))

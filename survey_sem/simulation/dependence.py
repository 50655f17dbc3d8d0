"""Which items a variable of the background is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from survey_sem.instrument import Instrument
from survey_sem.simulation.population import Distribution, Shares


def base_item(name: str, instrument: Instrument) -> str:
    """The item that a variable is made of: its own, or that of a partition."""
    return next((each.of for each in instrument.partitions if each.id == name), name)


def ancestors(background: Mapping[str, Distribution], instrument: Instrument, names: Iterable[str]) -> set[str]:
    """Items that these variables (items or partitions of the background) are drawn from, themselves included."""
    found: set[str] = set()
    left = [base_item(name, instrument) for name in names]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            distribution = background[name]
            if isinstance(distribution, Shares) and distribution.by is not None:
                left.append(base_item(distribution.by, instrument))
    return found


def leans_on_factors(background: Mapping[str, Distribution], names: Iterable[str]) -> list[str]:
    """Those of the items that are drawn with effects of factors."""
    return [name for name in names if getattr(background[name], "on", None)]

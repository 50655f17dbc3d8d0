"""``ss.trim_weights``: extreme weights cut off, and what was cut given to the others."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from survey_sem.errors import DataError, OptionError, Warned
from survey_sem.linalg import Array
from survey_sem.sample.design.columns import column
from survey_sem.sample.weighting.building import POPULATION
from survey_sem.sample.weighting.classes import margin_of, rows_of
from survey_sem.sample.weighting.result import MarginRow, Weighting, total_step
from survey_sem.sample.weighting.targets import PopulationMargin
from survey_sem.sampling.columns import sums_of
from survey_sem.sampling.trimming import Trimmed, trim

if TYPE_CHECKING:
    import pandas as pd

Unit = Literal["weight", "mean", "median"]
UNITS: tuple[Unit, ...] = get_args(Unit)
_MOVED = 1e-3
"""A margin that trimming moves by more than this is said."""


def trim_weights(
    data: Any,
    weights: Any = None,
    *,
    lower: float | None = None,
    upper: float | None = None,
    unit: Unit = "weight",
    strict: bool = False,
) -> Weighting:
    """Weights cut to limits; the difference is shared equally among those that were within them.

    Parameters
    ----------
    data : DataFrame, Sample or Weighting
        One row per respondent; or a weighting, whose weights are trimmed and whose margins are then reported again.
    weights : str, Series or array
        The weights of the rows; not with a weighting.
    lower, upper : float, optional
        Limits; at least one.
    unit : {"weight", "mean", "median"}
        What the limits are multiples of: 1, the mean or the median of the weights.
    strict : bool
        Again until no weight is pushed beyond a limit by what it is given (False: one pass, which may push some).

    Raises
    ------
    DataError
        Limits between which the weights cannot have their sum.
    OptionError
        No limit; a lower one above the upper one; an unknown unit.

    Examples
    --------
    >>> import pandas as pd
    >>> import survey_sem as ss
    >>> rows = pd.DataFrame({"w": [1.0, 1.0, 2.0, 8.0]})
    >>> ss.trim_weights(rows, "w", upper=5).weights.tolist()
    [2.0, 2.0, 3.0, 5.0]
    """
    if isinstance(data, Weighting):
        if weights is not None:
            raise OptionError("needless-option", "a weighting brings its own weights", where="weights")
        return trimmed_weighting(data, lower=lower, upper=upper, unit=unit, strict=strict)
    frame, values = rows_of(data, weights)
    if values is None:
        raise OptionError("missing-option", "there are no weights to trim", where="weights", expected="a column")
    import pandas as pd

    start = pd.Series(values, index=frame.index, name="base_weight")
    return trimmed_weighting(Weighting(start, start, ""), lower=lower, upper=upper, unit=unit, strict=strict)


def trimmed_weighting(
    before: Weighting, *, lower: float | None, upper: float | None, unit: Unit, strict: bool
) -> Weighting:
    """A weighting with its weights trimmed, and its margins as they are then."""
    import pandas as pd

    values = before.weights.to_numpy(dtype=float)
    limits = trim_limits(values, lower, upper, unit)
    done = trimmed(values, limits, strict=strict)
    series = pd.Series(done.weights, index=before.weights.index, name="weight")
    details: dict[str, Any] = {"lower": lower, "upper": upper, "unit": unit, "strict": strict}
    details |= {"limits": list(limits), "n_low": done.n_low, "n_high": done.n_high, "rounds": done.rounds}
    what = f"{done.n_low} weights raised to {limits[0]:.6g}, {done.n_high} cut to {limits[1]:.6g}"
    step = total_step("trim-weights", what, details, series)
    return replace(
        before,
        weights=series,
        method=f"{before.method}+trim" if before.method else "trim",
        steps=(*before.steps, step),
        notes=(*before.notes, *_pushed(done)),
    )


def trimmed(values: Array, limits: tuple[float, float], *, strict: bool) -> Trimmed:
    """Trimmed weights (n,).

    Raises
    ------
    DataError
        The limits cannot hold the sum of the weights.
    """
    done = trim(values, *limits, strict=strict)
    if done is None:
        there = values[values != 0]
        raise DataError(
            "impossible-limits",
            f"{len(there)} weights between the limits cannot sum to {there.sum():.6g}",
            where="lower, upper",
            got=f"{limits[0]:.6g} to {limits[1]:.6g}; the mean of the weights is {there.mean():.6g}",
            hint="set limits on both sides of the mean, further apart",
        )
    return done


def trim_limits(values: Array, lower: float | None, upper: float | None, unit: Unit) -> tuple[float, float]:
    """The limits as weights.

    Raises
    ------
    OptionError
        See :func:`trim_weights`.
    """
    if unit not in UNITS:
        raise OptionError("unknown-option", f"there is no unit {unit!r}", where="unit", expected=", ".join(UNITS))
    for name, limit in (("lower", lower), ("upper", upper)):
        if limit is not None and not (isinstance(limit, (int, float)) and not math.isnan(limit)):
            raise OptionError("wrong-value", f"{name} cannot be {limit!r}", where=name, expected="a number")
    if lower is None and upper is None:
        raise OptionError("missing-option", "trimming needs a limit", where="lower, upper", expected="at least one")
    low, high = -math.inf if lower is None else float(lower), math.inf if upper is None else float(upper)
    if low >= high or high <= 0:
        raise OptionError("bad-bounds", f"there is no weight above {low:g} and below {high:g}", where="lower, upper")
    there = values[values != 0]
    scale = {"weight": 1.0, "mean": float(there.mean()), "median": float(np.median(there))}[unit]
    return low * scale, high * scale


def remeasured(weighting: Weighting, frame: pd.DataFrame) -> Weighting:
    """A weighting with its margins measured anew under its weights, and a note where they are no longer met."""
    if not weighting.margins:
        return weighting
    weights = weighting.weights.to_numpy(dtype=float)
    margins = tuple(
        row
        for _, rows in groupby(weighting.margins, key=lambda row: row.variable)
        for row in _anew(tuple(rows), frame, weights)
    )
    off = [row for row in margins if abs(row.after_share - row.target_share) > _MOVED * abs(row.target_share)]
    if not off:
        return replace(weighting, margins=margins)
    worst = max(off, key=lambda row: abs(row.after_share / row.target_share - 1.0) if row.target_share else 0.0)
    name = f"{worst.variable} = {worst.category}" if worst.category else f"mean of {worst.variable}"
    note = Warned(
        "margins-moved",
        f"trimming moved {len(off)} of {len(margins)} margins from their targets: "
        f"{name} is {worst.after_share:.4g} instead of {worst.target_share:.4g}",
        hint="bounds in the calibration keep weights apart and margins met",
    )
    return replace(weighting, margins=margins, notes=(*weighting.notes, note))


def _anew(rows: tuple[MarginRow, ...], frame: pd.DataFrame, weights: Array) -> tuple[MarginRow, ...]:
    """The classes of one variable under other weights."""
    total, name = float(weights.sum()), rows[0].variable
    if not rows[0].category:
        after = float(weights @ column(frame, name, name).to_numpy(dtype=float, na_value=0.0))
        return (replace(rows[0], after=after, after_share=after / total),)
    if name == POPULATION:
        return (replace(rows[0], after=total),)
    of = tuple(name.split(":"))
    classes = tuple(tuple(row.category.split(":")) if len(of) > 1 else (row.category,) for row in rows)
    inside = np.flatnonzero(weights != 0)
    margin = margin_of(frame, PopulationMargin(of, classes, tuple(row.target for row in rows)), inside, 1.0)
    sums = sums_of(margin.codes, weights[inside], len(rows)).tolist()
    return tuple(replace(row, after=after, after_share=after / total) for row, after in zip(rows, sums, strict=True))


def _pushed(done: Trimmed) -> tuple[Warned, ...]:
    if done.within:
        return ()
    what = "what was cut pushed other weights beyond the limits"
    return (Warned("limits-exceeded", what, hint="strict=True trims until none is beyond them"),)

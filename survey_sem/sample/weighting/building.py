"""From a user's data and targets to a calibration problem."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array, Indices
from survey_sem.sample.design.columns import column, is_numeric, values_of
from survey_sem.sample.weighting.classes import margin_of
from survey_sem.sample.weighting.problem import CalibrationProblem
from survey_sem.sample.weighting.targets import PopulationMargin, read_targets, settled_totals
from survey_sem.sampling.calibration import TOLERANCE
from survey_sem.sampling.distances import DistanceKind
from survey_sem.sampling.raking import Margin

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["rake", "poststratify", "linear", "raking", "logit"]
Bounds = tuple[float, float]
POPULATION = "population"
"""Name of the margin that is the size of the population."""
_KINDS: Mapping[Method, DistanceKind] = {
    "rake": "raking",
    "poststratify": "raking",
    "linear": "linear",
    "raking": "raking",
    "logit": "logit",
}


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What a user asks for."""

    method: Method
    targets: Any
    bounds: Bounds | None = None
    on_weights: bool = False
    total: float | None = None
    tolerance: float = TOLERANCE
    max_iterations: int = 100


def calibration_problem(
    frame: pd.DataFrame, given: Array | None, inside: Indices, request: Request
) -> CalibrationProblem:
    """What weights of the rows `inside` must meet, where `given` (n,) are the base weights of all.

    Raises
    ------
    DataError, OptionError
        See :func:`survey_sem.rake` and :func:`survey_sem.calibrate`.
    """
    _check_request(request)
    numeric, classed = _split(request)
    targets = read_targets(classed) if classed is not None else ()
    if request.method == "poststratify" and len(targets) > 1:
        raise OptionError(
            "too-many-targets",
            f"post-stratification takes one target, not {len(targets)} margins",
            where="targets",
            hint="use rake, or one joint margin: {(a, b): {(class of a, class of b): share}}",
        )
    base = np.ones(len(frame)) if given is None else given
    total = settled_totals(targets, request.total, float(base.sum())) if targets else request.total
    if given is None and total is not None:
        base = base * (total / len(frame))
    own = base[inside]
    margins = tuple(margin_of(frame, target, inside, float(total or 0.0)) for target in targets)
    if not targets and total is not None:
        targets, margins = _everybody(inside, float(total))
    columns = np.zeros((len(inside), len(numeric)))
    for at, name in enumerate(numeric):
        columns[:, at] = _numbers(frame, name, inside)
    _check_logit_bounds(request)
    return CalibrationProblem(
        base=own,
        targets=targets,
        margins=margins,
        numeric=columns,
        numeric_names=tuple(numeric),
        numeric_totals=np.array(list(numeric.values()), dtype=float),
        kind=_kind(request.method),
        bounds=request.bounds,
        on_weights=request.on_weights,
        tolerance=request.tolerance,
        most_iterations=request.max_iterations,
    )


def _everybody(inside: Indices, total: float) -> tuple[tuple[PopulationMargin, ...], tuple[Margin, ...]]:
    """One margin of one class: the size of the population."""
    target = PopulationMargin((POPULATION,), (("all",),), (total,))
    return (target,), (Margin(np.zeros(len(inside), dtype=np.intp), np.array([total])),)


def _split(request: Request) -> tuple[dict[str, float], Any]:
    """Population totals of numeric variables, and the targets of classes; None where there are none."""
    if request.method in ("rake", "poststratify") or not isinstance(request.targets, Mapping):
        return {}, request.targets
    numeric = {str(name): float(value) for name, value in request.targets.items() if _is_number(value)}
    classed = {name: value for name, value in request.targets.items() if not _is_number(value)}
    for name, value in numeric.items():
        if not math.isfinite(value):
            raise DataError("wrong-value", f"the total of '{name}' is {value}", where="targets", expected="a number")
    return numeric, classed if classed or not numeric else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _numbers(frame: pd.DataFrame, name: str, inside: Indices) -> Array:
    series = column(frame, name, f"targets of '{name}'").iloc[inside]
    if not is_numeric(series):
        what = f"'{name}' has one number as its target, but is no numeric variable"
        raise DataError(
            "not-numeric", what, where=f"targets of '{name}'", hint="give the share or count of every class"
        )
    values = values_of(series, f"targets of '{name}'")
    absent = int((~np.isfinite(values)).sum())
    if absent:
        what = f"{absent} of {len(values)} rows have no value of '{name}', to whose total they are to be weighted"
        raise DataError("missing-class", what, where=f"targets of '{name}'", hint="impute it, or leave these rows out")
    return values


def _kind(method: Method) -> DistanceKind:
    return _KINDS[method]


def _check_request(request: Request) -> None:
    if request.targets is None and request.total is None:
        raise OptionError("no-targets", "no target is given", where="targets", expected='{"sex": {"f": 0.5, "m": 0.5}}')
    if not 0 < request.tolerance < 1:
        raise OptionError("wrong-value", f"the tolerance cannot be {request.tolerance!r}", expected="between 0 and 1")
    if not (isinstance(request.max_iterations, int) and request.max_iterations > 0):
        what = f"the number of iterations cannot be {request.max_iterations!r}"
        raise OptionError("wrong-value", what, expected="a positive whole number")
    if request.bounds is None:
        return
    bounds = tuple(request.bounds) if isinstance(request.bounds, (tuple, list)) else ()
    if len(bounds) != 2 or not all(_is_number(bound) for bound in bounds) or not bounds[0] < bounds[1]:
        raise OptionError(
            "bad-bounds",
            f"the bounds cannot be {request.bounds!r}",
            where="bounds",
            expected="two numbers, such as (0.3, 3)",
        )


def _check_logit_bounds(request: Request) -> None:
    if request.method != "logit":
        return
    if request.on_weights:
        what = "logit calibration has bounds of the ratio, not of the weight"
        raise OptionError("unsupported-combination", what, where="bounds_on", hint="use method linear or raking")
    bounds = request.bounds
    if bounds is None or not (math.isfinite(bounds[0]) and bounds[0] < 1 < bounds[1] < math.inf):
        what = "logit calibration needs bounds on both sides of 1"
        raise OptionError("bad-bounds", what, where="bounds", expected="such as (0.3, 3)", got=repr(bounds))

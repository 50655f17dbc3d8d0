"""``ss.rake``, ``ss.poststratify`` and ``ss.calibrate``: weights that meet what is known of the population."""

from __future__ import annotations

from typing import Any, Literal

from survey_sem.errors import OptionError, did_you_mean
from survey_sem.sample.weighting.building import Bounds, Request
from survey_sem.sample.weighting.result import Weighting
from survey_sem.sample.weighting.solving import solved
from survey_sem.sampling.calibration import TOLERANCE
from survey_sem.sampling.distances import DISTANCE_KINDS, DistanceKind


def rake(
    data: Any,
    targets: Any,
    weights: Any = None,
    *,
    bounds: Bounds | None = None,
    total: float | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = 100,
) -> Weighting:
    """Weights whose margins are those of the population (raking, iterative proportional fitting).

    Every weight is its base weight times one factor per class of every margin; with bounds the product is cut off at
    them and the factors are those of the nearest weights that still meet the margins.

    Parameters
    ----------
    data : DataFrame, Sample or SurveyDesign
        One row per respondent; the weights of a design are the base weights unless others are given.
    targets : mapping, DataFrame or path
        Variable -> class -> share or count; a joint margin has a tuple of variables and tuples of classes. A table, or
        a csv or xlsx file, has the columns ``variable``, ``category``, ``share`` or ``count``, and ``source``. Shares
        sum to 1; counts of all margins to the same total.
    weights : str, Series or array, optional
        Base weights; without them all are equal. A row of weight 0 is not in the sample and stays so.
    bounds : pair of float, optional
        Least and greatest ratio of a weight to its base weight.
    total : float, optional
        What the weights sum to: every margin is scaled to it. Without it: the sum of the counts, or for shares the sum
        of the base weights (the number of respondents where there are none).
    tolerance : float
        Greatest error of a class, relative to its total.
    max_iterations : int
        Newton steps, taken where proportional fitting is slow or bounds bind, after which there is no answer.

    Returns
    -------
    Weighting
        ``.weights`` (Series), ``.to_frame()`` (margins before, after and in the population), ``.deff``, ``.n_eff``.

    Raises
    ------
    DataError
        Margins of different totals, classes without a target or without a respondent, missing values, targets that no
        weights meet (with the classes that contradict), bounds that cannot be met.
    OptionError
        A wrong option.

    Notes
    -----
    Deming & Stephan (1940), doi:10.1214/aoms/1177731829; with bounds Deville, Saerndal & Sautory (1993),
    doi:10.1080/01621459.1993.10476369.

    Examples
    --------
    >>> import pandas as pd
    >>> import survey_sem as ss
    >>> rows = pd.DataFrame({"sex": list("ffffmm"), "age": ["young", "old"] * 3})
    >>> ss.rake(rows, {"sex": {"f": 0.5, "m": 0.5}, "age": {"young": 0.4, "old": 0.6}})
    Weights by rake: 6 rows, sum 6
      weights 0.6 to 1.8, 0.6 to 1.8 times the base weights
      design effect of weighting 1.1700, effective n 5.1
      sex = f: 0.6667 -> 0.5000 (target 0.5000)
      sex = m: 0.3333 -> 0.5000 (target 0.5000)
      age = young: 0.5000 -> 0.4000 (target 0.4000)
      age = old: 0.5000 -> 0.6000 (target 0.6000)
    """
    request = Request("rake", targets, bounds=bounds, total=total, tolerance=tolerance, max_iterations=max_iterations)
    return solved(data, weights, request).weighting


def poststratify(data: Any, targets: Any, weights: Any = None, *, total: float | None = None) -> Weighting:
    """Weights whose classes, of one variable or of several jointly, sum to the population's.

    Parameters
    ----------
    data, targets, weights, total
        As in :func:`rake`, with one target, such as ``{"region": {...}}`` or
        ``{("region", "age"): {("north", "young"): ...}}``.

    Raises
    ------
    DataError
        As in :func:`rake`.
    OptionError
        More than one margin.

    Examples
    --------
    >>> import pandas as pd
    >>> import survey_sem as ss
    >>> rows = pd.DataFrame({"region": ["north", "north", "north", "south"]})
    >>> ss.poststratify(rows, {"region": {"north": 600, "south": 400}}).weights.tolist()
    [200.0, 200.0, 200.0, 400.0]
    """
    return solved(data, weights, Request("poststratify", targets, total=total)).weighting


def calibrate(
    data: Any,
    targets: Any,
    weights: Any = None,
    *,
    method: DistanceKind = "linear",
    bounds: Bounds | None = None,
    bounds_on: Literal["ratio", "weight"] = "ratio",
    total: float | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = 100,
) -> Weighting:
    """Weights as near as possible to the base weights whose totals are those of the population.

    Parameters
    ----------
    data, weights, tolerance, max_iterations
        As in :func:`rake`.
    targets : mapping, DataFrame or path
        As in :func:`rake`; besides, a numeric variable may have one number, its population total: ``{"age": 41.2e6}``.
    method : {"linear", "raking", "logit"}
        What "near" means: the chi-square distance, which is generalised regression and can give negative weights; the
        multiplicative one, whose weights are positive; the logit one, which stays within its bounds smoothly.
    bounds : pair of float, optional
        Least and greatest ratio of a weight to its base weight; `linear` and `raking` cut off there.
    bounds_on : {"ratio", "weight"}
        What the bounds are of: the ratio, or the weight itself (not for `logit`).
    total : float, optional
        As in :func:`rake`; without margins the number that the weights sum to, which is otherwise left free.

    Raises
    ------
    DataError
        As in :func:`rake`; a numeric variable with missing values.
    OptionError
        An unknown method; `logit` without bounds on both sides of 1.

    Notes
    -----
    Deville & Saerndal (1992), doi:10.1080/01621459.1992.10475217.

    Examples
    --------
    >>> import pandas as pd
    >>> import survey_sem as ss
    >>> rows = pd.DataFrame({"sex": list("ffmm"), "age": [20, 30, 40, 50]})
    >>> weighting = ss.calibrate(rows, {"sex": {"f": 60, "m": 60}, "age": 4300}, method="raking")
    >>> weighting.weights.round(2).tolist()
    [25.0, 35.0, 25.0, 35.0]
    """
    request = calibration_request(
        targets,
        method=method,
        bounds=bounds,
        bounds_on=bounds_on,
        total=total,
        tolerance=tolerance,
        max_iterations=max_iterations,
    )
    return solved(data, weights, request).weighting


def calibration_request(
    targets: Any,
    *,
    method: DistanceKind,
    bounds: Bounds | None,
    bounds_on: Literal["ratio", "weight"],
    total: float | None,
    tolerance: float = TOLERANCE,
    max_iterations: int = 100,
) -> Request:
    """What :func:`calibrate` is asked for."""
    if method not in DISTANCE_KINDS:
        known = ", ".join(DISTANCE_KINDS)
        hint = did_you_mean(str(method), DISTANCE_KINDS)
        raise OptionError("unknown-option", f"there is no method {method!r}", where="method", expected=known, hint=hint)
    if bounds_on not in ("ratio", "weight"):
        what = f"bounds are not on {bounds_on!r}"
        raise OptionError("unknown-option", what, where="bounds_on", expected="ratio or weight")
    return Request(
        method,
        targets,
        bounds=bounds,
        on_weights=bounds_on == "weight",
        total=total,
        tolerance=tolerance,
        max_iterations=max_iterations,
    )

"""Weights and sampling design of the rows that a model is fitted to, and what follows from them for a fit.

lavaan's switches (robust standard errors, a scaled test, a mean structure) are made here, aloud.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from survey_sem.errors import DataError, OptionError, Warned, did_you_mean
from survey_sem.estimation.build import Weighting
from survey_sem.fitting.estimators import ESTIMATORS
from survey_sem.fitting.options import FitOptions
from survey_sem.inference.rules import ADJUSTED
from survey_sem.linalg import Array, Indices
from survey_sem.statistics import Moments
from survey_sem.statistics.scatter import Scatter

SHOWN_ROWS = 5
"""Rows that a message names."""


@dataclass(frozen=True, slots=True, eq=False)
class RowDesign:
    """What is known of all rows of the data.

    Parameters
    ----------
    weights : array (n,) or None
    clusters : array of int (n,) or None
        Codes from 0.
    scatter : Scatter or None
        The sampling design, where it is more than clusters.
    """

    weights: Array | None = None
    clusters: Indices | None = None
    scatter: Scatter | None = None


def row_design(data: Any, options: FitOptions) -> RowDesign:
    """Weights and clusters by the names that the options give.

    Raises
    ------
    OptionError
        The data have no rows.
    DataError
        There is no such column; weights that are missing, negative, infinite or all zero; rows without a cluster; a
        single cluster.
    """
    if options.weights is None and not options.cluster:
        return RowDesign()
    if not hasattr(data, "columns"):
        raise OptionError(
            "rows-needed", "weights and clusters belong to rows, and these data have none", where="weights, cluster"
        )
    weights = None if options.weights is None else _weights(_column(data, options.weights, "weights"), options.weights)
    clusters = None if not options.cluster else _codes(_column(data, options.cluster[0], "cluster"), options.cluster[0])
    return RowDesign(weights, clusters)


def _column(data: Any, name: str, option: str) -> Any:
    known = [str(column) for column in data.columns]
    if name not in known:
        raise DataError(
            "unknown-variable", f"the data have no column '{name}'", where=option, hint=did_you_mean(name, known)
        )
    column = data[name]
    if getattr(column, "ndim", 1) != 1:
        raise DataError("duplicate-column", f"the data have two columns named '{name}'", where=option)
    return column


def _weights(column: Any, name: str) -> Array:
    import pandas as pd

    try:
        values = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise DataError(
            "not-numeric", f"the weights '{name}' are not numeric", where="weights", got=str(column.dtype)
        ) from None
    wrong = ~np.isfinite(values) | (values < 0.0)
    if wrong.any():
        kinds = {"missing": np.isnan(values), "negative": values < 0.0, "infinite": np.isinf(values) & (values > 0.0)}
        told = ", ".join(f"{int(each.sum())} {kind}" for kind, each in kinds.items() if each.any())
        raise DataError(
            "bad-weights",
            f"the weights '{name}' are not all numbers from 0: {told} of {len(values)}",
            where=_places(np.flatnonzero(wrong)),
            expected="a weight for every row; 0 for rows outside the domain",
            hint="drop these rows, or give them the weight that the sampling plan says",
        )
    if not values.any():
        raise DataError("bad-weights", f"the weights '{name}' are all zero", where="weights")
    return np.asarray(values)


def _places(rows: Indices) -> str:
    shown = ", ".join(str(row + 1) for row in rows[:SHOWN_ROWS])
    return f"data row{'s' if len(rows) > 1 else ''} {shown}" + (", ..." if len(rows) > SHOWN_ROWS else "")


def _codes(column: Any, name: str) -> Indices:
    import pandas as pd

    codes, values = pd.factorize(column)
    missing = np.flatnonzero(codes < 0)
    if len(missing):
        raise DataError(
            "bad-clusters",
            f"{len(missing)} rows have no cluster ('{name}')",
            where=_places(missing),
            hint="drop these rows, or give each of them a cluster of its own",
        )
    if len(values) < 2:
        raise DataError("bad-clusters", f"'{name}' has {len(values)} value: one cluster says nothing of variability")
    return np.asarray(codes, dtype=np.intp)


def check_clusters(moments: Sequence[Moments]) -> tuple[Warned, ...]:
    """Refuse groups of one cluster; warn of clusters that hold rows of several groups."""
    seen = []
    for own in moments:
        rows = own.rows
        if rows is None or rows.clusters is None or rows.scatter is not None:
            return ()
        kept = rows.clusters if rows.keep is None else rows.clusters[rows.keep]
        seen.append(np.bincount(kept, minlength=int(rows.clusters.max()) + 1) > 0)
        if rows.n_units < 2:
            raise DataError(
                "one-cluster",
                "all rows are in one cluster, which says nothing of how clusters vary",
                where=f"group {own.label}" if own.label else "cluster",
            )
    shared = int((np.sum(seen, axis=0) > 1).sum()) if len(seen) > 1 else 0
    if not shared:
        return ()
    return (
        Warned(
            "clusters-cross-groups",
            f"{shared} clusters hold rows of several groups; their rows in different groups count as independent here, "
            "as in lavaan",
            "cluster",
            "standard errors of differences between groups are then too large or too small: "
            "data=ss.design(data, psu=...) takes whole clusters over all groups",
        ),
    )


def normalised(moments: Sequence[Moments], how: str) -> list[Moments]:
    """Moments whose weights sum to the number of rows: over all groups ("total"), or within each ("group").

    "none" leaves the weights as they are. Estimates of one group do not depend on it.
    """
    if how == "none" or any(own.rows is None or own.rows.weights is None for own in moments):
        return list(moments)
    if how == "group":
        return [_scaled(own, own.n_rows / own.n_obs) for own in moments]
    factor = sum(own.n_rows for own in moments) / sum(own.n_obs for own in moments)
    return [_scaled(own, factor) for own in moments]


def _scaled(own: Moments, factor: float) -> Moments:
    assert own.rows is not None and own.rows.weights is not None
    rows = replace(own.rows, weights=own.rows.weights * factor)
    patterns = None if own.patterns is None else replace(own.patterns, weights=own.patterns.weights * factor)
    return replace(own, n_obs=own.n_obs * factor, rows=rows, patterns=patterns)


def zero_weights(moments: Sequence[Moments]) -> tuple[Warned, ...]:
    """A warning where rows have weight zero."""
    weights = [own.rows.kept_weights for own in moments if own.rows is not None]
    counts = [int(np.count_nonzero(each == 0.0)) for each in weights if each is not None]
    if not sum(counts):
        return ()
    return (
        Warned(
            "zero-weights",
            f"{sum(counts)} rows have weight 0: they are outside the domain of this analysis, and still count in N, as "
            "in lavaan",
            "weights",
            "the unscaled chi-square and information criteria are those of N rows; scaled ones do not depend on it",
        ),
    )


CASEWISE_OF_ROWS = ("robust.huber.white",)
NAIVE = ("standard", "first.order")


def with_design(options: FitOptions, *, has_weights: bool, units: str | None) -> tuple[FitOptions, tuple[Warned, ...]]:
    """The options with what weights and units of sampling ask for.

    Parameters
    ----------
    options : FitOptions
        Options of the user; nothing that was chosen is overruled without a word.
    has_weights : bool
        Whether rows have weights.
    units : str or None
        The standard errors that sampled units have: ``robust.cluster``, ``robust.design``, ``replicate``; None where
        rows are independent.

    Raises
    ------
    OptionError
        What is not defined with weights or clusters.
    """
    if units is None and not has_weights:
        if options.se in ("robust.cluster", "robust.design", "replicate"):
            raise OptionError(
                "options-contradict",
                f"se='{options.se}' needs to know how rows were sampled",
                where="se",
                hint="name the column of the clusters: cluster=..., or pass a design: ss.design(data, psu=...)",
            )
        return options, ()
    estimator = ESTIMATORS[options.estimator]
    if options.estimator == "MLF" or options.information == "first.order" or options.se == "first.order":
        raise OptionError(
            "not-supported",
            "first-order information takes rows as independent and equally weighted; it is not defined with weights or "
            "clusters",
            where="estimator, se, information",
            expected="estimator='MLR'",
        )
    if estimator.weighting == "ML":
        return _likelihood_options(options, units)
    return _least_squares_options(options, estimator.weighting, units)


def _likelihood_options(options: FitOptions, units: str | None) -> tuple[FitOptions, tuple[Warned, ...]]:
    robust = units or "robust.huber.white"
    estimator = ESTIMATORS[options.estimator]
    warnings: list[Warned] = []
    se = options.se or (robust if estimator.se in ("standard", "robust.huber.white") else estimator.se)
    if se == "robust.cluster.sem":
        se = "robust.sem"
    if units is not None and se in ("standard", "robust"):
        if se == "standard":
            warnings.append(_switched("se", se, robust, "rows of one sampled unit are not independent"))
        se = robust
    elif se in ("robust.huber.white", "robust.cluster", "robust.design", "replicate") and se != robust:
        if units is None:
            raise OptionError("options-contradict", f"se='{se}' needs clusters or a design", where="se, cluster")
        if not (units == "replicate" and se == "robust.design"):
            se = robust
    elif se == "standard":
        warnings.append(_naive())
    tests = options.test
    if not tests and estimator.test == "standard":
        tests = ("yuan.bentler.mplus",)
    elif tests and not set(tests) & {*ADJUSTED, "none", "bollen.stine"}:
        warnings.append(_switched("test", ", ".join(tests), "yuan.bentler.mplus", "the unscaled one is no chi-square"))
        tests = (*tests, "yuan.bentler.mplus")
    information = options.information
    if information is None and se not in ("standard", "robust.sem", "robust"):
        information = "observed"
    meanstructure = True if options.meanstructure is None and units is not None else options.meanstructure
    return (
        replace(options, se=se, test=tests, information=information, meanstructure=meanstructure),
        tuple(warnings),
    )


def _least_squares_options(
    options: FitOptions, weighting: Weighting, units: str | None
) -> tuple[FitOptions, tuple[Warned, ...]]:
    """Least squares: Gamma knows weights and design, so that everything rests on it."""
    warnings: list[Warned] = []
    estimator = ESTIMATORS[options.estimator]
    se, tests = options.se or estimator.se, options.test or (estimator.test,)
    if se in ("robust.huber.white", "robust.cluster", "robust.design", "replicate"):
        raise OptionError(
            "not-supported",
            f"se='{se}' is defined for maximum likelihood",
            where="se",
            expected="robust.sem, which takes weights and clusters in through Gamma",
        )
    if se in ("standard", "robust", "robust.cluster.sem") and (weighting != "WLS" or se != "standard"):
        if se == "standard":
            warnings.append(_switched("se", se, "robust.sem", "its normal theory knows no weights and no clusters"))
        se = "robust.sem"
    if weighting != "WLS" and not set(tests) & {*ADJUSTED, "none", "bollen.stine"}:
        warnings.append(_switched("test", ", ".join(tests), "satorra.bentler", "the unscaled one is no chi-square"))
        tests = (*tests, "satorra.bentler")
    meanstructure = True if options.meanstructure is None and units is not None else options.meanstructure
    return replace(options, se=se, test=tests, meanstructure=meanstructure), tuple(warnings)


def _switched(option: str, old: str, new: str, why: str) -> Warned:
    return Warned(f"{option}-switched", f"{option}: {new}, not {old}: {why}", option)


def _naive() -> Warned:
    return Warned(
        "naive-standard-errors",
        "standard errors that ignore that rows have unequal weights",
        "se",
        "leave se out: robust ones are the default with weights",
    )

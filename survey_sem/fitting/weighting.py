"""Weights and sampling design of the rows that a model is fitted to, from the user's columns or design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from survey_sem.errors import DataError, OptionError, Warned
from survey_sem.fitting.options import FitOptions
from survey_sem.linalg import Array, Indices
from survey_sem.sample import Sample
from survey_sem.sample.design import SurveyDesign, design, replicate_design
from survey_sem.sample.design.columns import column, factorized, numbers
from survey_sem.sampling import Replicates
from survey_sem.statistics import Moments
from survey_sem.statistics.scatter import AdjustedSampling, Scatter

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
    survey : SurveyDesign or None
        What it came from.
    """

    weights: Array | None = None
    clusters: Indices | None = None
    scatter: Scatter | None = None
    survey: SurveyDesign | None = None

    @property
    def units(self) -> str | None:
        """The standard errors that the sampled units have; None where rows are independent."""
        if isinstance(self.scatter, Replicates):
            return "replicate"
        if self.scatter is not None:
            return "robust.design"
        return None if self.clusters is None else "robust.cluster"

    def check_rows(self, count: int) -> None:
        """Refuse another number of rows than the design knows: data sets that differ in it."""
        own = next((len(each) for each in (self.weights, self.clusters) if each is not None), count)
        own = own if self.survey is None else self.survey.n_rows
        if own != count:
            raise DataError(
                "other-rows", "the design knows another number of rows", expected=str(own), got=str(count), where="data"
            )

    def inside(self, keep: Indices | None) -> Indices | None:
        """Those of the rows `keep` (None: all) that are inside the domain of a design, unit by unit.

        Rows of one unit stand together then, so that blocks of rows are summed up quickly.
        """
        if self.survey is not None and not self.survey.inside.all():
            at = np.flatnonzero(self.survey.inside)
            keep = at if keep is None else keep[self.survey.inside[keep]]
        codes = self.clusters
        if codes is None and self.survey is not None and self.survey.sampling is not None:
            codes = self.survey.sampling.stages[0].stratum
        if codes is None:
            return keep
        own = codes if keep is None else codes[keep]
        if not np.any(own[1:] < own[:-1]):
            return keep
        order = np.argsort(own, kind="stable")
        return order if keep is None else keep[order]


def with_survey(data: Any, options: FitOptions) -> tuple[Any, FitOptions, RowDesign]:
    """The data without their design, the options that name it, and what it says of all rows.

    Raises
    ------
    OptionError
        Options beside a design that already says it; data without rows.
    DataError
        Columns of the design that are not there, or hold what they cannot.
    """
    if isinstance(data, Sample):
        data = data.data if data.design is None else data.design
    if isinstance(data, SurveyDesign):
        _refuse_second_design(options)
        return data.data, _described(options, data), _of_survey(data)
    if options.names_design:
        survey = _declared(data, options)
        return data, options, _of_survey(survey)
    for name in ("lonely_psu", "replicate_type", "replicate_scale", "replicate_rscales", "fay_rho", "nest"):
        if getattr(options, name):
            needs = "strata" if name in ("lonely_psu", "nest") else "replicate_weights"
            raise OptionError("needless-option", f"{name} says something of {needs}, which are not named", where=name)
    return data, options, row_design(data, options)


def _refuse_second_design(options: FitOptions) -> None:
    named = [
        name
        for name in ("weights", "cluster", "strata", "fpc", "replicate_weights", "lonely_psu", "replicate_type")
        if getattr(options, name)
    ]
    if named:
        raise OptionError(
            "options-contradict",
            f"{', '.join(named)}: the data carry their design already",
            where=named[0],
            hint="leave these options out, or pass the plain DataFrame",
        )


def _described(options: FitOptions, survey: SurveyDesign) -> FitOptions:
    """The options with the names of the columns that a design was made of."""

    def names(key: str) -> tuple[str, ...]:
        found = survey.described.get(key)
        return () if found is None else (found,) if isinstance(found, str) else tuple(found)

    weights = survey.described.get("weights")
    return replace(
        options,
        weights=weights,
        cluster=names("psu"),
        strata=names("strata"),
        fpc=names("fpc"),
        replicate_weights=names("replicate_weights"),
    )


def _declared(data: Any, options: FitOptions) -> SurveyDesign:
    if not hasattr(data, "columns"):
        raise OptionError("rows-needed", "a design belongs to rows, and these data have none", where="strata, fpc")
    if options.replicate_weights:
        others = [name for name in ("cluster", "strata", "fpc") if getattr(options, name)]
        if others or options.weights is None:
            raise OptionError(
                "options-contradict",
                f"replicate weights hold the design already: leave out {', '.join(others)}"
                if others
                else "replicate weights need the weights of the whole sample too",
                where="replicate_weights, weights",
            )
        return replicate_design(
            data,
            options.weights,
            options.replicate_weights[0] if len(options.replicate_weights) == 1 else list(options.replicate_weights),
            type=options.replicate_type or "BRR",  # type: ignore[arg-type]
            scale=options.replicate_scale,
            rscales=options.replicate_rscales or None,
            fay_rho=options.fay_rho,
        )
    return design(
        data,
        options.weights,
        list(options.strata) or None,
        list(options.cluster) or None,
        list(options.fpc) or None,
        lonely_psu=options.lonely_psu or "error",  # type: ignore[arg-type]
        nest=options.nest,
    )


def _of_survey(survey: SurveyDesign) -> RowDesign:
    survey.refuse_negative_weights()
    inside = survey.weights[survey.inside]
    weights = None if (inside == inside[0]).all() else survey.weights
    if survey.replicates is not None:
        weights = survey.weights  # replicate weights are told apart from them
        return RowDesign(weights, survey.replicates.unit, survey.replicates, survey)
    assert survey.sampling is not None
    first = survey.sampling.levels[0]
    clusters = None if first.rows_are_units else first.unit
    sampling: Scatter = survey.sampling
    if survey.adjustments:
        weights = survey.weights
        sampling = AdjustedSampling(survey.sampling, survey.adjustments)
    return RowDesign(weights, clusters, sampling, survey)


def resampling_warnings(row: RowDesign) -> tuple[Warned, ...]:
    """What of a design a bootstrap leaves out of account."""
    survey = row.survey
    if survey is None:
        return ()
    left = []
    if survey.sampling is not None and any(stage.population is not None for stage in survey.sampling.stages):
        left.append("population sizes are left out of account: standard errors are too large where much was sampled")
    if survey.adjustments:
        left.append("calibrated weights are not calibrated again: standard errors do not know what that brings")
    if not left:
        return ()
    hint = "leave bootstrap out, or pass replicate weights: design.as_replicates()"
    return (Warned("bootstrap-of-design", "; ".join(left), "bootstrap", hint),)


def unit_warnings(moments: Sequence[Moments], row: RowDesign, n_par: int) -> tuple[Warned, ...]:
    """A warning where sampled units are fewer than what rests on them."""
    if row.units is None:
        return ()
    if row.survey is not None:
        inside = np.zeros(row.survey.n_rows, dtype=bool)
        for own in moments:
            if own.rows is not None:
                inside[slice(None) if own.rows.keep is None else own.rows.keep] = True
        df = row.survey.subset(inside).degrees_of_freedom
    else:
        df = sum(own.rows.n_units - 1 for own in moments if own.rows is not None)
    if df >= n_par:
        return ()
    return (
        Warned(
            "few-units",
            f"the design has {df} degrees of freedom (sampled units less strata) for {n_par} free parameters",
            "cluster, strata",
            "single standard errors stand, if there are not very few units; tests of many parameters at once, and "
            "scaled tests, are not to be trusted",
        ),
    )


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
    weights = None if options.weights is None else _weights(data, options.weights)
    clusters = None if not options.cluster else _codes(data, options.cluster[0])
    return RowDesign(weights, clusters)


def _weights(data: Any, name: str) -> Array:
    values = numbers(data, name, "weights")
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
    return values


def _places(rows: Indices) -> str:
    shown = ", ".join(str(row + 1) for row in rows[:SHOWN_ROWS])
    return f"data row{'s' if len(rows) > 1 else ''} {shown}" + (", ..." if len(rows) > SHOWN_ROWS else "")


def _codes(data: Any, name: str) -> Indices:
    codes, values = factorized(column(data, name, "cluster"), "cluster")
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
    return codes


def check_clusters(moments: Sequence[Moments], se: str | None) -> tuple[Warned, ...]:
    """Refuse groups of one cluster; warn of clusters that hold rows of several groups, where `se` takes them apart."""
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
    if not shared or se == "bootstrap":
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

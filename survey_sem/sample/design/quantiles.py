"""Quantiles: by rule, with intervals from the proportion below them or from replicates.

An interval for the share below the estimated quantile becomes one for the quantile (Woodruff 1952,
doi:10.1080/01621459.1952.10483443); the standard error is its half length over t.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.linalg import Array, Indices
from survey_sem.sample.design.proportion_intervals import ProportionInterval, proportion_limits
from survey_sem.sample.design.quantile_rules import QUANTILE_RULES, ROUNDING, QuantileRule, quantiles
from survey_sem.sample.design.results import Estimates, check_level, symmetric_interval, t_quantile, t_quantiles
from survey_sem.sample.design.statistics import Groups, Ratios
from survey_sem.sample.design.survey_design import SurveyDesign
from survey_sem.sample.design.variables import Names, Question, question
from survey_sem.sampling.given_numbers import given_numbers

QuantileInterval = Literal["mean", "beta", "xlogit", "asin", "score", "quantile"]
QUANTILE_INTERVALS: tuple[QuantileInterval, ...] = get_args(QuantileInterval)

NO_LIMIT = (
    "no limit where the interval of the share below leaves 0 to 1 ('beta' and 'xlogit' stay inside), or a group is "
    "empty in a replicate"
)


def quantile_estimates(
    design: SurveyDesign,
    variables: Names,
    q: float | Sequence[float],
    *,
    by: Names,
    missing: str | None,
    rule: QuantileRule,
    interval: QuantileInterval,
    level: float,
) -> Estimates:
    """Quantiles, see `SurveyDesign.quantile`."""
    _check_known("rule", rule, QUANTILE_RULES)
    _check_known("interval", interval, QUANTILE_INTERVALS)
    level = check_level(level)
    shares = given_numbers(q, "q")
    if not ((shares >= 0) & (shares <= 1)).all():
        raise OptionError("wrong-quantile", "q is not one or more shares between 0 and 1", where="q", got=repr(q)[:80])
    if interval == "quantile" and design.replicates is None:
        raise OptionError(
            "no-replicates",
            "interval='quantile' estimates again under replicate weights, and the design has none",
            where="interval",
            hint="interval='mean', or design.as_replicates(...)",
        )
    asked = question(design, variables, by, missing, levels=False)
    sorted_values = SortedValues(asked, shares, rule)
    estimate = sorted_values.estimate(asked.design.weights)
    labels = asked.labels.loc[asked.labels.index.repeat(len(shares))].reset_index(drop=True)
    labels["quantile"] = np.tile(shares, len(asked.labels))
    per_group = len(asked.values) * len(shares)
    n, own_df = np.repeat(asked.n, per_group), asked.own_df(per_group)
    if interval == "quantile":
        cov = asked.design.replicate_covariance(sorted_values.estimate, estimate, partial=True)
        limits, method = symmetric_interval(estimate, np.sqrt(np.diag(cov)), level, own_df), "replicates"
    else:
        cov, limits = _woodruff(asked, sorted_values, estimate, n, own_df, level, interval)
        method = f"{rule}, {interval} interval"
    df = asked.design.degrees_of_freedom
    notes = _unknown_limits(limits, own_df)
    return Estimates(labels, estimate, cov, df, limits, level, n, method=method, notes=notes, own_df=own_df)


@dataclass(frozen=True, slots=True, eq=False)
class SortedValues:
    """The rows of each group and variable in ascending order: quantiles under any weights.

    Parameters
    ----------
    asked : Question
        Groups and values.
    shares : array (m,)
        Shares of the quantiles.
    rule : str
        Their definition.
    """

    asked: Question
    shares: Array
    rule: QuantileRule
    cells: tuple[tuple[Indices, Array], ...] = field(init=False)

    def __post_init__(self) -> None:
        cells = []
        inside = np.flatnonzero(self.asked.design.inside)
        for group in range(self.asked.groups.n_groups):
            rows = self.asked.groups.rows(group)
            rows = inside if isinstance(rows, slice) else rows
            for values in self.asked.values:
                order = rows[np.argsort(values[rows], kind="stable")]
                cells.append((order, values[order]))
        object.__setattr__(self, "cells", tuple(cells))

    def estimate(self, weights: Array) -> Array:
        """Quantiles (n_groups k m,): groups outermost, then variables."""
        return np.concatenate([quantiles(values, weights[rows], self.shares, self.rule) for rows, values in self.cells])

    def at(self, cell: int, weights: Array, shares: Array) -> Array:
        """Quantiles of one group and variable at other shares."""
        rows, values = self.cells[cell]
        return quantiles(values, weights[rows], shares, self.rule)


def _woodruff(
    asked: Question,
    sorted_values: SortedValues,
    estimate: Array,
    n: Indices,
    df: Array,
    level: float,
    interval: QuantileInterval,
) -> tuple[Array, Array]:
    """Covariance (k, k) and limits (k, 2); quantiles correlate as the shares below them do."""
    below, cov = _shares_below(asked, estimate, len(sorted_values.shares))
    weights, per_cell = asked.design.weights, len(sorted_values.shares)
    limits = np.empty((len(estimate), 2))
    for k, (share, variance) in enumerate(zip(below, np.diag(cov), strict=True)):
        cell, at = divmod(k, per_cell)
        if interval == "score":
            limits[k] = _score_limits(asked, sorted_values, cell, float(sorted_values.shares[at]), df[k], level)
            continue
        method: ProportionInterval = "mean" if interval == "mean" else interval  # type: ignore[assignment]
        ends = np.array(proportion_limits(method, float(share), float(variance), int(n[k]), df[k], level))
        known = (ends >= -ROUNDING) & (ends <= 1 + ROUNDING)
        limits[k] = np.nan
        limits[k, known] = sorted_values.at(cell, weights, ends[known])
    se = (limits[:, 1] - limits[:, 0]) / (2 * t_quantiles(level, df))
    deviation = np.sqrt(np.clip(np.diag(cov), 0.0, None))
    scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    correlation = cov * np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    return correlation * np.outer(se, se), limits


def _unknown_limits(limits: Array, df: Array) -> tuple[str, ...]:
    """What is to be said of limits that are not known."""
    unknown, notes = np.isnan(limits).any(axis=1) & (df > 0), []
    if (df <= 0).any():
        notes.append("no intervals where a group leaves no degrees of freedom")
    if unknown.any():
        notes.append(NO_LIMIT)
    return tuple(notes)


def _shares_below(asked: Question, points: Array, per_cell: int) -> tuple[Array, Array]:
    """Shares at or below the points (n_groups k m,) of their group and variable, and their covariance."""
    n_groups, width = asked.groups.n_groups, len(asked.values) * per_cell
    by_group = points.reshape(n_groups, width)
    repeated = np.repeat(asked.values, per_cell, axis=0)
    own = asked.groups.own(by_group, slice(0, asked.values.shape[1]))
    below = repeated <= own + ROUNDING * np.abs(own)  # an interpolated quantile may miss its own value by rounding
    statistic = Ratios(below.astype(np.float64), np.ones((1, repeated.shape[1])), asked.groups)
    return asked.design.evaluate(statistic)


def _score_limits(
    asked: Question, sorted_values: SortedValues, cell: int, p: float, df: float, level: float
) -> tuple[float, float]:
    """Where the test that the share below equals p stops rejecting, by bisection over the values that occur."""
    rows, values = sorted_values.cells[cell]
    distinct = np.unique(values)
    inside = np.zeros(asked.design.n_rows, dtype=bool)
    inside[rows] = True
    domain = asked.design.subset(inside)
    column = np.zeros((1, asked.design.n_rows))
    column[0, rows] = values
    single = Question(domain, column, asked.labels.iloc[:1], _one_group(len(inside)), asked.n[:1])
    t = t_quantile(level, df)

    def score(point: float) -> float:
        share, cov = _shares_below(single, np.array([point]), 1)
        return (float(share[0]) - p) / max(float(np.sqrt(max(cov[0, 0], 0.0))), 1e-300)

    return float(distinct[_first_at(score, distinct, -t)]), float(distinct[_first_at(score, distinct, t)])


def _one_group(n: int) -> Groups:
    return Groups(np.zeros(n, dtype=np.intp), 1)


def _first_at(score: Callable[[float], float], distinct: Array, height: float) -> int:
    """Position of the first value whose score is at least `height`."""
    low, high = 0, len(distinct) - 1
    while low < high:
        middle = (low + high) // 2
        if score(float(distinct[middle])) >= height:
            high = middle
        else:
            low = middle + 1
    return low


def _check_known(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise OptionError("unknown-option", f"{what} does not know '{value}'", where=what, expected=", ".join(known))

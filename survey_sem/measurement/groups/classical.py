"""A variable in independent groups: description, tests and pairs."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import stdtr

from survey_sem.errors import DataError
from survey_sem.linalg import Array
from survey_sem.measurement.groups import door
from survey_sem.measurement.groups.rows import Rows
from survey_sem.sample.design.results import t_quantile

Row = dict[str, Any]
INTEGRATED = 1e-9
"""Smaller p-values of the studentised range are rounding errors of its integral."""
MOST_DF = 1e5
"""Beyond these degrees of freedom the studentised range is that of infinitely many."""


def describe(rows: Rows, level: float) -> list[Row]:
    """Size, mean, standard deviation and interval of every group."""
    described = []
    for label, part in zip(rows.labels, rows.parts, strict=True):
        mean, sd = float(part.mean()), float(part.std(ddof=1))
        se = sd / float(np.sqrt(len(part)))
        reach = t_quantile(level, len(part) - 1) * se
        described.append(
            {"variable": rows.name, "group": label, "n": len(part), "mean": mean, "sd": sd, "se": se,
             "ci_lower": mean - reach, "ci_upper": mean + reach}
        )  # fmt: skip
    return described


def test_of(rows: Rows, test: str) -> Row:
    """Whether the groups differ, how much, and whether they spread alike."""
    _needs_spread(rows, test)
    run = {"welch": door.welch_anova, "classical": door.classical_anova, "kruskal": door.kruskal_wallis}[test]
    eta2, omega2 = shares(rows)
    statistic, p = door.levene(rows.y, rows.codes) if min(map(len, rows.parts)) > 2 else (float("nan"),) * 2
    found = {name: float(value) for name, value in run(rows.y, rows.codes).items()}
    return {"variable": rows.name, **found, "eta2": eta2, "omega2": omega2, "levene": statistic, "p_levene": p}


def shares(rows: Rows) -> tuple[float, float]:
    """Eta squared and omega squared: shares of the variance between the groups, of the sample and of the population."""
    k, n, mean = len(rows.labels), len(rows.y), rows.y.mean()
    between = float(sum(len(part) * (part.mean() - mean) ** 2 for part in rows.parts))
    within = float(sum(((part - part.mean()) ** 2).sum() for part in rows.parts))
    mean_square = within / (n - k) if n > k else float("nan")
    return between / (between + within), (between - (k - 1) * mean_square) / (between + within + mean_square)


def pair_kind(n_groups: int, pairs: str) -> str:
    """Name of the pair test: of two groups the t test that belongs to it."""
    if n_groups > 2:
        return pairs
    return "t-pooled" if pairs == "tukey" else "t-welch"


def pairs_of(rows: Rows, kind: str, level: float) -> list[Row]:
    """Every pair: difference with interval and p-value, and Hedges' g."""
    parts = rows.parts
    found = []
    for pair in _tested(rows, kind):
        first, second = int(pair["first"]), int(pair["second"])
        reach = pair["se"] * _critical(kind, level, len(rows.labels), pair["df"])
        g, low, high = _hedges(parts[first], parts[second], level)
        found.append(
            {"variable": rows.name, "group": rows.labels[first], "against": rows.labels[second],
             "difference": float(pair["difference"]), "se": float(pair["se"]), "df": float(pair["df"]),
             "p_value": float(pair["p_value"]), "ci_lower": float(pair["difference"] - reach),
             "ci_upper": float(pair["difference"] + reach), "g": g, "g_lower": low, "g_upper": high}
        )  # fmt: skip
    return found


def _tested(rows: Rows, kind: str) -> list[dict[str, float]]:
    if kind == "games-howell":
        return [_bounded(pair, len(rows.labels)) for pair in door.games_howell(rows.y, rows.codes)]
    if kind == "tukey":
        found = door.tukey(rows.y, rows.codes, len(rows.y) - len(rows.labels))
        return [_bounded(pair, len(rows.labels)) for pair in found]
    first, second = rows.parts
    test = door.two_groups(first, second, equal_variances=kind == "t-pooled")
    difference = float(first.mean() - second.mean())
    se = _pooled(first, second) if kind == "t-pooled" else _separate(first, second)
    return [{"first": 0, "second": 1, "difference": difference, "se": se, "df": test["df"], "p_value": test["p_value"]}]


def _bounded(pair: dict[str, float], n_groups: int) -> dict[str, float]:
    """A pair whose p-value is not the rounding of an integral: that small, it is Bonferroni's bound."""
    if pair["p_value"] >= INTEGRATED:
        return pair
    bound = n_groups * (n_groups - 1) * float(stdtr(pair["df"], -abs(pair["difference"] / pair["se"])))
    return {**pair, "p_value": min(bound, INTEGRATED)}


def _separate(first: Array, second: Array) -> float:
    return float(np.sqrt(first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second)))


def _pooled(first: Array, second: Array) -> float:
    n = len(first) + len(second)
    variance = (first.var() * len(first) + second.var() * len(second)) / (n - 2)
    return float(np.sqrt(variance * (1 / len(first) + 1 / len(second))))


def _critical(kind: str, level: float, n_groups: int, df: float) -> float:
    """What a standard error is multiplied by: of t, or of the studentised range of all groups."""
    if kind.startswith("t-"):
        return t_quantile(level, df)
    return _range_quantile(level, n_groups, df if df <= MOST_DF else float("inf")) / float(np.sqrt(2.0))


@lru_cache(maxsize=256)
def _range_quantile(level: float, n_groups: int, df: float) -> float:
    """Quantile of the studentised range; searched upwards from the one of infinite df, which is known at once."""
    from scipy.optimize import brentq
    from scipy.stats import studentized_range

    lowest = float(studentized_range.ppf(level, n_groups, np.inf))
    if np.isinf(df):
        return lowest

    def excess(q: float) -> float:
        return float(studentized_range.sf(q, n_groups, df) - (1.0 - level))

    low, high = lowest, lowest * (1.0 + 4.0 / df)
    while excess(high) > 0.0:
        low, high = high, 2.0 * high
    return float(brentq(excess, low, high, xtol=1e-10, rtol=1e-12)) if excess(low) > 0.0 else low


def _hedges(first: Array, second: Array, level: float) -> tuple[float, float, float]:
    if first.std() == 0 and second.std() == 0:
        return (float("nan"),) * 3
    return door.hedges(first, second, level)


def _needs_spread(rows: Rows, test: str) -> None:
    constant = [label for label, part in zip(rows.labels, rows.parts, strict=True) if np.ptp(part) == 0]
    if test == "kruskal" or not constant or (test == "classical" and len(constant) < len(rows.labels)):
        return
    raise DataError(
        "no-spread",
        f"'{rows.name}' does not vary within a group, and the test divides by its variance",
        where=f"column {rows.name}",
        got=", ".join(constant),
        hint="test='kruskal' goes by ranks" if test == "classical" else "test='classical' pools the variances",
    )

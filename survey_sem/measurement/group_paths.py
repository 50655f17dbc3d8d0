"""Paths of a model compared over its groups, pair by pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.inference.distributions import normal_quantile, two_sided_p
from survey_sem.linalg import Array
from survey_sem.results import SemResult
from survey_sem.syntax import Parameter

if TYPE_CHECKING:
    import pandas as pd

EQUAL = 1e-12
"""Share of the variances below which that of a difference is rounding: the two are held equal."""


@dataclass(frozen=True, slots=True)
class PathDifference:
    """A path in one group less the same path in another.

    difference, se, z, p_value, ci_lower, ci_upper : of the unstandardised coefficients
    p_holm : p-value under Holm's (1979) control of all comparisons of the table
    """

    lhs: str
    rhs: str
    group: str
    against: str
    difference: float
    se: float
    z: float
    p_value: float
    ci_lower: float
    ci_upper: float
    p_holm: float


def path_differences(fit: SemResult) -> pd.DataFrame:
    """Differences of every free path between every two groups, with Holm's control of their number.

    Unstandardised coefficients are compared: they are on one scale where the loadings are equal over the groups
    (``group_equal="loadings"``). Paths that are held equal have no difference and are left out.

    Parameters
    ----------
    fit : SemResult
        Of several groups.

    Returns
    -------
    DataFrame
        ``lhs rhs group against difference se z p_value ci_lower ci_upper p_holm``.
        Source of the control: Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    Raises
    ------
    OptionError
        The result has one group.

    Examples
    --------
    >>> import survey_sem as ss
    >>> one = ss.moments(cov=[[1, 0.5], [0.5, 1]], n_obs=200, names=["x", "y"])
    >>> two = ss.moments(cov=[[1, 0.2], [0.2, 1]], n_obs=200, names=["x", "y"])
    >>> ss.path_differences(ss.sem("y ~ x", {"a": one, "b": two}))["difference"].round(3).tolist()
    [-0.3]
    """
    import pandas as pd

    found = differences(fit)
    return pd.DataFrame([asdict(each) for each in found], columns=list(PathDifference.__slots__))


def differences(fit: SemResult) -> tuple[PathDifference, ...]:
    """The records behind `path_differences`."""
    if not isinstance(fit, SemResult):
        raise OptionError(
            "wrong-type",
            "paths are compared of a result of sem",
            where="fit",
            got=type(fit).__name__,
            expected="SemResult",
        )
    if fit.n_groups < 2:
        raise OptionError("no-groups", "paths are compared between groups, and this result has one", where="fit")
    found = list(_compared(fit))
    z = np.array([value / se for *_, value, se in found])
    p = np.asarray(two_sided_p(z), dtype=np.float64)
    reach = float(normal_quantile(0.5 + float(fit.options["ci_level"]) / 2.0))
    held = holm(p)
    return tuple(
        PathDifference(
            lhs=row.lhs,
            rhs=row.rhs,
            group=fit.group_labels[row.group - 1],
            against=fit.group_labels[other.group - 1],
            difference=value,
            se=se,
            z=float(z[at]),
            p_value=float(p[at]),
            ci_lower=value - reach * se,
            ci_upper=value + reach * se,
            p_holm=float(held[at]),
        )
        for at, (row, other, value, se) in enumerate(found)
    )


def holm(p: Array) -> Array:
    """p-values under control of the family-wise error rate: the smallest times m, the next times m - 1, ..."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    found = np.empty(len(p))
    found[order] = np.minimum(stepped, 1.0)
    return found


def _pairs(fit: SemResult) -> Iterator[tuple[Parameter, Parameter]]:
    """The same free path in two groups, the later group first."""
    paths: dict[tuple[str, str], dict[int, Parameter]] = {}
    for row in fit.table.parameters:
        if row.op == "~" and row.free:
            paths.setdefault((row.lhs, row.rhs), {})[row.group] = row
    for by_group in paths.values():
        for first, second in combinations(sorted(by_group), 2):
            yield by_group[second], by_group[first]


def _compared(fit: SemResult) -> Iterator[tuple[Parameter, Parameter, float, float]]:
    """Pairs with their difference and its standard error; without those that are held equal."""
    vcov = fit.vcov().to_numpy()
    theta = fit.solution.estimates.theta
    for row, other in _pairs(fit):
        i, j = row.free - 1, other.free - 1
        variance = vcov[i, i] + vcov[j, j] - 2.0 * vcov[i, j]
        if variance > EQUAL * (vcov[i, i] + vcov[j, j]):
            yield row, other, float(theta[i] - theta[j]), float(np.sqrt(variance))

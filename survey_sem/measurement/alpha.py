"""Cronbach's alpha of one scale with the statistics of its items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from survey_sem.errors import DataError, MissingChoiceError, OptionError, Warned, did_you_mean
from survey_sem.fitting.data import GroupData, model_moments, numeric_column
from survey_sem.linalg import Array, correlation
from survey_sem.statistics import Moments

if TYPE_CHECKING:
    import pandas as pd

CI_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """One item of a scale.

    item : its name
    n_obs : answers behind mean and standard deviation
    mean, sd : as answered (a reversed item is not turned round here); mean is None without rows or published means;
        sd has the divisor N-1
    r_drop : correlation of the item with the sum of the others
    alpha_if_dropped, std_alpha_if_dropped : alpha of the others, raw and from correlations; None where one item is left
    """

    item: str
    n_obs: int
    mean: float | None
    sd: float
    r_drop: float
    alpha_if_dropped: float | None
    std_alpha_if_dropped: float | None

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class CronbachAlpha:
    """Alpha of one scale.

    alpha : raw, from covariances: k/(k-1) (1 - tr C / 1'C1)
    std_alpha : from correlations, as if the items were standardised before they are summed
    average_r : mean correlation between items
    se : standard error for normal items (Duhachek & Iacobucci 2004, doi:10.1037/0021-9010.89.5.792)
    ci_lower, ci_upper : Feldt's exact interval for parallel normal items at `ci_level`
    n_obs : rows (under pairwise deletion: all rows)
    items : statistics of every item, in the order given
    reversed : items that were turned round
    warnings : items that still point against the others
    """

    alpha: float
    std_alpha: float
    average_r: float
    se: float
    ci_lower: float
    ci_upper: float
    ci_level: float
    n_obs: int
    items: tuple[ItemStatistics, ...]
    reversed: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()

    def records(self) -> list[dict[str, Any]]:
        """One dict for each item."""
        return [item.to_dict() for item in self.items]

    @property
    def table(self) -> pd.DataFrame:
        """Item statistics, one row per item."""
        import pandas as pd

        return pd.DataFrame(self.records()).set_index("item")


def cronbach_alpha(
    data: pd.DataFrame | Moments,
    items: Sequence[str] | None = None,
    *,
    reverse: Sequence[str] = (),
    missing: Literal["listwise", "pairwise"] | None = None,
    ci_level: float = CI_LEVEL,
) -> CronbachAlpha:
    """Cronbach's alpha of one scale, with alpha if an item were dropped and item-rest correlations.

    Parameters
    ----------
    data : DataFrame or Moments
        Rows, or a published covariance matrix (`survey_sem.moments`).
    items : sequence of str, optional
        The scale's items; None takes every column.
    reverse : sequence of str
        Items to turn round first. Alpha does not depend on the scale's end points, so the sign is all that matters.
    missing : {"listwise", "pairwise"}, optional
        Rows without a gap, or covariances from all rows that have both answers. No default where there are gaps.
    ci_level : float
        Level of Feldt's interval.

    Raises
    ------
    MissingChoiceError
        There are missing values and `missing` is not given.
    DataError
        Fewer than two items; an item that is absent, not numeric or constant.
    """
    names = tuple(items) if items is not None else _all_names(data)
    if len(names) < 2 or len(set(names)) != len(names):
        raise DataError("too-few-items", "a scale needs at least two different items", got=", ".join(names) or "none")
    unknown = [name for name in reverse if name not in names]
    if unknown:
        hint = did_you_mean(unknown[0], names)
        raise OptionError("unknown-variable", f"'{unknown[0]}' is not an item of the scale", where="reverse", hint=hint)
    moments, counts, warnings = _item_moments(data, names, missing)
    found = alpha_of(moments, reverse=reverse, counts=counts, ci_level=ci_level)
    return replace(found, warnings=(*warnings, *found.warnings))


def alpha_of(
    moments: Moments, *, reverse: Sequence[str] = (), counts: Sequence[int] | None = None, ci_level: float = CI_LEVEL
) -> CronbachAlpha:
    """Alpha of all variables of `moments`; `counts` are the answers of each."""
    k = len(moments.names)
    sign = np.array([-1.0 if name in reverse else 1.0 for name in moments.names])
    cov = moments.cov * np.outer(sign, sign)
    if cov.sum() <= 0.0:
        raise DataError("no-composite", "the sum of the items has no variance", hint="reverse-key the reversed items")
    alpha = raw_alpha(cov)
    r_drop = [_item_rest(cov, at) for at in range(k)]
    lower, upper = feldt_interval(alpha, moments.n_rows, k, ci_level)
    sd = np.sqrt(np.diag(moments.rescaled("n-1").cov))
    return CronbachAlpha(
        alpha=alpha,
        std_alpha=raw_alpha(correlation(cov)),
        average_r=float(correlation(cov)[np.tril_indices(k, -1)].mean()),
        se=alpha_standard_error(cov, moments.n_rows),
        ci_lower=lower,
        ci_upper=upper,
        ci_level=ci_level,
        n_obs=moments.n_rows,
        items=tuple(
            ItemStatistics(
                item=name,
                n_obs=moments.n_rows if counts is None else counts[at],
                mean=None if moments.mean is None else float(moments.mean[at]),
                sd=float(sd[at]),
                r_drop=r_drop[at],
                alpha_if_dropped=_without(cov, at),
                std_alpha_if_dropped=_without(correlation(cov), at),
            )
            for at, name in enumerate(moments.names)
        ),
        reversed=tuple(name for name in moments.names if name in reverse),
        warnings=_opposed(moments.names, correlation(cov)),
    )


def raw_alpha(cov: Array) -> float:
    """Alpha k/(k-1) (1 - tr C / 1'C1) of a covariance matrix (k, k); any divisor."""
    k = len(cov)
    return float(k / (k - 1) * (1.0 - np.trace(cov) / cov.sum()))


def alpha_standard_error(cov: Array, n_obs: int) -> float:
    """Standard error of raw alpha for normal items (Duhachek & Iacobucci 2004, equation 2); divisor N."""
    k, total, trace, square = len(cov), cov.sum(), np.trace(cov), cov @ cov
    spread = total * (np.trace(square) + trace**2) - 2.0 * trace * square.sum()
    return float(np.sqrt(2.0 * k**2 / ((k - 1) ** 2 * total**3) * spread / n_obs))


def feldt_interval(alpha: float, n_obs: int, k: int, level: float) -> tuple[float, float]:
    """Interval of alpha: (1 - alpha) / (1 - estimate) is F with (N-1)(k-1) and N-1 degrees of freedom.

    Source: Feldt (1965), doi:10.1007/BF02289499.
    """
    from scipy.special import fdtri

    tail = (1.0 - level) / 2.0
    df = n_obs - 1.0, (n_obs - 1.0) * (k - 1.0)
    return 1.0 - (1.0 - alpha) * float(fdtri(*df, 1.0 - tail)), 1.0 - (1.0 - alpha) * float(fdtri(*df, tail))


def _item_rest(cov: Array, at: int) -> float:
    """Correlation of one item with the sum of the others; NaN where that sum has no variance."""
    with_all = cov[at].sum()
    rest = cov.sum() - 2.0 * with_all + cov[at, at]
    return float((with_all - cov[at, at]) / np.sqrt(cov[at, at] * rest)) if rest > 0.0 else float("nan")


def _without(cov: Array, at: int) -> float | None:
    kept = [k for k in range(len(cov)) if k != at]
    rest = cov[np.ix_(kept, kept)]
    return raw_alpha(rest) if len(rest) > 1 and rest.sum() > 0.0 else None


def _opposed(names: Sequence[str], cor: Array) -> tuple[Warned, ...]:
    """A warning that names the items whose weight on the first principal component has the rarer sign."""
    weights = np.linalg.eigh(cor)[1][:, -1]
    rarer = weights < 0.0 if (weights < 0.0).sum() <= len(weights) / 2 else weights > 0.0
    if not rarer.any():
        return ()
    opposed = ", ".join(name for name, is_rare in zip(names, rarer, strict=True) if is_rare)
    return (
        Warned(
            "item-opposed",
            f"{opposed} point{'' if rarer.sum() > 1 else 's'} against the other items of the scale",
            hint="alpha means something only where all items point the same way: reverse-key what is worded the other "
            "way round (reverse=...), or drop the item",
        ),
    )


def _all_names(data: Any) -> tuple[str, ...]:
    if isinstance(data, Moments):
        return data.names
    if not hasattr(data, "columns"):
        raise OptionError(
            "bad-data", "data must be a pandas DataFrame or Moments", where="data", got=type(data).__name__
        )
    return tuple(str(name) for name in data.columns)


def _item_moments(
    data: Any, names: Sequence[str], missing: str | None
) -> tuple[Moments, Sequence[int] | None, tuple[Warned, ...]]:
    """Moments of the items, the number of answers of each (None: `n_obs`), and warnings about the data."""
    if missing not in (None, "listwise", "pairwise"):
        raise OptionError(
            "bad-option", f"missing has no value '{missing}'", where="missing", expected="listwise, pairwise"
        )
    if missing == "pairwise" and not isinstance(data, Moments):
        moments, counts = _pairwise_moments(data, names)
        return moments, counts, ()
    try:
        moments, warnings = model_moments(GroupData(data), names, missing)
    except MissingChoiceError as error:
        raise MissingChoiceError(
            error.code,
            error.what,
            where="missing",
            expected='missing="listwise" (rows without a gap) or missing="pairwise" (all rows that have both answers)',
            got=error.got,
        ) from None
    return moments, None, warnings


def _present_moments(data: pd.DataFrame, name: str, known: Sequence[str]) -> Moments:
    answered = data[[name]].dropna() if name in known else data
    return model_moments(GroupData(answered), [name], None)[0]


def _pairwise_moments(data: pd.DataFrame, names: Sequence[str]) -> tuple[Moments, Sequence[int]]:
    """Covariances from all rows that have both answers of a pair; means from all answers of an item."""
    known = [str(column) for column in data.columns]
    single = [_present_moments(data, name, known) for name in names]
    mean = np.array([np.asarray(moments.mean)[0] for moments in single])
    values = np.column_stack([np.asarray(numeric_column(data[name], name), dtype=np.float64) for name in names])
    seen = ~np.isnan(values)
    filled = np.where(seen, values - mean, 0.0)
    both = seen.T.astype(np.float64) @ seen
    if both.min() < 2:
        one, other = (names[int(k)] for k in np.argwhere(both < 2)[0])
        raise DataError("never-jointly-observed", f"fewer than two rows have both {one} and {other}")
    sums = filled.T @ seen
    cov = (filled.T @ filled - sums * sums.T / both) / (both - 1.0)
    moments = Moments(tuple(names), len(values), (cov + cov.T) / 2.0, mean, divisor="n-1", n_total=len(values))
    return moments, [m.n_rows for m in single]

"""Coefficients against a smallest effect of interest: two one-sided tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.linalg import Array
from survey_sem.regression.fitted import Fitted

if TYPE_CHECKING:
    import pandas as pd

SCALES = ("std_beta", "est")


def check(family: str, bound: Any, scale: Any) -> None:
    """Refuse bounds that are none, and a scale that the family does not have.

    Raises
    ------
    OptionError
    """
    if isinstance(bound, bool) or not isinstance(bound, int | float | np.number) or not 0 < bound < np.inf:
        raise OptionError("bad-option", "the smallest effect of interest is above 0", where="bound", got=repr(bound))
    if scale not in SCALES:
        raise OptionError("bad-option", f"scale has no value {scale!r}", where="scale", expected=", ".join(SCALES))
    if scale == "std_beta" and family != "gaussian":
        raise OptionError(
            "not-supported", "standardised coefficients belong to the Gaussian family", where="scale", expected="est"
        )


def table(fit: Fitted, value: Array, se: Array, df: float | Array, bound: float, ci_level: float) -> pd.DataFrame:
    """The tests of all coefficients but intercepts, thresholds and dispersions; see `Regression.equivalence`.

    Parameters
    ----------
    fit : Fitted
        Names the coefficients.
    value, se : arrays (q,)
        On the scale of the bound.
    df : float or array (q,)
        Of t; infinite: normal.
    """
    import pandas as pd

    from survey_sem.statistics.pooling import t_quantile

    used = [at for at, name in enumerate(fit.names) if name != "Intercept"]
    used = [at for at in used if fit.equations[at] not in ("threshold", "dispersion")]
    value, se, freedom = value[used], se[used], np.broadcast_to(df, len(value))[used]
    p = np.maximum(_upper_tail((value + bound) / se, freedom), _upper_tail((bound - value) / se, freedom))
    reach = t_quantile(ci_level, freedom) * se
    lower, upper = value - reach, value + reach
    inside, outside = (lower > -bound) & (upper < bound), (lower > bound) | (upper < -bound)
    return pd.DataFrame(
        {
            "equation": [fit.equations[at] for at in used],
            "term": [fit.names[at] for at in used],
            "value": value,
            "ci_lower": lower,
            "ci_upper": upper,
            "p_equivalence": p,
            "conclusion": np.select([inside, outside], ["negligible", "relevant"], "undecided"),
        }
    )


def _upper_tail(statistic: Array, df: Array) -> Array:
    from scipy.special import ndtr, stdtr

    finite = np.isfinite(df)
    return np.asarray(np.where(finite, stdtr(np.where(finite, df, 1.0), -statistic), ndtr(-statistic)))

"""The one door to pingouin (GPL-3): imported by the call that needs it, by name, and none of its code is copied.

Its versions spell columns differently (``p-unc``, ``p_unc``); here each is spelled one way.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from survey_sem.linalg import Array, Indices

RESPONSE, GROUP = "y", "g"


def welch_anova(y: Array, codes: Indices) -> dict[str, float]:
    """Welch's F: ``statistic df1 df2 p_value``."""
    row = _first(_asked("welch_anova", data=_frame(y, codes), dv=RESPONSE, between=GROUP))
    return {"statistic": row["F"], "df1": row["ddof1"], "df2": row["ddof2"], "p_value": row["p_unc"]}


def classical_anova(y: Array, codes: Indices) -> dict[str, float]:
    """The F of equal variances: ``statistic df1 df2 p_value``."""
    row = _first(_asked("anova", data=_frame(y, codes), dv=RESPONSE, between=GROUP))
    return {"statistic": row["F"], "df1": row["ddof1"], "df2": row["ddof2"], "p_value": row["p_unc"]}


def kruskal_wallis(y: Array, codes: Indices) -> dict[str, float]:
    """Kruskal and Wallis' H, chi-square with `df1` degrees of freedom: ``statistic df1 p_value``."""
    row = _first(_asked("kruskal", data=_frame(y, codes), dv=RESPONSE, between=GROUP))
    return {"statistic": row["H"], "df1": row["ddof1"], "df2": float("nan"), "p_value": row["p_unc"]}


def levene(y: Array, codes: Indices) -> tuple[float, float]:
    """Statistic and p-value of Levene's test around the medians (Brown and Forsythe)."""
    frame = _frame(y, codes)
    row = _first(_asked("homoscedasticity", frame, dv=RESPONSE, group=GROUP, method="levene", center="median"))
    return row["W"], row["pval"]


def games_howell(y: Array, codes: Indices) -> list[dict[str, float]]:
    """Pairs in unequal variances: ``first second difference se df p_value`` of each."""
    frame = _asked("pairwise_gameshowell", data=_frame(y, codes), dv=RESPONSE, between=GROUP)
    return [
        {"first": row["A"], "second": row["B"], "difference": row["diff"], "se": row["se"], "df": row["df"],
         "p_value": row["pval"]}
        for row in frame.to_dict("records")
    ]  # fmt: skip


def tukey(y: Array, codes: Indices, df: float) -> list[dict[str, float]]:
    """Pairs in equal variances (Tukey, Kramer) with `df` residual degrees of freedom."""
    frame = _asked("pairwise_tukey", data=_frame(y, codes), dv=RESPONSE, between=GROUP)
    return [
        {"first": row["A"], "second": row["B"], "difference": row["diff"], "se": row["se"], "df": df,
         "p_value": row["p_tukey"]}
        for row in frame.to_dict("records")
    ]  # fmt: skip


def two_groups(first: Array, second: Array, *, equal_variances: bool) -> dict[str, float]:
    """The t test of two groups: ``statistic df p_value``; Welch's unless variances are equal."""
    row = _first(_asked("ttest", first, second, correction=not equal_variances))
    return {"statistic": row["T"], "df": row["dof"], "p_value": row["p_val"]}


def hedges(first: Array, second: Array, level: float) -> tuple[float, float, float]:
    """Hedges' g of two groups with its interval."""
    g = float(_called("compute_effsize", first, second, eftype="hedges"))
    sizes = {"nx": len(first), "ny": len(second)}
    low, high = _called("compute_esci", stat=g, **sizes, eftype="hedges", confidence=level, decimals=15)
    return g, float(low), float(high)


def _frame(y: Array, codes: Indices) -> Any:
    import pandas as pd

    return pd.DataFrame({RESPONSE: y, GROUP: codes})


def _called(name: str, *values: Any, **options: Any) -> Any:
    """A function of pingouin; its warnings about itself (pandas to come, Bayes factors) are not ours."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        import pingouin

        function: Callable[..., Any] = getattr(pingouin, name)
        return function(*values, **options)


def _asked(name: str, *values: Any, **options: Any) -> Any:
    """Its table, columns spelled with underscores."""
    return _called(name, *values, **options).rename(columns=lambda column: str(column).replace("-", "_"))


def _first(frame: Any) -> dict[str, float]:
    return {str(key): value for key, value in frame.iloc[0].to_dict().items()}

"""A variable in the groups of a designed sample: means, Wald test and pairs by how the rows were drawn."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import stdtr

from survey_sem.linalg import as_array
from survey_sem.measurement.group_paths import holm
from survey_sem.measurement.groups.rows import Rows
from survey_sem.regression import regress
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.design.results import t_quantile

Row = dict[str, Any]
RESPONSE, GROUP = "compared_", "group_"


def compare_by_design(rows: Rows, design: SurveyDesign, level: float) -> tuple[list[Row], Row, list[Row]]:
    """Description of the groups, test, pairs."""
    own = _prepared(rows, design)
    means = own.mean(RESPONSE, by=GROUP, deff=False, level=level)
    weights = own.weights[rows.used]
    spread = [_spread(rows, weights, code) for code in range(len(rows.labels))]
    groups = [
        {"variable": rows.name, "group": label, "n": int(means.n[k]), "mean": float(means.estimate[k]),
         "sd": spread[k][0], "se": float(means.se[k]), "ci_lower": float(means.interval[k, 0]),
         "ci_upper": float(means.interval[k, 1])}
        for k, label in enumerate(rows.labels)
    ]  # fmt: skip
    fit = regress(f"{RESPONSE} ~ C({GROUP})", own)
    wald = fit.wald()
    absent = float("nan")
    test = {
        "variable": rows.name, "statistic": wald.f, "df1": float(wald.df), "df2": float(wald.df_residual),
        "p_value": wald.p_value, "eta2": float(fit.measures["r2"]), "omega2": absent, "levene": absent,
        "p_levene": absent,
    }  # fmt: skip
    sd = float(np.sqrt(sum(w * s**2 for s, w in spread) / sum(w for _, w in spread)))
    return groups, test, _pairs(rows, means, sd, level)


def _prepared(rows: Rows, design: SurveyDesign) -> SurveyDesign:
    """The domain of the rows that take part, with the variable and its groups as columns; outside they are nothing."""
    y = np.zeros(design.n_rows)
    y[rows.used] = rows.y
    codes = np.zeros(design.n_rows, dtype=np.intp)
    codes[rows.used] = rows.codes
    own = design.assign(**{RESPONSE: y, GROUP: codes})
    return own if np.array_equal(rows.used, design.inside) else own.subset(rows.used)


def _spread(rows: Rows, weights: Any, code: int) -> tuple[float, float]:
    """Weighted standard deviation of a group, and its weight."""
    here = rows.codes == code
    y, w = rows.y[here], weights[here]
    variance = np.average((y - np.average(y, weights=w)) ** 2, weights=w)
    return float(np.sqrt(variance * len(y) / (len(y) - 1))), float(w.sum())


def _pairs(rows: Rows, means: Any, sd: float, level: float) -> list[Row]:
    pairs = list(combinations(range(len(rows.labels)), 2))
    first, second = (np.array(each) for each in zip(*pairs, strict=True))
    difference = means.estimate[first] - means.estimate[second]
    variance = means.cov[first, first] + means.cov[second, second] - 2 * means.cov[first, second]
    se = np.sqrt(np.clip(variance, 0.0, None))
    reach = t_quantile(level, means.df) * se
    t = np.divide(difference, se, out=np.full(len(se), np.nan), where=se > 0)
    p = holm(as_array(2 * stdtr(means.df, -np.abs(t))))
    return [
        {"variable": rows.name, "group": rows.labels[a], "against": rows.labels[b], "difference": float(difference[k]),
         "se": float(se[k]), "df": float(means.df), "p_value": float(p[k]),
         "ci_lower": float(difference[k] - reach[k]), "ci_upper": float(difference[k] + reach[k]),
         "g": float(difference[k] / sd), "g_lower": float((difference[k] - reach[k]) / sd),
         "g_upper": float((difference[k] + reach[k]) / sd)}
        for k, (a, b) in enumerate(pairs)
    ]  # fmt: skip

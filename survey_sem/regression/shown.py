"""A regression as text and as HTML for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survey_sem.shown import fixed, html_notes, html_table, p_text, text_table, warning_lines

if TYPE_CHECKING:
    from survey_sem.regression.pooled import PooledRegression
    from survey_sem.regression.result import Regression

FAMILY_WORDS = {
    "gaussian": "Linear regression",
    "binomial": "Binary regression",
    "ordinal": "Ordinal regression",
    "multinomial": "Multinomial regression",
    "poisson": "Poisson regression",
    "negative_binomial": "Negative binomial regression",
    "quantile": "Quantile regression",
    "two_part": "Two-part regression",
}
_EXTRA = {"fmi": "FMI", "std_beta": "beta", "exp_est": "exp(est)"}
_MEASURES = {"r2": "R2", "adj_r2": "adjusted R2", "mcfadden": "McFadden R2", "aic": "AIC", "bic": "BIC"}


def as_text(result: Regression | PooledRegression) -> str:
    """Heading, coefficients, fit, warnings."""
    heads, rows = _table(result)
    lines = [*_heading(result), "", *text_table(heads, rows, left=_left(result)), "", _fit(result)]
    return "\n".join([*lines, *warning_lines(result.warnings)]).rstrip()


def as_html(result: Regression | PooledRegression) -> str:
    """The same for notebooks, texts escaped."""
    heads, rows = _table(result)
    notes = [*_heading(result), _fit(result), *warning_lines(result.warnings)]
    return html_table(heads, rows, left=_left(result)) + html_notes(note for note in notes if note)


def _heading(result: Regression | PooledRegression) -> list[str]:
    link = "" if result.link == "identity" else f" ({result.link})"
    left_out = f", {result.n_dropped} rows with missing values left out" if result.n_dropped else ""
    lines = [f"{FAMILY_WORDS[result.family]}{link}: {result.formula}", f"{result.n_obs} rows{left_out}"]
    if result.family == "binomial":
        lines.append(f"Probability of: {result.response} = {result.categories[1]}")
    return [*lines, f"Standard errors: {result.vcov}{_pooled(result)}; tests: {_test(result)}"]


def _pooled(result: Regression | PooledRegression) -> str:
    m = getattr(result, "n_imputations", None)
    return "" if m is None else f", pooled over {m} imputations"


def _test(result: Regression | PooledRegression) -> str:
    if _pooled(result):
        return "t with the degrees of freedom of Barnard and Rubin"
    return "normal" if np.isinf(result.df) else f"t with {result.df:g} degrees of freedom"


def _left(result: Regression | PooledRegression) -> int:
    return 2 if result.estimates["equation"].any() else 1


def _table(result: Regression | PooledRegression) -> tuple[list[str], list[list[str]]]:
    frame = result.estimates
    level = f"{100 * result.ci_level:g}% interval"
    extra = [(name, head) for name, head in _EXTRA.items() if name in frame]
    with_equation = _left(result) == 2
    heads = [*(["equation"] if with_equation else []), "term", "est", "SE", "t" if np.isfinite(result.df) else "z"]
    heads += ["p", level, *(head for _, head in extra)]
    rows = []
    for row in frame.to_dict("records"):
        cells = [row["equation"]] if with_equation else []
        cells += [row["term"], *(fixed(row[name]) for name in ("est", "se", "statistic")), p_text(row["p_value"])]
        rows.append(
            [*cells, f"[{fixed(row['ci_lower'])}, {fixed(row['ci_upper'])}]", *(fixed(row[n]) for n, _ in extra)]
        )
    return heads, rows


def _fit(result: Regression | PooledRegression) -> str:
    shown = [f"{label} {fixed(result.measures[name])}" for name, label in _MEASURES.items() if name in result.measures]
    return "; ".join(shown)

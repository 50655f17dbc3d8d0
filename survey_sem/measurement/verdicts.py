"""What a level of invariance holds equal, and the rules by which it is judged against the one before it.

* the difference test at .05, which in large samples finds differences of no importance
* CFI falls by no more than .010, RMSEA rises by no more than .015, and SRMR by no more than .030 for loadings, .010 for
  intercepts and residuals (Chen 2007, doi:10.1080/10705510701301834: for more than 300 observations)

Chen's limits were studied for loadings, intercepts and residual variances. Equal means and equal (co)variances of
factors are hypotheses about the groups, not about the measurement, and only the difference test judges them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey_sem.measurement.comparison import Comparison

LEVELS: dict[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
    "means": ("loadings", "intercepts", "means"),
    "full": ("loadings", "intercepts", "residuals", "lv_variances", "lv_covariances", "means"),
}
"""What a level holds equal at least; it also holds what the levels before it hold."""
DEFAULT_LEVELS = ("configural", "metric", "scalar", "strict", "means")
SIGNIFICANCE = 0.05
LIMITS = {"cfi": 0.010, "rmsea": 0.015}
SRMR_LIMITS = {"metric": 0.030, "scalar": 0.010, "strict": 0.010}
STUDIED_N = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule at one level. `kept`: whether the value keeps to the limit; None where the rule does not apply."""

    level: str
    against: str
    rule: str
    value: float | None
    limit: float
    kept: bool | None


def verdicts(comparison: Comparison, levels: Sequence[str]) -> tuple[Verdict, ...]:
    """Every rule at every level but the first."""
    found = []
    for level in levels[1:]:
        step = comparison.step(level)
        if step is None:
            continue
        p_value = step.p_value
        kept = None if p_value is None else p_value >= SIGNIFICANCE
        found.append(Verdict(level, step.against, "p of the difference", p_value, SIGNIFICANCE, kept))
        if level in SRMR_LIMITS:
            fall = None if step.delta_cfi is None else -step.delta_cfi
            found.append(_limited(level, step.against, "fall of CFI", fall, LIMITS["cfi"]))
            found.append(_limited(level, step.against, "rise of RMSEA", step.delta_rmsea, LIMITS["rmsea"]))
            found.append(_limited(level, step.against, "rise of SRMR", step.delta_srmr, SRMR_LIMITS[level]))
    return tuple(found)


def _limited(level: str, against: str, rule: str, value: float | None, limit: float) -> Verdict:
    return Verdict(level, against, rule, value, limit, None if value is None else value <= limit)

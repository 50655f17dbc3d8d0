"""Estimators as combinations of a fit function, standard errors and a test."""

from __future__ import annotations

from dataclasses import dataclass

from survey_sem.estimation.build import Weighting
from survey_sem.fitting.options import FitOptions
from survey_sem.inference.rules import ADJUSTED, Rules


@dataclass(frozen=True, slots=True)
class Estimator:
    """Fit function and defaults of one estimator."""

    weighting: Weighting
    se: str = "standard"
    test: str = "standard"
    information: str = "expected"


ESTIMATORS: dict[str, Estimator] = {
    "ML": Estimator("ML"),
    "MLM": Estimator("ML", "robust.sem", "satorra.bentler"),
    "MLMV": Estimator("ML", "robust.sem", "scaled.shifted"),
    "MLMVS": Estimator("ML", "robust.sem", "mean.var.adjusted"),
    "MLR": Estimator("ML", "robust.huber.white", "yuan.bentler.mplus", "observed"),
    "MLF": Estimator("ML", "first.order", "standard", "first.order"),
    "GLS": Estimator("GLS"),
    "WLS": Estimator("WLS"),
    "ULS": Estimator("ULS"),
    "ULSM": Estimator("ULS", "robust.sem", "satorra.bentler"),
    "ULSMV": Estimator("ULS", "robust.sem", "scaled.shifted"),
    "ULSMVS": Estimator("ULS", "robust.sem", "mean.var.adjusted"),
    "DWLS": Estimator("DWLS"),
    "WLSM": Estimator("DWLS", "robust.sem", "satorra.bentler"),
    "WLSMV": Estimator("DWLS", "robust.sem", "scaled.shifted"),
    "WLSMVS": Estimator("DWLS", "robust.sem", "mean.var.adjusted"),
}
_INFORMATION = {"first.order": "first.order", "robust.huber.white": "observed"}
"""The information that standard errors ask for, where the user does not."""


def rules_of(options: FitOptions) -> Rules:
    """What standard errors and tests rest on, defaults of the estimator filled in."""
    estimator = ESTIMATORS[options.estimator]
    se = options.se or estimator.se
    if se == "robust":
        se = "robust.sem"
    information = options.information or _INFORMATION.get(se, estimator.information)
    tests = options.test or (estimator.test,)
    if tests != ("none",):
        tests = ("standard", *(name for name in tests if name != "standard"))
    return Rules(
        information=information,
        se=se,
        tests=tests,
        h1_information=options.h1_information,
        uses_n=estimator.weighting == "ML" and options.likelihood == "normal",
        has_likelihood=estimator.weighting == "ML",
        is_efficient=estimator.weighting != "ULS",
        is_residual_based=estimator.weighting == "ULS" and not set(tests) & set(ADJUSTED),
    )

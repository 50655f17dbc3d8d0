"""Estimators as combinations of a fit function, standard errors and a test."""

from __future__ import annotations

from dataclasses import dataclass

from survey_sem.errors import OptionError, Warned
from survey_sem.estimation.build import Weighting
from survey_sem.fitting.options import FitOptions
from survey_sem.inference.rules import ADJUSTED, CASEWISE, Rules


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
_INFORMATION = {"first.order": "first.order", "bootstrap": "observed", "replicate": "observed"} | dict.fromkeys(
    CASEWISE, "observed"
)
"""The information that standard errors ask for, where the user does not."""


FULL_INFORMATION = ("ML", "MLR", "MLF")
"""Estimators that can use incomplete rows."""


def check_incomplete(options: FitOptions) -> None:
    """Refuse what full information maximum likelihood does not go with.

    Raises
    ------
    OptionError
        Another estimator, no mean structure, Wishart likelihood, or standard errors and tests that need complete rows.
    """
    if options.auxiliary and not options.uses_incomplete_rows and options.missing != "mi":
        raise OptionError(
            "options-contradict",
            'auxiliary variables need missing="fiml"',
            where="auxiliary, missing",
            hint="without missing values, or when incomplete rows are dropped, they change nothing",
        )
    if not options.uses_incomplete_rows:
        return
    hint = 'use missing="listwise", or leave this option out'
    if options.estimator not in FULL_INFORMATION:
        raise _contradiction("estimator", options.estimator, ", ".join(FULL_INFORMATION), hint)
    if options.meanstructure is False:
        raise _contradiction("meanstructure", "False", "True", hint)
    if options.likelihood != "normal":
        raise _contradiction("likelihood", options.likelihood, "normal", hint)
    if options.se == "robust.sem":
        raise _contradiction("se", options.se, "standard, robust.huber.white, first.order, bootstrap", hint)
    wrong = [name for name in options.test if name not in ("standard", "none", "yuan.bentler", "yuan.bentler.mplus")]
    if wrong:
        raise _contradiction("test", wrong[0], "standard, yuan.bentler, yuan.bentler.mplus, none", hint)


def uncorrected(options: FitOptions) -> tuple[Warned, ...]:
    """A warning where diagonal weights are taken for the inverse of the moments' covariance matrix, as in lavaan."""
    rules = rules_of(options)
    wrong = []
    if rules.se == "standard":
        wrong.append("standard errors are too small for some parameters and too large for others")
    if rules.adjusted_test is None and set(rules.tests) == {"standard"}:
        wrong.append("the chi-square is far too small and is no chi-square")
    if ESTIMATORS[options.estimator].weighting != "DWLS" or not wrong:
        return ()
    return (
        Warned(
            "uncorrected-least-squares",
            f"diagonal weights without a correction: {', and '.join(wrong)}",
            "estimator, se, test",
            "estimator='WLSMV' has the same estimates, with standard errors and a test that hold",
        ),
    )


def _contradiction(option: str, got: str, expected: str, hint: str) -> OptionError:
    what = f'missing="fiml" does not go with {option}={got}'
    return OptionError("options-contradict", what, where=f"missing, {option}", expected=expected, got=got, hint=hint)


def check_conditional(options: FitOptions) -> None:
    """Refuse what conditioning on exogenous variables does not go with.

    Raises
    ------
    OptionError
        Modelled exogenous variables, no mean structure, generalised least squares, or incomplete rows.
    """
    if not options.conditional_x:
        return
    wrong: list[tuple[str, str, str]] = []
    if options.fixed_x is False:
        wrong.append(("fixed_x", "False", "their own distribution is not modelled"))
    if options.meanstructure is False:
        wrong.append(("meanstructure", "False", "intercepts are among the moments"))
    if options.estimator == "GLS":
        wrong.append(("estimator", "GLS", "its weights for conditional moments are not defined"))
    if options.uses_incomplete_rows:
        wrong.append(("missing", "fiml", "fixed_x=True estimates the same where exogenous variables are complete"))
    if wrong:
        name, got, why = wrong[0]
        what = f"conditional_x=True does not go with {name}={got}: {why}"
        raise OptionError("options-contradict", what, where=f"conditional_x, {name}", hint="leave one of the two out")


def rules_of(options: FitOptions) -> Rules:
    """What standard errors and tests rest on, defaults of the estimator filled in."""
    estimator = ESTIMATORS[options.estimator]
    se = options.se or estimator.se
    if se == "robust":
        se = "robust.huber.white" if options.uses_incomplete_rows else "robust.sem"
    default = (
        "observed" if options.uses_incomplete_rows and estimator.information == "expected" else estimator.information
    )
    information = options.information or _INFORMATION.get(se, default)
    tests = options.test or (estimator.test,)
    if tests != ("none",):
        tests = ("standard", *(name for name in tests if name != "standard"))
    return Rules(
        information=information,
        se=se,
        tests=tests,
        h1_information=options.h1_information,
        observed_information=options.observed_information,
        uses_n=estimator.weighting == "ML" and options.likelihood == "normal",
        has_likelihood=estimator.weighting == "ML",
        is_efficient=estimator.weighting != "ULS",
        is_residual_based=estimator.weighting == "ULS" and not set(tests) & set(ADJUSTED),
    )

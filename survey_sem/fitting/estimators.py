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


def check_estimator(options: FitOptions) -> None:
    """Refuse standard errors, tests and information that an estimator does not have.

    Raises
    ------
    OptionError
    """
    estimator = ESTIMATORS[options.estimator]
    rules = rules_of(options)
    if options.likelihood != "normal" and estimator.weighting != "ML":
        raise _no_such(options, "likelihood", options.likelihood, "normal")
    if rules.se not in _SE[estimator.weighting]:
        raise _no_such(options, "se", rules.se, ", ".join(_SE[estimator.weighting]))
    adjusted = [name for name in rules.tests if name in ADJUSTED]
    wrong = [name for name in adjusted if name not in _TESTS[estimator.weighting]]
    if wrong:
        raise _no_such(options, "test", wrong[0], ", ".join(("standard", *_TESTS[estimator.weighting])))
    if rules.information == "first.order" or rules.se == "first.order":
        if estimator.weighting != "ML":
            raise _no_such(options, "information", "first.order", "expected, observed")
        if adjusted or rules.se.startswith("robust"):
            what = "robust standard errors and adjusted tests correct the expected or observed information"
            raise OptionError(
                "options-contradict", what, where="information, se, test", expected="expected, observed",
                got="first.order", hint="leave one of the two out",
            )  # fmt: skip


_DRAWN = ("bootstrap", "replicate", "none")
_SE = {
    "ML": ("standard", "robust.sem", *CASEWISE, "first.order", *_DRAWN),
    "GLS": ("standard", *_DRAWN),
    "WLS": ("standard", "robust.sem", *_DRAWN),
    "ULS": ("standard", "robust.sem", *_DRAWN),
    "DWLS": ("standard", "robust.sem", *_DRAWN),
}
_TESTS: dict[str, tuple[str, ...]] = {
    "ML": ADJUSTED,
    "GLS": (),
    "WLS": (),
    "ULS": ("satorra.bentler", "mean.var.adjusted", "scaled.shifted"),
    "DWLS": ("satorra.bentler", "mean.var.adjusted", "scaled.shifted"),
}
"""Standard errors, and adjusted tests, of every fit function."""


def _no_such(options: FitOptions, name: str, got: str, expected: str) -> OptionError:
    what = f"the estimator {options.estimator} has no {name}='{got}'"
    return OptionError("options-contradict", what, where=f"estimator, {name}", expected=expected, got=got)


def _default_information(options: FitOptions, se: str) -> str:
    """The information that standard errors ask for, else the estimator; incomplete rows need the observed one."""
    own = ESTIMATORS[options.estimator].information
    if se in _INFORMATION:
        return _INFORMATION[se]
    if options.uses_incomplete_rows:
        return "observed" if own != "first.order" else own
    return "expected" if own == "observed" else own


def rules_of(options: FitOptions) -> Rules:
    """What standard errors and tests rest on, defaults of the estimator filled in."""
    estimator = ESTIMATORS[options.estimator]
    se = options.se or estimator.se
    if se == "robust":
        se = "robust.huber.white" if options.uses_incomplete_rows else "robust.sem"
    if options.estimator == "MLF" and options.information and not options.se:
        se = "standard"  # the estimator is its information
    information, at = options.information or _default_information(options, se), options.h1_information
    if estimator.weighting not in ("ML", "GLS"):  # least squares has one information, and the result names it
        information, at = "expected" if information == "observed" else information, "structured"
    tests = options.test or (estimator.test,)
    if tests != ("none",):
        tests = tuple(dict.fromkeys(("standard", estimator.test, *tests)))
    only_mplus = set(options.test) <= {"yuan.bentler.mplus"} and "yuan.bentler.mplus" in tests
    return Rules(
        information=information,
        se=se,
        tests=tests,
        h1_information=at,
        observed_information=options.observed_information or "hessian",
        observed_in_tests=options.observed_information or ("hessian" if only_mplus else "h1"),
        uses_n=estimator.weighting == "ML" and options.likelihood == "normal",
        has_likelihood=estimator.weighting == "ML",
        is_efficient=estimator.weighting != "ULS",
        is_residual_based=estimator.weighting == "ULS" and not set(tests) & set(ADJUSTED),
    )

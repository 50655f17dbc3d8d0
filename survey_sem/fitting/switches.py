"""What weights and sampled units ask for of a fit's options: lavaan's silent switches, made aloud."""

from __future__ import annotations

from dataclasses import replace

from survey_sem.errors import OptionError, Warned
from survey_sem.estimation.build import Weighting
from survey_sem.fitting.estimators import ESTIMATORS
from survey_sem.fitting.options import FitOptions
from survey_sem.inference.rules import ADJUSTED

UNSCALED = "the unscaled statistic is no chi-square under a design"


def with_design(options: FitOptions, *, has_weights: bool, units: str | None) -> tuple[FitOptions, tuple[Warned, ...]]:
    """The options with what weights and units of sampling ask for.

    Parameters
    ----------
    options : FitOptions
        Options of the user; nothing that was chosen is overruled without a word.
    has_weights : bool
        Whether rows have weights.
    units : str or None
        The standard errors that sampled units have: ``robust.cluster``, ``robust.design``, ``replicate``; None where
        rows are independent.

    Raises
    ------
    OptionError
        What is not defined with weights or clusters.
    """
    if units is None and not has_weights:
        if options.se in ("robust.cluster", "robust.design", "replicate"):
            raise OptionError(
                "options-contradict",
                f"se='{options.se}' needs to know how rows were sampled",
                where="se",
                hint="name the column of the clusters: cluster=..., or pass a design: ss.design(data, psu=...)",
            )
        return options, ()
    estimator = ESTIMATORS[options.estimator]
    if options.estimator == "MLF" or options.information == "first.order" or options.se == "first.order":
        raise OptionError(
            "not-supported",
            "first-order information takes rows as independent and equally weighted; it is not defined with weights or "
            "clusters",
            where="estimator, se, information",
            expected="estimator='MLR'",
        )
    if estimator.weighting == "ML":
        return _likelihood_options(options, units)
    return _least_squares_options(options, estimator.weighting, units)


def _likelihood_options(options: FitOptions, units: str | None) -> tuple[FitOptions, tuple[Warned, ...]]:
    robust = units or "robust.huber.white"
    if units == "replicate" and options.uses_incomplete_rows:
        if options.se == "replicate":
            raise OptionError(
                "not-supported",
                "incomplete rows are not fitted again for every replicate in this version",
                where="se, missing",
                expected="se='robust.design': the same replicates, through the scores of the rows",
            )
        robust = "robust.design"
    estimator = ESTIMATORS[options.estimator]
    warnings: list[Warned] = []
    se = options.se
    if se is None and options.bootstrap and "bollen.stine" not in options.test:
        se = "bootstrap"
    se = se or (robust if estimator.se in ("standard", "robust.huber.white") else estimator.se)
    if units is not None and se in ("standard", "robust"):
        if se == "standard":
            warnings.append(_switched("se", se, robust, "rows of one sampled unit are not independent"))
        se = robust
    elif se in ("robust.huber.white", "robust.cluster", "robust.design", "replicate") and se != robust:
        if units is None:
            raise OptionError("options-contradict", f"se='{se}' needs clusters or a design", where="se, cluster")
        if not (units == "replicate" and se == "robust.design"):
            se = robust
    elif se == "standard":
        warnings.append(_naive())
    tests = options.test
    if not tests and estimator.test == "standard":
        tests = ("yuan.bentler.mplus",)
    elif tests and not set(tests) & {*ADJUSTED, "none", "bollen.stine"}:
        warnings.append(_switched("test", ", ".join(tests), "yuan.bentler.mplus", UNSCALED))
        tests = (*tests, "yuan.bentler.mplus")
    information = options.information
    if information is None and se not in ("standard", "robust.sem", "robust"):
        information = "observed"
    meanstructure = True if options.meanstructure is None and units is not None else options.meanstructure
    return (
        replace(options, se=se, test=tests, information=information, meanstructure=meanstructure),
        tuple(warnings),
    )


def _least_squares_options(
    options: FitOptions, weighting: Weighting, units: str | None
) -> tuple[FitOptions, tuple[Warned, ...]]:
    """Least squares: Gamma knows weights and design, so that everything rests on it."""
    warnings: list[Warned] = []
    estimator = ESTIMATORS[options.estimator]
    se, tests = options.se or ("bootstrap" if options.bootstrap else estimator.se), options.test or (estimator.test,)
    if se in ("robust.huber.white", "robust.cluster", "robust.design", "replicate"):
        raise OptionError(
            "not-supported",
            f"se='{se}' is defined for maximum likelihood",
            where="se",
            expected="robust.sem, which takes weights and clusters in through Gamma",
        )
    if se in ("standard", "robust") and (weighting != "WLS" or se != "standard"):
        if options.se == "standard":
            warnings.append(_switched("se", se, "robust.sem", "its normal theory knows no weights and no clusters"))
        se = "robust.sem"
    if weighting != "WLS" and not set(tests) & {*ADJUSTED, "none", "bollen.stine"}:
        if options.test:
            warnings.append(_switched("test", ", ".join(tests), "satorra.bentler", UNSCALED))
        tests = (*tests, "satorra.bentler")
    meanstructure = True if options.meanstructure is None and units is not None else options.meanstructure
    return replace(options, se=se, test=tests, meanstructure=meanstructure), tuple(warnings)


def _switched(option: str, old: str, new: str, why: str) -> Warned:
    return Warned(f"{option}-switched", f"{option}: {new}, not {old}: {why}", option)


def _naive() -> Warned:
    return Warned(
        "naive-standard-errors",
        "standard errors that ignore that rows have unequal weights",
        "se",
        "leave se out: robust ones are the default with weights",
    )

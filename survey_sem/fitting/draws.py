"""What is drawn at random for a fit: bootstrap and Monte Carlo, their options made whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.estimation.stacked import STACKED
from survey_sem.fitting.estimators import ESTIMATORS
from survey_sem.fitting.options import FitOptions
from survey_sem.inference.bootstrap import Bootstrap, BootstrapPlan, bootstrap, draws_covariance, rows_behind
from survey_sem.inference.solution import Solution
from survey_sem.statistics import Moments

N_DRAWS = 1000
"""Bootstrap draws where the user names no number."""
OF_BOOTSTRAP = ("percentile", "bc", "bca")
"""Intervals that are read off bootstrap draws."""


def with_draws(options: FitOptions) -> FitOptions:
    """The options with what follows from asking for draws: number, standard errors, intervals, seed.

    A seed that the user did not give is drawn, and shown in the result.

    Raises
    ------
    OptionError
        Options that contradict each other, or draws that this version does not make.
    """
    has_test = "bollen.stine" in options.test
    se = options.se or ("bootstrap" if options.bootstrap else None)
    if options.bootstrap and se != "bootstrap" and not has_test:
        raise _contradiction(f"bootstrap={options.bootstrap} and se='{se}'", "leave one of them out")
    ci = options.ci or ("percentile" if se == "bootstrap" else "normal")
    if ci in OF_BOOTSTRAP and se != "bootstrap":
        raise _contradiction(f"ci='{ci}' without a bootstrap", "add bootstrap=1000, and a seed")
    if ci == "monte_carlo" and se in ("bootstrap", "none"):
        raise _contradiction(
            f"ci='monte_carlo' and se='{se}'",
            "Monte Carlo intervals draw from the normal distribution that standard errors describe; "
            "a bootstrap draws samples",
        )
    is_drawn = se == "bootstrap" or has_test
    if is_drawn:
        _check_supported(options)
    n_draws = (options.bootstrap or N_DRAWS) if is_drawn else None
    seed = options.seed
    if seed is None and (is_drawn or ci == "monte_carlo"):
        seed = int(np.random.SeedSequence().generate_state(1)[0])
    return replace(options, bootstrap=n_draws, se=se, ci=ci, seed=seed)


def _contradiction(what: str, hint: str) -> OptionError:
    return OptionError("options-contradict", f"{what} do not go together", where="bootstrap, se, ci", hint=hint)


def _check_supported(options: FitOptions) -> None:
    if ESTIMATORS[options.estimator].weighting not in STACKED:
        raise OptionError(
            "not-supported",
            f"the bootstrap of {options.estimator} is not supported by this version: its weights need the fourth "
            "moments of every draw",
            where="bootstrap",
            expected="an estimator whose fit function is ML, GLS or ULS",
        )
    if options.conditional_x and ESTIMATORS[options.estimator].weighting != "ML":
        raise OptionError(
            "not-supported",
            f"the bootstrap of {options.estimator} with conditional_x=True is not supported by this version",
            where="bootstrap",
            expected="an estimator whose fit function is ML",
        )
    if options.missing not in (None, "listwise"):
        raise OptionError(
            "not-supported",
            f"the bootstrap with missing='{options.missing}' is not supported by this version",
            where="bootstrap",
            expected="complete data, or missing='listwise'",
        )


def check_rows(options: FitOptions, moments: list[Moments]) -> None:
    """Refuse draws from moments without rows, before anything is fitted."""
    if options.bootstrap:
        rows_behind(moments)


def drawn(options: FitOptions, solution: Solution) -> tuple[Solution, Bootstrap | None]:
    """The bootstrap that the options ask for, and the solution with its sampling covariance.

    A solution that did not converge, or has no information matrix, is not resampled.
    """
    if not options.bootstrap or not solution.estimates.optimum.converged or solution.inverse is None:
        return solution, None
    assert options.seed is not None
    plan = BootstrapPlan(
        n_draws=options.bootstrap,
        seed=options.seed,
        estimates=options.se == "bootstrap",
        test="bollen.stine" in options.test,
        workers=options.workers,
        progress=options.progress,
    )
    found = bootstrap(solution, plan)
    if found.theta is not None:
        solution = replace(solution, vcov=draws_covariance(found.theta))
    return solution, found

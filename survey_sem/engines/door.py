"""The one door to semopy: a description and a covariance matrix go in, a parameter vector comes out.

semopy writes to the root logger, raises warnings and prints nothing of use to a reader; all of it is kept inside.
Its parser keeps state on the class, so that models are built one at a time.
"""

from __future__ import annotations

import logging
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from survey_sem.engines.description import Description
from survey_sem.errors import ModelError
from survey_sem.linalg import Array, cholesky_or_none

ROUNDS = 5
"""Searches by SLSQP one after the other; each begins where the last one stopped."""
POLISHING_STEPS = 200
STOP_BELOW = 1e-16
CONVERGED_BELOW = 1e-10
"""Squared distance to the optimum, in standard errors, at which polishing stops and at which the search counts."""

_BUILDING = Lock()


@dataclass(frozen=True, slots=True, eq=False)
class SemopyFit:
    """What semopy found, in the terms of the native engine.

    Parameters
    ----------
    theta : array (q,)
        Its estimates.
    objective : float
        Its objective F; N F is the chi-square.
    vcov : array (q, q) or None
        Inverse of its expected information; None where that has none.
    converged : bool
        Is the gradient zero to within rounding? semopy's own flag asks less.
    gradient_norm : float
        Largest absolute element of the gradient of F.
    decrement : float
        Squared distance to the optimum in standard errors, from gradient and information.
    n_iterations : int
        Iterations of SLSQP.
    version : str
        semopy's version.
    """

    theta: Array
    objective: float
    vcov: Array | None
    converged: bool
    gradient_norm: float
    decrement: float
    n_iterations: int
    version: str


def run_semopy(description: Description, cov: Array, n_scale: float, starts: Sequence[Array]) -> SemopyFit:
    """Fit by maximum likelihood with semopy, from the first start that leads to an optimum.

    Parameters
    ----------
    description : Description
    cov : array (p, p)
        Covariance matrix on the divisor of the likelihood, in the order of ``description.observed``.
    n_scale : float
        N, or N - 1 under Wishart.
    starts : sequence of arrays (q,)
        Native parameter vectors to begin from.

    Raises
    ------
    ModelError
        No search ended at a point with a likelihood.
    """
    best: SemopyFit | None = None
    with _quietly():
        for start in starts:
            found = _search(_built(description), description, cov, n_scale, start)
            if found is not None and (best is None or found.objective < best.objective):
                best = found
            if best is not None and best.converged:
                return best
    if best is None:
        raise ModelError("engine-failed", "semopy found no estimates for this model")
    return best


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep warnings and records on the root logger inside; leave the root logger without handlers as it was."""
    root = logging.getLogger()
    silent = logging.NullHandler()
    root.addHandler(silent)  # logging.warning() would otherwise install a handler for good
    root.addFilter(_is_not_semopy)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        root.removeFilter(_is_not_semopy)
        root.removeHandler(silent)


def _is_not_semopy(record: logging.LogRecord) -> bool:
    return "semopy" not in record.pathname


def _built(description: Description) -> Any:
    """A semopy model that holds the described parameters and no others."""
    import semopy
    from semopy.parser import Operation

    effects: Any = defaultdict(lambda: defaultdict(dict))
    for operator, equations in description.effects.items():
        for left, terms in equations.items():
            effects[operator][left] = dict(terms)
    operations: Any = defaultdict(list)
    operations["FORCE"].append(Operation("FORCE", ["endo"], list(description.variables)))
    if description.composites:
        operations["latent"].append(Operation("latent", None, list(description.composites)))
    with _BUILDING:
        model = semopy.Model((effects, operations), cov_diag=True)
    active = {name for name, parameter in model.parameters.items() if parameter.active}
    if active != set(description.position):
        raise ModelError(
            "engine-failed",
            "semopy would fit another model than the one described",
            got=", ".join(sorted(active ^ set(description.position))),
        )
    return model


def _search(model: Any, description: Description, cov: Array, n_scale: float, start: Array) -> SemopyFit | None:
    """One search, polished; None where it ends at a point without a likelihood."""
    import pandas as pd
    import semopy

    names = [name for name, parameter in model.parameters.items() if parameter.active]
    for name in names:
        model.parameters[name].start = float(start[description.position[name]])
        model.parameters[name].bound = (None, None)
    labels = list(description.observed)
    frame = pd.DataFrame(cov.copy(), index=labels, columns=labels)
    n_iterations, point = 0, None
    for round_ in range(ROUNDS):
        data = {"cov": frame, "n_samples": n_scale} if round_ == 0 else {}
        try:
            result = model.fit(**data, options={"ftol": 1e-15, "maxiter": 1000})
        except np.linalg.LinAlgError:
            return None
        n_iterations += int(result.n_it)
        point = _polished(model, n_scale)
        if point is not None and point.decrement < CONVERGED_BELOW:
            break
    if point is None:
        return None
    return SemopyFit(
        theta=description.expand(dict(zip(names, point.values, strict=True))),
        objective=point.objective,
        vcov=None if point.vcov is None else description.spread(names, point.vcov),
        converged=point.decrement < CONVERGED_BELOW,
        gradient_norm=float(np.abs(point.gradient).max(initial=0.0)),
        decrement=point.decrement,
        n_iterations=n_iterations,
        version=semopy.__version__,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Point:
    """semopy's functions at one of its parameter vectors."""

    values: Array
    objective: float
    gradient: Array
    vcov: Array | None
    decrement: float


def _polished(model: Any, n_scale: float) -> _Point | None:
    """The model's parameters taken on by scoring steps with semopy's own gradient and information.

    SLSQP stops where the objective no longer falls, half the digits short of the optimum.
    """
    point = _point(model, np.asarray(model.param_vals, dtype=np.float64), n_scale)
    for _ in range(POLISHING_STEPS):
        if point is None or point.vcov is None or point.decrement < STOP_BELOW:
            break
        step = 0.5 * n_scale * point.vcov @ point.gradient
        following = _point(model, point.values - step, n_scale)
        if following is None or following.decrement >= point.decrement:
            break
        point = following
    if point is not None:
        model.param_vals = point.values.copy()
        model.update_matrices(model.param_vals)
    return point


def _point(model: Any, values: Array, n_scale: float) -> _Point | None:
    """Objective, gradient and inverse information at `values`; None where Sigma is not positive definite."""
    model.update_matrices(values)
    sigma = model.calc_sigma()[0]
    if cholesky_or_none(sigma) is None:
        return None
    gradient = np.asarray(model.grad_mlw(values), dtype=np.float64)
    objective = float(model.obj_mlw(values))
    if not np.isfinite(objective):
        objective = 0.0  # of a saturated model: semopy takes a rounding error below zero for a failure
    information = np.asarray(model.calc_fim(), dtype=np.float64)
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    factor = cholesky_or_none(information / np.outer(scale, scale)) if len(values) else np.zeros((0, 0))
    if factor is None or np.diag(factor).min(initial=1.0) < 1e-8:
        return _Point(values, objective, gradient, None, float("inf"))
    half = np.linalg.solve(factor, np.diag(1.0 / scale))
    vcov = half.T @ half
    score = 0.5 * n_scale * gradient
    return _Point(values, objective, gradient, vcov, float(score @ vcov @ score))

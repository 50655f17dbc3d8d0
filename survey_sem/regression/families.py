"""Families of regressions: a response and a matrix of predictors become a `Fitted`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from survey_sem.errors import DataError, ModelError, OptionError, Warned
from survey_sem.linalg import Array, symmetric
from survey_sem.regression.fitted import Fitted, Working
from survey_sem.regression.irls import iterate
from survey_sem.regression.likelihoods import Multinomial, NegativeBinomial, Ordered, maximise
from survey_sem.regression.means import (
    Categories,
    Exponential,
    Linear,
    Means,
    OrderedCategories,
    Probability,
    TwoParts,
)
from survey_sem.regression.quantiles import bandwidth, density, solve_quantile
from survey_sem.regression.solving import NormalEquations

LINKS = {
    "gaussian": ("identity",),
    "binomial": ("logit", "probit", "cloglog"),
    "ordinal": ("logit", "probit", "cloglog"),
    "multinomial": ("logit",),
    "poisson": ("log",),
    "negative_binomial": ("log",),
    "quantile": ("identity",),
    "two_part": ("logit", "probit"),
}
"""Links of every family, its usual one first."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is fitted.

    Parameters
    ----------
    family, link : str
        See `LINKS`.
    x : array (n, k)
        Matrix of predictors.
    names : tuple of str, (k,)
        Of its columns.
    y : array (n,)
        Response; category numbers 0 .. J-1 for ordinal and multinomial families.
    weights : array (n,)
        Of the rows; ones where there are none.
    offset : array (n,)
        Added to the linear predictor (log exposure of counts); zeros where there is none.
    categories : tuple of str
        Of the response.
    quantile : float
        Of a quantile regression.
    """

    family: str
    link: str
    x: Array
    names: tuple[str, ...]
    y: Array
    weights: Array
    offset: Array
    categories: tuple[str, ...] = ()
    quantile: float = 0.5


def fit_family(task: Task) -> Fitted:
    """Fit by the family's method.

    Raises
    ------
    ModelError
        There is no finite optimum, or it was not reached.
    DataError
        The response is not what the family is for.
    """
    return _FAMILIES[task.family](task)


def _gaussian(task: Task) -> Fitted:
    equations = NormalEquations.of(task.x, task.weights)
    theta = equations.solve(task.y - task.offset)
    residual = task.y - task.offset - task.x @ theta
    n, k = int(np.count_nonzero(task.weights)), task.x.shape[1]
    rss = float(task.weights @ residual**2)
    centre = float(np.average(task.y - task.offset, weights=task.weights)) if "Intercept" in task.names else 0.0
    total = float(task.weights @ (task.y - task.offset - centre) ** 2)
    if total <= 1e-24 * float(task.weights @ (task.y - task.offset) ** 2):
        raise DataError(
            "constant-variable",
            "the response has the same value in all rows: there is nothing to explain",
            where="response",
            hint="with an offset: what it leaves of the response",
        )
    return Fitted(
        equations=("",) * k,
        names=task.names,
        theta=theta,
        bread=equations.inverse(),
        scores=task.x * (task.weights * residual)[:, None],
        dispersion=rss / (n - k),
        df_residual=float(n - k),
        working=Working(task.x, task.weights, residual),
        means=Linear(theta),
        measures=_gaussian_measures(rss, rss + _explained(task, theta), n, k, task),
    )


def _explained(task: Task, theta: Array) -> float:
    """Weighted sum of squares of the fitted values, around their mean where there is an intercept.

    Under an offset this and the residual one do not add up to that of the response; R squared is its share, as in R.
    """
    fitted = task.x @ theta + task.offset
    centre = float(np.average(fitted, weights=task.weights)) if "Intercept" in task.names else 0.0
    return float(task.weights @ (fitted - centre) ** 2)


def _gaussian_measures(rss: float, total: float, n: int, k: int, task: Task) -> dict[str, float]:
    has_intercept = "Intercept" in task.names
    explained = k - has_intercept
    logl = -0.5 * n * (np.log(2.0 * np.pi * rss / n) + 1.0) + 0.5 * float(np.log(task.weights[task.weights > 0]).sum())
    found = {
        "r2": 1.0 - rss / total,
        "adj_r2": 1.0 - (rss / (n - k)) / (total / (n - has_intercept)),
        "sigma": float(np.sqrt(rss / (n - k))),
    }
    return found | _information_criteria(float(logl), k + 1, n) | {"rss": rss, "df_model": float(explained)}


def _information_criteria(logl: float, n_par: int, n: int) -> dict[str, float]:
    return {"logl": logl, "npar": float(n_par), "aic": 2.0 * n_par - 2.0 * logl, "bic": np.log(n) * n_par - 2.0 * logl}


def _binomial(task: Task) -> Fitted:
    from statsmodels.genmod import families

    links = families.links
    link = {"logit": links.Logit, "probit": links.Probit, "cloglog": links.CLogLog}[task.link]()
    return _generalised(task, families.Binomial(link))


def _poisson(task: Task) -> Fitted:
    from statsmodels.genmod import families

    _refuse_no_counts(task)
    return _generalised(task, families.Poisson())


def _refuse_no_counts(task: Task) -> None:
    if np.any(task.y < 0):
        raise DataError("negative-count", f"a {task.family} response is 0 or more", got=f"{task.y.min():g}")


def _generalised(task: Task, family: Any) -> Fitted:
    """A generalised linear model by iteratively weighted least squares, expected information."""
    k = task.x.shape[1]
    with np.errstate(all="ignore"):  # far from an optimum that does not exist; refused below
        found = iterate(family, task.x, task.y, task.weights, task.offset, _first_means(task))
    theta, mu, omega = found.theta, found.mu, found.last.weights
    _refuse_separated(task, theta, mu, found.stands_still)
    return Fitted(
        equations=("",) * k,
        names=task.names,
        theta=theta,
        bread=found.last.inverse(),
        scores=task.x * (omega * found.residual)[:, None],
        dispersion=1.0,
        df_residual=np.inf,
        working=Working(task.x, omega, found.residual),
        means=Probability(theta, task.link) if task.family == "binomial" else Exponential(theta),  # type: ignore[arg-type]
        measures=_generalised_measures(task, family, mu),
        warnings=_extreme_probabilities(task, mu),
    )


def _first_means(task: Task) -> Array:
    """Expected values to begin with: the response, kept away from where it has no link."""
    if task.family == "binomial":
        return np.asarray((task.weights * task.y + 0.5) / (task.weights + 1.0))
    return task.y + 0.1 if task.family == "poisson" else task.y


def _generalised_measures(task: Task, family: Any, mu: Array) -> dict[str, float]:
    deviance = {"deviance": float(family.deviance(task.y, mu, var_weights=task.weights))}
    if task.family == "gamma":
        return deviance
    logl, null = (float(task.weights @ _log_density(task, each)) for each in (mu, _null_mean(task, family)))
    return _likelihood_measures(logl, null, task.x.shape[1], int(np.count_nonzero(task.weights))) | deviance


def _null_mean(task: Task, family: Any) -> Array:
    if not task.offset.any():
        return np.full(len(task.y), np.average(task.y, weights=task.weights))
    ones = np.ones((len(task.y), 1))
    return iterate(family, ones, task.y, task.weights, task.offset, _first_means(task)).mu


def _log_density(task: Task, mu: Array) -> Array:
    from scipy.special import gammaln, xlog1py, xlogy

    if task.family == "poisson":
        return np.asarray(xlogy(task.y, mu) - mu - gammaln(task.y + 1.0))
    return np.asarray(xlogy(task.y, mu) + xlog1py(1.0 - task.y, -mu))


def _likelihood_measures(logl: float, null: float, n_par: int, n: int) -> dict[str, float]:
    """Criteria and the usual pseudo R squared (McFadden; Cox & Snell; Nagelkerke)."""
    cox = 1.0 - np.exp(2.0 * (null - logl) / n)
    return _information_criteria(logl, n_par, n) | {
        "null_logl": null,
        "mcfadden": 1.0 - logl / null,
        "cox_snell": float(cox),
        "nagelkerke": float(cox / (1.0 - np.exp(2.0 * null / n))),
    }


def _refuse_separated(task: Task, theta: Array, mu: Array, converged: bool) -> None:
    is_exact = task.family == "binomial" and bool(np.all(np.abs(task.y - mu) < 1e-6))
    if converged and not is_exact and np.isfinite(theta).all():
        return
    spread = np.abs(theta) * task.x.std(axis=0)
    raise ModelError(
        "separated" if is_exact else "not-converged",
        "the predictors tell the two answers apart without an error: no finite coefficient is the best"
        if is_exact
        else f"the {task.family} regression did not converge",
        where=f"predictor {task.names[int(np.nanargmax(spread))]}",
        hint="leave it out, or merge categories",
    )


def _extreme_probabilities(task: Task, mu: Array) -> tuple[Warned, ...]:
    if task.family != "binomial":
        return ()
    count = int(np.sum((mu < 1e-9) | (mu > 1.0 - 1e-9)))
    if not count:
        return ()
    return (
        Warned(
            "extreme-probability",
            f"{count} expected probabilities are 0 or 1 to nine digits: a predictor nearly separates the answers",
            hint="coefficients and standard errors of separating predictors mean little: cross-tabulate them",
        ),
    )


def _ordinal(task: Task) -> Fitted:
    if task.names[:1] == ("Intercept",):
        x, names = task.x[:, 1:], task.names[1:]
    else:
        x, names = task.x, task.names
    if task.offset.any():
        raise OptionError("not-supported", "an ordinal regression takes no offset", where="offset")
    n_categories, k = len(task.categories), x.shape[1]
    model = Ordered(x, task.y, n_categories, task.link)  # type: ignore[arg-type]
    shares = np.bincount(task.y, weights=task.weights, minlength=n_categories) / task.weights.sum()
    at = _thresholds_of(shares, task.link)
    theta = maximise(model, np.concatenate([np.zeros(k), at]), task.weights, "ordinal")
    bars = tuple(f"{a}|{b}" for a, b in zip(task.categories[:-1], task.categories[1:], strict=True))
    drop = int(task.names[:1] == ("Intercept",))

    means = OrderedCategories(theta, model.link, drop)
    return _from_likelihood(task, model, theta, ("",) * k + ("threshold",) * len(bars), (*names, *bars), means, shares)


def _thresholds_of(shares: Array, link: str) -> Array:
    from scipy.special import logit, ndtri

    below = np.cumsum(shares)[:-1]
    turned = {"logit": logit, "probit": ndtri, "cloglog": lambda p: np.log(-np.log1p(-p))}[link](below)
    return np.asarray(turned, dtype=np.float64)


def _multinomial(task: Task) -> Fitted:
    if task.offset.any():
        raise OptionError("not-supported", "a multinomial regression takes no offset", where="offset")
    n_categories, k = len(task.categories), task.x.shape[1]
    model = Multinomial(task.x, task.y, n_categories)
    theta = maximise(model, np.zeros((n_categories - 1) * k), task.weights, "multinomial")
    equations = tuple(category for category in task.categories[1:] for _ in range(k))
    shares = np.bincount(task.y, weights=task.weights, minlength=n_categories) / task.weights.sum()

    return _from_likelihood(task, model, theta, equations, task.names * (n_categories - 1), Categories(theta), shares)


def _from_likelihood(
    task: Task,
    model: Ordered | Multinomial,
    theta: Array,
    equations: tuple[str, ...],
    names: tuple[str, ...],
    means: Means,
    shares: Array,
) -> Fitted:
    logl = float(task.weights @ model.log(theta))
    null = float(task.weights.sum() * (shares[shares > 0] @ np.log(shares[shares > 0])))
    measures = _likelihood_measures(logl, null, len(theta), int(np.count_nonzero(task.weights)))
    return Fitted(
        equations=equations,
        names=names,
        theta=theta,
        bread=np.linalg.inv(model.information(theta, task.weights)),
        scores=model.scores(theta) * task.weights[:, None],
        dispersion=1.0,
        df_residual=np.inf,
        working=None,
        means=means,
        outcomes=task.categories,
        measures=measures | {"deviance": -2.0 * logl},
    )


def _negative_binomial(task: Task) -> Fitted:
    _refuse_no_counts(task)
    k = task.x.shape[1]
    first = _poisson(replace(task, family="poisson", link="log"))
    model = NegativeBinomial(task.x, task.y, task.offset)
    mu = np.exp(task.x @ first.theta + task.offset)
    alpha = max(float(task.weights @ ((task.y - mu) ** 2 - mu) / (task.weights @ mu**2)), 1e-3)
    theta = maximise(model, np.append(first.theta, np.log(alpha)), task.weights, "negative binomial")
    logl = float(task.weights @ model.log(theta))
    return Fitted(
        equations=("",) * k + ("dispersion",),
        names=(*task.names, "ln(alpha)"),
        theta=theta,
        bread=np.linalg.inv(model.information(theta, task.weights)),
        scores=model.scores(theta) * task.weights[:, None],
        dispersion=1.0,
        df_residual=np.inf,
        working=None,
        means=Exponential(theta),
        measures=_information_criteria(logl, k + 1, int(np.count_nonzero(task.weights)))
        | {"alpha": float(np.exp(theta[-1]))},
    )


def _quantile(task: Task) -> Fitted:
    """The exact optimum; standard errors from the density of the residuals around it (Powell's kernel)."""
    used = task.weights > 0
    w, x, y = task.weights[used], task.x[used], (task.y - task.offset)[used]
    theta, pull = solve_quantile(x, y, w, task.quantile)
    inside = y - x @ theta
    k = task.x.shape[1]
    scores = np.zeros_like(task.x)
    scores[used] = x * pull[:, None]
    bent = w * density(inside, bandwidth(inside, task.quantile))
    bread = np.linalg.inv((x * bent[:, None]).T @ x)
    weighted = x * w[:, None]
    return Fitted(
        equations=("",) * k,
        names=task.names,
        theta=theta,
        bread=bread,
        scores=scores,
        dispersion=1.0,
        df_residual=float(used.sum() - k),
        working=None,
        means=Linear(theta),
        measures={"quantile": task.quantile},
        kernel=symmetric(task.quantile * (1.0 - task.quantile) * bread @ (weighted.T @ weighted) @ bread),
    )


def _two_part(task: Task) -> Fitted:
    """Whether there is any amount (binomial), and how much where there is one (gamma, log link).

    Cragg (1971), doi:10.2307/1909582; Duan et al. (1983), doi:10.1080/07350015.1983.10509330.
    """
    from statsmodels.genmod import families

    _refuse_no_counts(task)
    has = task.y > 0
    if has.all() or not has.any():
        raise DataError("one-part", "a two-part regression needs amounts of 0 and amounts above 0")
    whether = _binomial(replace(task, family="binomial", y=has.astype(float), offset=np.zeros(len(has))))
    some = replace(
        task, x=task.x[has], y=task.y[has], weights=task.weights[has], offset=task.offset[has], family="gamma"
    )
    amount = _generalised(some, families.Gamma(families.links.Log()))
    mu = np.exp(some.x @ amount.theta + some.offset)
    n, k = len(mu), task.x.shape[1]
    phi = float(some.weights @ ((some.y - mu) / mu) ** 2) / (n - k)
    scores = np.zeros((len(task.y), 2 * k))
    scores[:, :k] = whether.scores
    scores[has, k:] = amount.scores / phi
    bread = np.zeros((2 * k, 2 * k))
    bread[:k, :k], bread[k:, k:] = whether.bread, amount.bread * phi

    return Fitted(
        equations=("any",) * k + ("amount",) * k,
        names=task.names * 2,
        theta=np.concatenate([whether.theta, amount.theta]),
        bread=bread,
        scores=scores,
        dispersion=1.0,
        df_residual=np.inf,
        working=None,
        means=TwoParts(whether.means, amount.means),
        measures={"share_any": float(np.average(has, weights=task.weights)), "n_any": float(n), "shape": 1.0 / phi},
        warnings=whether.warnings,
    )


_FAMILIES: dict[str, Callable[[Task], Fitted]] = {
    "gaussian": _gaussian,
    "binomial": _binomial,
    "ordinal": _ordinal,
    "multinomial": _multinomial,
    "poisson": _poisson,
    "negative_binomial": _negative_binomial,
    "quantile": _quantile,
    "two_part": _two_part,
}

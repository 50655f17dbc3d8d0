"""Three findings about a solution, each with its evidence: converged, identified, admissible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey_sem.errors import Warned
from survey_sem.estimation.estimate import ACTIVE, shown
from survey_sem.inference.solution import Solution
from survey_sem.linalg import Array

NEARLY_ONE = 0.95
"""Correlation between factors above which a matrix that is not positive definite is put down to them."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, the evidence in words, and the warnings that follow."""

    converged: bool
    identified: bool
    admissible: bool
    evidence: dict[str, str]
    warnings: tuple[Warned, ...]


def examine(solution: Solution) -> Findings:
    """Examine convergence, (empirical) identification and admissibility of a solution."""
    optimum = solution.estimates.optimum
    evidence = {"converged": f"{optimum.message}; largest gradient {optimum.gradient_norm:.2g}"}
    warnings: list[Warned] = []
    if not optimum.converged:
        warnings.append(
            Warned(
                "not-converged",
                f"the search for the optimum did not converge: {optimum.message}",
                hint="estimates are where the search stopped; standard errors and fit measures are withheld",
            )
        )
    identified = _identified(solution, evidence, warnings)
    warnings += _several_optima(solution) + _binding(solution)
    warnings += _against_their_factor(solution)
    improper = improper_warnings(solution)
    evidence["admissible"] = "; ".join(w.what for w in improper) or "all variances positive, covariances proper"
    warnings += improper
    return Findings(optimum.converged, identified, not improper, evidence, tuple(warnings))


def _identified(solution: Solution, evidence: dict[str, str], warnings: list[Warned]) -> bool:
    undetermined = solution.estimates.empirical
    if solution.inverse is not None and not undetermined:
        evidence["identified"] = "the Jacobian has full column rank and the information matrix an inverse"
        return True
    names = shown(undetermined) if undetermined else "see the eigenvectors of the information matrix"
    evidence["identified"] = f"the information matrix has no inverse; undetermined: {names}"
    if undetermined or solution.estimates.optimum.converged:
        warnings.append(
            Warned(
                "not-identified-here",
                f"these data do not determine all parameters (empirical underidentification): {names}",
                hint="standard errors are withheld; a factor's indicators or its covariances may be near zero",
            )
        )
    return False


def _several_optima(solution: Solution) -> list[Warned]:
    other, here = solution.estimates.other_value, solution.estimates.optimum.value
    if other is None or not solution.estimates.optimum.converged:
        return []
    chosen, left = (2.0 * solution.n_scale * value for value in (here, other))
    return [
        Warned(
            "several-optima",
            f"other starting values lead to another optimum: chi-square {left:.3f}, here {chosen:.3f}",
            hint="the model fits badly or the sample is small; look at the estimates before trusting them",
        )
    ]


def _binding(solution: Solution) -> list[Warned]:
    """Inequality constraints and bounds that the estimates have run into."""
    estimates = solution.estimates
    told = [
        f"{estimates.table.inequalities[k].lhs} {estimates.table.inequalities[k].row.op} "
        f"{estimates.table.inequalities[k].rhs}"
        for k in estimates.active_inequalities()
    ]
    for row in estimates.table.parameters:
        if (
            row.free
            and min(estimates.theta[row.free - 1] - row.lower, row.upper - estimates.theta[row.free - 1]) < ACTIVE
        ):
            told.append(f"the bound of {row.shown}")
    if not told:
        return []
    return [
        Warned(
            "constraint-active",
            f"the solution lies on a boundary: {', '.join(told)}",
            hint="chi-square tests and normal intervals do not hold exactly there; "
            "standard errors take active constraints as equalities and ignore bounds",
        )
    ]


def _against_their_factor(solution: Solution) -> list[Warned]:
    """Indicators of one factor that load in the other direction than most of it, as an item turned wrongly does."""
    if not solution.estimates.optimum.converged:
        return []
    loadings: dict[tuple[int, str], list[tuple[str, float]]] = {}
    for row, value in zip(solution.rows, solution.row_values(), strict=True):
        if row.op == "=~" and value != 0.0:
            loadings.setdefault((row.group, row.lhs), []).append((row.rhs, float(value)))
    told: dict[str, str] = {}
    uses = Counter((group, name) for (group, _), items in loadings.items() for name, _ in items)
    for (group, factor), items in loadings.items():
        positive = sum(value > 0.0 for _, value in items)
        if positive in (0, len(items)) or 2 * positive == len(items):
            continue
        most = 1.0 if 2 * positive > len(items) else -1.0
        for name, value in items:
            if value * most < 0.0 and uses[group, name] == 1:
                told.setdefault(name, factor)
    if not told:
        return []
    listed = ", ".join(f"{name} on {factor}" for name, factor in told.items())
    return [
        Warned(
            "loads-against",
            f"indicators that load against the others of their factor: {listed}",
            hint="is the item worded the other way round? Turn it (`reverse: true`), or leave it unturned "
            "if it was turned",
        )
    ]


def improper_warnings(solution: Solution) -> list[Warned]:
    """A warning for each improper part: negative variances, covariance matrices that are not positive definite."""
    found: list[Warned] = []
    estimates = solution.estimates
    for block, (rep, point) in enumerate(zip(estimates.model.groups, estimates.points, strict=True)):
        where = f"group {solution.moments[block].label}" if len(solution.moments) > 1 else None
        matrices = rep.matrices(estimates.theta)
        latent = estimates.table.names("lv", block + 1)
        observed_eta = [name for name in rep.latent if name not in latent]
        residual = {name: matrices["Theta"][k, k] for k, name in enumerate(rep.observed) if name not in observed_eta}
        residual |= {name: matrices["Psi"][rep.latent.index(name), rep.latent.index(name)] for name in observed_eta}
        disturbance = {name: matrices["Psi"][rep.latent.index(name), rep.latent.index(name)] for name in latent}
        found += _negative(residual, "residual variance", where) + _negative(disturbance, "latent variance", where)
        at = [rep.latent.index(name) for name in latent]
        found += _latent_covariance(latent, point.moments.cov_eta[np.ix_(at, at)], where)
        found += _residual_covariance(rep.observed, matrices["Theta"], where)
    return found


def _negative(variances: dict[str, float], what: str, where: str | None) -> list[Warned]:
    negative = [f"{name} ({value:.3g})" for name, value in variances.items() if value < -1e-8]
    if not negative:
        return []
    return [
        Warned(
            "heywood-case",
            f"negative {what}: {', '.join(negative)}",
            where,
            "too few indicators, too small a sample, or a model that does not fit; see also outliers",
        )
    ]


def _latent_covariance(names: Sequence[str], cov: Array, where: str | None) -> list[Warned]:
    """Say which factors cannot be told apart, or which combination of factors has no variance."""
    if len(names) < 2 or (np.diag(cov) <= 0).any():
        return []
    cor = cov / np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
    values, vectors = np.linalg.eigh(cor)
    if values[0] > 1e-8:
        return []
    rows, columns = np.tril_indices(len(names), -1)
    order = np.argsort(-np.abs(cor[rows, columns]), kind="stable")
    pairs = [(names[columns[k]], names[rows[k]], float(cor[rows[k], columns[k]])) for k in order]
    over = [pair for pair in pairs if abs(pair[2]) >= NEARLY_ONE] or pairs[:1]
    told = ", ".join(f"{one} with {other} (correlation {value:.3f})" for one, other, value in over)
    share = np.abs(vectors[:, 0])
    combined = ", ".join(names[k] for k in np.argsort(-share) if share[k] > 0.2)
    return [
        Warned(
            "latent-covariance",
            "the covariance matrix of the latent variables is not positive definite; "
            f"factors that cannot be told apart: {told}; the combination without variance involves {combined}",
            where,
            "merge these factors, drop a path or an indicator, or fit a model without the distinction and compare",
        )
    ]


def _residual_covariance(names: Sequence[str], theta: Array, where: str | None) -> list[Warned]:
    """A residual correlation of 1 or more between indicators whose own residual variances are positive."""
    variance = np.diag(theta)
    if not theta[np.tril_indices(len(theta), -1)].any() or (variance < 0).any():
        return []
    used = variance > 0
    values = np.linalg.eigvalsh(theta[np.ix_(used, used)] / np.sqrt(np.outer(variance[used], variance[used])))
    if values[0] > -1e-8:
        return []
    rows, columns = np.nonzero(np.tril(theta, -1))
    worst = [
        f"{names[columns[k]]} with {names[rows[k]]}"
        for k in range(len(rows))
        if abs(theta[rows[k], columns[k]]) >= np.sqrt(variance[rows[k]] * variance[columns[k]]) * 0.999
    ]
    return [
        Warned(
            "residual-covariance",
            "the residual covariance matrix is not positive definite" + (f": {', '.join(worst)}" if worst else ""),
            where,
            "free fewer residual covariances",
        )
    ]

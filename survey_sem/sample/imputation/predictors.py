"""Which variables predict which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from survey_sem.linalg import Array, Indices
from survey_sem.sample.imputation.variables import Variable

MOST_PREDICTORS = 60
"""Predictors of one variable at most, where they are chosen automatically."""
ROWS_PER_PREDICTOR = 3
"""Rows with an answer that each automatically chosen predictor needs."""


def chosen_predictors(
    variables: Sequence[Variable], wanted: str | Mapping[str, Sequence[str]], minimum: float | None
) -> tuple[Indices, ...]:
    """Predictors of every variable, as positions.

    Parameters
    ----------
    variables : sequence of Variable
    wanted : {"auto", "all"} or mapping of name -> names
    minimum : float, optional
        Least absolute correlation with the variable, or with its being missing, under "auto".
    """
    named = wanted if isinstance(wanted, Mapping) else {}
    places = {variable.name: at for at, variable in enumerate(variables)}
    relations = None
    found = []
    for at, variable in enumerate(variables):
        others = np.array([k for k, other in enumerate(variables) if k != at and other.width], dtype=np.intp)
        if variable.name in named:
            chosen = sorted(places[name] for name in named[variable.name] if places[name] != at)
            found.append(np.array(chosen, dtype=np.intp))
            continue
        most = max(1, min(MOST_PREDICTORS, len(variable.observed) // ROWS_PER_PREDICTOR))
        if not len(variable.missing) or wanted == "all" or (minimum is None and len(others) <= most):
            found.append(others)
            continue
        if relations is None:
            relations = _relations(variables)
        strength = relations[at, others]
        ranked = others[np.argsort(-strength, kind="stable")][:most]
        kept = [int(k) for k in ranked if relations[at, k] >= (minimum or 0.0)]
        found.append(np.array(sorted(kept), dtype=np.intp))
    return tuple(found)


def _relations(variables: Sequence[Variable]) -> Array:
    """For each variable (rows) and possible predictor: the larger of its correlations with the variable and with the
    variable's being missing, in absolute value; over the rows that have both.
    """
    blocks = [_standardised(variable) for variable in variables]
    owner = np.repeat(np.arange(len(variables)), [len(block) for block in blocks])
    values = np.vstack(blocks)
    seen = np.vstack([_seen(variable) for variable in variables])
    both = (seen @ seen.T)[np.ix_(owner, owner)]
    with np.errstate(invalid="ignore", divide="ignore"):
        among = np.nan_to_num(np.abs(values @ values.T) / both)
        lacking = (seen.mean(axis=1, keepdims=True) - seen) / np.maximum(seen.std(axis=1, keepdims=True), 1e-12)
        with_lacking = np.nan_to_num(np.abs(lacking @ values.T) / seen.sum(axis=1)[owner])
    found = np.zeros((len(variables), len(variables)))
    for i in range(len(variables)):
        for j in range(len(variables)):
            of_i, of_j = owner == i, owner == j
            if of_i.any() and of_j.any():
                found[i, j] = among[np.ix_(of_i, of_j)].max()
            if of_j.any():
                found[i, j] = max(found[i, j], with_lacking[i, of_j].max())
    return found


def _standardised(variable: Variable) -> Array:
    """Predictor rows of mean 0 and variance 1 over the answers, 0 where there is none."""
    rows = variable.predictor(variable.values)
    known = rows[:, variable.observed]
    mean, sd = known.mean(axis=1, keepdims=True), known.std(axis=1, keepdims=True)
    rows = (rows - mean) / np.where(sd > 0.0, sd, 1.0)
    rows[:, variable.others] = 0.0
    return np.asarray(rows)


def _seen(variable: Variable) -> Array:
    found = np.ones(len(variable.values))
    found[variable.others] = 0.0
    return found

"""Variables from a model text alone: multivariate normal, cut into categories where the text has thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survey_sem.errors import ModelError
from survey_sem.linalg import Array
from survey_sem.simulation.normal import Categories, coded_moments
from survey_sem.simulation.simulate import checked_count, checked_seed
from survey_sem.simulation.streams import Streams
from survey_sem.simulation.structure import Structure, complete, factor_of, read_population_model
from survey_sem.simulation.truth import model_truth
from survey_sem.syntax import ParameterTable

if TYPE_CHECKING:
    import pandas as pd


def simulate_model(model: str, n: int, seed: int) -> pd.DataFrame:
    """Draw `n` rows of the observed variables of a model.

    Parameters
    ----------
    model : str
        In lavaan's language, with a value on every parameter (``f =~ 0.8*x1 + 0.7*x2``). What is not written: a
        variance is such that the variable's total variance is 1; a covariance or intercept is 0. A variable with
        thresholds (``x1 | -1*t1 + 0.5*t2``) is given as codes 1, 2, ...
    n : int
        Rows.
    seed : int
        Of the draws; equal seeds give equal rows.

    Returns
    -------
    DataFrame, shape (n, p)
        The truth (parameters, moments) is in ``.attrs["truth"]``.

    Raises
    ------
    ModelSyntaxError
        The text cannot be read.
    ModelError
        A parameter without a value, or values that no variables can have.
    OptionError
        `n` or `seed` is no such number.
    """
    import pandas as pd

    n, seed = checked_count(n), checked_seed(seed)
    table = read_population_model(model)
    categories = _categories(table)
    structure = complete(table)
    columns = _columns(structure, Streams(seed), n)
    for name, each in categories.items():
        columns[name] = each.codes[np.searchsorted(each.thresholds, columns[name], side="right")].astype(np.int64)
    frame = pd.DataFrame(columns)
    frame.attrs["truth"] = _truth(structure, categories, seed, n)
    return frame


def _categories(table: ParameterTable) -> dict[str, Categories]:
    """Variables with thresholds, which must be t1, t2, ... and ascend."""
    cuts: dict[str, dict[str, float]] = {}
    for row in table.rows:
        if row.op == "|" and row.ustart is not None:
            cuts.setdefault(row.lhs, {})[row.rhs] = row.ustart
    observed = table.names("ov", 1)
    found = {}
    for name, own in cuts.items():
        values = np.array([own.get(f"t{number}", np.nan) for number in range(1, len(own) + 1)])
        if not (np.isfinite(values).all() and (np.diff(values) > 0.0).all()):
            what = f"the thresholds of '{name}' must be t1, t2, ... and ascend"
            raise ModelError("bad-thresholds", what, got=", ".join(f"{key} {value:g}" for key, value in own.items()))
        if name not in observed:
            raise ModelError("unknown-variable", f"'{name}' has thresholds, but is no observed variable")
        found[name] = Categories(values, np.arange(1.0, len(values) + 2.0))
    return found


def _columns(structure: Structure, streams: Streams, n: int) -> dict[str, Array]:
    """``y = nu + Lambda eta + epsilon`` with a stream for each variable, summed in one order on every machine."""
    matrices, moments = structure.matrices, structure.moments
    psi, theta = factor_of(matrices["Psi"]), factor_of(matrices["Theta"])
    assert psi is not None and theta is not None  # checked when the model was completed
    latent = [streams.of(f"factor/{name}").standard_normal(n) for name in structure.latent]
    errors = [streams.of(f"item/{name}").standard_normal(n) for name in structure.observed]
    reach = moments.reach @ psi
    columns = {}
    for i, name in enumerate(structure.observed):
        column = np.full(n, moments.mu[i])
        for weight, source in (*zip(reach[i], latent, strict=True), *zip(theta[i], errors, strict=True)):
            if weight != 0.0:
                column += weight * source
        columns[name] = column
    return columns


def _truth(structure: Structure, categories: dict[str, Categories], seed: int, n: int) -> dict[str, object]:
    """Parameters and moments; of variables in categories the moments of their codes, where all are."""
    truth = {"seed": seed, "n": n, **model_truth(structure)}
    for name, each in categories.items():
        for number, value in enumerate(each.thresholds.tolist(), 1):
            truth["parameters"].append({"lhs": name, "op": "|", "rhs": f"t{number}", "value": value, "group": ""})
    if categories and len(categories) == len(structure.observed):
        ordered = [categories[name] for name in structure.observed]
        mean, cov = coded_moments(structure.moments.mu, structure.moments.sigma, ordered)
        truth["moments"] = {"names": list(structure.observed), "cov": cov.tolist(), "mean": mean.tolist()}
    elif categories:
        truth["moments"] = None
        truth["moments_reason"] = "some variables are in categories and others are not"
    return truth

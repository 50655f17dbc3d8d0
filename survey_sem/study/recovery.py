"""What simulated answers were made with, beside what the fullest model finds in them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from survey_sem.errors import DataError, FileError, SurveySemError
from survey_sem.estimation.functions import NUMPY_FUNCTIONS
from survey_sem.exports.read import file_content
from survey_sem.fitting import fit_model
from survey_sem.instrument import Instrument
from survey_sem.linalg import Array
from survey_sem.reporting.inputs import Recovered, Recovery
from survey_sem.results import SemResult
from survey_sem.statistics.published import moments
from survey_sem.study.study import FitPlan
from survey_sem.syntax.expression_parser import parse_expression

SCHEMA = "survey-sem/truth/1"

Key = tuple[str, str, str]
Truth = Mapping[str, Any]


def read_truth(path: Path) -> Truth:
    """The planted values of simulated answers (schema ``survey-sem/truth/1``).

    Raises
    ------
    FileError
        The file cannot be read, or is no such document.
    """
    try:
        truth = json.loads(file_content(path))
        _check(truth)
    except (ValueError, RecursionError, LookupError, TypeError) as problem:
        raise FileError(
            "not-a-truth",
            f"{path.name} does not hold the truth of simulated answers: {problem}",
            where=str(path),
            expected=f"schema {SCHEMA}, as `survey-sem simulate` writes it",
            hint="leave out `truth:` where the answers are real",
        ) from None
    return truth  # type: ignore[no-any-return]


def _check(truth: Any) -> None:
    if not isinstance(truth, dict) or truth["schema"] != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    for row in truth["parameters"]:
        _ = row["lhs"], row["op"], row["rhs"], row["value"], row["group"]
    if truth["moments"] is not None:
        names, cov = truth["moments"]["names"], np.array(truth["moments"]["cov"], dtype=np.float64)
        if cov.shape != (len(names), len(names)) or not np.isfinite(cov).all():
            raise ValueError("its covariance matrix does not fit its names")


_OF_THE_MODEL = ("std_lv", "meanstructure", "fixed_x", "orthogonal", "likelihood", "effect_coding")


def recover(truth: Truth, plan: FitPlan, fit: SemResult, instrument: Instrument, turned: tuple[str, ...]) -> Recovery:
    """Every loading, path and effect of a model: planted, to be expected, and found.

    Planted values hold for the latent responses. An answer in seven categories tells less than the response behind
    it, so that even an infinite sample gives smaller loadings: what to expect is the same model fitted to the exact
    covariances of the coded answers.

    Parameters
    ----------
    truth : mapping
        As `read_truth` gives it.
    plan, fit
        The model, and what it found.
    instrument : Instrument
        What was asked.
    turned : tuple of str
        Items that were reversed in the sample; the truth has them as they were asked.
    """
    planted = _planted(truth, fit)
    expected, reason = _expected(truth, plan, fit, instrument, turned)
    rows = []
    for row in fit.standardized().to_dict("records"):
        key = (str(row["lhs"]), str(row["op"]), str(row["rhs"]))
        if key[1] not in ("=~", "~", ":=") or not math.isfinite(row["est_std"]):
            continue
        ends = [float(row[name]) if math.isfinite(row[name]) else None for name in ("ci_lower", "ci_upper")]
        rows.append(Recovered(*key, planted.get(key), expected.get(key), float(row["est_std"]), *ends))
    return Recovery(tuple(rows), int(truth.get("seed") or 0), reason)


def _planted(truth: Truth, fit: SemResult) -> dict[Key, float]:
    """Parameters of all respondents (those of single groups are left out), and what effects make of them."""
    found = {
        (row["lhs"], row["op"], row["rhs"]): float(row["value"])
        for row in truth["parameters"]
        if row["group"] == "" and isinstance(row["value"], (int, float)) and row["op"] in ("=~", "~", "~~")
    }
    by_label: dict[str, Any] = {}
    for row in fit.table.parameters:
        key = (row.lhs, row.op, row.rhs)
        if row.label and key in found:
            by_label[row.label] = np.float64(found[key])
    for definition in fit.table.definitions:
        expression = parse_expression(definition.row.rhs)
        if expression.names <= by_label.keys():
            with np.errstate(all="ignore"):
                value = float(expression.evaluate(by_label, NUMPY_FUNCTIONS))
            if math.isfinite(value):
                by_label[definition.row.lhs] = np.float64(value)
                found[(definition.row.lhs, ":=", definition.row.rhs)] = value
    return found


def _expected(
    truth: Truth, plan: FitPlan, fit: SemResult, instrument: Instrument, turned: tuple[str, ...]
) -> tuple[dict[Key, float], str]:
    """Standardised estimates of the model from the exact moments; or none, and why."""
    exact = truth["moments"]
    if exact is None:
        return {}, str(truth.get("moments_reason") or "the exact moments are not known")
    names = list(fit.table.names("ov"))
    absent = [name for name in names if name not in exact["names"]]
    if absent:
        return {}, f"the exact moments are not known of {', '.join(absent)}"
    cov, mean = _of_sample(exact, names, instrument, turned)
    # which rows and how the search went are no part of the model: exact moments have neither
    told = {name: value for name, value in plan.options.items() if name in _OF_THE_MODEL}
    options = {**told, "missing": "listwise", "se": "none", "test": "none"}
    try:
        ideal = fit_model(plan.function, plan.model, moments(cov, fit.n_obs, mean, names=names), options)
    except SurveySemError as problem:
        return {}, f"the model cannot be fitted to the exact moments: {problem.what}"
    if not ideal.converged:
        return {}, "the model fitted to the exact moments does not converge"
    rows = ideal.standardized().to_dict("records")
    return {(str(row["lhs"]), str(row["op"]), str(row["rhs"])): float(row["est_std"]) for row in rows}, ""


def _of_sample(exact: Truth, names: list[str], instrument: Instrument, turned: tuple[str, ...]) -> tuple[Array, Array]:
    """Covariances and means of the named items, reversed ones turned as in the sample."""
    at = [exact["names"].index(name) for name in names]
    sign = np.array([-1.0 if name in turned else 1.0 for name in names])
    cov = np.array(exact["cov"], dtype=np.float64)[np.ix_(at, at)] * np.outer(sign, sign)
    mean = np.array(exact["mean"], dtype=np.float64)[at]
    for position, name in enumerate(names):
        if name in turned:
            scale = instrument.item(name).scale
            if scale is None or scale.min is None or scale.max is None:
                raise DataError("irreversible", f"item '{name}' has no scale with two ends", where=name)
            mean[position] = scale.min + scale.max - mean[position]
    return cov, mean

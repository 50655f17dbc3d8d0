"""Results as JSON documents, and back. A document is complete: it holds the moments, the table and the estimates."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import FileError, Warned
from survey_sem.estimation.build import BuiltModel, build_model
from survey_sem.estimation.discrepancy import SampleMoments
from survey_sem.estimation.estimate import Estimates
from survey_sem.estimation.full_information import FullInformation
from survey_sem.estimation.optimise import Optimum
from survey_sem.estimation.stored import StoredLikelihood, StoredMoments
from survey_sem.inference.covariance import constrained_inverse
from survey_sem.inference.incomplete import residual_variances
from survey_sem.inference.rules import Rules
from survey_sem.inference.solution import Solution, solve
from survey_sem.linalg import Array, vech, vech_indices
from survey_sem.provenance import package_versions, plain_data, platform_record, sha256_data
from survey_sem.results.bootstrap import bootstrap_of, bootstrap_record
from survey_sem.statistics import Moments
from survey_sem.syntax import Parameter, ParameterTable

if TYPE_CHECKING:
    from survey_sem.results.sem_result import SemResult

SCHEMA = "survey-sem/fit/1"
MOST_VARIABLES = 60
"""With more variables than this, information by moments is not stored."""
TABLE_FIELDS = (
    "meanstructure", "n_groups", "group_labels", "level_labels", "function", "fixed_x", "conditional_x",
    "parameterization",
)  # fmt: skip


def fit_document(result: SemResult) -> dict[str, Any]:
    """The document of one fit as plain data. NaN and infinity become None."""
    from survey_sem.results.pooled import imputations_record

    moments = [_moments_record(m) for m in result.moments]
    document = {
        "schema": SCHEMA,
        "converged": result.converged,
        "identified": result.identified,
        "admissible": result.admissible,
        "estimator": result.options["estimator"],
        "missing": result.options["missing"],
        "n_obs": result.n_obs,
        "n_groups": result.n_groups,
        "group_labels": result.group_labels,
        "n_par": result.n_par,
        "model": result.model,
        "options": result.options,
        "estimates": [
            {**record, "group_label": _label(result, record["group"])} for record in result.estimate_records()
        ],
        "fit_measures": result.fit_measures,
        "not_applicable": result.not_applicable,
        "warnings": [warning.to_dict() for warning in result.warnings],
        "findings": result.findings,
        "optimum": asdict(result.solution.estimates.optimum),
        "rules": asdict(result.solution.rules),
        "weighting": result.solution.estimates.built.weighting,
        "weights": [getattr(sample, "weight", None) for sample in result.solution.estimates.model.samples],
        "vcov": result.solution.vcov if _keeps_vcov(result) else None,
        "imputations": imputations_record(result),
        "incomplete": _incomplete_record(result.solution) if result.is_incomplete else None,
        "bootstrap": bootstrap_record(result),
        "moments": moments,
        "table": _table_record(result.table),
        "provenance": {
            **result.provenance,
            "moments_sha256": sha256_data(moments),
            "versions": package_versions(),
            "platform": platform_record(),
        },
    }
    return dict(plain_data(document))


def _keeps_vcov(result: SemResult) -> bool:
    """Whether the sampling covariance cannot be had from the stored moments."""
    return result.solution.rules.needs_rows or result.is_incomplete or result.options["missing"] == "mi"


def _label(result: SemResult, group: int) -> str:
    return result.group_labels[group - 1] if group else ""


def to_json(result: SemResult) -> str:
    """The document of one fit as text, numbers with all the digits that their bits need."""
    return json.dumps(fit_document(result), ensure_ascii=False, indent=1, allow_nan=False)


def from_json(text: str) -> SemResult:
    """The result that a document holds.

    Raises
    ------
    FileError
        The text is not JSON, or not a document of this schema.
    """
    document = _checked(text)
    try:
        return _result(document)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise FileError(
            "damaged-fit",
            f"the document is damaged: {type(error).__name__}: {error}",
            expected=f"schema {SCHEMA}, complete",
        ) from error


def _result(document: Mapping[str, Any]) -> SemResult:
    from survey_sem.results.pooled import PooledResult, imputations_of
    from survey_sem.results.sem_result import SemResult

    moments = tuple(_moments(record) for record in document["moments"])
    options = document["options"]
    solution = _solution(document, moments, options)
    stored: dict[str, Any] = {
        "model": document["model"],
        "options": options,
        "solution": solution,
        "measures": document["fit_measures"],
        "reasons": document["not_applicable"],
        "converged": document["converged"],
        "identified": document["identified"],
        "admissible": document["admissible"],
        "findings": document["findings"],
        "warnings": tuple(Warned(**record) for record in document["warnings"]),
        "provenance": document["provenance"],
        "resampled": bootstrap_of(document.get("bootstrap")),
    }
    if document.get("imputations"):
        return PooledResult(**stored, imputations=imputations_of(document["imputations"]))
    return SemResult(**stored)


def _checked(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (TypeError, json.JSONDecodeError) as error:
        raise FileError("not-json", f"the text is not JSON: {error}") from error
    found = document.get("schema") if isinstance(document, dict) else None
    if found != SCHEMA:
        raise FileError("wrong-schema", "the document is not a fit", expected=SCHEMA, got=str(found))
    return dict(document)


def _solution(document: Mapping[str, Any], moments: tuple[Moments, ...], options: Mapping[str, Any]) -> Solution:
    """The solution at the stored estimates: evaluated, not searched for again; what needs rows is taken as stored."""
    table = _table(document["table"])
    rules = Rules(**{**document["rules"], "tests": tuple(document["rules"]["tests"])})
    weights = [None if each is None else np.array(each, dtype=np.float64) for each in document["weights"]]
    built = build_model(
        table,
        moments,
        options["likelihood"],
        rescale=options["sample_cov_rescale"],
        weighting=document["weighting"],
        weights=weights,
    )
    record: dict[str, Any] = {name: math.nan if value is None else value for name, value in document["optimum"].items()}
    theta = np.array(record.pop("theta"), dtype=np.float64)
    if document.get("incomplete"):
        return _incomplete_solution(document, moments, built, Optimum(theta=theta, **record), rules)
    estimates = Estimates(built, theta, Optimum(theta=theta, **record), built.model.points(theta))
    if not rules.needs_rows and not document.get("imputations"):
        return solve(estimates, moments, rules)
    plain = solve(estimates, moments, replace(rules, se="none", information="expected"))
    vcov = document["vcov"]
    return replace(plain, rules=rules, vcov=None if vcov is None else np.array(vcov, dtype=np.float64))


def _incomplete_record(solution: Solution) -> dict[str, Any]:
    """What incomplete rows brought about at the estimates: no statistics by pattern, which can be single rows."""
    if all(isinstance(sample, StoredMoments) for sample in solution.estimates.model.samples):
        return {"information": solution.information, "groups": [_stored(s) for s in solution.estimates.model.samples]}
    normalized, standardized = (residual_variances(solution, standardized=kind) for kind in (False, True))
    groups = []
    for at, point in enumerate(solution.estimates.points):
        found = point.discrepancy
        assert isinstance(found, FullInformation)
        small = len(found.mu) <= MOST_VARIABLES
        likelihood = StoredLikelihood(
            found.value, found.sigma, found.mu, found.by_sigma, found.by_mu, found.expected if small else None
        )
        sample = solution.estimates.model.samples[at]
        variances = {"normalized": normalized[at], "standardized": standardized[at]}
        groups.append(_stored(StoredMoments(sample.cov, sample.mean, sample.log_det, likelihood, variances)))
    return {"information": solution.information, "groups": groups}


def _stored(sample: SampleMoments) -> dict[str, Any]:
    assert isinstance(sample, StoredMoments)
    at = sample.at
    return {
        "value": at.value,
        "sigma": at.sigma,
        "mu": at.mu,
        "by_sigma": at.by_sigma,
        "by_mu": at.by_mu,
        "expected": None if at.expected is None else vech(at.expected),
        "residual_variances": dict(sample.residual_variances),
    }


def _incomplete_solution(
    document: Mapping[str, Any], moments: tuple[Moments, ...], built: BuiltModel, optimum: Optimum, rules: Rules
) -> Solution:
    """The solution of incomplete rows as it was stored."""
    record = document["incomplete"]
    samples = tuple(map(_stored_moments, built.model.samples, record["groups"]))
    built = replace(built, model=replace(built.model, samples=samples))
    estimates = Estimates(built, optimum.theta, optimum, built.model.points(optimum.theta))
    information = _array(record["information"])
    inverse = constrained_inverse(information, estimates.active_directions())
    vcov = None if document["vcov"] is None else _array(document["vcov"])
    return Solution(estimates, moments, information, inverse, vcov, float(sum(m.n_obs for m in moments)), rules)


def _stored_moments(plain: SampleMoments, record: Mapping[str, Any]) -> StoredMoments:
    sigma, mu, by_sigma, by_mu = (_array(record[name]) for name in ("sigma", "mu", "by_sigma", "by_mu"))
    expected = None
    if record["expected"] is not None:
        rows, columns = vech_indices(len(mu) + len(mu) * (len(mu) + 1) // 2)
        expected = np.zeros((rows[-1] + 1, rows[-1] + 1))
        expected[rows, columns] = expected[columns, rows] = record["expected"]
    likelihood = StoredLikelihood(record["value"], sigma, mu, by_sigma, by_mu, expected)
    variances = {name: _array(values) for name, values in record["residual_variances"].items()}
    return StoredMoments(plain.cov, plain.mean, plain.log_det, likelihood, variances)


def _array(values: Any) -> Array:
    """Numbers as an array, None as NaN."""
    return np.array(values, dtype=np.float64)


def _moments_record(moments: Moments) -> dict[str, Any]:
    names = ("names", "n_obs", "n_analysed", "n_total", "divisor", "label", "mean", "cov")
    return {name: getattr(moments, name) for name in names}


def _moments(record: Mapping[str, Any]) -> Moments:
    return Moments(
        names=tuple(record["names"]),
        n_obs=record["n_obs"],
        cov=np.array(record["cov"], dtype=np.float64),
        mean=None if record["mean"] is None else np.array(record["mean"], dtype=np.float64),
        divisor=record["divisor"],
        label=record["label"],
        n_total=record["n_total"],
        n_analysed=record.get("n_analysed"),
    )


def _table_record(table: ParameterTable) -> dict[str, Any]:
    return {**{name: getattr(table, name) for name in TABLE_FIELDS}, "rows": [asdict(row) for row in table.rows]}


def _table(record: Mapping[str, Any]) -> ParameterTable:
    known: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
    known["rows"] = tuple(_row(row) for row in record["rows"])
    return ParameterTable(**known)


def _row(record: Mapping[str, Any]) -> Parameter:
    bounds = {
        "lower": -math.inf if record["lower"] is None else record["lower"],
        "upper": math.inf if record["upper"] is None else record["upper"],
    }
    return Parameter(**{**record, **bounds})

"""What was planted, as one document: schema ``survey-sem/truth/1``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from survey_sem.instrument import Instrument
from survey_sem.linalg import Array
from survey_sem.simulation.careless import Planted
from survey_sem.simulation.moments import ExactMoments, Unknown, exact_moments, group_shares
from survey_sem.simulation.population import Population
from survey_sem.simulation.structure import Structure

SCHEMA = "survey-sem/truth/1"


def truth_of(
    population: Population,
    instrument: Instrument,
    seed: int,
    n: int,
    n_respondents: int,
    faults: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The truth behind simulated answers, as plain data.

    Returns
    -------
    dict
        ``schema seed n respondents population_sha256 instrument_sha256 parameters groups clusters moments
        moments_reason faults``; `parameters` are rows of ``lhs op rhs value group`` (group "": all that have no rows
        of their own), `moments` is None where `moments_reason` says why.
    """
    shares = group_shares(population, instrument)
    moments = exact_moments(population, instrument)
    return {
        "schema": SCHEMA,
        "seed": seed,
        "n": n,
        "respondents": n_respondents,
        "population_sha256": population.sha256,
        "instrument_sha256": instrument.sha256,
        "parameters": _parameters(population),
        "groups": _groups(population, shares),
        "clusters": _clusters(population),
        "moments": None if isinstance(moments, Unknown) else _moments(moments),
        "moments_reason": moments.reason if isinstance(moments, Unknown) else None,
        "faults": dict(faults),
    }


def planted_record(planted: Planted, ids: Array, others: Array | None = None) -> dict[str, Any]:
    """A fault as plain data: how often, on which sheets, in which items, and of a copy the sheet it is of."""
    record: dict[str, Any] = {"n": len(planted.rows), "ids": ids[planted.rows].tolist()}
    if planted.items:
        record["items"] = list(planted.items)
    if others is not None:
        record["of"] = others.tolist()
    return record


def model_truth(structure: Structure) -> dict[str, Any]:
    """The truth behind variables drawn from a model alone: parameters and moments of the variables."""
    moments = structure.moments
    return {
        "schema": SCHEMA,
        "parameters": structure_rows(structure, ""),
        "moments": _moments(ExactMoments(structure.observed, moments.mu, moments.sigma)),
        "moments_reason": None,
    }


def structure_rows(structure: Structure, group: str) -> list[dict[str, Any]]:
    """Parameters and definitions of one model."""
    rows = [*structure.parameters, *structure.definitions]
    return [{"lhs": row.lhs, "op": row.op, "rhs": row.rhs, "value": row.ustart, "group": group} for row in rows]


def _parameters(population: Population) -> list[dict[str, Any]]:
    rows = []
    for part, structure in population.structures.items():
        rows += structure_rows(structure, "" if part is None else str(part))
    for name, categories in population.answers.items():
        for number, value in enumerate(categories.thresholds.tolist(), 1):
            rows.append({"lhs": name, "op": "|", "rhs": f"t{number}", "value": value, "group": ""})
    return rows


def _groups(population: Population, shares: Any) -> dict[str, Any] | None:
    if population.groups is None:
        return None
    known = None if isinstance(shares, Unknown) else {str(part): share for part, share in shares.items()}
    return {"of": population.groups.of, "shares": known}


def _clusters(population: Population) -> dict[str, Any] | None:
    clusters = population.clusters
    return None if clusters is None else {"item": clusters.item, "n": len(clusters.codes), "icc": dict(clusters.icc)}


def _moments(moments: ExactMoments) -> dict[str, Any]:
    return {"names": list(moments.names), "cov": np.asarray(moments.cov).tolist(), "mean": moments.mean.tolist()}

"""Stored reference fits, and how to repeat their call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

import survey_sem as ss

FOLDER = Path(__file__).resolve().parent / "reference"
CASES = {path.stem: path for path in sorted((FOLDER / "fits").glob("*.json"))}


LIKELIHOOD = {"logl", "unrestricted.logl", "aic", "bic", "bic2"}
"""Measures compared absolutely: they are stationary at the optimum and large."""


RENAMED = {"sampling.weights": "weights"}
"""Options of lavaan that have another name here."""


def load(name: str) -> dict[str, Any]:
    return json.loads(CASES[name].read_text("utf-8"))


def names(family: str) -> list[str]:
    return [name for name in CASES if load(name)["family"] == family]


def rows(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "data" / name)


def matrix(cell: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(cell["values"], index=cell["rows"], columns=cell["cols"], dtype=float)


def call(case: dict[str, Any]) -> ss.SemResult:
    """Fit the case as it was fitted; listwise deletion, which lavaan does silently, is said aloud."""
    options = dict(case.get("options") or {})
    if "sample.cov" in options:
        data = published(options.pop("sample.cov"), options.pop("sample.nobs"), options.pop("sample.mean", None))
    else:
        data = rows(case["data"])
        options.setdefault("missing", "listwise")
    keywords = {RENAMED.get(key, key.replace(".", "_")): value for key, value in options.items()}
    return getattr(ss, case["function"])(case["model"], data, **keywords)


def published(cov: dict[str, Any], n_obs: Any, mean: Any) -> Any:
    """Published moments, of one group or by group label."""
    if "rows" in cov:
        return ss.moments(cov=matrix(cov), n_obs=n_obs, mean=mean)
    return {g: ss.moments(cov=matrix(each), n_obs=n_obs[g], mean=(mean or {}).get(g)) for g, each in cov.items()}


Key = tuple[str, str, str, int]


def key(row: dict[str, Any]) -> Key:
    lhs, rhs = row["lhs"], row["rhs"] or ""
    if row["op"] == ":=":
        return lhs, ":=", "", 0
    if row["op"] == "~~" and lhs > rhs:
        lhs, rhs = rhs, lhs
    return lhs, row["op"], rhs, int(row.get("group") or 1)


def by_key(frame: pd.DataFrame) -> dict[Key, dict[str, Any]]:
    return {key(row): row for row in reversed(frame.to_dict("records"))}


def references(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The stored result, and the one of lavaan 0.7-2 where it differs; agreeing with either will do."""
    second = case.get("second")
    return [case, second] if second and second.get("converged") else [case]


def engine_cases(name: str) -> dict[str, dict[str, Any]]:
    """Cases of one file in reference/engine, by name."""
    document = json.loads((FOLDER / "engine" / f"{name}.json").read_text("utf-8"))
    return {case["name"]: {**case, "options": case["options"] or {}} for case in document["cases"]}


def call_engine(case: dict[str, Any]) -> ss.SemResult:
    """Fit a case of reference/engine as it was fitted."""
    options = {name.replace(".", "_"): value for name, value in case["options"].items()}
    options.setdefault("missing", "listwise")
    return getattr(ss, case["function"])(case["model"], rows(case["data"]), **options)


STOPS = {"est": 3e-4, "se": 3e-4, "std.all": 3e-4, "std.nox": 3e-4}
"""How far lavaan stops from its optimum (gradient 1e-6), relative to max(1, |value|)."""
REDEFINED = {"gfi", "agfi", "pgfi", "rmsea_ci_level", "scaling_factor_h0", "scaling_factor_h1"}


def differences(fit: ss.SemResult, case: dict[str, Any], but: Any = ()) -> list[Any]:
    """What differs between a fit and a case of reference/engine, measures named in `but` left out."""
    ours, found = by_key(fit.estimates), []
    for row in case["estimates"]:
        own = ours[key(row)]
        for theirs, limit in STOPS.items():
            value, mine = row.get(theirs), own[theirs.replace(".", "_")]
            if value is None or (row["op"] == ":=" and theirs.startswith("std.")):
                continue
            if not abs(mine - value) <= limit * max(1.0, abs(value)):
                found.append((*key(row), theirs, value, mine))
    for name, value in case["fit"].items():
        spelled = name.replace(".", "_")
        if spelled in REDEFINED or spelled in but:
            continue
        mine = fit.fit_measures.get(spelled)
        if value is None:
            found += [] if mine is None or "pvalue" in spelled else [(spelled, value, mine)]
        elif mine is None or abs(mine - value) > 1e-4 * (1.0 if name in LIKELIHOOD else max(1.0, abs(value))):
            found.append((spelled, value, mine))
    return found

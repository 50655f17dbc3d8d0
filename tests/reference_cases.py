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

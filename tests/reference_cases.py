"""Stored reference fits, and how to repeat their call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

import survey_sem as ss

FOLDER = Path(__file__).resolve().parent / "reference"
CASES = {path.stem: path for path in sorted((FOLDER / "fits").glob("*.json"))}


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
        data = ss.moments(
            cov=matrix(options.pop("sample.cov")),
            n_obs=options.pop("sample.nobs"),
            mean=options.pop("sample.mean", None),
        )
    else:
        data = rows(case["data"])
        options.setdefault("missing", "listwise")
    keywords = {key.replace(".", "_"): value for key, value in options.items()}
    return getattr(ss, case["function"])(case["model"], data, **keywords)


def key(row: dict[str, Any]) -> tuple[str, str, str]:
    lhs, rhs = row["lhs"], row["rhs"] or ""
    if row["op"] == ":=":
        return lhs, ":=", ""
    if row["op"] == "~~" and lhs > rhs:
        lhs, rhs = rhs, lhs
    return lhs, row["op"], rhs


def by_key(frame: pd.DataFrame) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {key(row): row for row in reversed(frame.to_dict("records"))}

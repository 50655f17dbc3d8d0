"""What a run keeps about answers beside plain counts: weighted means and shares, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from survey_sem.errors import DataError
from survey_sem.instrument import Item
from survey_sem.measurement import little_test
from survey_sem.sample import Sample
from survey_sem.sample.describe import SMALLEST_CELL, withheld_beside
from survey_sem.sample.missingness import Missingness, missing

MOST_PATTERNS = 8
MOST_DIFFERENCES = 6
NOBODY_ASKED_ALL = "no modelled item was asked of everybody"


def weighted_answers(sample: Sample, items: Sequence[Item]) -> dict[str, Any]:
    """Design-based mean of every ordered item or number, with its interval, and weighted shares of the categories."""
    design = sample.design
    assert design is not None
    rows = []
    for item in items:
        if (
            item.type not in ("ordinal", "number")
            or item.id not in sample.data
            or not sample.data[item.id].notna().any()
        ):
            continue
        mean = design.mean(item.id, missing="drop", deff="replace").to_frame().iloc[0].to_dict()
        names = ("estimate", "se", "ci_lower", "ci_upper", "deff")
        rows.append({"item": item.id, "n": int(mean["n"]), **{name: float(mean[name]) for name in names}})
        rows[-1]["shares"] = _shares(sample, item)
    return {"schema": "survey-sem/weighted-answers/1", "df": design.degrees_of_freedom, "items": rows}


def _shares(sample: Sample, item: Item) -> list[float] | None:
    """Weighted share of every category; None for numbers, and where a small category is not shown."""
    if item.type != "ordinal" or item.scale is None:
        return None
    assert sample.design is not None
    column = sample.data[item.id]
    chosen = [(column == code).to_numpy(dtype=bool) for code in item.scale.codes]
    if any(0 < int(rows.sum()) < SMALLEST_CELL for rows in chosen):
        return None
    weights = sample.design.weights
    total = float(weights[column.notna().to_numpy(dtype=bool)].sum())
    return [float(weights[rows].sum()) / total for rows in chosen]


def missing_answers(sample: Sample, items: Sequence[str]) -> dict[str, Any] | None:
    """Rates, patterns and Little's test of the modelled items; None where every answer is there."""
    found = missing(sample, items=list(items))
    if not found.rate:
        return None
    return {
        "schema": "survey-sem/missing/1",
        "n": found.n_obs,
        "complete": found.complete,
        "rate": found.rate,
        "n_patterns": found.n_patterns,
        "is_monotone": found.is_monotone,
        "items": _records(found.items[["item", "asked", "missing", "rate", "not_asked"]]),
        "patterns": _patterns(found),
        "little": _little(sample, found),
    }


def _patterns(found: Missingness) -> list[dict[str, Any]]:
    """The most frequent patterns, by the items that they lack asked or not the others; rare ones are not told."""
    counts: dict[tuple[str, ...], list[int]] = {}
    for row in found.patterns.to_dict("records"):
        lacking = tuple(name for name in found.names if row[name] == "missing")
        counts.setdefault(lacking, []).append(int(row["n"]))
    told = sorted(((sum(parts), lacking) for lacking, parts in counts.items()), key=lambda each: -each[0])
    told = [each for each in told if each[0] >= SMALLEST_CELL][:MOST_PATTERNS]
    n_others = found.n_patterns - sum(len(counts[lacking]) for _, lacking in told)
    hidden = withheld_beside([n for n, _ in told], n_others, found.n_obs - sum(n for n, _ in told))
    return [
        {"n": n, "share": n / found.n_obs, "missing": list(lacking)}
        for at, (n, lacking) in enumerate(told)
        if at not in hidden
    ]


def _little(sample: Sample, found: Missingness) -> Mapping[str, Any]:
    """Little's test of the items that everybody was asked with its effect sizes, or why there is none."""
    items = [row["item"] for row in found.items.to_dict("records") if not row["not_asked"]]
    if not items:
        return {"reason": NOBODY_ASKED_ALL}
    try:
        test = little_test(sample, items)
    except DataError as problem:
        return {"reason": problem.what}
    told: dict[str, Any] = {
        name: getattr(test, name) for name in ("chisq", "df", "p_value", "n_obs", "n_patterns", "rmsea")
    }
    known = test.differences[test.differences["n_missing"] >= SMALLEST_CELL]
    told["differences"] = _records(known.head(MOST_DIFFERENCES))
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in told.items()
    }


def _records(frame: Any) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]

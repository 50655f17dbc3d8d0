"""The sampling design and the weights of a run, as plain data without a respondent's weight."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from survey_sem.sample.describe import withheld
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.weighting import Weighting

BINS = 16


def describe_design(design: SurveyDesign) -> dict[str, Any]:
    """Numbers of strata, units and respondents, and what the design is made of."""
    sampling = design.sampling
    inside = design.weights[design.inside]
    spread = float(inside.var() / inside.mean() ** 2)
    return {
        "schema": "survey-sem/design/1",
        "columns": {name: _listed(value) for name, value in design.described.items() if value},
        "n": len(inside),
        "n_units": None if sampling is None else sampling.n_units,
        "n_strata": None if sampling is None else sampling.n_strata,
        "units_are_rows": sampling is None or sampling.n_units == design.n_rows,
        "degrees_of_freedom": design.degrees_of_freedom,
        "lonely": None if sampling is None else sampling.lonely,
        "deff_weights": 1.0 + spread,
        "n_eff": len(inside) / (1.0 + spread),
    }


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(each) for each in value]


def describe_weighting(weighting: Weighting) -> dict[str, Any]:
    """What was done to the weights, how they spread, margins before and after; small cells withheld."""
    record = weighting.to_dict()
    return {**record, "margins": _safe_margins(record["margins"]), "histogram": weight_histogram(weighting)}


def _safe_margins(margins: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Margins without what tells the size of a small class: its count before weighting, and others beside it."""
    rows = [dict(row) for row in margins]
    for variable in dict.fromkeys(row["variable"] for row in rows):
        own = [row for row in rows if row["variable"] == variable and row["category"]]
        for at in withheld([int(row["n"]) for row in own]):
            own[at] |= {"n": None, "before": None, "before_share": None}
    return rows


def weight_histogram(weighting: Weighting) -> Mapping[str, Any]:
    """Counts of respondents in classes of weights; one of fewer than ten, and what would tell it, is None."""
    values = weighting.weights.to_numpy(dtype=np.float64)
    values = values[values != 0]
    edges = round_edges(float(values.min()), float(values.max()))
    return {"edges": edges, "counts": safe_counts(np.histogram(values, edges)[0].tolist())}


def round_edges(low: float, high: float) -> list[float]:
    """Bounds of at most `BINS` + 1 classes of equal width at round numbers; they hold `low` and `high`, 0 < both."""
    if high - low < 1e-9 * high:
        low, high = 0.9 * low, 1.1 * high
    width = (high - low) / BINS
    unit = 10.0 ** math.floor(math.log10(width))
    step = unit * next(size for size in (1.0, 2.0, 2.5, 5.0, 10.0) if size * unit >= width * (1 - 1e-12))
    first, last = math.floor(low / step), math.ceil(high / step)
    return [float(f"{at * step:.12g}") for at in range(first, last + (last * step <= high) + 1)]


def safe_counts(counts: Sequence[int]) -> list[int | None]:
    """Counts beside their sum, small ones None; empty classes tell nothing of anybody and stay."""
    filled = [at for at, count in enumerate(counts) if count]
    hidden = {filled[at] for at in withheld([int(counts[at]) for at in filled])}
    return [None if at in hidden else int(count) for at, count in enumerate(counts)]

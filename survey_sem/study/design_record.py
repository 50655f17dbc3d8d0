"""The sampling design and the weights of a run, as plain data without a respondent's weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.weighting import Weighting

BINS = 24


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


def weight_histogram(weighting: Weighting) -> Mapping[str, Any]:
    """Counts of respondents by weight; a bar of fewer than ten joins its neighbour."""
    values = weighting.weights.to_numpy(dtype=np.float64)
    counts, edges = np.histogram(values[values != 0], bins=BINS)
    return {"edges": edges.tolist(), "counts": [int(count) if count == 0 or count >= 10 else None for count in counts]}

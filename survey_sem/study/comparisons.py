"""Comparisons of means over groups, as a study asks for them: each becomes a record of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_sem.errors import SurveySemError
from survey_sem.measurement.groups import compare_groups
from survey_sem.measurement.ladder import Invariance
from survey_sem.sample import Sample
from survey_sem.sample.describe import SMALLEST_CELL
from survey_sem.study.study import ComparisonPlan, Study

Record = Mapping[str, Any]


def comparisons(study: Study, sample: Sample, ladder: Invariance | None) -> Record:
    """All comparisons of the study; `ladder` gives latent means where it is of the same groups."""
    found = [_comparison(at, plan, sample, ladder) for at, plan in enumerate(study.comparisons, 1)]
    return {"schema": "survey-sem/comparisons/1", "comparisons": found}


def _comparison(at: int, plan: ComparisonPlan, sample: Sample, ladder: Invariance | None) -> Record:
    """One comparison, groups that are too small to be shown left out; an error names it."""
    latent = None
    if ladder is not None and ladder.group == plan.by and {each.latent for each in ladder.mean_records} & {*plan.of}:
        latent = ladder
    try:
        found = compare_groups(
            sample, plan.of, plan.by, missing="available", min_group=SMALLEST_CELL, latent=latent,
            test=plan.options.get("test"), pairs=plan.options.get("pairs"),
        )  # fmt: skip
    except SurveySemError as problem:
        place = f"comparisons: entry {at}, by {plan.by}"
        problem.where = f"{place}: {problem.where}" if problem.where else place
        raise
    return {"name": f"{at}_{plan.by}", **found.to_dict()}

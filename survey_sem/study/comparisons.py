"""Comparisons of means over groups, as a study asks for them: each becomes a record of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_sem.errors import inside
from survey_sem.measurement.groups import compare_groups
from survey_sem.measurement.ladder import Invariance
from survey_sem.sample import Sample
from survey_sem.sample.describe import SMALLEST_CELL, withheld_beside
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
    with inside(f"comparisons: entry {at}, by {plan.by}"):
        found = compare_groups(
            sample, plan.of, plan.by, missing="available", min_group=SMALLEST_CELL, latent=latent,
            test=plan.options.get("test"), pairs=plan.options.get("pairs"),
        )  # fmt: skip
    n_rows = len(sample.data) if sample.design is None else int(sample.design.inside.sum())
    return {"name": f"{at}_{plan.by}", **guarded(found.to_dict(), n_rows)}


def guarded(record: Record, n_rows: int) -> Record:
    """The record without what tells how large a group that was left out is.

    Its size is what the others leave of all rows, so that of the smallest shown groups is withheld with it, as in the
    tables of answers. Of rows without a design (whose errors follow from sizes) so are their standard errors,
    degrees of freedom and intervals.
    """
    hidden = {
        (variable, group)
        for variable, small in record["left_out"].items()
        for group in _also_small(record, variable, len(small), n_rows)
    }
    if not hidden:
        return record
    of_sizes = () if record["test"] == "design" else ("se", "df", "ci_lower", "ci_upper", "g_lower", "g_upper")
    groups = [
        _without(row, ("n", *of_sizes)) if (row["variable"], row["group"]) in hidden else row
        for row in record["groups"]
    ]
    pairs = [
        _without(row, of_sizes) if hidden & {(row["variable"], row[end]) for end in ("group", "against")} else row
        for row in record["pairs"]
    ]
    variables = {variable for variable, _ in hidden}
    of_tests = () if record["test"] == "design" else ("df2",)
    tests = [_without(row, of_tests) if row["variable"] in variables else row for row in record["tests"]]
    return {**record, "groups": groups, "pairs": pairs, "tests": tests}


def _also_small(record: Record, variable: str, n_small: int, n_rows: int) -> list[str]:
    """Groups of a variable whose size would tell that of the small ones."""
    shown = [row for row in record["groups"] if row["variable"] == variable]
    left = n_rows - record["n_dropped"][variable] - sum(row["n"] for row in shown)
    hidden = withheld_beside([row["n"] for row in shown], n_small if left else 0, left)
    return [shown[at]["group"] for at in sorted(hidden)]


def _without(row: Record, names: tuple[str, ...]) -> Record:
    return {key: None if key in names else value for key, value in row.items()}

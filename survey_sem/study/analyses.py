"""The analyses beside the main models: each becomes a record of plain data, which is a file of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_sem.errors import inside
from survey_sem.fitting import fit_model
from survey_sem.measurement.group_paths import differences
from survey_sem.measurement.invariance import invariance
from survey_sem.measurement.ladder import Invariance
from survey_sem.provenance import plain_data
from survey_sem.results import SemResult
from survey_sem.sample import Sample
from survey_sem.sample.design.columns import column
from survey_sem.sample.imputation import Imputed
from survey_sem.study.answers_record import missing_answers, weighted_answers
from survey_sem.study.comparisons import comparisons
from survey_sem.study.description import measured_items
from survey_sem.study.design_record import describe_design, describe_weighting
from survey_sem.study.grouped_model import grouped_model
from survey_sem.study.imputation import describe_imputation
from survey_sem.study.records import StudyData
from survey_sem.study.regressions import regression_variables, regressions
from survey_sem.study.robustness import robustness
from survey_sem.study.screening_record import respondent_records
from survey_sem.study.study import Study

Record = Mapping[str, Any]


def analyse(study: Study, data: StudyData, fits: Mapping[str, SemResult]) -> tuple[dict[str, Record], SemResult | None]:
    """Records by name, and the full model in groups where the study asks for it."""
    sample = data.sample
    records: dict[str, Record] = {}
    by_group = ladder = None
    items = measured_items(data.instrument, fits)
    modelled = dict.fromkeys(name for fit in fits.values() for name in fit.table.names("ov"))
    if (found := missing_answers(sample, [name for name in modelled if name in sample.data])) is not None:
        records["missing"] = found
    if data.imputed is not None:
        records["imputation"] = describe_imputation(data.imputed)
    if sample.design is not None:
        records["design"] = describe_design(sample.design)
        records["weighted_answers"] = weighted_answers(sample, items)
    if sample.weighting is not None:
        records["weighting"] = describe_weighting(sample.weighting)
    records |= respondent_records(study, sample)
    if study.robustness:
        records["robustness"] = robustness(study, data, fits)
    if study.groups is not None:
        ladder = _invariance(study, data.rows)
        records["invariance"] = ladder.to_dict()
        by_group, records["groups"] = _by_group(study, data)
    if study.comparisons:
        records["comparisons"] = comparisons(study, sample, ladder)
    if study.regressions:
        records["regressions"] = regressions(study, sample, data.imputed)
    return {name: plain_data(record) for name, record in records.items()}, by_group


def check_analyses(study: Study, sample: Sample) -> None:
    """Refuse analyses of variables that are not there, before models are fitted for minutes."""
    rows = sample.data if sample.design is None else sample.design.data
    if study.groups is not None:
        column(rows, study.groups.of, "groups: of")
    for at, plan in enumerate(study.comparisons, 1):
        for name in (plan.by, *(name for name in plan.of if name not in sample.constructs)):
            column(rows, name, f"comparisons: entry {at}, by {plan.by}")
    regression_variables(study, sample)


def _invariance(study: Study, rows: Sample | Imputed) -> Invariance:
    plan, groups = study.fits()[0], study.groups
    assert groups is not None
    options: dict[str, Any] = {**plan.options, "group_partial": groups.partial, "function": "cfa"}
    with inside("groups"):
        return invariance(study.measurement, rows, groups.of, groups.levels, **options)


def _by_group(study: Study, data: StudyData) -> tuple[SemResult, Record]:
    plan = study.group_fit()
    assert plan is not None and study.groups is not None
    sample = data.sample
    n_groups = int(sample.data[study.groups.of].nunique()) if study.groups.of in sample.data.columns else 1
    with inside("groups"):
        fit = fit_model(plan.function, grouped_model(study, n_groups), data.rows, plan.options)
    found = differences(fit) if fit.converged and fit.identified else ()
    record = {
        "schema": "survey-sem/groups/1",
        "of": study.groups.of,
        "labels": list(fit.group_labels),
        "n_obs": [moments.n_obs for moments in fit.moments],
        "equal": list(study.groups.equal),
        "partial": list(study.groups.partial),
        "differences": [{name: getattr(each, name) for name in each.__slots__} for each in found],
    }
    return fit, record

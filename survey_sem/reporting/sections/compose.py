"""Inputs become a document."""

from __future__ import annotations

from survey_sem.reporting.contents import Content, Texts, said
from survey_sem.reporting.document import Document
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.sections.answers import missing_section
from survey_sem.reporting.sections.comparisons import comparisons_section
from survey_sem.reporting.sections.description import codebook_section, validation_section
from survey_sem.reporting.sections.design import design_section, robustness_section
from survey_sem.reporting.sections.findings import key_section
from survey_sem.reporting.sections.groups import groups_section
from survey_sem.reporting.sections.methods import methods_section
from survey_sem.reporting.sections.model import (
    effects_section,
    fit_section,
    measurement_section,
    misfit_section,
    structure_section,
)
from survey_sem.reporting.sections.recovery import recovery_section
from survey_sem.reporting.sections.regression import regression_section
from survey_sem.reporting.sections.repeat import repeat_section
from survey_sem.reporting.sections.screening import screening_section
from survey_sem.reporting.sections.study import items_section, sample_section, study_section
from survey_sem.reporting.tables.fit import fit_measure


def compose(inputs: ReportInputs, language: Language) -> Document:
    """The report in one language."""
    sections = (
        key_section(inputs),
        study_section(inputs),
        methods_section(inputs),
        validation_section(inputs),
        sample_section(inputs),
        screening_section(inputs, language),
        design_section(inputs, language),
        items_section(inputs, language),
        missing_section(inputs, language),
        measurement_section(inputs, language),
        structure_section(inputs, language),
        fit_section(inputs),
        misfit_section(inputs),
        effects_section(inputs),
        groups_section(inputs),
        comparisons_section(inputs),
        regression_section(inputs),
        robustness_section(inputs),
        recovery_section(inputs),
        codebook_section(inputs),
        repeat_section(inputs),
    )
    return Document(
        title=Texts(inputs.title),
        subtitle=inputs.study_id,
        figures_of_merit=_figures_of_merit(inputs),
        sections=tuple(section for section in sections if section is not None),
    )


def _figures_of_merit(inputs: ReportInputs) -> tuple[tuple[Content, Content], ...]:
    """n, chi-square and the usual indices of the main model, as far as they exist."""
    result = inputs.main
    shown: list[tuple[Content, Content]] = [(said("short.n"), result.n_obs)]
    if "chisq" not in result.fit_measures:
        return tuple(shown)
    df = fit_measure(result, "df") or ""
    shown.append((said("short.chisq_df", df=df), fit_measure(result, "chisq") or ""))
    shown += [(said(f"short.{name}"), fit_measure(result, name) or "") for name in ("cfi", "tli", "rmsea", "srmr")]
    return tuple(shown)

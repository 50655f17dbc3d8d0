"""Measurement model, structural model, fit, effects, residuals and modification indices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from survey_sem.errors import DataError
from survey_sem.reporting.contents import Amount, Foreign, Said, said
from survey_sem.reporting.document import Block, Notice, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.sections.figures import coefficients_figure, path_figure
from survey_sem.reporting.sections.findings import notices, verdicts
from survey_sem.reporting.table import Table
from survey_sem.reporting.tables import (
    covariances_table,
    effects_table,
    factor_correlations_table,
    fit_table,
    latent_means_table,
    loadings_table,
    modifications_table,
    paths_table,
    r_squared_table,
    reliability_table,
    residuals_table,
)
from survey_sem.reporting.wording import has_phrase
from survey_sem.results import SemResult


def measurement_section(inputs: ReportInputs, language: Language) -> Section | None:
    """Loadings and reliability; None for a model without factors."""
    result = inputs.measurement
    if not result.table.names("lv"):
        return None
    blocks: list[Block] = []
    if result is not inputs.main:
        blocks.append(Paragraph(said("text.one_model")))
    blocks.append(Tabled(with_fit_note(loadings_table(result, inputs.labels), result, inputs)))
    if inputs.reliability is not None:
        blocks.append(Tabled(reliability_table(inputs.reliability, inputs.labels)))
    blocks += _tabled(factor_correlations_table(result, inputs.labels))
    blocks += _tabled(latent_means_table(inputs.main, inputs.labels))
    if not has_paths(inputs):
        blocks += path_figure(inputs, language)
        blocks += coefficients_figure(inputs, language, "=~")
    return Section("measurement", tuple(blocks))


def with_fit_note(table: Table, result: SemResult, inputs: ReportInputs) -> Table:
    """The table of a model with a note of how many respondents it has, whether they have weights, and its errors."""
    return replace(table, notes=(*table.notes, fit_note(result, inputs)))


def fit_note(result: SemResult, inputs: ReportInputs) -> Said:
    """Respondents, weights and kind of standard errors of a model."""
    kind = f"se.{result.options['se']}"
    is_weighted = inputs.is_weighted or bool(result.options.get("weights"))
    return said(
        "note.fitted",
        n=result.n_obs,
        weights=said("fitted.weighted" if is_weighted else "fitted.unweighted"),
        se=said(kind) if has_phrase(kind) else str(result.options["se"]),
    )


def has_paths(inputs: ReportInputs) -> bool:
    """Whether the main model has regressions."""
    return any(row.op == "~" for row in inputs.main.table.parameters)


def structure_section(inputs: ReportInputs, language: Language) -> Section | None:
    """Path diagram, coefficients and explained variance; None for a model without paths."""
    if not has_paths(inputs):
        return None
    blocks: list[Block] = [*path_figure(inputs, language)]
    blocks.append(Tabled(with_fit_note(paths_table(inputs.main, inputs.labels), inputs.main, inputs)))
    blocks += coefficients_figure(inputs, language, "~")
    blocks += _tabled(r_squared_table(inputs.main, inputs.labels), covariances_table(inputs.main, inputs.labels))
    return Section("structure", tuple(blocks))


def fit_section(inputs: ReportInputs) -> Section:
    """Findings about the solution, warnings, fit measures, where the degrees of freedom come from."""
    result = inputs.main
    blocks: list[Block] = [verdicts(result), *notices(inputs), Tabled(fit_table(inputs.fits), is_sortable=False)]
    df = result.fit_measures.get("df")
    if df is not None:
        npar = result.n_par
        blocks.append(Paragraph(said("text.df", moments=npar + int(df), npar=npar, df=Amount(df, "df"))))
    return Section("fit", tuple(blocks))


def effects_section(inputs: ReportInputs) -> Section | None:
    """Defined effects; None where there are none."""
    found = effects_table(inputs.main, inputs.effects)
    return None if found is None else Section("effects", (Tabled(found),))


def misfit_section(inputs: ReportInputs) -> Section:
    """Where the model does not fit."""
    result = inputs.main
    if not result.converged:
        return Section("misfit", (Notice("error", said("key.not_converged")),))
    if result.fit_measures.get("df") == 0:
        return Section("misfit", (Paragraph(said("text.no_free_moments")),))
    blocks: list[Block] = [Tabled(residuals_table(result))]
    try:
        blocks.append(Tabled(modifications_table(result)))
    except DataError as problem:
        blocks.append(Paragraph(said("text.no_modifications", reason=Foreign(problem.what))))
    return Section("misfit", tuple(blocks))


def _tabled(*tables: Table | None) -> Iterable[Block]:
    return [Tabled(table) for table in tables if table is not None]

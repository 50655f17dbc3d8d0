"""Tables about what the model says of relations: paths, covariances, effects, explained variance."""

from __future__ import annotations

from collections.abc import Iterable

from survey_sem.reporting.contents import Cell, Name, Said, said
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.measurement import estimator_name, factors, standardised
from survey_sem.reporting.tables.reading import (
    Estimate,
    Labels,
    ci_heading,
    error,
    interval,
    level,
    named,
    number,
    read_estimates,
)
from survey_sem.results import SemResult


def paths_table(result: SemResult, labels: Labels | None = None) -> Table:
    """Regressions of the model, outcome by outcome."""
    rows = (row for row in read_estimates(result) if row.op == "~")
    columns = (Column("outcome", is_block=True), Column("predictor"), *_estimate_columns(result, "beta"))
    return Table(
        "paths",
        columns,
        tuple((named(row.lhs, labels or {}), named(row.rhs, labels or {}), *_cells(row)) for row in _by_outcome(rows)),
        (said("note.paths", estimator=estimator_name(result)),),
    )


def _by_outcome(rows: Iterable[Estimate]) -> list[Estimate]:
    """Rows of one outcome together, outcomes in order of appearance."""
    found: dict[str, list[Estimate]] = {}
    for row in rows:
        found.setdefault(row.lhs, []).append(row)
    return [row for group in found.values() for row in group]


def covariances_table(result: SemResult, labels: Labels | None = None) -> Table | None:
    """Covariances that the model frees, among factors and among residuals; None where there are none."""
    found = [row for row in read_estimates(result) if row.op == "~~" and not row.is_variance and not row.is_fixed]
    if not found:
        return None
    columns = (Column("first"), Column("second"), *_estimate_columns(result, "correlation", "covariance"))
    latent = set(factors(result))
    rows = tuple(
        (*(named(code, labels or {} if code in latent else {}) for code in (row.lhs, row.rhs)), *_cells(row))
        for row in found
    )
    return Table("covariances", columns, rows, (said("note.covariances"),))


def effects_table(result: SemResult, labels: Labels | None = None) -> Table | None:
    """Defined parameters (``:=``); None where the model defines none."""
    found = [row for row in read_estimates(result) if row.op == ":="]
    if not found:
        return None
    columns = (Column("effect"), Column("definition", is_code=True), *_estimate_columns(result, "std"))
    rows = tuple((named(row.lhs, labels or {}), Name(row.rhs), *_cells(row)) for row in found)
    return Table("effects", columns, rows, (_effects_note(result),))


def _effects_note(result: SemResult) -> Said:
    """How standard errors and intervals of definitions were found."""
    found = result.resampled
    if found is not None and found.has_estimates:
        kind = said(f"interval.{result.options['ci']}")
        used = found.n_draws - found.n_failed
        return said("note.effects.bootstrap", level=level(result), kind=kind, n=used, seed=str(found.seed))
    if result.options.get("ci") == "monte_carlo":
        return said("note.effects.monte_carlo", level=level(result), seed=str(result.options["seed"]))
    return said("note.effects", level=level(result))


def latent_means_table(result: SemResult, labels: Labels | None = None) -> Table | None:
    """Means and variances of the latent variables; None where the model frees no latent mean."""
    estimates = read_estimates(result)
    latent = factors(result)
    means = {row.lhs: row for row in estimates if row.op == "~1" and row.lhs in latent}
    variances = {row.lhs: row for row in estimates if row.is_variance and row.lhs in latent}
    if all(row.is_fixed for row in means.values()):
        return None
    columns = (
        Column("variable"),
        Column("latent_mean", "estimate"),
        Column("mean_ci", "estimate", heading=ci_heading(result, "ci")),
        Column("variance", "estimate"),
        Column("variance_ci", "estimate", heading=ci_heading(result, "ci")),
    )
    rows = tuple(
        (named(name, labels or {}), *_with_interval(means.get(name)), *_with_interval(variances.get(name)))
        for name in latent
    )
    return Table("latent_means", columns, rows, (said("note.latent_means"),))


def _with_interval(row: Estimate | None) -> tuple[Cell, Cell]:
    return (None, None) if row is None else (number(row.est, row), interval(row.ci, row))


def _estimate_columns(result: SemResult, std: str, est: str = "est") -> tuple[Column, ...]:
    return (
        Column(est, "estimate"),
        Column("se", "estimate"),
        Column("ci", "estimate", heading=ci_heading(result, "ci")),
        Column("p_value", "p"),
        Column(std, "bounded"),
        Column("std_ci", "bounded", heading=ci_heading(result, "std_ci")),
    )


def _cells(row: Estimate) -> tuple[Cell, ...]:
    value, _, bounds = standardised(row)
    return (number(row.est, row), error(row.se, row), interval(row.ci, row), number(row.p_value, row), value, bounds)


def r_squared_table(result: SemResult, labels: Labels | None = None) -> Table | None:
    """Explained variance of every outcome that is not an indicator; None where there is none."""
    explained = result.r_squared()
    outcomes = [row.lhs for row in _by_outcome(row for row in read_estimates(result) if row.op == "~")]
    rows = tuple(
        (named(name, labels or {}), float(explained[name])) for name in dict.fromkeys(outcomes) if name in explained
    )
    if not rows:
        return None
    return Table("r_squared", (Column("outcome"), Column("r_squared", "bounded")), rows)

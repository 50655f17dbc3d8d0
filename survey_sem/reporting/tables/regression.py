"""Tables of regressions, from their plain records: coefficients, marginal effects, importance, equivalence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from survey_sem.reporting.contents import Amount, Cell, Content, Interval, Joined, Said, Texts, said
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.groups import category_labels, variable_content
from survey_sem.reporting.tables.measurement import standardised
from survey_sem.reporting.tables.reading import Estimate, as_percent, ci_heading, read_estimates

Record = Mapping[str, Any]
_LEVEL = re.compile(r"^(?:C\()?`?([^\[\],()`]+)`?[^\[]*\[T\.(.+)\]$")
_CATEGORIES = re.compile(r"^C\(`?([^,()`]+)`?.*\)$")
_INTERCEPT = "Intercept"
_OF_THE_FAMILY = ("threshold", "dispersion")


def regression_table(record: Record, inputs: ReportInputs) -> Table:
    """Coefficients with standard errors and intervals; standardised, or as ratios, where the family has them."""
    rows = [row for row in record["estimates"] if row["equation"] not in _OF_THE_FAMILY]
    is_ratio = any(row.get("exp_est") is not None for row in rows)
    has_equations = any(row["equation"] for row in rows)
    columns = [
        *([Column("equation", is_block=True)] if has_equations else []),
        Column("predictor"),
        Column("est", "estimate"),
        Column("se", "estimate"),
        Column("ci", "estimate", heading=said("column.ci", level=as_percent(record["ci_level"]))),
        Column("p_value", "p"),
    ]
    columns += [Column("beta", "bounded")] if record["family"] == "gaussian" else []
    columns += [Column("ratio", "estimate")] if is_ratio else []
    cells = []
    for row in rows:
        own: list[Cell] = [_equation(row["equation"])] if has_equations else []
        own += [term_content(row["term"], inputs), row["est"], row["se"]]
        own += [Interval(row["ci_lower"], row["ci_upper"]), row["p_value"]]
        is_constant = row["term"] == _INTERCEPT
        if record["family"] == "gaussian":
            own.append(None if is_constant else row["std_beta"])
        own += [row["exp_est"]] if is_ratio else []
        cells.append(tuple(own))
    return Table(
        f"regression_{record['name']}",
        tuple(columns),
        tuple(cells),
        _notes(record, inputs),
        heading=_heading("regression", record),
    )


def _notes(record: Record, inputs: ReportInputs) -> tuple[Said, ...]:
    key = _vcov_key(record["vcov"])
    kind = said("vcov.design.weighted" if key == "design" and inputs.is_weighted else f"vcov.{key}")
    notes = [said("note.regression", formula=record["formula"], n=record["n_obs"], family=_family(record), vcov=kind)]
    if record["n_dropped"]:
        notes.append(said("note.regression.dropped", n=record["n_dropped"]))
    if "n_imputations" in record:
        most = max(row["fmi"] for row in record["estimates"] if row["fmi"] is not None)
        notes.append(said("note.regression.imputed", m=record["n_imputations"], fmi=_bounded(most)))
    if record["family"] == "gaussian" and "importance" not in record and record.get("vif"):
        notes.append(said("note.regression.products"))
    fit = _fit(record["measures"])
    return (*notes, fit) if fit is not None else tuple(notes)


def _vcov_key(kind: str) -> str:
    if kind in ("classical", "design", "kernel"):
        return kind
    return "robust" if kind.startswith("HC") else "clustered"


def _fit(measures: Record) -> Said | None:
    if "adj_r2" in measures:
        return said("note.regression.r2", r2=_bounded(measures["r2"]), adjusted=_bounded(measures["adj_r2"]))
    if "mcfadden" in measures:
        values = {name: _bounded(measures[name]) for name in ("mcfadden", "nagelkerke")}
        return said("note.regression.pseudo", **values)
    return None


def _bounded(value: float) -> Content:
    return Amount(value, "bounded")


def marginal_effects_table(record: Record, inputs: ReportInputs) -> Table | None:
    """Average marginal effects, for everything but a linear model."""
    rows = record["margins"]
    if record["family"] in ("gaussian", "quantile") or not rows:
        return None
    has_outcomes = any(row["outcome"] for row in rows)
    columns = [Column("predictor", is_block=has_outcomes), Column("contrast")]
    columns += [Column("answer")] if has_outcomes else []
    columns += [
        Column("marginal", "estimate"),
        Column("se", "estimate"),
        Column("ci", "estimate", heading=said("column.ci", level=as_percent(record["ci_level"]))),
        Column("p_value", "p"),
    ]
    cells = []
    for row in rows:
        contrast: Cell = said("contrast.slope") if row["contrast"] == "slope" else _contrast(row, inputs)
        own: list[Cell] = [
            variable_content(row["variable"], inputs),
            contrast,
            *([row["outcome"]] if has_outcomes else []),
        ]
        cells.append((*own, row["est"], row["se"], Interval(row["ci_lower"], row["ci_upper"]), row["p_value"]))
    return Table(
        f"margins_{record['name']}", tuple(columns), tuple(cells), (said("note.marginal"),),
        heading=_heading("marginal", record),
    )  # fmt: skip


def _contrast(row: Record, inputs: ReportInputs) -> Content:
    level, _, reference = str(row["contrast"]).partition(" - ")
    name = row["variable"]
    return said("contrast.levels", level=_level(name, level, inputs), reference=_level(name, reference, inputs))


def importance_table(record: Record, inputs: ReportInputs) -> Table | None:
    """Shares of R squared with variance inflation; None where R squared is not shared."""
    rows = record.get("importance")
    if not rows:
        return None
    inflation = {row["term"]: row["vif"] for row in record["vif"]}
    columns = (
        Column("predictor"),
        Column("importance", "bounded"),
        Column("importance_percent", "percent"),
        Column("alone", "bounded"),
        Column("last", "bounded"),
        Column("vif", "statistic"),
    )
    cells = tuple(
        (term_content(row["term"], inputs), row["share"], row["percent"] / 100, row["individual"], row["last"],
         inflation[row["term"]])
        for row in sorted(rows, key=lambda row: -row["share"])
    )  # fmt: skip
    return Table(
        f"importance_{record['name']}",
        columns,
        cells,
        (said("note.importance"),),
        heading=_heading("importance", record),
    )


def equivalence_table(record: Record, inputs: ReportInputs) -> Table | None:
    """Effects against the smallest effect of interest that the study declared; None where it declared none."""
    found = record.get("equivalence")
    if not found:
        return None
    is_standardised = found["scale"] == "std_beta"
    level = as_percent(2 * record["ci_level"] - 1)
    columns = (
        Column("predictor"),
        Column("std", "bounded") if is_standardised else Column("est", "estimate"),
        Column("std_ci", "bounded", heading=said("column.ci", level=level))
        if is_standardised
        else Column("ci", "estimate", heading=said("column.ci", level=level)),
        Column("p_equivalence", "p"),
        Column("conclusion"),
    )
    cells = tuple(
        (term_content(row["term"], inputs), row["value"], Interval(row["ci_lower"], row["ci_upper"]),
         row["p_equivalence"], Said(f"conclusion.{row['conclusion']}", code=row["conclusion"]))
        for row in found["rows"]
    )  # fmt: skip
    note = said("note.equivalence", bound=_bounded(found["bound"]))
    return Table(f"equivalence_{record['name']}", columns, cells, (note,), heading=_heading("equivalence", record))


def side_by_side_table(records: Sequence[Record], inputs: ReportInputs) -> Table | None:
    """The paths of the main model beside the same coefficients of linear regressions; None without any in common."""
    if not inputs.main.converged:
        return None
    every = [row for row in read_estimates(inputs.main) if row.op == "~"]
    beside = [_nearest(records, name, {row.rhs for row in every if row.lhs == name}) for name in _outcomes(every)]
    chosen = [record for record in beside if record is not None]
    found = {(_outcome(record), row["term"]): row for record in chosen for row in record["estimates"]}
    paths = [row for row in every if (row.lhs, row.rhs) in found]
    if not paths:
        return None
    columns = (
        Column("outcome", is_block=True),
        Column("predictor"),
        Column("sem_beta", "bounded"),
        Column("sem_ci", "bounded", heading=ci_heading(inputs.main, "sem_ci")),
        Column("regression_beta", "bounded"),
        Column("regression_ci", "bounded", heading=ci_heading(inputs.main, "regression_ci")),
    )
    cells = []
    for path in paths:
        value, _, bounds = standardised(path)
        row = found[path.lhs, path.rhs]
        factor = row["std_beta"] / row["est"] if row["est"] else 0.0
        interval = Interval(row["ci_lower"] * factor, row["ci_upper"] * factor)
        cells.append((inputs.name(path.lhs), inputs.name(path.rhs), value, bounds, row["std_beta"], interval))
    formulas = Joined(tuple(record["formula"] for record in chosen))
    return Table("sem_and_regression", columns, tuple(cells), (said("note.side_by_side", formulas=formulas),))


def _outcomes(paths: Sequence[Estimate]) -> list[str]:
    return list(dict.fromkeys(path.lhs for path in paths))


def _outcome(record: Record) -> str:
    return str(record["formula"]).partition("~")[0].strip()


def _nearest(records: Sequence[Record], outcome: str, predictors: set[str]) -> Record | None:
    """The linear regression of an outcome that is most like its equation in the model; None where there is none.

    Coefficients are comparable within one regression only: they allow for its other predictors. One with products is
    another question, so any without comes before it.
    """
    own = [record for record in records if record["family"] == "gaussian" and _outcome(record) == outcome]
    terms = {id(record): {row["term"] for row in record["estimates"]} - {_INTERCEPT} for record in own}
    return max(
        own,
        key=lambda record: (
            not any(":" in term for term in terms[id(record)]),
            len(terms[id(record)] & predictors) - len(terms[id(record)] ^ predictors),
        ),
        default=None,
    )


def term_content(term: str, inputs: ReportInputs) -> Content:
    """A column of a formula as words: labels of variables and of their levels, products with a sign."""
    if term == _INTERCEPT:
        return said("term.intercept")
    parts = tuple(_part(part, inputs) for part in term.split(":"))
    if len(parts) == 1:
        return parts[0]
    product = parts[0]
    for part in parts[1:]:
        product = said("term.product", first=product, second=part)
    return product


def _part(part: str, inputs: ReportInputs) -> Content:
    found = _LEVEL.match(part)
    if found is None:
        categories = _CATEGORIES.match(part)
        return variable_content(part if categories is None else categories[1].strip(), inputs)
    name, level = found[1].strip(), found[2]
    return said("term.level", variable=variable_content(name, inputs), level=_level(name, level, inputs))


def _level(name: str, level: str, inputs: ReportInputs) -> Content:
    """Label of a category, else the category itself."""
    labels = category_labels(inputs.questionnaire, name, level)
    return Texts(labels) if labels else level


def _equation(equation: str) -> Cell:
    return said(f"equation.{equation}") if equation in ("any", "amount") else equation


def _family(record: Record) -> Said:
    return said(f"family.{record['family']}")


def _heading(key: str, record: Record) -> Said:
    label = record["label"]
    return said(f"table.{key}", name=Texts(label) if label else record["name"])

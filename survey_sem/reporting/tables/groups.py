"""Tables about groups: the invariance ladder, what partial invariance would change, latent means, paths."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from survey_sem.instrument import Instrument
from survey_sem.reporting.contents import Absent, Cell, Content, Interval, Joined, Name, Said, Texts, said
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.measurement import standardised
from survey_sem.reporting.tables.reading import ci_heading, error, interval, number, read_estimates

Record = Mapping[str, Any]
SHOWN_CHANGES = 10


def ladder_table(record: Record) -> Table | None:
    """One row per level: fit, and its difference from the level before; None where fewer than two were fitted."""
    comparison = record["comparison"]
    if comparison is None:
        return None
    is_scaled = any(model["chisq_scaled"] is not None for model in comparison["models"])
    columns = (
        Column("level"),
        Column("chisq", "statistic", heading=said("column.chisq_scaled") if is_scaled else None),
        Column("df", "df"),
        Column("cfi", "bounded"),
        Column("rmsea", "bounded"),
        Column("srmr", "bounded"),
        Column("chisq_diff", "statistic"),
        Column("df_diff", "df"),
        Column("p_diff", "p"),
        Column("delta_cfi", "bounded"),
        Column("delta_rmsea", "bounded"),
        Column("delta_srmr", "bounded"),
        Column("rules_kept"),
    )
    steps = {step["model"]: step for step in comparison["steps"]}
    rows = []
    for model in comparison["models"]:
        step = steps.get(model["name"])
        chisq = model["chisq_scaled"] if is_scaled else model["chisq"]
        fit: list[Cell] = [said(f"level.{model['name']}"), _value(chisq), float(model["df"])]
        fit += [_value(model[name]) for name in ("cfi", "rmsea", "srmr")]
        if step is None:
            rows.append((*fit, *[None] * 7))
            continue
        own = [_value(step[name]) for name in ("chisq_diff", "df_diff", "p_value")]
        own += [_value(step[f"delta_{name}"]) for name in ("cfi", "rmsea", "srmr")]
        rows.append((*fit, *own, _kept(record, model["name"])))
    return Table("invariance", columns, tuple(rows), (said("note.invariance"),), is_landscape=True)


def _value(value: float | None) -> Cell:
    return Absent(said("absent.not_applicable")) if value is None else float(value)


def _kept(record: Record, level: str) -> Cell:
    judged = [verdict for verdict in record["verdicts"] if verdict["level"] == level and verdict["kept"] is not None]
    kept = sum(bool(verdict["kept"]) for verdict in judged)
    return said("cell.rules_kept", kept=kept, total=len(judged)) if judged else None


def changes_table(record: Record, inputs: ReportInputs) -> Table | None:
    """What freeing a parameter over the groups would change, the largest first; None where every rule is kept."""
    if not record["partial"]:
        return None
    columns = (
        Column("freed", is_block=True),
        Column("group"),
        Column("mi", "statistic"),
        Column("df", "df"),
        Column("est", "estimate"),
        Column("epc", "estimate"),
        Column("expected_value", "estimate"),
    )
    rows = tuple(
        (
            f"{change['lhs']} {change['op']} {change['rhs']}".strip(),
            group_content(record["group"], change["group_label"], inputs),
            change["mi"],
            float(change["df"]),
            change["est"],
            change["epc"],
            change["expected"],
        )
        for change in record["partial"][: SHOWN_CHANGES * max(len(record["group_labels"]), 1)]
    )
    note = said("note.changes", level=said(f"level.{record['partial_level']}"))
    return Table("invariance_changes", columns, rows, (note,))


def mean_differences_table(record: Record, inputs: ReportInputs) -> Table | None:
    """Latent means less those of the first group; None where the ladder has no level that compares them."""
    if not record["latent_means"]:
        return None
    columns = (
        Column("construct", is_block=True),
        Column("group"),
        Column("mean_difference", "difference"),
        Column("se", "estimate"),
        Column("ci", "estimate", heading=ci_heading(inputs.main, "ci")),
        Column("p_value", "p"),
        Column("cohens_d", "bounded"),
    )
    order = list(dict.fromkeys(row["latent"] for row in record["latent_means"]))
    place = declared_place(record["group"], inputs)
    rows = tuple(
        (
            inputs.name(row["latent"]),
            group_content(record["group"], row["group_label"], inputs),
            row["difference"],
            row["se"],
            Interval(row["ci_lower"], row["ci_upper"]),
            row["p_value"],
            row["standardised"],
        )
        for row in sorted(
            record["latent_means"], key=lambda row: (order.index(row["latent"]), place(row["group_label"]))
        )
    )
    against = group_content(record["group"], record["group_labels"][0], inputs)
    note = said("note.mean_differences", level=said(f"level.{record['means_level']}"), against=against)
    return Table("latent_mean_differences", columns, rows, (note,))


def group_paths_table(record: Record, inputs: ReportInputs) -> Table | None:
    """The paths of the main model in every group; None for a model without paths."""
    fit = inputs.by_group
    if fit is None:
        return None
    columns = (
        Column("outcome", is_block=True),
        Column("predictor", is_block=True),
        Column("group"),
        Column("est", "estimate"),
        Column("se", "estimate"),
        Column("ci", "estimate", heading=ci_heading(fit, "ci")),
        Column("p_value", "p"),
        Column("beta", "bounded"),
    )
    paths = [row for row in read_estimates(fit) if row.op == "~"]
    order = list(dict.fromkeys((row.lhs, row.rhs) for row in paths))
    place = declared_place(record["of"], inputs)
    rows = tuple(
        (
            inputs.name(row.lhs),
            inputs.name(row.rhs),
            group_content(record["of"], fit.group_labels[row.group - 1], inputs),
            number(row.est, row),
            error(row.se, row),
            interval(row.ci, row),
            number(row.p_value, row),
            standardised(row)[0],
        )
        for row in sorted(
            paths, key=lambda row: (order.index((row.lhs, row.rhs)), place(fit.group_labels[row.group - 1]), row.group)
        )
    )
    notes = (said("note.group_paths"), group_sizes_note(record, inputs))
    return Table("paths_by_group", columns, rows, notes) if rows else None


def group_sizes_note(record: Record, inputs: ReportInputs) -> Said:
    """How many respondents each group has."""
    place = declared_place(record["of"], inputs)
    sizes = sorted(zip(record["labels"], record["n_obs"], strict=True), key=lambda each: place(each[0]))
    told = (said("cell.group_size", group=group_content(record["of"], label, inputs), n=int(n)) for label, n in sizes)
    return said("note.group_sizes", sizes=Joined(tuple(told)))


def group_effects_table(record: Record, inputs: ReportInputs) -> Table | None:
    """Defined effects in every group; None where the study defines none."""
    fit = inputs.by_group
    if fit is None:
        return None
    columns = (
        Column("effect", is_block=True),
        Column("group"),
        Column("est", "estimate"),
        Column("se", "estimate"),
        Column("ci", "estimate", heading=ci_heading(fit, "ci")),
        Column("p_value", "p"),
        Column("std", "bounded"),
    )
    rows = []
    place = declared_place(record["of"], inputs)
    names = list(inputs.effects)
    for row in sorted(read_estimates(fit), key=lambda row: _effect_place(row.lhs, names, fit.group_labels, place)):
        name, _, group = row.lhs.rpartition(".")
        if row.op != ":=" or name not in inputs.effects or not group.isdigit():
            continue
        rows.append(
            (
                Name(name, inputs.effects[name]),
                group_content(record["of"], fit.group_labels[int(group) - 1], inputs),
                number(row.est, row),
                error(row.se, row),
                interval(row.ci, row),
                number(row.p_value, row),
                standardised(row)[0],
            )
        )
    return Table("effects_by_group", columns, tuple(rows)) if rows else None


def _effect_place(
    name: str, effects: Sequence[str], labels: Sequence[str], place: Callable[[str], float]
) -> tuple[int, float]:
    """Effects in the study's order, groups of one in the questionnaire's; whatever else is named at the end."""
    effect, _, group = name.rpartition(".")
    if effect not in effects or not group.isdigit():
        return len(effects), 0.0
    return effects.index(effect), place(labels[int(group) - 1])


def path_differences_table(record: Record, inputs: ReportInputs) -> Table | None:
    """Differences of paths between groups, with control of their number; None where there are none."""
    if not record["differences"]:
        return None
    columns = (
        Column("outcome", is_block=True),
        Column("predictor", is_block=True),
        Column("groups_compared"),
        Column("path_difference", "difference"),
        Column("ci", "estimate", heading=ci_heading(inputs.main, "ci")),
        Column("p_value", "p"),
        Column("p_holm", "p"),
    )
    rows = tuple(
        (
            inputs.name(row["lhs"]),
            inputs.name(row["rhs"]),
            said(
                "cell.less",
                first=group_content(record["of"], row["group"], inputs),
                second=group_content(record["of"], row["against"], inputs),
            ),
            row["difference"],
            Interval(row["ci_lower"], row["ci_upper"]),
            row["p_value"],
            row["p_holm"],
        )
        for row in record["differences"]
    )
    return Table("path_differences", columns, rows, (said("note.path_differences"),))


def variable_content(variable: str, inputs: ReportInputs) -> Content:
    """A variable in words: the label of a partition or construct, the wording of a question outside the constructs."""
    if inputs.questionnaire is None or variable in inputs.labels:
        return inputs.name(variable)
    for partition in inputs.questionnaire.partitions:
        if partition.id == variable:
            return Texts(partition.label)
    measured = {name for construct in inputs.questionnaire.constructs for name in construct.items}
    for item in inputs.questionnaire.items:
        if item.id == variable and variable not in measured:
            return Name(variable, item.text)
    return inputs.name(variable)


def declared_place(variable: str, inputs: ReportInputs) -> Callable[[str], float]:
    """Key that puts the groups of a variable into the order of the questionnaire; unknown ones stay, at the end."""
    order: list[str] = []
    if inputs.questionnaire is not None:
        for partition in inputs.questionnaire.partitions:
            order += [part.id for part in partition.parts] if partition.id == variable else []
        for item in inputs.questionnaire.items:
            order += [str(code) for code in item.scale.codes] if item.id == variable and item.scale is not None else []
    places = {code: float(at) for at, code in enumerate(order)}
    return lambda group: places.get(group.removesuffix(".0"), math.inf)


def group_content(variable: str, label: str, inputs: ReportInputs) -> Content:
    """A group in words: the label of the part or category that its code stands for, else the code."""
    labels = category_labels(inputs.questionnaire, variable, label)
    return Texts(labels) if labels else label


def category_labels(instrument: Instrument | None, variable: str, code: str) -> Mapping[str, str]:
    """Label by language of a category of a partition or of an item; empty where there is none."""
    if instrument is None:
        return {}
    for partition in instrument.partitions:
        if partition.id == variable:
            return next((part.label for part in partition.parts if part.id == code), {})
    plain = code.removesuffix(".0")
    key: Any = int(plain) if plain.lstrip("-").isdigit() else plain
    for item in instrument.items:
        if item.id == variable and item.scale is not None:
            found = {language: by_code.get(key, "") for language, by_code in item.scale.labels.items()}
            return {language: label for language, label in found.items() if label}
    return {}


def equal_words(record: Record) -> Said:
    """What is held equal over the groups."""
    if not record["equal"]:
        return said("equal.nothing")
    return said("equal.things", things=Joined(tuple(said(f"equal.{name}") for name in record["equal"])))

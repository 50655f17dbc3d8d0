"""Tables about respondents and their answers."""

from __future__ import annotations

from collections.abc import Sequence

from survey_sem.reporting.contents import Absent, Cell, Content, Count, Foreign, Joined, Name, Said, Texts, said
from survey_sem.reporting.table import Column, Table
from survey_sem.sample import Flow
from survey_sem.sample.describe import SMALLEST_CELL, CategoryCount, ItemDescription
from survey_sem.sample.sample import FlowStep


def flow_table(flow: Flow, screened: Said | None = None) -> Table:
    """Who was lost on the way from distribution to analysis, and why; `screened` says who was lost as careless."""
    rows: list[tuple[Cell, ...]] = [
        (
            Said(f"stage.{step.stage}", code=step.stage),
            step.n,
            step.lost if at else None,
            _reason(step, screened) if step.lost else None,
        )
        for at, step in enumerate(flow.stages)
    ]
    columns = (Column("stage"), Column("n", "count"), Column("lost", "count"), Column("reason"))
    return Table("flow", columns, tuple(rows))


def _reason(step: FlowStep, screened: Said | None) -> Cell:
    """Words of the study by language, or a sentence of our own."""
    reason = step.reason
    if step.stage == "screened" and screened is not None:
        return screened
    return Foreign(reason) if isinstance(reason, str) else Texts(reason)


def items_table(items: Sequence[ItemDescription]) -> Table:
    """Descriptive statistics and the wording of every item."""
    columns = (
        Column("item", is_code=True),
        Column("n", "count"),
        Column("n_missing", "count"),
        Column("mean", "score"),
        Column("sd", "score"),
        Column("skew", "score"),
        Column("kurtosis", "score"),
        Column("wording"),
    )
    reversed_items = tuple(item.name for item in items if item.is_reversed)
    note = said("note.items", reversed=Joined(reversed_items)) if reversed_items else said("note.items.none_reversed")
    return Table("items", columns, tuple(_item_row(item) for item in items), (note,))


def _item_row(item: ItemDescription) -> tuple[Cell, ...]:
    reason = said("absent.constant" if item.mean is not None else "absent.nominal")
    numbers = (item.mean, item.sd, item.skew, item.kurtosis)
    shown: list[Cell] = [Absent(reason) if value is None else value for value in numbers]
    return (Name(item.name), item.n, item.n_missing, *shown, Texts(item.text))


def category_tables(items: Sequence[ItemDescription]) -> tuple[Table, ...]:
    """Answers by category: a table for each scale that several ordered items share, and one for all other items."""
    shared = [group for group in by_scale(items) if len(group) > 1]
    in_shared = {item.name for group in shared for item in group}
    others = [item for item in items if item.counts and item.name not in in_shared]
    tables = [
        _scale_table(group, "categories" if at == 0 else f"categories_{at + 1}") for at, group in enumerate(shared)
    ]
    return (*tables, *((_list_table(others),) if others else ()))


def by_scale(items: Sequence[ItemDescription]) -> list[list[ItemDescription]]:
    """Ordered items with the same categories together."""
    groups: dict[tuple[str, ...], list[ItemDescription]] = {}
    for item in items:
        if item.counts and item.mean is not None:
            groups.setdefault(tuple(str(count.code) for count in item.counts), []).append(item)
    return list(groups.values())


def _scale_table(items: Sequence[ItemDescription], key: str) -> Table:
    columns = (
        Column("item", is_code=True),
        *(Column(f"n_{count.code}", "count", heading=category_heading(count, items)) for count in items[0].counts),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (Name(item.name), *(Count(count.n, item.n) for count in item.counts)) for item in items
    )
    return Table(key, columns, rows, (_privacy_note(items),), heading=said("table.categories"))


def _list_table(items: Sequence[ItemDescription]) -> Table:
    columns = (
        Column("item", is_block=True, is_code=True),
        Column("code", is_code=True),
        Column("category"),
        Column("n", "count", heading=said("column.n_percent")),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (Name(item.name), str(count.code), Texts(count.label), Count(count.n, item.n))
        for item in items
        for count in item.counts
    )
    return Table("categories_other", columns, rows, (_privacy_note(items),))


def _privacy_note(items: Sequence[ItemDescription]) -> Said:
    if any(count.n is None for item in items for count in item.counts):
        return said("note.categories.withheld", smallest=SMALLEST_CELL)
    return said("note.categories")


def category_heading(count: CategoryCount, items: Sequence[ItemDescription]) -> Content:
    """Code and label; the code alone where the items label it differently."""
    labels = {tuple(sorted(c.label.items())) for item in items for c in item.counts if c.code == count.code}
    if len(labels) == 1 and count.label and not set(count.label.values()) <= {str(count.code)}:
        return said("column.coded", code=str(count.code), label=Texts(count.label))
    return str(count.code)

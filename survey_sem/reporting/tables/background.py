"""Tables about who the respondents are: background questions, numbers, the sample beside the population."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from survey_sem.reporting.contents import Absent, Amount, Cell, Content, Count, Foreign, Interval, Joined, Name, said
from survey_sem.reporting.numbers import Format
from survey_sem.reporting.table import Column, Table
from survey_sem.sample.background import ChoiceKind, Choices, Quantity, TargetMargin
from survey_sem.sample.describe import SMALLEST_CELL

_TABLES: tuple[tuple[ChoiceKind, str], ...] = (
    ("one", "background"),
    ("several", "background_several"),
    ("first", "background_first"),
)


def choices_tables(choices: Sequence[Choices]) -> tuple[Table, ...]:
    """Background questions and partitions: of one option each, of several, of rankings; each where there are any."""
    tables = []
    for kind, key in _TABLES:
        if found := [each for each in choices if each.kind == kind]:
            tables.append(_choices_table(found, key))
    return tuple(tables)


def _choices_table(choices: Sequence[Choices], key: str) -> Table:
    columns = (
        Column("characteristic", is_block=True),
        Column("category"),
        Column("n", "count"),
        Column("share", "percent"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Name(each.name, each.label),
            Name(str(count.code), count.label),
            Count(None, 0) if count.n is None else count.n,
            count.n / each.n if count.n is not None and each.n else None,
        )
        for each in choices
        for count in each.counts
    )
    is_withheld = any(count.n is None for each in choices for count in each.counts)
    notes = (said(f"note.{key}"), *((said("note.withheld", smallest=SMALLEST_CELL),) if is_withheld else ()))
    return Table(key, columns, rows, notes)


def quantities_table(quantities: Sequence[Quantity]) -> Table | None:
    """Background numbers; None where there are none."""
    if not quantities:
        return None
    columns = (
        Column("characteristic"),
        Column("n", "count"),
        Column("n_without", "count"),
        Column("median", "quantity"),
        Column("quartiles", "quantity"),
        Column("mean", "quantity"),
        Column("sd", "quantity"),
    )
    return Table("quantities", columns, tuple(_quantity_row(each) for each in quantities))


def _quantity_row(each: Quantity) -> tuple[Cell, ...]:
    head = (Name(each.name, each.label), each.n, each.n_missing)
    if each.median is None or each.q1 is None or each.q3 is None:
        few = Absent(said("absent.few", smallest=SMALLEST_CELL))
        return (*head, few, few, few, few)
    form: Format = "index" if each.sd is not None and each.sd >= 10 else "statistic"
    moments = (None if value is None else Amount(value, form) for value in (each.mean, each.sd))
    return (*head, each.median, Interval(each.q1, each.q3), *moments)


def margins_table(margins: Sequence[TargetMargin]) -> Table | None:
    """The unweighted sample beside the population; None where the instrument names no targets."""
    if not margins:
        return None
    columns = (
        Column("characteristic", is_block=True),
        Column("category"),
        Column("population_share", "percent"),
        Column("sample_share", "percent"),
        Column("difference_points", "points"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Name(margin.of, margin.label),
            Name(str(share.code), share.label),
            share.population,
            *_beside(share.population, share.sample),
        )
        for margin in margins
        for share in margin.shares
    )
    is_withheld = any(share.sample is None for margin in margins for share in margin.shares)
    notes = [said("note.margins", sources=Joined(tuple(_sources(margins))))]
    if is_withheld:
        notes.append(said("note.withheld", smallest=SMALLEST_CELL))
    return Table("margins", columns, rows, tuple(notes))


def _beside(population: float, sample: float | None) -> tuple[Cell, Cell]:
    if sample is None:
        return Count(None, 0), None
    return Amount(sample, "percent"), 100 * (sample - population)


def _sources(margins: Iterable[TargetMargin]) -> Iterable[Content]:
    """Each source once."""
    yield from (Foreign(source) for source in dict.fromkeys(margin.source for margin in margins))

"""The questionnaire as tables: every item with its answers, who is asked it, where it comes from, what it measures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from survey_sem.instrument import Construct, Instrument, Item, Scale
from survey_sem.instrument.model import Part, Partition
from survey_sem.reporting.contents import Cell, Content, Foreign, Joined, Name, Said, Texts, said
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.routes import route_in_words
from survey_sem.sample.describe import labels_of

SHARED = 3
"""A scale that so many items have stands in a table of its own."""


def codebook_table(instrument: Instrument) -> Table:
    """Every item in the order of the questionnaire; columns that would be empty are left out."""
    shared = shared_scales(instrument)
    constructs = construct_of(instrument)
    has_columns = any(item.column != item.id or item.columns for item in instrument.items)
    has_routes = any(item.relevant is not None for item in instrument.items)
    stems = {matrix.id: matrix.text for matrix in instrument.matrices if matrix.text}
    columns = [Column("construct", is_block=True)]
    columns += [Column("stem", is_block=True)] if stems else []
    columns += [Column("item", is_code=True), Column("wording"), Column("answers")]
    columns += [Column("asked_if")] if has_routes else []
    columns += [Column("export_column", is_code=True)] if has_columns else []
    columns += [Column("source", is_block=True)]
    rows = []
    for item in instrument.items:
        construct = constructs.get(item.id)
        cells: list[Cell] = [Name(construct.id, construct.label) if construct else None]
        if stems:
            cells.append(Texts(stems[item.matrix]) if item.matrix in stems else None)
        cells += [Name(item.id), Texts(item.text), _answers(item, shared)]
        if has_routes:
            cells.append(route_in_words(item.relevant, instrument) if item.relevant is not None else None)
        if has_columns:
            cells.append(Name(_column(item)))
        rows.append((*cells, Foreign(item.source)))
    return Table("codebook", tuple(columns), tuple(rows), is_landscape=True)


def construct_of(instrument: Instrument) -> Mapping[str, Construct]:
    """Item -> the construct that it measures (the first that names it)."""
    found: dict[str, Construct] = {}
    for construct in instrument.constructs:
        for name in construct.items:
            found.setdefault(name, construct)
    return found


def shared_scales(instrument: Instrument) -> tuple[Scale, ...]:
    """Scales that three or more items have, in the order of first use."""
    uses = Counter(item.scale.id for item in instrument.items if item.scale is not None)
    found = {item.scale.id: item.scale for item in instrument.items if item.scale is not None}
    return tuple(scale for name, scale in found.items() if uses[name] >= SHARED)


def scales_table(instrument: Instrument) -> Table | None:
    """The scales that several items share; None where there are none."""
    scales = shared_scales(instrument)
    if not scales:
        return None
    columns = (Column("scale", is_block=True, is_code=True), Column("code", is_code=True), Column("category"))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (Name(scale.id), str(code), Texts(labels_of(scale, code))) for scale in scales for code in scale.codes
    )
    return Table("scales", columns, rows)


def partitions_table(instrument: Instrument) -> Table | None:
    """Variables made of items; None where there are none."""
    if not instrument.partitions:
        return None
    columns = (
        Column("variable", is_block=True),
        Column("made_of", is_block=True, is_code=True),
        Column("category"),
        Column("values"),
        Column("source", is_block=True),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Name(partition.id, partition.label),
            Name(partition.of),
            Name(part.id, part.label),
            _values(part, partition, instrument),
            Foreign(partition.source),
        )
        for partition in instrument.partitions
        for part in partition.parts
    )
    return Table("partitions", columns, rows)


def _values(part: Part, partition: Partition, instrument: Instrument) -> Content:
    if part.codes:
        scale = instrument.item(partition.of).scale
        labels = [labels_of(scale, code) if scale is not None else {} for code in part.codes]
        return Joined(tuple(_coded(code, label) for code, label in zip(part.codes, labels, strict=True)))
    low, high = (None if end is None else format(end, ".15g") for end in (part.low, part.high))
    upper = "below" if part.is_open else "up_to"
    if low is None:
        return said(f"values.{upper}", high=high or "")
    if high is None:
        return said("values.from", low=low)
    return said(f"values.from_{upper}", low=low, high=high)


def missing_table(instrument: Instrument) -> Table | None:
    """Codes for no answer; None where none are declared."""
    if not instrument.missing:
        return None
    columns = (Column("code", is_code=True), Column("missing_kind"), Column("missing_text"))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (str(each.code), Said(f"missing_kind.{each.kind}", code=each.kind), Texts(each.text) if each.text else None)
        for each in instrument.missing
    )
    return Table("missing_codes", columns, rows)


def _answers(item: Item, shared: tuple[Scale, ...]) -> Content:
    kind = Said(f"item_type.{item.type}", code=item.type)
    answers = Joined(tuple(_details(item, shared)))
    shown = said("codebook.answers", kind=kind, details=answers) if answers.parts else kind
    return said("codebook.reversed", answers=shown) if item.reverse else shown


def _details(item: Item, shared: tuple[Scale, ...]) -> Iterator[Content]:
    scale = item.scale
    if scale is None:
        low, high = (None if end is None else str(end) for end in _limits(item))
        if low is not None and high is not None:
            yield said("values.from_up_to", low=low, high=high)
        elif low is not None or high is not None:
            yield said("values.from", low=low) if low is not None else said("values.up_to", high=high or "")
    elif scale in shared:
        yield said("codebook.scale", scale=Name(scale.id), codes=_range(scale))
    else:
        yield from (_coded(code, labels_of(scale, code)) for code in scale.codes)


def _limits(item: Item) -> tuple[object, object]:
    low, high = (format(end, ".15g") if isinstance(end, (int, float)) else end for end in (item.min, item.max))
    return low, high


def _range(scale: Scale) -> str:
    if scale.min is None or scale.max is None:
        return scale.describe()
    return f"{scale.min}\N{EN DASH}{scale.max}"


def _coded(code: object, label: Mapping[str, str]) -> Content:
    if not label or set(label.values()) == {str(code)}:
        return str(code)
    return said("codebook.coded", code=str(code), label=Texts(label))


def _column(item: Item) -> str:
    return " ".join(item.columns.values()) if item.columns else item.column

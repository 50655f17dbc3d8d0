"""YAML -> Instrument, strictly; every problem of a file at once."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from survey_sem.exports.dialects.choice import DIALECTS
from survey_sem.instrument import keys
from survey_sem.instrument.conduct import read_paradata, read_privacy, read_quality
from survey_sem.instrument.grouping import read_constructs, read_partitions
from survey_sem.instrument.items import ItemReader, matrix_rows, read_matrices
from survey_sem.instrument.known import Known, once
from survey_sem.instrument.model import ColumnsBy, Instrument, Item, Scale, Source
from survey_sem.instrument.names import check_names, check_use_of_dropped
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.sampling import read_design, read_quotas, read_weighting
from survey_sem.instrument.scales import read_missing, read_scales
from survey_sem.instrument.section import Section, check_schema, fail, kind_of, mapping, one_of, text, written_names
from survey_sem.instrument.strict_yaml import Node, read_yaml, shortened
from survey_sem.provenance import sha256_data

SCHEMA = "survey-sem/instrument/1"


def load_instrument(path: str | os.PathLike[str]) -> Instrument:
    """Read and check an instrument (schema ``survey-sem/instrument/1``).

    Raises
    ------
    FileError
        The file cannot be read.
    StudyError
        What breaks the schema, with file, line and key. Several problems are one
        :class:`~survey_sem.instrument.problems.SeveralProblemsError`, which holds them all in `problems`.
    """
    return instrument_from(read_yaml(Path(path)))


def instrument_from(node: Node) -> Instrument:
    """An instrument from a parsed document; see :func:`load_instrument`."""
    check_schema(node, SCHEMA)
    problems = Problems(node.file)
    top = Section(_with_lists(node, problems), keys.TOP, problems)
    head = top.section("instrument", keys.HEAD)
    source = _source(top.optional_section("source", keys.SOURCE))
    scales = read_scales(top.mapping("scales"), problems)
    missing = read_missing(top.entries("missing"), scales, problems)
    items = _items(top, scales, source, problems)
    by_name = {item.id: item for item in items}
    item_names = written_names(top.entries("items"))
    matrices = read_matrices(top.entries("matrices"), item_names, top.mapping("scales"), source.columns, problems)
    constructs = read_constructs(top.entries("constructs"), by_name, item_names, problems)
    partitions = read_partitions(top.entries("partitions"), by_name, item_names, problems)
    partition_names = written_names(top.entries("partitions"))
    known = Known(by_name, {each.id: each for each in partitions}, item_names, partition_names)
    columns = _columns(by_name, item_names, problems)
    instrument = Instrument(
        id=head.text("id"),
        version=head.text("version"),
        title=head.texts("title"),
        population=head.optional_texts("population"),
        mode=head.optional_texts("mode"),
        dates=head.optional_texts("dates"),
        consent=head.optional_texts("consent"),
        ethics=head.optional_texts("ethics"),
        missing=missing,
        scales=scales,
        items=items,
        constructs=constructs,
        sha256=sha256_data(node.plain()),
        source=source,
        matrices=matrices,
        partitions=partitions,
        quality=read_quality(top.optional_section("quality", keys.QUALITY), known, problems),
        paradata=read_paradata(top.optional_section("paradata", keys.PARADATA), columns, problems),
        privacy=read_privacy(top.optional_section("pii", keys.PII), known, problems),
        quotas=read_quotas(top.entries("quotas"), known, problems),
        design=read_design(top.optional_section("design", keys.DESIGN), known, problems),
        weighting=read_weighting(top.optional_section("weighting", keys.WEIGHTING), known, problems),
    )
    check_names(top, by_name, problems)
    check_use_of_dropped(top, instrument, problems)
    problems.raise_all()
    return instrument


def _with_lists(node: Node, problems: Problems) -> Node:
    """The document, with a mapping by ids that should have been a list noted as such and read as the list."""
    nodes = dict(mapping(node))
    for section, known in keys.LISTED.items():
        listed = nodes.get(section)
        if listed is not None and isinstance(listed.value, dict) and listed.value and not {*listed.value} & {*known}:
            first = shortened(next(iter(listed.value)))
            what = f"'{section}' is a list here, not a mapping by names"
            problems.note(listed, "not-a-list", what, expected=f"entries such as '- {{{known[0]}: {first}, ...}}'")
            nodes[section] = replace(listed, value=[_named(name, entry) for name, entry in listed.value.items()])
    return replace(node, value=nodes)


def _named(name: str, entry: Node) -> Node:
    if not isinstance(entry.value, dict):
        return entry
    return replace(entry, value={"id": Node(name, entry.file, entry.line, entry.path), **entry.value})


def _source(section: Section | None) -> Source:
    if section is None:
        return Source()
    return Source(
        platform=section.optional("platform", lambda node: one_of(node, DIALECTS), None),
        encoding=section.optional("encoding", _encoding, None),
        columns=cast("ColumnsBy", section.choice("columns", ("name", "number", "header"), "name")),
    )


def _encoding(node: Node) -> str:
    name = text(node)
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        fail(
            node, "unknown-encoding", f"there is no text encoding {kind_of(node)}", expected="such as utf-8 or gb18030"
        )
    return name


def _items(top: Section, scales: Mapping[str, Scale], source: Source, problems: Problems) -> tuple[Item, ...]:
    nodes = top.entries("items")
    if not nodes:
        with problems.kept():
            fail(top["items"], "no-items", "an instrument needs at least one item")
    rows = matrix_rows(top.entries("matrices"))
    return ItemReader(scales, top.mapping("scales"), rows, source.columns, problems).read(nodes)


def _columns(items: Mapping[str, Item], names: Mapping[str, Node], problems: Problems) -> dict[str, Node]:
    """Columns that items are read from -> the item's entry; no two items share one."""
    columns: dict[str, Node] = {}
    check = once("column", problems)
    for name, item in items.items():
        for column in _columns_of(item):
            check(column, names[name])
            columns[column] = names[name]
    return columns


def _columns_of(item: Item) -> Iterator[str]:
    yield from item.columns.values() or (item.column,)

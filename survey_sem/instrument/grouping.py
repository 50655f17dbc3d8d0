"""Constructs (what items measure) and partitions (classes of respondents made of an item)."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from survey_sem.instrument import keys
from survey_sem.instrument.known import Known, once
from survey_sem.instrument.model import Construct, Item, Part, Partition
from survey_sem.instrument.partitions import partition_problems
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.scales import code_among
from survey_sem.instrument.section import (
    ANY_LANGUAGE,
    Section,
    fail,
    integer,
    model_name,
    number,
    reference,
    written_names,
)
from survey_sem.instrument.strict_yaml import Node, shortened


def read_constructs(
    nodes: tuple[Node, ...], items: Mapping[str, Item], item_names: Mapping[str, Node], problems: Problems
) -> tuple[Construct, ...]:
    """Constructs: each made of items, or of other constructs without going in a circle."""
    names = written_names(nodes)

    def member(node: Node) -> str:
        name = reference(node, item_names, "item")
        item = items.get(name)
        if item is not None and item.type not in ("ordinal", "nominal", "number"):
            fail(node, "no-measure", f"item '{name}' is of type {item.type} and cannot measure a construct")
        return name

    def construct(node: Node) -> Construct:
        entry = Section(node, keys.CONSTRUCT, problems)
        made = Construct(
            id=entry.read("id", model_name, ""),
            label=entry.texts("label"),
            items=entry.each("items", member),
            source=entry.text("source"),
            parts=entry.each("parts", lambda part: reference(part, names, "construct")),
        )
        for key in ("items", "parts"):
            check = once(key.removesuffix("s"), problems)
            for inner in entry.entries(key):
                check(str(inner.value), inner)
        if entry.is_sound:
            _check_members(entry, made)
        return made

    constructs = problems.each(nodes, construct)
    _refuse_circles(constructs, names, problems)
    return constructs


def _check_members(entry: Section, construct: Construct) -> None:
    if construct.items and construct.parts:
        fail(entry["parts"], "given-twice", "both 'items' and 'parts' are given", expected="one of them")
    if not construct.items and not construct.parts:
        what = "a construct needs at least one item"
        fail(entry.node, "no-items", what, hint="give `items`, or `parts` of a construct that is made of others")


def _refuse_circles(constructs: tuple[Construct, ...], names: Mapping[str, Node], problems: Problems) -> None:
    try:
        TopologicalSorter({construct.id: construct.parts for construct in constructs}).prepare()
    except CycleError as problem:
        circle = list(problem.args[1])
        shown = shortened(" < ".join(circle))
        problems.note(names[circle[0]], "circular-parts", f"construct '{circle[0]}' is part of itself: {shown}")


def read_partitions(
    nodes: tuple[Node, ...], items: Mapping[str, Item], item_names: Mapping[str, Node], problems: Problems
) -> tuple[Partition, ...]:
    """Partitions of numbers and options: every legal answer in exactly one part."""
    known = Known(items, {}, item_names, {})

    def partition(node: Node) -> Partition:
        entry = Section(node, keys.PARTITION, problems)
        item = entry.read("of", known.item, None)
        if item is not None and item.type not in ("ordinal", "nominal", "number"):
            what = f"item '{item.id}' is of type {item.type} and cannot be divided into parts"
            problems.note(entry["of"], "no-classes", what, expected="an ordinal, nominal or number item")
            item = None
        check = once("part", problems)
        part_nodes = entry.entries("parts")
        parts = problems.each(part_nodes, lambda part: _part(part, item, problems))
        for part_node in part_nodes:
            for name in written_names([part_node]):
                check(name, part_node)
        if entry.is_sound and not parts:
            problems.note(entry.node, "no-parts", "a partition needs parts", expected="parts: [{id: ..., ...}, ...]")
        if entry.is_sound and item is not None:
            _check_division(entry, item, parts, problems)
        return Partition(
            id=entry.read("id", model_name, ""),
            label=entry.texts("label"),
            of=entry.text("of"),
            parts=parts,
            source=entry.optional_text("source") or "",
        )

    return problems.each(nodes, partition)


def _check_division(entry: Section, item: Item, parts: tuple[Part, ...], problems: Problems) -> None:
    nodes = entry.entries("parts")
    for problem in partition_problems(item, parts):
        node = entry["parts"] if problem.part is None else nodes[problem.part]
        problems.note(node, problem.code, problem.what, hint=problem.hint)


def _part(node: Node, item: Item | None, problems: Problems) -> Part:
    entry = Section(node, keys.PART, problems)
    name = entry.text("id")
    label = entry.optional_texts("label") or {ANY_LANGUAGE: name}
    if item is None:
        return Part(name, label)
    if item.scale is not None:
        scale = item.scale
        _refuse_keys(entry, ("from", "to", "below"), "an item with options is divided by 'codes'", problems)
        codes = entry.each("codes", lambda code: code_among(code, scale))
        if entry.is_sound and not codes:
            problems.note(node, "missing-key", "the part gathers no codes", expected="codes: [...]")
        return Part(name, label, codes=codes)
    ends = ("from", "to") if item.whole else ("from", "below")
    how = "'from' and 'to', both of which belong to the part" if item.whole else "'from' and 'below'"
    kind = "whole numbers are" if item.whole else "numbers that need not be whole are"
    _refuse_keys(entry, {"to", "below", "codes"} - set(ends), f"{kind} divided by {how}", problems)
    low, high = (entry.optional(key, integer if item.whole else number, None) for key in ends)
    if entry.is_sound and low is None and high is None:
        problems.note(node, "missing-key", "the part has no limits", expected=" or ".join(ends))
    return Part(name, label, low, high, is_open=not item.whole)


def _refuse_keys(entry: Section, refused: set[str] | tuple[str, ...], what: str, problems: Problems) -> None:
    for key in sorted(refused):
        if key in entry:
            problems.note(entry[key], "needless-key", what)

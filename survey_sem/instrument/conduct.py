"""How answers were given and are guarded: attention checks, paradata, personal data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from survey_sem.instrument import keys
from survey_sem.instrument.date_format import date_format
from survey_sem.instrument.known import Known, once
from survey_sem.instrument.model import AttentionCheck, Generalised, Item, Paradata, Privacy, Quality
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.routing import Code
from survey_sem.instrument.scales import code_among, raw_code
from survey_sem.instrument.section import Section, fail, iso_date, kind_of, number, text
from survey_sem.instrument.strict_yaml import Node

ROLES = ("id", "started", "submitted", "duration", "ip", "device", "user")


def read_quality(section: Section | None, known: Known, problems: Problems) -> Quality:
    """Attention checks and the least time per item."""
    if section is None:
        return Quality()
    check = once("item", problems)
    attention = section.each("attention", lambda node: _attention(node, known, problems))
    for node in section.entries("attention"):
        if isinstance(node.value, dict) and "item" in node.value:
            check(str(node.value["item"].value), node)
    return Quality(attention, section.optional("seconds_per_item", positive, None))


def _attention(node: Node, known: Known, problems: Problems) -> AttentionCheck:
    entry = Section(node, keys.ATTENTION, problems)
    item = entry.read("item", known.item, None)
    entry.read("answer", lambda found: found, node)
    answers = entry.each("answer", lambda answer: _answer(answer, item))
    return AttentionCheck(entry.text("item"), answers)


def _answer(node: Node, item: Item | None) -> Code:
    if item is None:
        return raw_code(node)
    if item.type in ("ordinal", "nominal") and item.scale is not None:
        return code_among(node, item.scale)
    if item.type == "text":
        return text(node)
    if item.type == "number":
        return number(node)
    return fail(node, "no-right-answer", f"item '{item.id}' is of type {item.type} and can have no right answer")


def positive(node: Node) -> float:
    """A number above zero."""
    if number(node) <= 0:
        fail(node, "out-of-range", f"a number above 0 is expected here, not {kind_of(node)}")
    return number(node)


def read_paradata(section: Section | None, items: Mapping[str, Node], problems: Problems) -> Paradata:
    """Columns about the answer sheet; `items`: the columns that items have."""
    if section is None:
        return Paradata()
    period = section.optional_section("field_period", keys.FIELD_PERIOD)
    start, end = (period.optional(key, iso_date, None) if period else None for key in keys.FIELD_PERIOD)
    if period is not None and start is not None and end is not None and start > end:
        problems.note(period["to"], "empty-period", f"the field period ends on {end}, before it begins on {start}")
    shortest, longest = (section.optional(f"{key}_seconds", positive, None) for key in ("shortest", "longest"))
    if shortest is not None and longest is not None and shortest > longest:
        what = f"the longest time ({longest} s) is below the shortest ({shortest} s)"
        problems.note(section["longest_seconds"], "empty-range", what)
    roles = {role: section.optional_text(role) for role in ROLES}
    for role, column in roles.items():
        if column is not None and column in items:
            what = f"column '{column}' is an item's (line {items[column].line})"
            problems.note(section[role], "duplicate-id", what, hint="a column is either an answer or paradata")
    time_format = section.optional("time_format", date_format, None)
    return Paradata(
        **roles, time_format=time_format, field_start=start, field_end=end, shortest=shortest, longest=longest
    )


def read_privacy(section: Section | None, known: Known, problems: Problems) -> Privacy:
    """What is done to personal data; no name is treated in two ways, and nothing dropped is needed."""
    if section is None:
        return Privacy()
    privacy = Privacy(
        drop=section.words("drop"),
        pseudonymise=section.words("hash"),
        generalise=section.each("generalise", lambda node: _generalised(node, known, problems)),
        free_text=section.each("free_text", lambda node: _free_text(node, known)),
    )
    treated = [node for key in ("drop", "hash", "free_text") for node in section.entries(key)]
    for node in section.entries("generalise"):
        if isinstance(node.value, dict) and "name" in node.value:
            treated.append(node.value["name"])
    check = once("name", problems)
    for node in sorted(treated, key=lambda each: each.line):
        check(str(node.value), node)
    return privacy


def _free_text(node: Node, known: Known) -> str:
    item = known.item(node)
    if item is not None and item.type != "text":
        hint = "put it under 'drop' or 'hash'"
        fail(node, "wrong-item", f"item '{item.id}' is of type {item.type}, and only text is masked", hint=hint)
    return text(node)


def _generalised(node: Node, known: Known, problems: Problems) -> Generalised:
    entry = Section(node, keys.GENERALISE, problems)
    name = entry.text("name")
    to = cast("Literal['year', 'month', 'band']", entry.choice("to", ("year", "month", "band")))
    width = entry.optional("width", positive, None)
    if entry.is_sound:
        _check_coarser(entry, known.items.get(name), to, width)
    return Generalised(name, to, width)


def _check_coarser(entry: Section, item: Item | None, to: str, width: float | None) -> None:
    if to == "band" and width is None:
        fail(entry.node, "missing-key", "bands need a width", expected="width: a number, such as 5")
    if to != "band" and width is not None:
        fail(entry["width"], "needless-key", "'width' is for bands")
    wanted = "number" if to == "band" else "date"
    if item is not None and item.type != wanted:
        what = f"item '{item.id}' is of type {item.type}, and only a {wanted} can be kept as a {to}"
        fail(entry["name"], "wrong-item", what)

"""Names that must not clash, and personal data that must not be needed after they were dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey_sem.instrument.model import Instrument, Item
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.section import Section, written_names
from survey_sem.instrument.strict_yaml import Node

MAX_VARIABLES = 100_000


def check_names(top: Section, items: Mapping[str, Item], problems: Problems) -> None:
    """Items, variables of their options, partitions and constructs are names in one model: each is there once."""
    n_variables = sum(len(item.scale.codes) for item in items.values() if item.is_spread and item.scale is not None)
    if n_variables > MAX_VARIABLES:
        what = f"the options of multi and rank items make {n_variables} variables"
        problems.note(top["items"], "too-many-variables", what, expected=f"at most {MAX_VARIABLES}")
        return
    seen: dict[str, tuple[str, Node]] = {}
    for name, kind, node in _names(top, items):
        if name in seen:
            earlier, first = seen[name]
            twice = f"the id '{name}' is used twice (first in line {first.line})"
            both = f"'{name}' names both {earlier} (line {first.line}) and {kind}"
            problems.note(node, "duplicate-id", twice if earlier == kind else both, hint="rename one of them")
        seen.setdefault(name, (kind, node))


def _names(top: Section, items: Mapping[str, Item]) -> Iterator[tuple[str, str, Node]]:
    for node in top.entries("items"):
        for name in written_names([node]):
            yield name, "an item", node
    for node in top.entries("items"):
        for name in written_names([node]):
            if name in items and items[name].is_spread:
                yield from ((variable, f"an option of item '{name}'", node) for variable in items[name].variables)
    for key in ("partitions", "constructs"):
        for node in top.entries(key):
            for name in written_names([node]):
                yield name, f"a {key.removesuffix('s')}", node


def check_use_of_dropped(top: Section, instrument: Instrument, problems: Problems) -> None:
    """An item (or its column) under `pii.drop` is gone before anything is computed: nothing may be made of it."""
    pii = top.optional_section("pii", ("drop", "hash", "generalise", "free_text"))
    users = dict(reversed(list(_users(instrument))))
    of_column = {column: item.id for item in instrument.items for column in (item.column, *item.columns.values())}
    for node in pii.entries("drop") if pii is not None else ():
        name = str(node.value)
        user = users.get(name) or users.get(of_column.get(name, name))
        if user is not None:
            what = f"'{node.value}' is dropped, but {user} is made of it"
            problems.note(node, "dropped-but-used", what, hint="hash or generalise it, or leave it where it is")


def _users(instrument: Instrument) -> Iterator[tuple[str, str]]:
    for construct in instrument.constructs:
        yield from ((item, f"construct '{construct.id}'") for item in construct.items)
    yield from ((each.of, f"partition '{each.id}'") for each in instrument.partitions)
    yield from ((each.of, "a quota") for each in instrument.quotas)
    yield from (
        (each.of, "a weighting target") for each in (instrument.weighting.targets if instrument.weighting else ())
    )
    design = instrument.design
    names = (design.strata, design.weight, *design.psu, *design.fpc)
    yield from ((name, "the design") for name in names if name is not None)

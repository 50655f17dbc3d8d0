"""The faults of a population file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from survey_sem.instrument import Instrument
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.section import Section, fail, reference
from survey_sem.instrument.strict_yaml import Node
from survey_sem.simulation import keys
from survey_sem.simulation.load_values import entries, probability
from survey_sem.simulation.population import RESPONDENT_FAULTS, Faults, Missing

_SORTED = ("ordinal", "nominal", "number", "date")
"""Types of items whose answers have an order that others can depend on."""


def read_faults(section: Section | None, instrument: Instrument, problems: Problems) -> Faults:
    """What is declared; nothing where there is no such section."""
    if section is None:
        return Faults()
    default = Faults()
    careless = _shares(section.optional_section("careless", keys.CARELESS))
    attention = _shares(section.optional_section("attention_pass", keys.ATTENTION_PASS))
    if sum(careless.values()) > 1.0:
        problems.note(section["careless"], "shares-above-one", "the kinds of careless answers sum to more than 1")
    return Faults(
        careless,
        {**default.attention, **attention},
        section.each("missing", lambda node: _missing(node, instrument)),
        {name: section.read(name, probability, 0.0) for name in RESPONDENT_FAULTS if name in section},
    )


def _shares(section: Section | None) -> Mapping[str, float]:
    if section is None:
        return {}
    return {name: section.read(name, probability, 0.0) for name in section.nodes if name in section}


def _missing(node: Node, instrument: Instrument) -> Missing:
    section = Section(node, keys.MISSING)
    items = {item.id: item for item in instrument.items}
    named = tuple(reference(each, items, "item") for each in entries(section, "items"))
    given = [kind for kind in keys.MISSING_KINDS if kind in section]
    if len(given) != 1:
        fail(node, "one-kind", "give one rate of missing answers", expected="mcar, mar (with 'on') or mnar")
    kind = cast('Literal["mcar", "mar", "mnar"]', given[0])
    rate = probability(section[kind])
    if kind != "mcar" and rate > 0.5:
        fail(section[kind], "wrong-value", f"'{kind}' must be at most 0.5: its probabilities run from 0 to twice that")
    if ("on" in section) != (kind == "mar"):
        fail(
            node, "needless-key" if "on" in section else "missing-key", "'on' (an item) goes with 'mar', and only there"
        )
    for name in named if kind == "mnar" else ():
        if items[name].type not in _SORTED:
            fail(section["items"], "wrong-type", f"answers to '{name}' have no order on which 'mnar' could depend")
    on = None
    if kind == "mar":
        on = reference(
            section["on"], [name for name, item in items.items() if item.type in _SORTED], "item with an order"
        )
        if on in named:
            fail(section["on"], "circular", f"'{on}' cannot decide whether it is missing itself", hint="use mnar")
    return Missing(named, kind, rate, on)

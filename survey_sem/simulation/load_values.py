"""Readers of single values of a population file."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from survey_sem.instrument import Instrument
from survey_sem.instrument.routing import Code
from survey_sem.instrument.scales import key_code
from survey_sem.instrument.section import Section, fail, mapping, named, number, reference
from survey_sem.instrument.strict_yaml import Node
from survey_sem.simulation.keys import SHARE_TOLERANCE

SCHEMA = "survey-sem/population/1"


def probability(node: Node) -> float:
    """A number from 0 to 1."""
    value = float(number(node))
    if not 0.0 <= value <= 1.0:
        fail(node, "wrong-value", f"{named(node)} is a share: it must be from 0 to 1, not {value:g}")
    return value


def positive(node: Node) -> float:
    """A number above 0 (and below a billion)."""
    value = float(number(node))
    if not 0.0 < value < 1e9:
        fail(node, "wrong-value", f"{named(node)} must be above 0, not {value:g}")
    return value


def entries(section: Section, key: str) -> tuple[Node, ...]:
    """The nodes of a required list, which must not be empty."""
    place = section[key]
    found = section.entries(key)
    if not found:
        fail(place, "empty-list", f"the list '{key}' is empty")
    return found


def effects(node: Node, factors: Collection[str] | None) -> dict[str, float]:
    """Numbers by factor; `factors` None: the model could not be read, so that any name may be right."""
    found = {}
    for name, entry in mapping(node).items():
        if factors is not None:
            reference(Node(name, entry.file, entry.line, entry.path), factors, "factor")
        found[name] = float(number(entry))
        if not abs(found[name]) <= 100.0:
            fail(entry, "wrong-value", f"the value of '{name}' must be from -100 to 100")
    return found


def variable_codes(node: Node, instrument: Instrument) -> tuple[Code, ...]:
    """The codes of the ordinal or nominal item, or the parts of the partition, that a node names."""
    items = {item.id: item for item in instrument.items if item.type in ("ordinal", "nominal")}
    parts = {each.id: tuple(part.id for part in each.parts) for each in instrument.partitions}
    name = reference(node, {*items, *parts}, "nominal item or partition")
    if name in parts:
        return parts[name]
    scale = items[name].scale
    assert scale is not None
    return scale.codes


def by_code(node: Node, codes: Sequence[Code], of: str) -> dict[Code, Node]:
    """The nodes of a mapping that must have one entry for every code of `of`."""
    nodes = {key_code(key): entry for key, entry in mapping(node).items()}
    unknown = [code for code in nodes if code not in codes]
    if unknown:
        expected = ", ".join(map(str, codes[:20]))
        fail(nodes[unknown[0]], "unknown-code", f"'{unknown[0]}' is no code of '{of}'", expected=expected)
    lacking = [str(code) for code in codes if code not in nodes]
    if lacking:
        fail(node, "missing-code", f"{named(node)} says nothing about {', '.join(lacking[:20])} of '{of}'")
    return {code: nodes[code] for code in codes}


def shares_by_code(node: Node, codes: Sequence[Code], of: str) -> dict[Code, float]:
    """A probability for every code of `of`."""
    return {code: probability(entry) for code, entry in by_code(node, codes, of).items()}


def listed_shares(entries: Mapping[str, Node], place: Node) -> dict[str, float]:
    """Shares by free names, which sum to 1; scaled to do so exactly."""
    shares = {name: probability(entry) for name, entry in entries.items()}
    return dict(zip(shares, summing_to_one(list(shares.values()), place), strict=True))


def summing_to_one(shares: Sequence[float], place: Node) -> tuple[float, ...]:
    """Shares that sum to 1 within the tolerance, scaled to do so exactly."""
    total = math.fsum(shares)
    if not abs(total - 1.0) <= SHARE_TOLERANCE:
        fail(place, "shares-not-one", f"the shares sum to {total:.6g}", expected="a sum of 1")
    return tuple(share / total for share in shares)

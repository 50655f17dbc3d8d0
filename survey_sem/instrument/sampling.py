"""Whom the answers stand for: quotas, design, weighting targets."""

from __future__ import annotations

import math
from typing import Literal, cast

from survey_sem.instrument import keys
from survey_sem.instrument.known import Known, cells_by_code, once
from survey_sem.instrument.model import Design, Quota, Target, Weighting
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.routing import Code
from survey_sem.instrument.section import Section, fail, integer, kind_of, number
from survey_sem.instrument.strict_yaml import Node, shortened

LONELY_PSU = ("fail", "remove", "adjust", "average", "certainty")
METHODS = ("rake", "poststratify", "linear", "logit")
SUM_TOLERANCE = 1e-6


def read_quotas(nodes: tuple[Node, ...], known: Known, problems: Problems) -> tuple[Quota, ...]:
    """How many of each kind were wanted."""
    check = once("quota of", problems)

    def quota(node: Node) -> Quota:
        entry = Section(node, keys.QUOTA, problems)
        codes = entry.read("of", known.codes, None)
        cells = cells_by_code(entry, "cells", codes, problems)
        limits = {code: _cell(cell, problems) for code, cell in cells.items()}
        check(entry.text("of"), node)
        return Quota(entry.text("of"), limits)

    return problems.each(nodes, quota)


def _cell(node: Node, problems: Problems) -> tuple[int | None, int | None]:
    entry = Section(node, keys.CELL, problems)
    least, most = (entry.optional(key, _count, None) for key in keys.CELL)
    if entry.is_sound and least is None and most is None:
        problems.note(node, "missing-key", "the cell asks for nothing", expected="min, max or both")
    if entry.is_sound and least is not None and most is not None and least > most:
        problems.note(entry["max"], "empty-range", f"'max' ({most}) is below 'min' ({least})")
    return least, most


def _count(node: Node) -> int:
    if integer(node) < 0:
        fail(node, "out-of-range", f"a number of respondents cannot be {kind_of(node)}")
    return integer(node)


def read_design(section: Section | None, known: Known, problems: Problems) -> Design:
    """Names of items, partitions or columns; a column that no item has is only known once there are data."""
    if section is None:
        return Design()
    psu, fpc = section.words("psu"), section.words("fpc")
    if section.is_sound and fpc and len(fpc) != max(1, len(psu)):
        what = f"{len(fpc)} finite population corrections for {len(psu)} stages"
        problems.note(section["fpc"], "wrong-length", what, expected="one for every stage under 'psu'")
    weight = known.items.get(section.optional_text("weight") or "")
    if weight is not None and weight.type != "number":
        what = f"item '{weight.id}' is of type {weight.type} and cannot hold weights"
        problems.note(section["weight"], "wrong-item", what, expected="an item of type number, or a column")
    lonely = section.choice("lonely_psu", LONELY_PSU, "fail")
    return Design(
        strata=section.optional_text("strata"),
        psu=psu,
        weight=section.optional_text("weight"),
        fpc=fpc,
        lonely_psu=cast("Literal['fail', 'remove', 'adjust', 'average', 'certainty']", lonely),
    )


def read_weighting(section: Section | None, known: Known, problems: Problems) -> Weighting | None:
    """Population margins: complete, summing to 1, each with its source."""
    if section is None:
        return None
    method = cast("Literal['rake', 'poststratify', 'linear', 'logit']", section.choice("method", METHODS))
    bounds = section.optional("bounds", _bounds, None)
    check = once("target of", problems)

    def target(node: Node) -> Target:
        entry = Section(node, keys.TARGET, problems)
        codes = entry.read("of", known.codes, None)
        cells = cells_by_code(entry, "shares", codes, problems)
        shares = {code: _share(cell, problems) for code, cell in cells.items()}
        if entry.is_sound:
            _check_shares(entry, shares, codes)
        check(entry.text("of"), node)
        return Target(entry.text("of"), shares, entry.text("source"))

    targets = section.each("targets", target)
    if section.is_sound:
        _check_method(section, method, len(targets), bounds)
    return Weighting(method, targets, bounds)


def _check_method(section: Section, method: str, n_targets: int, bounds: tuple[float, float] | None) -> None:
    if not n_targets:
        fail(section.node, "missing-key", "weighting needs targets", expected="targets: [{of, source, shares}, ...]")
    if method == "poststratify" and n_targets > 1:
        what = f"post-stratification takes one target, not {n_targets} margins"
        fail(section["targets"], "too-many-targets", what, hint="use method rake, or one partition of the classes")
    if method == "logit" and bounds is None:
        fail(section.node, "missing-key", "logit calibration needs bounds", expected="bounds: such as [0.3, 3]")


def _bounds(node: Node) -> tuple[float, float]:
    values = node.value if isinstance(node.value, list) else []
    if len(values) != 2 or not 0 <= number(values[0]) < 1 < number(values[1]):
        what = "bounds are the least and the greatest ratio of a weight to its base weight"
        fail(node, "bad-bounds", what, expected="two numbers on both sides of 1, such as [0.3, 3]")
    return number(values[0]), number(values[1])


def _share(node: Node, problems: Problems) -> float:
    share = 0.0
    with problems.kept():
        share = number(node)
        if not 0 < share <= 1:
            hint = "write half as 0.5; join a class that the population does not have with another, by a partition"
            fail(node, "out-of-range", f"a share cannot be {kind_of(node)}", expected="above 0, at most 1", hint=hint)
    return share


def _check_shares(entry: Section, shares: dict[Code, float], codes: tuple[Code, ...] | None) -> None:
    absent = [str(code) for code in codes or () if code not in shares]
    if absent:
        what = f"no share is given for {shortened(', '.join(absent))}"
        fail(entry["shares"], "missing-code", what, expected="a share of every code or part")
    total = math.fsum(shares.values())
    if abs(total - 1) > SUM_TOLERANCE:
        fail(entry["shares"], "wrong-sum", f"the shares sum to {total:.6g}", expected="1")

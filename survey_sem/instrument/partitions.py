"""Does a partition give every legal answer exactly one part? Overlaps and gaps are named by the values concerned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from survey_sem.errors import did_you_mean

if TYPE_CHECKING:
    from survey_sem.instrument.model import Item, Part

MAX_LISTED = 10


@dataclass(frozen=True, slots=True)
class PartitionProblem:
    """One thing wrong with a partition.

    Parameters
    ----------
    code : str
        ``overlap gap code-twice unknown-code unclaimed-code reversed-interval inner-open-end empty-part wrong-part
        not-whole indivisible``.
    what : str
        One sentence that names the parts and the values.
    hint : str
        What to do about it.
    part : int or None
        Position of the part that it is about (of two, the later one in the file); None where it is about no single
        part.
    """

    code: str
    what: str
    hint: str
    part: int | None = None


Edge = tuple[float, int]
"""An end of an interval on the number line: just before a value (0) or just after it (1)."""


@dataclass(frozen=True, slots=True)
class _Span:
    """What a part claims: every number between two edges."""

    index: int
    shown: str
    start: Edge
    end: Edge

    @property
    def is_empty(self) -> bool:
        return self.start >= self.end


def partition_problems(item: Item, parts: Sequence[Part]) -> tuple[PartitionProblem, ...]:
    """Everything that keeps `parts` from being a partition of the item's legal answers.

    Of a whole number both ends of a part belong to it; of other numbers the upper end may belong to the next part
    (`Part.is_open`). Numbers are held against the item's `min` and `max`; where it has none, the outer part must be
    open-ended. Of ordinal and nominal items every code must be in one part.

    Parameters
    ----------
    item : Item
        What is divided.
    parts : sequence of Part
        In the order of the file.
    """
    if item.type == "number":
        return _number_problems(item, parts)
    if item.type in ("ordinal", "nominal"):
        return _code_problems(item, parts)
    what = f"'{item.id}' is an item of type {item.type} and cannot be divided into parts"
    return (PartitionProblem("indivisible", what, "a partition is made of a number, an ordinal or a nominal item"),)


def _code_problems(item: Item, parts: Sequence[Part]) -> tuple[PartitionProblem, ...]:
    assert item.scale is not None
    problems: list[PartitionProblem] = []
    owner: dict[object, Part] = {}
    for index, part in enumerate(parts):
        if not part.codes:
            what = f"part '{part.id}' lists no codes of '{item.id}'"
            problems.append(PartitionProblem("wrong-part", what, "write codes: [1, 2]", index))
        for code in part.codes:
            if code not in item.scale.codes:
                hint = did_you_mean(str(code), map(str, item.scale.codes)) or f"its codes: {item.scale.describe()}"
                what = f"part '{part.id}' claims {code}, which is no code of '{item.id}'"
                problems.append(PartitionProblem("unknown-code", what, hint, index))
            elif code in owner:
                other = owner[code]
                what = f"'{other.id}' and '{part.id}' both claim code {code} of '{item.id}'"
                if other is part:
                    what = f"'{part.id}' claims code {code} of '{item.id}' twice"
                problems.append(PartitionProblem("code-twice", what, "name it once", index))
            else:
                owner[code] = part
    unclaimed = [code for code in item.scale.codes if code not in owner]
    if unclaimed:
        shown = ", ".join(map(str, unclaimed[:MAX_LISTED])) + (", …" if len(unclaimed) > MAX_LISTED else "")
        what = f"nobody claims code{'s' if len(unclaimed) > 1 else ''} {shown} of '{item.id}'"
        problems.append(PartitionProblem("unclaimed-code", what, "add them to a part, or add a part for them"))
    return tuple(problems)


def _number_problems(item: Item, parts: Sequence[Part]) -> tuple[PartitionProblem, ...]:
    problems = [problem for index, part in enumerate(parts) if (problem := _part_problem(item, part, index))]
    if problems:
        return tuple(problems)
    spans = [_span(item, part, index) for index, part in enumerate(parts)]
    inner = _inner_open_ends(spans)
    return (*inner, *_Sweep(item, _closed(spans, inner)).problems())


def _part_problem(item: Item, part: Part, index: int) -> PartitionProblem | None:
    """What is wrong with a part by itself."""
    named = f"part '{part.id}' ({_interval(part)})"
    if part.codes:
        what = f"part '{part.id}' lists codes, but '{item.id}' is a number"
        return PartitionProblem("wrong-part", what, "write from: and to:", index)
    low, high = part.low, part.high
    if item.whole and any(limit is not None and limit != math.floor(limit) for limit in (low, high)):
        return PartitionProblem("not-whole", f"{named} has an end between two whole numbers", "round it", index)
    if low is not None and high is not None and low > high:
        return PartitionProblem("reversed-interval", f"{named} ends before it begins", "exchange its ends", index)
    span = _span(item, part, index)
    start, end = _domain(item)
    if span.is_empty or span.end <= start or span.start >= end:
        what = f"no legal value of '{item.id}' ({item.expected()}) falls into {named}"
        return PartitionProblem("empty-part", what, "correct its ends, or the min and max of the item", index)
    return None


def _interval(part: Part) -> str:
    low, high = _number(part.low), _number(part.high)
    if part.high is None:
        return f"from {low}" if low else "open at both ends"
    if part.is_open:
        return f"{low} to below {high}" if low else f"below {high}"
    return f"{low}-{high}" if low else f"up to {high}"


def _span(item: Item, part: Part, index: int) -> _Span:
    start = -math.inf if part.low is None else part.low
    end: Edge = (math.inf, 0)
    if part.high is not None:
        end = _after(item, part.high) if not part.is_open else (part.high, 0)
    return _Span(index, f"'{part.id}' ({_interval(part)})", (start, 0), end)


def _after(item: Item, value: float) -> Edge:
    """The edge after a value: of whole numbers that before the next one."""
    return (value + 1, 0) if item.whole else (value, 1)


def _domain(item: Item) -> tuple[Edge, Edge]:
    low, high = (limit if isinstance(limit, (int, float)) else None for limit in (item.min, item.max))
    start = -math.inf if low is None else math.ceil(low) if item.whole else low
    if high is None:
        return (start, 0), (math.inf, 0)
    return (start, 0), _after(item, math.floor(high) if item.whole else high)


def _inner_open_ends(spans: Sequence[_Span]) -> tuple[PartitionProblem, ...]:
    """Open ends that are not at the outside."""
    lowest = sorted((span for span in spans if span.start[0] == -math.inf), key=lambda span: span.end)
    highest = sorted((span for span in spans if span.end[0] == math.inf), key=lambda span: span.start)
    below = [_inner(span, "has no lower end", "lowest", "from") for span in lowest[1:]]
    above = [_inner(span, "has no upper end", "highest", "to") for span in highest[:-1]]
    return (*below, *above)


def _inner(span: _Span, what: str, outermost: str, key: str) -> PartitionProblem:
    hint = f"give it a `{key}:` only the {outermost} part may be open-ended"
    return PartitionProblem("inner-open-end", f"{span.shown} {what}, but is not the {outermost} part", hint, span.index)


def _closed(spans: Sequence[_Span], inner: Sequence[PartitionProblem]) -> list[_Span]:
    """The spans, those with an inner open end cut off at their neighbour: reported once, not again as overlaps."""
    flagged = {problem.part for problem in inner}
    closed = []
    for span in spans:
        if span.index in flagged:
            nexts = [other.start for other in spans if other.start > span.start]
            lasts = [other.end for other in spans if other.end < span.end]
            end = min(nexts, default=span.end) if span.end[0] == math.inf else span.end
            start = max(lasts, default=span.start) if span.start[0] == -math.inf else span.start
            span = replace(span, start=start, end=end)
        closed.append(span)
    return [span for span in closed if not span.is_empty]


class _Sweep:
    """One pass over the number line from the item's least to its greatest value."""

    def __init__(self, item: Item, spans: Sequence[_Span]) -> None:
        self._item = item
        self._spans = sorted(spans, key=lambda span: (span.start, span.end))

    def problems(self) -> list[PartitionProblem]:
        """Overlaps and gaps in the order of the numbers."""
        cursor, last = _domain(self._item)
        holder: _Span | None = None
        found: list[PartitionProblem] = []
        for span in self._spans:
            start, end = max(span.start, _domain(self._item)[0]), min(span.end, last)
            if start > cursor:
                found.append(self._gap(cursor, min(start, last), holder, span))
            elif holder is not None and start < min(cursor, end):
                found.append(self._overlap(holder, span, start, min(cursor, end)))
            if end > cursor:
                cursor, holder = end, span
        if cursor < last:
            found.append(self._gap(cursor, last, holder, None))
        return found

    def _overlap(self, one: _Span, other: _Span, start: Edge, end: Edge) -> PartitionProblem:
        what = f"{one.shown} and {other.shown} both claim {self._values(start, end)}"
        return PartitionProblem("overlap", what, self._separation(one, other, end), max(one.index, other.index))

    def _separation(self, one: _Span, other: _Span, end: Edge) -> str:
        if end == other.end or one.start == other.start:
            return "one lies within the other: leave one of them out, or cut it in two"
        if self._item.whole:
            return f"end the first at {_number(other.start[0] - 1)}, or begin the second at {_number(end[0])}"
        if one.end == (other.start[0], 1):
            return f"write `below: {_number(other.start[0])}` in place of `to:` in the first"
        return f"write `below: {_number(other.start[0])}` in the first, or `from: {_number(end[0])}` in the second"

    def _gap(self, start: Edge, end: Edge, before: _Span | None, after: _Span | None) -> PartitionProblem:
        what = f"nobody claims {self._values(start, end)}"
        index = after.index if after is not None else before.index if before is not None else None
        return PartitionProblem("gap", what, self._closing(start, end, before, after), index)

    def _closing(self, start: Edge, end: Edge, before: _Span | None, after: _Span | None) -> str:
        if start[0] == -math.inf and after is not None:
            return f"give '{self._item.id}' a `min`, or leave out `from` of {after.shown}"
        if end[0] == math.inf and before is not None:
            return f"give '{self._item.id}' a `max`, or leave out `to` of {before.shown}"
        if before is not None and after is not None and start[1] == 1:
            return f"write `below: {_number(end[0])}` in place of `to:` in {before.shown}"
        beside = " or ".join(span.shown for span in (before, after) if span is not None)
        return f"extend {beside}, or add a part for them" if beside else "add a part for them"

    def _values(self, start: Edge, end: Edge) -> str:
        """The values between two edges, in words."""
        low, high = _number(start[0]), _number(end[0] - 1 if self._item.whole else end[0])
        if start[0] == -math.inf and end[0] == math.inf:
            return "any value"
        if not self._item.whole:
            return _decimals(start, end, low, high)
        if start[0] == -math.inf:
            return f"values up to {high}"
        if end[0] == math.inf:
            return f"values from {low} on"
        return low if low == high else f"{low} to {high}"


def _decimals(start: Edge, end: Edge, low: str, high: str) -> str:
    if start[0] == end[0]:
        return low
    below = f"below {high}" if end[1] == 0 else f"up to {high}"
    if start[0] == -math.inf:
        return f"values {below}"
    above = f"values above {low}" if start[1] else f"values from {low}"
    if end[0] == math.inf:
        return above
    return f"{above} to {below}" if end[1] == 0 else f"{above} {below}"


def _number(value: float | None) -> str:
    return "" if value is None else format(value, ".15g")

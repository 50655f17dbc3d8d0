"""Trunk variables in columns, causes left of effects, and their order from top to bottom with few crossings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TypeAlias

from survey_sem.reporting.diagram.anatomy import Anatomy, Flow

_COLUMNS_WITH_INDICATORS = 4  # a longer chain of factors is folded into about so many columns
_COLUMNS_WITHOUT = 6


@dataclass(frozen=True, slots=True)
class Bend:
    """Where an arrow passes a column between its source and its target."""

    source: str
    target: str
    column: int


Item: TypeAlias = str | Bend
Order: TypeAlias = tuple[tuple[Item, ...], ...]


def order_columns(
    anatomy: Anatomy, covariances: Iterable[Flow], indicators: Mapping[str, Sequence[str]], observed: Iterable[str]
) -> Order:
    """Columns of trunk variables and bends.

    Parameters
    ----------
    anatomy : Anatomy
        The trunk and its flow.
    covariances : iterable of (str, str)
        Pairs that are better neighbours within a column.
    indicators : mapping
        Indicators that are drawn, by factor (empty when they are hidden).
    observed : iterable of str
        Trunk variables that are observed; they may move towards what they predict.
    """
    flow = _without_cycles(anatomy)
    column = _longest_paths(anatomy.trunk, flow, anatomy.partners)
    column = _draw_near(column, flow, anatomy, set(observed))
    column = _fold(column, flow, indicators)
    columns, links = _with_bends(anatomy.trunk, column, anatomy.flow)
    near = [frozenset(pair) for pair in covariances]
    with_rows = frozenset(name for name in column if indicators.get(name))
    return _fewest_crossings(columns, links, near, with_rows)


def _without_cycles(anatomy: Anatomy) -> tuple[Flow, ...]:
    """The flow less the arrows that lead back, seen in the order of the model, and less those among partners."""
    after: dict[str, list[str]] = {name: [] for name in anatomy.trunk}
    for source, target in anatomy.flow:
        if frozenset((source, target)) not in anatomy.partners:
            after[source].append(target)
    kept: list[Flow] = []
    done: set[str] = set()
    entered = {target for targets in after.values() for target in targets}
    roots = [name for name in after if name not in entered] + [name for name in after if name in entered]
    for root in roots:
        if root in done:
            continue
        path: list[tuple[str, Iterator[str]]] = [(root, iter(after[root]))]
        on_path = {root}
        while path:
            name, remaining = path[-1]
            target = next(remaining, "")
            if not target:
                path.pop()
                on_path.discard(name)
                done.add(name)
                continue
            if target in on_path:
                continue
            kept.append((name, target))
            if target not in done:
                path.append((target, iter(after[target])))
                on_path.add(target)
    return tuple(pair for pair in anatomy.flow if pair in set(kept))


def _longest_paths(trunk: Sequence[str], flow: Sequence[Flow], partners: Iterable[frozenset[str]]) -> dict[str, int]:
    """Column of each variable: one more than that of its last cause; partners share the later one."""
    column = dict.fromkeys(trunk, 0)
    for _ in range(len(trunk)):
        before = dict(column)
        for source, target in flow:
            column[target] = max(column[target], column[source] + 1)
        for pair in partners:
            for name in pair:
                column[name] = max(column[other] for other in pair)
        if column == before:
            break
    used = sorted(set(column.values()))
    return {name: used.index(at) for name, at in column.items()}


def _draw_near(column: Mapping[str, int], flow: Sequence[Flow], anatomy: Anatomy, observed: set[str]) -> dict[str, int]:
    """Move observed predictors next to what they predict; beyond it when that is an occasion of a growth curve."""
    moved = dict(column)
    last = max(column.values())
    explained = {target for _, target in flow}
    factors = set(anatomy.indicators)
    for name in sorted(observed - explained, key=anatomy.trunk.index):
        targets = [target for source, target in flow if source == name]
        if not targets:
            continue
        moved[name] = max(min(column[target] for target in targets) - 1, 0)
        is_occasion = targets[0] in observed and any(
            source in factors for source, target in anatomy.flow if target == targets[0]
        )
        if len(targets) == 1 and is_occasion and column[targets[0]] == last:
            moved[name] = last + 1
    return moved


def _fold(column: dict[str, int], flow: Sequence[Flow], indicators: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Put consecutive columns of a long chain on top of each other, where their variables then form short chains."""
    count = max(column.values()) + 1
    has_indicators = sum(bool(indicators.get(name)) for name in column) > count / 2
    limit = _COLUMNS_WITH_INDICATORS if has_indicators else _COLUMNS_WITHOUT
    if not limit < count <= 12:
        return column
    best: tuple[float, dict[str, int]] = (float("inf"), column)
    for size in range(1, count + 1):
        for starts in combinations(range(1, count), size - 1):
            folded = {name: sum(start <= at for start in starts) for name, at in column.items()}
            cost = abs(size - limit) + _cost_of_folding(folded, flow, indicators, size)
            if cost < best[0]:
                best = (cost, folded)
    return best[1]


def _cost_of_folding(
    column: Mapping[str, int], flow: Sequence[Flow], indicators: Mapping[str, Sequence[str]], count: int
) -> float:
    cost = 0.0
    for at in range(count):
        members = [name for name in column if column[name] == at]
        inside = [pair for pair in flow if column[pair[0]] == column[pair[1]] == at]
        degree = [sum(name in pair for pair in inside) for name in members]
        is_chain = len(inside) < len(members) and max(degree, default=0) <= 2
        if not is_chain or len(members) > 4:
            return float("inf")
        cost += 0.3 * len(inside)
        cost += 0.15 * sum(min(column[a], column[b]) < at < max(column[a], column[b]) for a, b in flow)
        if 0 < at < count - 1:
            cost += max(0, sum(bool(indicators.get(name)) for name in members) - 2)
    return cost


def _with_bends(
    trunk: Sequence[str], column: Mapping[str, int], flow: Sequence[Flow]
) -> tuple[list[list[Item]], list[tuple[Item, Item]]]:
    """Columns with the bends of the arrows that pass them, and the links between neighbours."""
    columns: list[list[Item]] = [[] for _ in range(max(column.values()) + 1)]
    for name in trunk:
        columns[column[name]].append(name)
    links: list[tuple[Item, Item]] = []
    for source, target in flow:
        if (target, source) in flow and flow.index((target, source)) < flow.index((source, target)):
            continue
        low, high = sorted((column[source], column[target]))
        bends: list[Item] = [Bend(source, target, at) for at in range(low + 1, high)]
        for bend, at in zip(bends, range(low + 1, high), strict=True):
            columns[at].append(bend)
        way = [source, *bends, target] if column[source] <= column[target] else [target, *bends, source]
        links += pairwise(way)
    return columns, links


def _fewest_crossings(
    columns: list[list[Item]],
    links: Sequence[tuple[Item, Item]],
    near: Sequence[frozenset[str]],
    with_rows: frozenset[str],
) -> Order:
    """Move one item at a time to the place in its column that costs least, until no move helps."""
    cost = _cost_of_order(columns, links, near, with_rows)
    for _ in range(12):
        before = cost
        for members in columns:
            for item in tuple(members):
                cost = _best_place(columns, members, item, links, near, with_rows, cost)
        if cost == before:
            break
    return tuple(map(tuple, columns))


def _best_place(
    columns: list[list[Item]],
    members: list[Item],
    item: Item,
    links: Sequence[tuple[Item, Item]],
    near: Sequence[frozenset[str]],
    with_rows: frozenset[str],
    cost: float,
) -> float:
    home = members.index(item)
    best, place = cost, home
    for index in range(len(members)):
        members.remove(item)
        members.insert(index, item)
        found = _cost_of_order(columns, links, near, with_rows)
        if found < best - 1e-9:
            best, place = found, index
    members.remove(item)
    members.insert(place, item)
    return best


def _cost_of_order(
    columns: list[list[Item]],
    links: Sequence[tuple[Item, Item]],
    near: Sequence[frozenset[str]],
    with_rows: frozenset[str],
) -> float:
    where = {item: (at, index) for at, members in enumerate(columns) for index, item in enumerate(members)}
    cost = 0.0
    spans: dict[int, list[tuple[int, int]]] = {}
    for first, second in links:
        (at, top), (beside, bottom) = where[first], where[second]
        if at == beside:
            cost += 4 * (abs(top - bottom) - 1)
        else:
            spans.setdefault(at, []).append((top, bottom))
    for pairs in spans.values():
        cost += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(pairs, 2))
    for pair in near:
        places = [where[name] for name in sorted(pair) if name in where]
        if len(places) == 2 and places[0][0] == places[1][0]:
            cost += 0.4 * (abs(places[0][1] - places[1][1]) - 1)
    return cost + 1.5 * sum(_passing_rows(members, with_rows) for members in columns[1:-1])


def _passing_rows(members: Sequence[Item], with_rows: frozenset[str]) -> int:
    """How many arrows have to get around a row of indicators, which stands above or below a factor."""
    factors = [index for index, item in enumerate(members) if item in with_rows]
    if not factors:
        return 0
    above = sum(isinstance(item, Bend) for item in members[: factors[0]])
    below = sum(isinstance(item, Bend) for item in members[factors[-1] :])
    return min(above, below) if len(factors) == 1 else above + below

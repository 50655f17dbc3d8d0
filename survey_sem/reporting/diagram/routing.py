"""The way of every arrow: from border to border, through no other node, crossing as little as can be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from survey_sem.reporting.diagram.detour import detour
from survey_sem.reporting.diagram.geometry import (
    Curve,
    Point,
    Points,
    Polylines,
    Shape,
    bow,
    clip,
    length,
    line,
    n_touched,
    sample,
    sample_finely,
    smooth,
)
from survey_sem.reporting.diagram.model import EdgeKind, PathEdge
from survey_sem.reporting.diagram.nodes import Placed, Side
from survey_sem.reporting.diagram.placement import Placement

_CLEARANCE = 7.0
_OUTWARD: dict[Side, Point] = {"left": (-1, 0), "right": (1, 0), "above": (0, -1), "below": (0, 1)}
_ALL_SIDES: tuple[Side, ...] = ("left", "right", "above", "below")
_FLANKS: tuple[Side, ...] = ("left", "right")
_HIT = 1000.0
_ALONGSIDE = 0.2
_CROSSING: dict[tuple[EdgeKind, EdgeKind], float] = {("regression", "loading"): 2.0, ("covariance", "regression"): 1.4}


@dataclass(frozen=True, slots=True)
class Route:
    """An edge and the curve that it takes, from the border of its source to the border of its target."""

    edge: PathEdge
    curve: Curve


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible curve and what speaks against it before any crossing is counted."""

    curve: Curve
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class _Ends:
    """The two nodes of an edge, where in them it aims, and whether an arrow leads back."""

    source: Placed
    target: Placed
    start: Point
    end: Point
    is_mutual: bool


def route(edges: Sequence[PathEdge], placement: Placement) -> tuple[Route, ...]:
    """Curves of all edges, in the order of `edges`."""
    aims = _aims(edges, placement)
    arrows = {(edge.source, edge.target) for edge in edges if edge.kind == "regression"}
    chosen: dict[int, Curve] = {}
    drawn = _upright_arcs(edges, placement)
    tips: list[Point] = []
    for index in sorted(range(len(edges)), key=lambda i: _turn(edges[i], placement)):
        edge = edges[index]
        source, target = placement.nodes[edge.source], placement.nodes[edge.target]
        is_mutual = (edge.target, edge.source) in arrows and (
            edge.kind == "regression" or (edge.source, edge.target) in arrows
        )
        ends = _Ends(
            source,
            target,
            aims.get((index, edge.source), source.centre),
            aims.get((index, edge.target), target.centre),
            is_mutual,
        )
        chosen[index] = _cheapest(edge, ends, _candidates(edge, ends, placement), placement, drawn, tips)
        drawn.append((sample_finely(chosen[index], 12.0), edge.kind))
        tips += [chosen[index][0], chosen[index][-1]]
    return tuple(Route(edge, chosen[index]) for index, edge in enumerate(edges))


def _turn(edge: PathEdge, placement: Placement) -> tuple[int, float]:
    """Loadings first, then arrows, then covariances; short ones before long ones."""
    a, b = placement.nodes[edge.source].shape, placement.nodes[edge.target].shape
    rank = {"loading": 0, "composite": 0, "regression": 1, "covariance": 2}[edge.kind]
    return rank, round(math.hypot(a.x - b.x, a.y - b.y), 3)


def _upright_arcs(edges: Sequence[PathEdge], placement: Placement) -> list[tuple[Points, EdgeKind]]:
    """Where covariances within a column will run, so that arrows can keep clear of them."""
    lines: list[tuple[Points, EdgeKind]] = []
    for edge in edges:
        columns = [placement.column.get(name) for name in (edge.source, edge.target)]
        if edge.kind == "covariance" and columns[0] == columns[1] is not None:
            source, target = placement.nodes[edge.source], placement.nodes[edge.target]
            lines.append((np.array([source.centre, target.centre]), edge.kind))
    return lines


def _aims(edges: Sequence[PathEdge], placement: Placement) -> dict[tuple[int, str], Point]:
    """Points inside the nodes to which arrows lead: those on one side of a node spread over its height.

    Covariances within a column spread over the side of the ellipse instead (keyed by an angle, see `_arc_port`).
    """
    fans: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for index, edge in enumerate(edges):
        source, target = placement.nodes[edge.source], placement.nodes[edge.target]
        if edge.kind == "covariance" or source.side is not None or target.side is not None:
            continue
        bends = placement.bends.get((edge.source, edge.target), ())
        for here, there in (
            (source, bends[0] if bends else target.centre),
            (target, bends[-1] if bends else source.centre),
        ):
            dx, dy = there[0] - here.shape.x, there[1] - here.shape.y
            if abs(dx) > here.shape.half_width:
                side = "right" if dx > 0 else "left"
                fans.setdefault((here.node.name, side), []).append((math.atan2(dy, abs(dx)), index))
    aims = {}
    for (name, _), fan in fans.items():
        shape = placement.nodes[name].shape
        step = min(9.0, 1.3 * shape.half_height / len(fan))
        for rank, (_, index) in enumerate(sorted(fan)):
            aims[index, name] = (shape.x, shape.y + (rank - (len(fan) - 1) / 2) * step)
    return aims


def _cheapest(
    edge: PathEdge,
    ends: _Ends,
    candidates: Iterable[Candidate],
    placement: Placement,
    drawn: Sequence[tuple[Points, EdgeKind]],
    tips: Sequence[Point],
) -> Curve:
    others = [item.shape for name, item in placement.nodes.items() if name not in (edge.source, edge.target)]
    lines = Polylines.of([line for line, _ in drawn])
    weights = [_CROSSING.get((edge.kind, other), 1.0) for _, other in drawn]
    best, least = None, math.inf
    for candidate in candidates:
        curve = clip(candidate.curve, ends.source.shape, ends.target.shape)
        if curve is None or candidate.cost >= least:
            continue
        cost = candidate.cost + _cost(edge.kind, curve, others, lines, weights, least - candidate.cost)
        meeting = 8.0 if edge.kind == "covariance" else 4.0
        cost += 1.5 * sum(math.dist(tip, end) < meeting for tip in tips for end in (curve[0], curve[-1]))
        if cost < least:
            best, least = curve, cost
    if best is None or least >= _HIT / 2:
        return detour(ends.source.shape, ends.target.shape, others, _CLEARANCE) or best or line(ends.start, ends.end)
    return best


def _cost(
    kind: EdgeKind,
    curve: Curve,
    others: Sequence[Shape],
    lines: Polylines,
    weights: Sequence[float],
    limit: float,
) -> float:
    points = sample_finely(curve)
    is_loading = kind in ("loading", "composite")
    cost = _HIT * n_touched(others, points, 2.5 if is_loading else _CLEARANCE)
    if is_loading:
        return cost
    if cost < limit:
        cost += sum(weight * count for weight, count in zip(weights, lines.crossings(points), strict=True))
    return cost if cost >= limit else cost + _ALONGSIDE * _n_alongside(points[::2], lines)


def _n_alongside(points: Points, lines: Polylines) -> int:
    """How many of the points lie so near another line that the two look like one."""
    others = lines.points
    across = np.abs(points[:, None, 0] - others[None, :, 0])
    along = np.abs(points[:, None, 1] - others[None, :, 1])
    return int((across + along < 9).any(axis=1).sum())


def _candidates(edge: PathEdge, ends: _Ends, placement: Placement) -> list[Candidate]:
    if edge.kind == "covariance":
        return _covariance_candidates(ends, placement)
    if ends.is_mutual:
        return [Candidate(bow(ends.start, ends.end, rise), rise / 20) for rise in (34, 44, 56)]
    if edge.kind != "regression" and (ends.source.side or ends.target.side):
        return _loading_candidates(ends)
    return _arrow_candidates(ends, placement.bends.get((edge.source, edge.target), ()))


def _arrow_candidates(ends: _Ends, bends: Sequence[Point]) -> list[Candidate]:
    chord = math.dist(ends.start, ends.end)
    found = [Candidate(line(ends.start, ends.end))]
    for share in (0.05, 0.1, 0.16, 0.24, 0.34):
        for sign in (1, -1):
            found.append(Candidate(bow(ends.start, ends.end, sign * share * chord), 0.8 + 9 * share))
    if bends:
        found.append(Candidate(smooth((ends.start, *bends, ends.end)), 1.2))
    before, behind = ("left", "right") if ends.end[0] > ends.start[0] else ("right", "left")
    return [
        *found,
        *_between_ports(
            ends,
            4.0,
            [side for side in _ALL_SIDES if side != before],
            [side for side in _ALL_SIDES if side != behind],
        ),
    ]


def _loading_candidates(ends: _Ends) -> list[Candidate]:
    """Straight to the middle of that edge of the indicator's box which faces the factor."""
    factor, indicator = (ends.source, ends.target) if ends.target.side else (ends.target, ends.source)
    port = _facing_port(indicator, factor)
    centre = factor.centre
    bows = [bow(centre, port, rise) for rise in (0, 16, -16, 32, -32)]
    if factor is ends.target:
        bows = [curve[::-1] for curve in bows]
    found = [Candidate(curve, abs(rise) / 10) for curve, rise in zip(bows, (0, 16, -16, 32, -32), strict=True)]
    return found if indicator.factor == factor.node.name else [*found, *_between_ports(ends, 40.0)]


def _facing_port(indicator: Placed, factor: Placed) -> Point:
    shape = indicator.shape
    if indicator.side in ("left", "right"):
        return shape.border(math.copysign(1.0, factor.shape.x - shape.x), 0)
    return shape.border(0, math.copysign(1.0, factor.shape.y - shape.y))


def _covariance_candidates(ends: _Ends, placement: Placement) -> list[Candidate]:
    """Arcs: beside a column, on the outer side of indicators, or anywhere else where there is room."""
    source, target = ends.source, ends.target
    if source.side is not None and source.side == target.side and _are_in_line(source, target, source.side):
        return [Candidate(_indicator_arc(source, target, source.side), -2.0), *_between_ports(ends, 3.0)]
    if source.side is not None or target.side is not None:
        return _between_ports(ends, 3.0)
    if ends.is_mutual:
        return [Candidate(line(ends.start, ends.end))]
    if placement.column[source.node.name] == placement.column[target.node.name]:
        return _column_arcs(ends, placement)
    chord = math.dist(ends.start, ends.end)
    shares = [sign * share for share in (0.14, 0.2, 0.28, 0.36) for sign in (1, -1)]
    bows = [Candidate(bow(ends.start, ends.end, share * chord), 2 * abs(share)) for share in shares]
    return bows + _between_ports(ends, 3.0)


def _are_in_line(source: Placed, target: Placed, side: Side) -> bool:
    """Whether two indicators stand in one row (or column), so that an arc on its outer side meets both."""
    apart = source.shape.y - target.shape.y if side in ("above", "below") else source.shape.x - target.shape.x
    return abs(apart) < 40


def _column_arcs(ends: _Ends, placement: Placement) -> list[Candidate]:
    """On the free side of the column where it has one, else close to the nodes on either side."""
    column = placement.column[ends.source.node.name]
    for side in ("right", "left"):
        if _is_open(column, side, placement):
            return [Candidate(_column_arc(ends, side, placement, 1.0))]
    found = [Candidate(bow(ends.start, ends.end, rise), 0.4 + abs(rise) / 50) for rise in (-14, 14, -26, 26)]
    for depth in (0.3, 0.45, 0.65):
        found += [Candidate(_column_arc(ends, side, placement, depth), 1 + 2 * depth) for side in ("left", "right")]
    return found + _between_ports(ends, 6.0, _FLANKS, _FLANKS)


def _is_open(column: int, side: Side, placement: Placement) -> bool:
    """Whether nothing stands on that side of the column."""
    at_end = column == (placement.n_columns - 1 if side == "right" else 0)
    own = [item for item in placement.nodes.values() if placement.column.get(item.factor) == column]
    return at_end and not any(item.side == side for item in own)


def _column_arc(ends: _Ends, side: Side, placement: Placement, depth: float) -> Curve:
    """An arc beside a column; the farther apart the two are, the farther it stands out."""
    start, out_start = _arc_port(ends.source, ends.target, side, placement)
    end, out_end = _arc_port(ends.target, ends.source, side, placement)
    reach = (26 + abs(start[1] - end[1]) * 0.55) * depth
    sign = 1.0 if side == "right" else -1.0
    edge = max(sign * start[0], sign * end[0])
    first, second = (
        (point[0] + sign * (reach + edge - sign * point[0]), point[1] + out[1] * reach * 0.2)
        for point, out in ((start, out_start), (end, out_end))
    )
    return (start, first, second, end)


def _arc_port(item: Placed, other: Placed, side: Side, placement: Placement) -> tuple[Point, Point]:
    """Where an arc to a column-mate meets the node, and the direction of the border's normal there.

    The mates of a node share the side evenly: the nearest above at the top, the farthest ones in the middle.
    """
    name = item.node.name
    mates = sorted(placement.mates[name], key=lambda mate: _rank(item.shape, placement.nodes[mate].shape))
    rank = mates.index(other.node.name)
    n_above = sum(placement.nodes[mate].shape.y < item.shape.y for mate in mates)
    step = min(64 / max(n_above, len(mates) - n_above), 26)
    angle = math.radians((rank - n_above + 0.5) * step if len(mates) > 1 else 34 * (-1 if n_above else 1))
    sign = 1.0 if side == "right" else -1.0
    u, v = sign * math.cos(angle), math.sin(angle)
    shape = item.shape
    point = shape.border(u * shape.half_width, v * shape.half_height)
    return point, (u, v)


def _rank(shape: Shape, mate: Shape) -> float:
    """Sorts mates from the nearest above over the farthest ones to the nearest below."""
    return 1.0 / (mate.y - shape.y)


def _indicator_arc(source: Placed, target: Placed, side: Side) -> Curve:
    """An arc on the outer side of two indicators that stand in one row or column."""
    dx, dy = _OUTWARD[side]
    across = abs(source.shape.y - target.shape.y) if dx else abs(source.shape.x - target.shape.x)
    reach = 12 + across * (0.72 if dx else 0.42)
    start, end = (_outer_port(a, b, side) for a, b in ((source, target), (target, source)))
    level = max(dx * start[0] + dy * start[1], dx * end[0] + dy * end[1]) + reach
    first, second = ((dx * level if dx else point[0], dy * level if dy else point[1]) for point in (start, end))
    return (start, first, second, end)


def _outer_port(item: Placed, other: Placed, side: Side) -> Point:
    """On the outer edge of an indicator, a little towards its partner, so that arcs to both sides part."""
    dx, dy = _OUTWARD[side]
    shape = item.shape
    towards = math.copysign(1.0, other.shape.y - shape.y if dx else other.shape.x - shape.x)
    shift = towards * min(shape.half_height if dx else shape.half_width, 18) * 0.45
    if dx:
        return (shape.x + dx * shape.half_width, shape.y + shift)
    return (shape.x + shift, shape.y + dy * shape.half_height)


def _between_ports(
    ends: _Ends, cost: float, starts: Sequence[Side] = _ALL_SIDES, stops: Sequence[Side] = _ALL_SIDES
) -> list[Candidate]:
    """Curves from the middle of a side to the middle of a side."""
    source, target = ends.source, ends.target
    chord = math.dist(source.centre, target.centre)
    found = []
    for first, second in product(starts, stops):
        (ax, ay), (bx, by) = _OUTWARD[first], _OUTWARD[second]
        start, end = source.shape.border(ax, ay), target.shape.border(bx, by)
        for share in (0.25, 0.4, 0.6):
            reach = max(share * chord, 30)
            curve = (
                start,
                (start[0] + ax * reach, start[1] + ay * reach),
                (end[0] + bx * reach, end[1] + by * reach),
                end,
            )
            excess = length(sample(curve, 12)) / (chord or 1.0) - 1
            found.append(Candidate(curve, cost + 4 * excess))
    return found

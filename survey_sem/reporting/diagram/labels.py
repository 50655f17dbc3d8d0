"""Where the estimates stand: on their arrow, clear of nodes and of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey_sem.reporting.diagram.geometry import Box, Points, Shape, point_at_length, sample_finely
from survey_sem.reporting.diagram.routing import Route
from survey_sem.reporting.diagram.text import clean, text_width

LABEL_SIZE = 11.0
_HEIGHT = 13.0
_BLOCKED = 100.0


@dataclass(frozen=True, slots=True)
class Label:
    """A text and the box that it fills."""

    text: str
    x: float
    y: float
    box: Box


@dataclass(frozen=True, slots=True)
class _Spot:
    label: Label
    cost: float


def place_labels(routes: Sequence[Route], shapes: Sequence[Shape]) -> tuple[tuple[Label | None, ...], int]:
    """A label for each route that has an estimate, and how many of them touch a node or another label."""
    lines = [sample_finely(route.curve) for route in routes]
    spots = [
        _spots(route, own, index, lines, shapes) for index, (route, own) in enumerate(zip(routes, lines, strict=True))
    ]
    chosen: list[_Spot | None] = [None] * len(routes)
    turns = sorted((i for i, found in enumerate(spots) if found), key=lambda i: (sum(s.cost < 5 for s in spots[i]), i))
    for sweep in range(4):
        before = list(chosen)
        for index in turns:
            rivals = [spot.label.box for i, spot in enumerate(chosen) if spot is not None and i != index]
            chosen[index] = min(spots[index], key=lambda spot: spot.cost + _clash(spot.label.box, rivals))
        if sweep and chosen == before:
            break
    return tuple(spot.label if spot else None for spot in chosen), _count_conflicts(chosen)


def _clash(box: Box, rivals: Sequence[Box]) -> float:
    grown = Box(box.left - 2, box.top - 1, box.right + 2, box.bottom + 1)
    return sum(_BLOCKED for rival in rivals if grown.overlap(rival) > 0)


def _count_conflicts(chosen: Sequence[_Spot | None]) -> int:
    spots = [spot for spot in chosen if spot is not None]
    boxes = [spot.label.box for spot in spots]
    return sum(
        spot.cost >= _BLOCKED or _clash(spot.label.box, boxes[:index] + boxes[index + 1 :]) > 0
        for index, spot in enumerate(spots)
    )


def _spots(
    route: Route, own: Points, index: int, lines: Sequence[Points], shapes: Sequence[Shape]
) -> tuple[_Spot, ...]:
    """Places along the edge, each with what it costs whatever the other labels do."""
    text = clean(route.edge.estimate).strip()
    if not text:
        return ()
    others = np.vstack([_dense(other) for i, other in enumerate(lines) if i != index] or [np.empty((0, 2))])
    half = text_width(text, LABEL_SIZE) / 2 + 1.5
    preferred = _preferred_share(route)
    found = []
    for step in range(25):
        for sign in (1, -1) if step else (1,):
            share = preferred + sign * step * 0.025
            if not 0.1 <= share <= 0.9:
                continue
            (x, y), _ = point_at_length(own, share)
            box = Box(x - half, y - _HEIGHT / 2, x + half, y + _HEIGHT / 2)
            near = Box(box.left - 4, box.top - 4, box.right + 4, box.bottom + 4)
            cost = 12 * abs(share - preferred) + 0.4 * float(near.contains(others).sum())
            cost += _BLOCKED * sum(_touches(box, shape) for shape in shapes)
            found.append(_Spot(Label(text, x, y, box), cost))
    return tuple(found)


def _preferred_share(route: Route) -> float:
    """Loadings fan out from their factor: their labels stand apart near the indicator."""
    return {"loading": 0.6, "composite": 0.4, "regression": 0.5, "covariance": 0.5}[route.edge.kind]


def _dense(points: Points) -> Points:
    """Points on a polyline about 4 pixels apart."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    ends = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.arange(0.0, ends[-1], 4.0)
    return np.column_stack([np.interp(at, ends, points[:, 0]), np.interp(at, ends, points[:, 1])])


def _touches(box: Box, shape: Shape) -> bool:
    """Whether the label comes within two pixels of the node."""
    if not shape.is_round:
        return shape.box(2.0).overlap(box) > 0
    nearest = np.array([[min(max(shape.x, box.left), box.right), min(max(shape.y, box.top), box.bottom)]])
    return bool(shape.contains(nearest, 2.0)[0])

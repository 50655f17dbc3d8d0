"""Where the estimates stand: on their arrow, clear of nodes and of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    dense = [_dense(line) for line in lines]
    spots = [
        _spots(route, own, [*dense[:index], *dense[index + 1 :]], shapes)
        for index, (route, own) in enumerate(zip(routes, lines, strict=True))
    ]
    costs = [np.array([spot.cost for spot in found]) for found in spots]
    boxes = [_edges([spot.label.box for spot in found]) for found in spots]
    chosen: list[_Spot | None] = [None] * len(routes)
    turns = sorted((i for i, found in enumerate(spots) if found), key=lambda i: (sum(s.cost < 5 for s in spots[i]), i))
    for sweep in range(4):
        before = list(chosen)
        for index in turns:
            rivals = [spot.label.box for i, spot in enumerate(chosen) if spot is not None and i != index]
            best = int(np.argmin(costs[index] + _clashes(boxes[index], _edges(rivals))))
            chosen[index] = spots[index][best]
        if sweep and chosen == before:
            break
    return tuple(spot.label if spot else None for spot in chosen), _count_conflicts(chosen)


def _edges(boxes: Sequence[Box]) -> Points:
    """Left, top, right and bottom of each box (n x 4)."""
    return np.array([(box.left, box.top, box.right, box.bottom) for box in boxes]).reshape(-1, 4)


def _clashes(boxes: Points, rivals: Points) -> NDArray[np.float64]:
    """What each box costs for the rivals that it comes too close to."""
    left, top, right, bottom = (boxes + np.array([-2.0, -1.0, 2.0, 1.0])).T[:, :, None]
    over = (np.minimum(right, rivals[:, 2]) > np.maximum(left, rivals[:, 0])) & (
        np.minimum(bottom, rivals[:, 3]) > np.maximum(top, rivals[:, 1])
    )
    cost: NDArray[np.float64] = _BLOCKED * over.sum(axis=1)
    return cost


def _count_conflicts(chosen: Sequence[_Spot | None]) -> int:
    spots = [spot for spot in chosen if spot is not None]
    boxes = [spot.label.box for spot in spots]
    return sum(
        spot.cost >= _BLOCKED or bool(_clashes(_edges([box]), _edges(boxes[:index] + boxes[index + 1 :]))[0])
        for index, (spot, box) in enumerate(zip(spots, boxes, strict=True))
    )


def _spots(route: Route, own: Points, dense: Sequence[Points], shapes: Sequence[Shape]) -> tuple[_Spot, ...]:
    """Places along the edge, each with what it costs beside the other edges, whatever their labels do."""
    text = clean(route.edge.estimate).strip()
    if not text:
        return ()
    others = np.vstack(dense or [np.empty((0, 2))])
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
            found.append((Label(text, x, y, box), cost))
    touched = _touching(_edges([label.box for label, _ in found]), shapes).tolist()
    return tuple(_Spot(label, cost + _BLOCKED * count) for (label, cost), count in zip(found, touched, strict=True))


def _preferred_share(route: Route) -> float:
    """Loadings fan out from their factor: their labels stand apart near the indicator."""
    return {"loading": 0.6, "composite": 0.4, "regression": 0.5, "covariance": 0.5}[route.edge.kind]


def _dense(points: Points) -> Points:
    """Points on a polyline about 4 pixels apart."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    ends = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.arange(0.0, ends[-1], 4.0)
    return np.column_stack([np.interp(at, ends, points[:, 0]), np.interp(at, ends, points[:, 1])])


def _touching(boxes: Points, shapes: Sequence[Shape]) -> NDArray[np.intp]:
    """How many nodes each label comes within two pixels of."""
    left, top, right, bottom = boxes.T[:, :, None]
    centre = np.array([(shape.x, shape.y) for shape in shapes]).reshape(-1, 2).T
    half = np.array([(shape.half_width + 2.0, shape.half_height + 2.0) for shape in shapes]).reshape(-1, 2).T
    (x_low, y_low), (x_high, y_high) = centre - half, centre + half
    meets = (np.minimum(right, x_high) > np.maximum(left, x_low)) & (
        np.minimum(bottom, y_high) > np.maximum(top, y_low)
    )
    u = np.abs(np.minimum(np.maximum(centre[0], left), right) - centre[0]) / half[0]
    v = np.abs(np.minimum(np.maximum(centre[1], top), bottom) - centre[1]) / half[1]
    is_round = np.array([shape.is_round for shape in shapes], dtype=bool)
    count: NDArray[np.intp] = np.where(is_round, u * u + v * v < 1, meets).sum(axis=1)
    return count

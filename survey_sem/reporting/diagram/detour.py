"""A way around nodes for the rare arrow that no simple curve can take."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from survey_sem.reporting.diagram.geometry import Curve, Point, Points, Shape, along, clip, line


def detour(source: Shape, target: Shape, others: Sequence[Shape], clearance: float) -> Curve | None:
    """The shortest way around all other nodes, by way of the corners of their boxes; its own corners are rounded.

    None where the boxes leave no way.
    """
    stops = [(source.x, source.y), (target.x, target.y)]
    margin = clearance + 6
    for shape in others:
        box = shape.box(margin)
        stops += [(box.left, box.top), (box.right, box.top), (box.left, box.bottom), (box.right, box.bottom)]
    points = np.array(stops)
    boxes = np.array([[box.left, box.top, box.right, box.bottom] for box in (s.box(margin - 3) for s in others)])
    is_free = np.ones(len(points), dtype=bool)
    for shape in others:
        is_free[2:] &= ~shape.box(margin - 1).contains(points[2:])
    way = _shortest(points, is_free, boxes)
    return clip(_rounded([stops[index] for index in way]), source, target) if way else None


def _shortest(stops: Points, is_free: NDArray[np.bool_], boxes: Points) -> list[int]:
    """Indices of the stops on the shortest way from the first to the second that crosses no box (Dijkstra)."""
    best = np.full(len(stops), np.inf)
    best[0] = 0.0
    before = np.full(len(stops), -1)
    waiting = [(0.0, 0)]
    while waiting:
        cost, here = heapq.heappop(waiting)
        if here == 1:
            break
        if cost > best[here]:
            continue
        steps = np.hypot(*(stops - stops[here]).T) + 12.0
        better = is_free & _sees(stops[here], stops, boxes) & (cost + steps < best - 1e-9)
        for index in np.flatnonzero(better):
            best[index] = cost + steps[index]
            before[index] = here
            heapq.heappush(waiting, (float(best[index]), int(index)))
    way = [1]
    while way[-1] > 0 and before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    return way[::-1] if way[-1] == 0 else []


def _sees(start: Points, ends: Points, boxes: Points) -> NDArray[np.bool_]:
    """Which of the ends (n x 2) a straight line reaches without entering a box (k x 4: left, top, right, bottom)."""
    if not len(boxes):
        return np.ones(len(ends), dtype=bool)
    way = (ends - start)[:, None, :]
    way = np.where(np.abs(way) < 1e-9, 1e-9, way)
    first = (boxes[None, :, :2] - start) / way
    second = (boxes[None, :, 2:] - start) / way
    enters = np.minimum(first, second).max(axis=2)
    leaves = np.maximum(first, second).min(axis=2)
    is_hit = (enters < leaves) & (leaves > 0) & (enters < 1)
    seen: NDArray[np.bool_] = ~is_hit.any(axis=1)
    return seen


def _rounded(points: Sequence[Point]) -> Curve:
    """A polyline with rounded corners."""
    curve: list[Point] = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        inward = along(corner, before, min(0.5, 24 / (math.dist(corner, before) or 1)))
        outward = along(corner, after, min(0.5, 24 / (math.dist(corner, after) or 1)))
        curve += line(curve[-1], inward)[1:]
        curve += [along(inward, corner, 2 / 3), along(outward, corner, 2 / 3), outward]
    curve += line(curve[-1], points[-1])[1:]
    return tuple(curve)

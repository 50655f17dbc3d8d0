"""Shapes of nodes, Bezier curves of edges, and what touches what. Pixels, y grows downwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Point: TypeAlias = tuple[float, float]
Curve: TypeAlias = tuple[Point, ...]
"""Cubic Bezier segments, one after the other: 3k + 1 points."""
Points: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shape:
    """An ellipse or a rectangle with centre (x, y) and half sizes."""

    x: float
    y: float
    half_width: float
    half_height: float
    is_round: bool = False

    def contains(self, points: Points, margin: float = 0.0) -> NDArray[np.bool_]:
        """Which of the points (n x 2) lie inside the shape grown by `margin`."""
        u = np.abs(points[:, 0] - self.x) / (self.half_width + margin)
        v = np.abs(points[:, 1] - self.y) / (self.half_height + margin)
        inside: NDArray[np.bool_] = u * u + v * v < 1 if self.is_round else np.maximum(u, v) < 1
        return inside

    def holds(self, x: float, y: float, margin: float = 0.0) -> bool:
        """Whether one point lies inside; :meth:`contains` for many."""
        u = abs(x - self.x) / (self.half_width + margin)
        v = abs(y - self.y) / (self.half_height + margin)
        return u * u + v * v < 1 if self.is_round else max(u, v) < 1

    def meets(self, box: Box, margin: float) -> bool:
        """Whether the bounding box grown by `margin` meets another box."""
        across, down = self.half_width + margin, self.half_height + margin
        return (
            box.left < self.x + across
            and box.right > self.x - across
            and box.top < self.y + down
            and box.bottom > self.y - down
        )

    def border(self, dx: float, dy: float) -> Point:
        """Where the ray from the centre along (dx, dy) leaves the shape."""
        u, v = abs(dx) / self.half_width, abs(dy) / self.half_height
        reach = math.hypot(u, v) if self.is_round else max(u, v)
        return (self.x + dx / reach, self.y + dy / reach)

    def box(self, margin: float = 0.0) -> Box:
        """The bounding box, grown by `margin`."""
        width, height = self.half_width + margin, self.half_height + margin
        return Box(self.x - width, self.y - height, self.x + width, self.y + height)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)

    def contains(self, points: Points) -> NDArray[np.bool_]:
        """Which of the points (n x 2) lie inside."""
        x, y = points[:, 0], points[:, 1]
        inside: NDArray[np.bool_] = (x > self.left) & (x < self.right) & (y > self.top) & (y < self.bottom)
        return inside


def line(start: Point, end: Point) -> Curve:
    """A straight curve."""
    return (start, along(start, end, 1 / 3), along(start, end, 2 / 3), end)


def bow(start: Point, end: Point, rise: float) -> Curve:
    """A curve whose middle stands off the chord by `rise` pixels, to the left of the way from start to end."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    lift = rise * 4 / 3
    off_x, off_y = dy / length * lift, -dx / length * lift
    first, second = along(start, end, 0.25), along(start, end, 0.75)
    return (start, (first[0] + off_x, first[1] + off_y), (second[0] + off_x, second[1] + off_y), end)


def smooth(points: Sequence[Point]) -> Curve:
    """A curve through all points (Catmull-Rom)."""
    curve: list[Point] = [points[0]]
    padded = [points[0], *points, points[-1]]
    for before, here, there, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        curve += [
            (here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6),
            (there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6),
            there,
        ]
    return tuple(curve)


def along(start: Point, end: Point, share: float) -> Point:
    """The point at `share` of the way."""
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)


def sample(curve: Curve, per_segment: int = 24) -> Points:
    """Points on the curve, ends included: (k * per_segment + 1) x 2."""
    control = np.asarray(curve, dtype=float)
    t = np.linspace(0.0, 1.0, per_segment + 1)[:, None]
    basis = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    pieces = [sum(b * control[i + j] for j, b in enumerate(basis)) for i in range(0, len(control) - 1, 3)]
    return np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])])


def sample_finely(curve: Curve, apart: float = 6.0) -> Points:
    """Points on the curve, at most about `apart` pixels from one to the next."""
    reach = sum(math.dist(a, b) for a, b in pairwise(curve))
    return sample(curve, max(8, math.ceil(reach / apart / ((len(curve) - 1) // 3))))


def point_at(curve: Curve, t: float) -> Point:
    """The point at parameter t; t runs from 0 to the number of segments."""
    index = min(int(t), (len(curve) - 1) // 3 - 1)
    return _split_segment(curve[3 * index : 3 * index + 4], t - index)[0][-1]


def point_at_length(points: Points, share: float) -> tuple[Point, Point]:
    """Point and unit direction at `share` of the length of a polyline."""
    steps = np.diff(points, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    ends = np.cumsum(lengths)
    wanted = share * ends[-1]
    index = min(int(np.searchsorted(ends, wanted)), len(steps) - 1)
    part = (wanted - (ends[index] - lengths[index])) / (lengths[index] or 1.0)
    x, y = points[index] + part * steps[index]
    ux, uy = steps[index] / (lengths[index] or 1.0)
    return (float(x), float(y)), (float(ux), float(uy))


def length(points: Points) -> float:
    """Length of a polyline."""
    steps = np.diff(points, axis=0)
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def clip(curve: Curve, source: Shape, target: Shape) -> Curve | None:
    """The part of the curve between the two shapes, its ends on their borders; None where no part is left.

    A curve that begins on the border of its source (or ends on that of its target) is kept up to there.
    """
    per_segment = 32
    points = sample(curve, per_segment)
    in_source, in_target = source.contains(points, -1e-9), target.contains(points, -1e-9)
    first = int(np.flatnonzero(in_source)[-1]) if in_source.any() else -1
    after = np.flatnonzero(in_target & (np.arange(len(points)) > first))
    last = int(after[0]) if after.size else len(points)
    if last - first < 2:
        return None
    start = _crossing(curve, source, first / per_segment, (first + 1) / per_segment) if first >= 0 else 0.0
    end = (
        _crossing(curve, target, last / per_segment, (last - 1) / per_segment)
        if last < len(points)
        else float((len(curve) - 1) // 3)
    )
    return cut(curve, start, end)


def _crossing(curve: Curve, shape: Shape, inside: float, outside: float) -> float:
    for _ in range(40):
        middle = (inside + outside) / 2
        if shape.holds(*point_at(curve, middle)):
            inside = middle
        else:
            outside = middle
    return outside


def cut(curve: Curve, start: float, end: float) -> Curve:
    """The part of the curve from parameter `start` to `end`."""
    count = (len(curve) - 1) // 3
    out: list[Point] = []
    for index in range(min(int(start), count - 1), min(math.ceil(end), count)):
        low, high = max(start - index, 0.0), min(end - index, 1.0)
        if high - low <= 1e-9:
            continue
        segment = _split_segment(curve[3 * index : 3 * index + 4], high)[0]
        segment = _split_segment(segment, low / high)[1]
        out += segment if not out else segment[1:]
    return tuple(out)


def _split_segment(segment: Sequence[Point], t: float) -> tuple[Curve, Curve]:
    a, b, c, d = segment
    ab, bc, cd = along(a, b, t), along(b, c, t), along(c, d, t)
    abc, bcd = along(ab, bc, t), along(bc, cd, t)
    middle = along(abc, bcd, t)
    return (a, ab, abc, middle), (middle, bcd, cd, d)


@dataclass(frozen=True, slots=True, eq=False)
class Polylines:
    """Several polylines as arrays, so that a curve is held against all of them at once.

    Parameters
    ----------
    points : array (n x 2)
        Their points, one line after the other.
    starts, ends : array (m x 2)
        Their segments.
    first : array of int
        Where the segments of each line begin.
    """

    points: Points
    starts: Points
    ends: Points
    first: NDArray[np.intp]

    @classmethod
    def of(cls, lines: Sequence[Points]) -> Polylines:
        """The lines, each of two points or more."""
        if not lines:
            return cls(np.empty((0, 2)), np.empty((0, 2)), np.empty((0, 2)), np.empty(0, dtype=np.intp))
        first = np.cumsum([0, *(len(line) - 1 for line in lines[:-1])])
        return cls(
            np.vstack(lines),
            np.vstack([line[:-1] for line in lines]),
            np.vstack([line[1:] for line in lines]),
            first.astype(np.intp),
        )

    def crossings(self, line: Points) -> list[int]:
        """How often `line` crosses each of them."""
        if not len(self.first):
            return []
        a, b = line[:-1, None], line[1:, None]
        near = self._near(line)
        c, d = self.starts[near], self.ends[near]
        apart_1 = _side(c, d, a) * _side(c, d, b) < 0
        apart_2 = _side(a, b, c) * _side(a, b, d) < 0
        counts = np.zeros(len(self.starts), dtype=np.intp)
        counts[near] = (apart_1 & apart_2).sum(axis=0)
        return [int(count) for count in np.add.reduceat(counts, self.first)]

    def _near(self, line: Points) -> NDArray[np.bool_]:
        """Segments whose bounding box meets that of the line."""
        low, high = np.minimum(self.starts, self.ends), np.maximum(self.starts, self.ends)
        meets: NDArray[np.bool_] = ((low <= line.max(axis=0)) & (high >= line.min(axis=0))).all(axis=1)
        return meets


def n_touched(shapes: Sequence[Shape], points: Points, margin: float) -> int:
    """How many of the shapes, grown by `margin`, hold one of the points or more."""
    box = Box(*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
    return sum(bool(shape.contains(points, margin).any()) for shape in shapes if shape.meets(box, margin))


def _side(start: Points, end: Points, point: Points) -> Points:
    return (end[..., 0] - start[..., 0]) * (point[..., 1] - start[..., 1]) - (end[..., 1] - start[..., 1]) * (
        point[..., 0] - start[..., 0]
    )

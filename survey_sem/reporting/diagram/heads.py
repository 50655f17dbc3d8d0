"""Arrow heads, and the shaft that ends inside them."""

from __future__ import annotations

import math

from survey_sem.reporting.diagram.geometry import Curve, Point
from survey_sem.reporting.diagram.scene import Arrow

_LENGTH = 8.5
_HALF_WIDTH = 3.4
_INSET = 5.5


def heads(arrow: Arrow, width: float) -> tuple[tuple[Point, Point, Point], ...]:
    """Triangles at the target, and at the source too of a covariance; tip first."""
    size = 0.85 + 0.12 * width
    found = [_triangle(arrow.curve[-1], arrow.curve[-2], size)]
    if arrow.edge.kind == "covariance":
        found.append(_triangle(arrow.curve[0], arrow.curve[1], size))
    return tuple(found)


def shaft(arrow: Arrow) -> Curve:
    """The curve, drawn back from the tips of its heads."""
    points = list(arrow.curve)
    points[-2:] = _drawn_back(points[-2], points[-1])
    if arrow.edge.kind == "covariance":
        points[1::-1] = _drawn_back(points[1], points[0])
    return tuple(points)


def _drawn_back(control: Point, tip: Point) -> tuple[Point, Point]:
    ux, uy = _direction(control, tip)
    return (
        (control[0] - _INSET * ux, control[1] - _INSET * uy),
        (tip[0] - _INSET * ux, tip[1] - _INSET * uy),
    )


def _triangle(tip: Point, control: Point, size: float) -> tuple[Point, Point, Point]:
    ux, uy = _direction(control, tip)
    back_x, back_y = tip[0] - _LENGTH * size * ux, tip[1] - _LENGTH * size * uy
    off_x, off_y = -uy * _HALF_WIDTH * size, ux * _HALF_WIDTH * size
    return (tip, (back_x + off_x, back_y + off_y), (back_x - off_x, back_y - off_y))


def _direction(start: Point, end: Point) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    return dx / length, dy / length

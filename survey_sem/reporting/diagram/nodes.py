"""Nodes with their texts and sizes, before and after they are placed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from survey_sem.reporting.diagram.anatomy import Anatomy
from survey_sem.reporting.diagram.geometry import Point, Shape
from survey_sem.reporting.diagram.model import PathNode
from survey_sem.reporting.diagram.text import r_squared_text, text_width, wrap

Side = Literal["left", "right", "above", "below"]

NAME_SIZE = 13.0
INDICATOR_SIZE = 11.0
NOTE_SIZE = 10.5
LINE_HEIGHT = 1.22


@dataclass(frozen=True, slots=True)
class Placed:
    """A node on the page: its shape, its text, and for an indicator the outer side and the factor it belongs to."""

    node: PathNode
    shape: Shape
    lines: tuple[str, ...]
    note: str
    text_size: float
    side: Side | None = None
    factor: str = ""

    @property
    def centre(self) -> Point:
        """Centre of the shape."""
        return (self.shape.x, self.shape.y)

    def at(self, x: float, y: float) -> Placed:
        """The same node with its centre there."""
        return replace(self, shape=replace(self.shape, x=x, y=y))


def dress(nodes: Mapping[str, PathNode], anatomy: Anatomy, sides: Mapping[str, Side]) -> dict[str, Placed]:
    """Texts and sizes of all nodes, each at the origin. Nodes of one kind (indicators: of one factor) are equal."""
    owner = anatomy.owner
    explained = {target for _, target in anatomy.flow}
    dressed = {}
    for name, node in nodes.items():
        if name in owner:
            dressed[name] = _indicator(node, owner[name], sides[owner[name]])
        else:
            dressed[name] = _trunk(node, r_squared_text(node.r_squared) if name in explained else "")
    trunk = [name for name in dressed if name not in owner]
    for members in (
        [name for name in trunk if nodes[name].kind == "latent"],
        [name for name in trunk if nodes[name].kind == "observed"],
        *anatomy.indicators.values(),
    ):
        _make_equal(dressed, members)
    return dressed


def _indicator(node: PathNode, factor: str, side: Side) -> Placed:
    width, most_lines = (132.0, 2) if side in ("left", "right") else (66.0, 3)
    lines = wrap(node.label, width, INDICATOR_SIZE, most_lines)
    widest = max(text_width(line, INDICATOR_SIZE) for line in lines)
    height = len(lines) * INDICATOR_SIZE * LINE_HEIGHT
    shape = Shape(0, 0, max(widest / 2 + 7, 20), height / 2 + 5.5)
    return Placed(node, shape, lines, "", INDICATOR_SIZE, side, factor)


def _trunk(node: PathNode, note: str) -> Placed:
    lines = wrap(node.label, 104.0, NAME_SIZE, 3)
    widest = max(text_width(note, NOTE_SIZE), *(text_width(line, NAME_SIZE) for line in lines))
    height = (len(lines) * NAME_SIZE + (NOTE_SIZE if note else 0)) * LINE_HEIGHT
    if node.kind == "latent":
        shape = Shape(0, 0, max(widest * 0.59 + 13, 44), max(height * 0.62 + 9, 25), is_round=True)
    else:
        shape = Shape(0, 0, max(widest / 2 + 11, 36), max(height / 2 + 7, 17))
    return Placed(node, shape, lines, note, NAME_SIZE)


def _make_equal(dressed: dict[str, Placed], names: Sequence[str]) -> None:
    for name in names:
        shape = replace(
            dressed[name].shape,
            half_width=max(dressed[other].shape.half_width for other in names),
            half_height=max(dressed[other].shape.half_height for other in names),
        )
        dressed[name] = replace(dressed[name], shape=shape)

"""Where every node stands: columns from left to right, indicators on the outer side of their factor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from survey_sem.reporting.diagram.anatomy import Anatomy, Flow
from survey_sem.reporting.diagram.columns import Bend, Item, Order
from survey_sem.reporting.diagram.geometry import Box, Point
from survey_sem.reporting.diagram.model import PathNode
from survey_sem.reporting.diagram.nodes import Placed, Side, dress
from survey_sem.reporting.diagram.sides import choose_sides, common_side, joined_factors, names_in

_FACTOR_TO_COLUMN = 80.0  # between a factor and indicators in a column beside it
_FACTOR_TO_ROW = 62.0  # between a factor and indicators in a row above or below it
_BETWEEN_INDICATORS = 7.0
_BETWEEN_BLOCKS = 28.0
_BETWEEN_BENDS = 16.0
_BETWEEN_COVARYING = 52.0
_BETWEEN_LINKED = 88.0  # a vertical arrow with its label
_LANE = 116.0  # between columns: room for labels
_SWEEPS = 60


@dataclass(frozen=True, slots=True)
class Placement:
    """All nodes by name, the bends of the arrows that pass columns, and the column of each trunk variable.

    `mates` are the trunk variables of the same column with which a trunk variable covaries.
    """

    nodes: dict[str, Placed]
    bends: dict[Flow, tuple[Point, ...]]
    column: dict[str, int]
    n_columns: int
    mates: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Sketch:
    """What placing needs to know: sized nodes, their parts and order, and the blocks around trunk variables."""

    dressed: dict[str, Placed]
    anatomy: Anatomy
    order: Order
    sides: dict[str, Side]
    offsets: dict[str, dict[str, Point]]  # trunk variable -> its indicators' centres, seen from its own
    covariances: tuple[Flow, ...]
    stretch: float

    @property
    def column(self) -> dict[str, int]:
        return {name: at for at, members in enumerate(self.order) for name in names_in(members)}

    def boxes(self, name: str, y: float = 0.0) -> list[Box]:
        """The boxes of a trunk variable and its indicators, its own centre at (0, y)."""
        places = {name: (0.0, 0.0), **self.offsets[name]}
        return [self.dressed[other].at(dx, y + dy).shape.box() for other, (dx, dy) in places.items()]


def place(
    nodes: Mapping[str, PathNode],
    anatomy: Anatomy,
    order: Order,
    covariances: Sequence[Flow],
    stretch: float = 1.0,
) -> Placement:
    """Place trunk variables and indicators.

    Parameters
    ----------
    nodes : mapping
        The nodes that are drawn, by name.
    anatomy : Anatomy
        Trunk and (drawn) indicators.
    order : Order
        Columns, from top to bottom.
    covariances : sequence of (str, str)
        Pairs of nodes joined by a covariance.
    stretch : float
        Factor on all gaps, for a diagram whose labels do not fit.
    """
    sides = choose_sides(anatomy, order, covariances)
    dressed = dress(nodes, anatomy, sides)
    offsets = {name: _indicator_offsets(name, dressed, anatomy, sides, stretch) for name in anatomy.trunk}
    sketch = _Sketch(dressed, anatomy, order, sides, offsets, tuple(covariances), stretch)
    y = _heights(sketch)
    sketch = replace(sketch, offsets=_level_rows(sketch, y))
    x = _column_centres(sketch, y)
    placed = {}
    for name, at in sketch.column.items():
        placed[name] = dressed[name].at(x[at], y[name])
        for other, (dx, dy) in sketch.offsets[name].items():
            placed[other] = dressed[other].at(x[at] + dx, y[name] + dy)
    return Placement(placed, _bend_points(sketch, x, y), sketch.column, len(order), _mates(sketch))


def _indicator_offsets(
    name: str, dressed: Mapping[str, Placed], anatomy: Anatomy, sides: Mapping[str, Side], stretch: float
) -> dict[str, Point]:
    names = anatomy.indicators.get(name, ())
    if not names:
        return {}
    own, box, side = dressed[name].shape, dressed[names[0]].shape, sides[name]
    places = [index - (len(names) - 1) / 2 for index in range(len(names))]
    room = 6.0 * max(len(names) - 5, 0) + 14.0 * anatomy.n_crossed[name]
    sign = -1 if side in ("left", "above") else 1
    if side in ("left", "right"):
        away = sign * (own.half_width + (_FACTOR_TO_COLUMN + room) * stretch + box.half_width)
        pitch = 2 * box.half_height + _BETWEEN_INDICATORS * stretch
        return {other: (away, at * pitch) for other, at in zip(names, places, strict=True)}
    away = sign * (own.half_height + (_FACTOR_TO_ROW + room) * stretch + box.half_height)
    pitch = 2 * box.half_width + _BETWEEN_INDICATORS * stretch
    return {other: (at * pitch, away) for other, at in zip(names, places, strict=True)}


def _heights(sketch: _Sketch) -> dict[Item, float]:
    """Heights that keep the order and the gaps of each column and draw linked items level."""
    spacings = [[_spacing(sketch, *pair) for pair in pairwise(members)] for members in sketch.order]
    y: dict[Item, float] = {}
    for members, spacing in zip(sketch.order, spacings, strict=True):
        tops = list(accumulate(spacing, initial=0.0))
        y.update({item: top - tops[-1] / 2 for item, top in zip(members, tops, strict=False)})
    pulls = _pulls(sketch)
    columns = list(zip(sketch.order, spacings, strict=True))
    for sweep in range(_SWEEPS):
        for members, spacing in columns if sweep % 2 == 0 else reversed(columns):
            wanted = [_wanted(item, pulls, y) for item in members]
            y.update(zip(members, _spread(wanted, spacing), strict=True))
    return y


def _spacing(sketch: _Sketch, first: Item, second: Item) -> float:
    """Distance of the centres of two items, one below the other."""
    down = max(box.bottom for box in sketch.boxes(first)) if isinstance(first, str) else 0.0
    up = -min(box.top for box in sketch.boxes(second)) if isinstance(second, str) else 0.0
    if isinstance(first, Bend) or isinstance(second, Bend):
        both = isinstance(first, Bend) and isinstance(second, Bend)
        return down + up + (_BETWEEN_BENDS if both else _BETWEEN_BLOCKS) * sketch.stretch
    own = sketch.dressed[first].shape.half_height + sketch.dressed[second].shape.half_height
    gap = 0.0
    if (first, second) in sketch.anatomy.flow or (second, first) in sketch.anatomy.flow:
        gap = _BETWEEN_LINKED
    elif (first, second) in sketch.covariances or (second, first) in sketch.covariances:
        gap = _BETWEEN_COVARYING
    return max(down + up + _BETWEEN_BLOCKS * sketch.stretch, own + gap * sketch.stretch)


def _pulls(sketch: _Sketch) -> dict[Item, list[tuple[Item, float]]]:
    """What each item wants to stand level with, and how much; bends most, so that long arrows are straight."""
    column: dict[Item, int] = {item: at for at, members in enumerate(sketch.order) for item in members}
    bends: dict[Flow, list[Item]] = {}
    for item in column:
        if isinstance(item, Bend):
            bends.setdefault((item.source, item.target), []).append(item)
    pulls: dict[Item, list[tuple[Item, float]]] = {item: [] for item in column}
    for source, target in sketch.anatomy.flow:
        between = bends.get((source, target), [])
        way: list[Item] = [source, *between, target] if column[source] <= column[target] else [target, *between, source]
        for first, second in pairwise(way):
            if column[first] != column[second]:
                weight = 1.0 + isinstance(first, Bend) + isinstance(second, Bend)
                pulls[first].append((second, weight))
                pulls[second].append((first, weight))
    return pulls


def _wanted(item: Item, pulls: Mapping[Item, Sequence[tuple[Item, float]]], y: Mapping[Item, float]) -> float:
    total = sum(weight for _, weight in pulls[item])
    return sum(y[other] * weight for other, weight in pulls[item]) / total if total else y[item]


def _spread(wanted: Sequence[float], spacing: Sequence[float]) -> list[float]:
    """The heights closest to the wanted ones that keep order and spacing (pool adjacent violators)."""
    shifts = list(accumulate(spacing, initial=0.0))[: len(wanted)]
    pools: list[tuple[float, int]] = []
    for value, shift in zip(wanted, shifts, strict=True):
        level, count = value - shift, 1
        while pools and pools[-1][0] > level:
            above, size = pools.pop()
            level, count = (above * size + level * count) / (size + count), size + count
        pools.append((level, count))
    levels = [level for level, count in pools for _ in range(count)]
    return [level + shift for level, shift in zip(levels, shifts, strict=True)]


def _level_rows(sketch: _Sketch, y: Mapping[Item, float]) -> dict[str, dict[str, Point]]:
    """Offsets in which rows that are joined by covariances stand level, all as far out as the outermost of them."""
    offsets = dict(sketch.offsets)
    for names in joined_factors(sketch.anatomy, sketch.covariances):
        side = common_side(names, sketch.order)
        if side is not None and {sketch.sides[name] for name in names} == {side}:
            own = [y[name] + next(iter(offsets[name].values()))[1] for name in names]
            level = min(own) if side == "above" else max(own)
            for name in names:
                offsets[name] = {other: (dx, level - y[name]) for other, (dx, _) in offsets[name].items()}
    return offsets


def _column_centres(sketch: _Sketch, y: Mapping[Item, float]) -> list[float]:
    """Centres of the columns, as close as lanes and blocks allow."""
    centres: list[float] = []
    earlier: list[Box] = []
    edge = 0.0
    for at, members in enumerate(sketch.order):
        names = names_in(members)
        half = max([sketch.dressed[name].shape.half_width for name in names], default=0.0)
        boxes = [box for name in names for box in sketch.boxes(name, y[name])]
        centre = 0.0
        if at:
            centre = edge + _lane(sketch, at) + half
            centre = max([centre, *(_beside(box, other, sketch.stretch) for box in boxes for other in earlier)])
            if any(sketch.sides.get(name) == "left" for name in names):
                centre = max(centre, edge + 0.8 * _LANE * sketch.stretch - min(box.left for box in boxes))
        centres.append(centre)
        edge = centre + half
        earlier += [Box(box.left + centre, box.top, box.right + centre, box.bottom) for box in boxes]
    return centres


def _beside(box: Box, other: Box, stretch: float) -> float:
    """The least centre of a column at which `box` (seen from that centre) stands clear of another column's box."""
    is_level = box.top < other.bottom + _BETWEEN_BLOCKS and other.top < box.bottom + _BETWEEN_BLOCKS
    return other.right + _BETWEEN_BLOCKS * stretch - box.left if is_level else 0.0


def _lane(sketch: _Sketch, at: int) -> float:
    """Width before a column: more arrows ask for more room."""
    column = sketch.column
    passing = sum(min(column[a], column[b]) < at <= max(column[a], column[b]) for a, b in sketch.anatomy.flow)
    return (_LANE + 9.0 * min(max(passing - 3, 0), 10)) * sketch.stretch


def _bend_points(sketch: _Sketch, x: Sequence[float], y: Mapping[Item, float]) -> dict[Flow, tuple[Point, ...]]:
    """For each arrow that passes columns, the points where it does, from its source on."""
    points: dict[Flow, list[Point]] = {}
    for at, members in enumerate(sketch.order):
        for item in members:
            if isinstance(item, Bend):
                points.setdefault((item.source, item.target), []).append((x[at], y[item]))
    column = sketch.column
    return {
        pair: tuple(found if column[pair[0]] <= column[pair[1]] else reversed(found)) for pair, found in points.items()
    }


def _mates(sketch: _Sketch) -> dict[str, tuple[str, ...]]:
    column = sketch.column
    mates: dict[str, tuple[str, ...]] = dict.fromkeys(column, ())
    for first, second in sketch.covariances:
        if first in column and column[first] == column.get(second):
            mates[first] += (second,)
            mates[second] += (first,)
    return mates

"""A finished drawing: nodes, arrows and labels at their places, not yet in any file format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, get_args

from survey_sem.errors import OptionError, did_you_mean
from survey_sem.reporting.diagram.anatomy import Anatomy, dissect
from survey_sem.reporting.diagram.columns import order_columns
from survey_sem.reporting.diagram.geometry import Box, Curve, sample
from survey_sem.reporting.diagram.labels import Label, place_labels
from survey_sem.reporting.diagram.model import PathEdge, PathModel
from survey_sem.reporting.diagram.nodes import Placed
from survey_sem.reporting.diagram.placement import Placement, place
from survey_sem.reporting.diagram.routing import Route, route

Indicators = Literal["auto", "show", "hide"]
_MOST_INDICATORS = 40
_MARGIN = 20.0


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge, its curve from border to border, and its label if it has one."""

    edge: PathEdge
    curve: Curve
    label: Label | None


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing of the given size, its origin at the top left.

    `n_conflicts` counts labels for which no place of their own was found.
    """

    model: PathModel
    width: float
    height: float
    nodes: tuple[Placed, ...]
    arrows: tuple[Arrow, ...]
    n_hidden: int
    n_conflicts: int


@lru_cache(maxsize=8)
def compose(model: PathModel, *, indicators: Indicators = "auto") -> Scene:
    """Lay out a path diagram; kept, since a report asks for each drawing in several formats.

    Parameters
    ----------
    model : PathModel
        What to show.
    indicators : {"auto", "show", "hide"}
        Whether to draw the observed variables that measure a factor; auto draws up to 40 of them.

    Raises
    ------
    OptionError
        A model without a single arrow or factor, or an unknown choice of indicators.
    """
    _check(model, indicators)
    anatomy = dissect(model)
    hidden = _hidden(anatomy, indicators)
    edges = tuple(edge for edge in model.edges if not {edge.source, edge.target} & hidden)
    nodes = {node.name: node for node in model.nodes if node.name not in hidden}
    shown = replace(anatomy, indicators={}) if hidden else anatomy
    covariances = [(edge.source, edge.target) for edge in edges if edge.kind == "covariance"]
    trunk_observed = [name for name in anatomy.trunk if nodes[name].kind == "observed"]
    order = order_columns(anatomy, covariances, shown.indicators, trunk_observed)
    best: Scene | None = None
    for stretch in (1.0, 1.2, 1.45):
        placement = place(nodes, shown, order, covariances, stretch)
        scene = _scene(model, placement, route(edges, placement), len(hidden))
        if best is None or scene.n_conflicts < best.n_conflicts:
            best = scene
        if not best.n_conflicts:
            break
    assert best is not None
    return best


def _check(model: PathModel, indicators: str) -> None:
    known = get_args(Indicators)
    if indicators not in known:
        raise OptionError(
            "unknown-value",
            f"the path diagram does not know indicators={indicators!r}",
            expected=", ".join(known),
            got=indicators,
            hint=did_you_mean(indicators, known),
        )
    if not model.nodes:
        raise OptionError("nothing-to-draw", "the model has no paths, loadings or covariances to draw")


def _hidden(anatomy: Anatomy, indicators: Indicators) -> set[str]:
    owned = set(anatomy.owner)
    if indicators == "show" or (indicators == "auto" and len(owned) <= _MOST_INDICATORS):
        return set()
    return owned


def _scene(model: PathModel, placement: Placement, routes: Sequence[Route], n_hidden: int) -> Scene:
    placed = tuple(placement.nodes[node.name] for node in model.nodes if node.name in placement.nodes)
    labels, n_conflicts = place_labels(routes, [item.shape for item in placed])
    box = _bounds(placed, routes, labels)
    dx, dy = _MARGIN - box.left, _MARGIN - box.top
    return Scene(
        model=model,
        width=box.right - box.left + 2 * _MARGIN,
        height=box.bottom - box.top + 2 * _MARGIN,
        nodes=tuple(item.at(item.shape.x + dx, item.shape.y + dy) for item in placed),
        arrows=tuple(
            Arrow(way.edge, tuple((x + dx, y + dy) for x, y in way.curve), _moved(label, dx, dy))
            for way, label in zip(routes, labels, strict=True)
        ),
        n_hidden=n_hidden,
        n_conflicts=n_conflicts,
    )


def _moved(label: Label | None, dx: float, dy: float) -> Label | None:
    if label is None:
        return None
    box = label.box
    return Label(
        label.text, label.x + dx, label.y + dy, Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy)
    )


def _bounds(nodes: Sequence[Placed], routes: Sequence[Route], labels: Sequence[Label | None]) -> Box:
    boxes = [item.shape.box() for item in nodes] + [label.box for label in labels if label]
    for way in routes:
        points = sample(way.curve)
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        boxes.append(Box(float(left), float(top), float(right), float(bottom)))
    if not boxes:
        return Box(0, 0, 0, 0)
    return Box(
        min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes)
    )

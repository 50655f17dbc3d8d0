"""A scene as SVG text: escaped, self-contained, the same bytes each time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from survey_sem.reporting.diagram import palette
from survey_sem.reporting.diagram.captions import caption, description, title
from survey_sem.reporting.diagram.geometry import Curve, Point
from survey_sem.reporting.diagram.heads import heads, shaft
from survey_sem.reporting.diagram.labels import LABEL_SIZE, Label
from survey_sem.reporting.diagram.nodes import LINE_HEIGHT, NOTE_SIZE, Placed
from survey_sem.reporting.diagram.scene import Arrow, Scene
from survey_sem.reporting.diagram.text import escape, wrap
from survey_sem.reporting.fonts import FONT_STACK, font_face

CAPTION_SIZE = 11.0
CAPTION_LINE = 16.0
CAPTION_GAP = 6.0


def to_svg(scene: Scene, *, embed_font: bool = True, show_caption: bool = True) -> str:
    """The scene as an SVG document that can also stand inside an HTML page.

    Parameters
    ----------
    scene : Scene
        A composed drawing.
    embed_font : bool
        Carry the Chinese characters' font in the document. A page that embeds one itself needs it only once.
    show_caption : bool
        Say below the drawing what the numbers are.
    """
    lines = caption_block(scene) if show_caption else ()
    width = max(scene.width, 260.0)
    height = scene.height + (CAPTION_LINE * len(lines) + CAPTION_GAP if lines else 0.0)
    body = "\n".join(_body(scene, lines, (width - scene.width) / 2))
    heading, words = escape(title(scene.model)), escape(description(scene.model))
    name = "pd" + hashlib.sha256(f"{heading}{words}{body}".encode()).hexdigest()[:10]
    font = font_face((heading, words, body)) if embed_font else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{name}" class="path-diagram" role="img" '
        f'aria-labelledby="{name}-t {name}-d" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'width="{_n(width)}" height="{_n(height)}" style="max-width:100%;height:auto">\n'
        f'<title id="{name}-t">{heading}</title>\n<desc id="{name}-d">{words}</desc>\n'
        f"<style>{font}{_style(name)}</style>\n"
        f'<rect class="card" width="{_n(width)}" height="{_n(height)}" rx="8"/>\n{body}\n</svg>\n'
    )


def caption_block(scene: Scene) -> tuple[str, ...]:
    """The caption in lines as wide as the drawing."""
    text = caption(scene)
    return wrap(text, max(scene.width, 260.0) - 40, CAPTION_SIZE, 4) if text else ()


def _style(name: str) -> str:
    rules = {
        "text": f"font-family:{FONT_STACK};text-anchor:middle;fill:{palette.INK}",
        ".card": f"fill:{palette.CARD}",
        ".latent .shape": f"fill:{palette.LATENT_FILL};stroke:{palette.LATENT_LINE};stroke-width:1.6",
        ".observed .shape": f"fill:{palette.OBSERVED_FILL};stroke:{palette.OBSERVED_LINE};stroke-width:1.2",
        ".latent .name": "font-weight:600",
        ".note": f"font-size:{_n(NOTE_SIZE)}px;fill:{palette.MUTED}",
        ".edge path": "fill:none",
        ".dashed path": "stroke-dasharray:" + " ".join(map(_n, palette.DASHES)),
        ".estimate": f"font-size:{_n(LABEL_SIZE)}px;font-variant-numeric:tabular-nums",
        ".plate": f"fill:{palette.CARD}",
        ".caption": f"font-size:{_n(CAPTION_SIZE)}px;fill:{palette.MUTED}",
    }
    for kind, colour in palette.ARROW.items():
        rules[f".{kind} path"] = f"stroke:{colour}"
        rules[f".{kind} polygon"] = f"fill:{colour}"
        rules[f".estimate.{kind}"] = f"fill:{palette.LABEL[kind]}"
    return "".join(f"#{name} {selector}{{{rule}}}" for selector, rule in rules.items())


def _body(scene: Scene, lines: tuple[str, ...], shift: float) -> Iterator[str]:
    yield f'<g transform="translate({_n(shift)} 0)">'
    for arrow in scene.arrows:
        yield _arrow(arrow, palette.arrow_width(arrow.edge, scene.model.values))
    for item in scene.nodes:
        yield _node(item)
    for arrow in scene.arrows:
        if arrow.label:
            yield _label(arrow.label, arrow.edge.kind)
    yield "</g>"
    for index, line in enumerate(lines):
        y = scene.height + CAPTION_GAP + CAPTION_LINE * index
        yield _text(line, max(scene.width, 260.0) / 2, y, "caption")


def _arrow(arrow: Arrow, width: float) -> str:
    edge = arrow.edge
    dashed = " dashed" if palette.is_dashed(edge) else ""
    tips = "".join(f'<polygon points="{" ".join(map(_point, tip))}"/>' for tip in heads(arrow, width))
    sign = "↔" if edge.kind == "covariance" else "→"
    name = escape(f"{edge.source} {sign} {edge.target} {edge.estimate}".strip())
    return (
        f'<g class="edge {edge.kind}{dashed}"><title>{name}</title>'
        f'<path d="{_path(shaft(arrow))}" stroke-width="{_n(width)}"/>{tips}</g>'
    )


def _node(item: Placed) -> str:
    shape = item.shape
    if shape.is_round:
        size = f'rx="{_n(shape.half_width)}" ry="{_n(shape.half_height)}"'
        drawn = f'<ellipse class="shape" cx="{_n(shape.x)}" cy="{_n(shape.y)}" {size}/>'
    else:
        left, top = shape.x - shape.half_width, shape.y - shape.half_height
        size = f'width="{_n(2 * shape.half_width)}" height="{_n(2 * shape.half_height)}"'
        drawn = f'<rect class="shape" x="{_n(left)}" y="{_n(top)}" {size} rx="3"/>'
    kind = f"node {item.node.kind}" + (" indicator" if item.factor else "")
    name = item.node.name if item.node.label == item.node.name else f"{item.node.label} ({item.node.name})"
    return f'<g class="{kind}"><title>{escape(name)}</title>{drawn}{_node_text(item)}</g>'


def _node_text(item: Placed) -> str:
    step = item.text_size * LINE_HEIGHT
    height = step * len(item.lines) + (NOTE_SIZE * LINE_HEIGHT if item.note else 0.0)
    y = item.shape.y - height / 2 + step / 2 + 0.35 * item.text_size
    texts = []
    for line in item.lines:
        texts.append(_text(line, item.shape.x, y, "name", item.text_size))
        y += step
    if item.note:
        y += (NOTE_SIZE - item.text_size) * LINE_HEIGHT / 2
        texts.append(_text(item.note, item.shape.x, y, "note"))
    return "".join(texts)


def _label(label: Label, kind: str) -> str:
    box = label.box
    size = f'width="{_n(box.right - box.left)}" height="{_n(box.bottom - box.top)}"'
    plate = f'<rect class="plate" x="{_n(box.left)}" y="{_n(box.top)}" {size} rx="3"/>'
    return plate + _text(label.text, label.x, label.y + 0.35 * LABEL_SIZE, f"estimate {kind}")


def _text(text: str, x: float, y: float, kind: str, size: float | None = None) -> str:
    font_size = f' font-size="{_n(size)}"' if size else ""
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}"{font_size}>{escape(text)}</text>'


def _path(curve: Curve) -> str:
    segments = (curve[i : i + 3] for i in range(1, len(curve), 3))
    return f"M{_point(curve[0])}" + "".join("C" + " ".join(map(_point, segment)) for segment in segments)


def _point(point: Point) -> str:
    return f"{_n(point[0])},{_n(point[1])}"


def _n(value: float) -> str:
    """A coordinate to a hundredth of a pixel, without trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text

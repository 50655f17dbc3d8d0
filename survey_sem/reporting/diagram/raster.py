"""A scene drawn by matplotlib, for places that take no SVG: PNG for Word, PDF for print."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from survey_sem.reporting.diagram import palette
from survey_sem.reporting.diagram.geometry import Box
from survey_sem.reporting.diagram.heads import heads, shaft
from survey_sem.reporting.diagram.labels import LABEL_SIZE
from survey_sem.reporting.diagram.nodes import LINE_HEIGHT, NOTE_SIZE, Placed
from survey_sem.reporting.diagram.scene import Arrow, Scene
from survey_sem.reporting.diagram.svg import CAPTION_GAP, CAPTION_LINE, CAPTION_SIZE, caption_block
from survey_sem.reporting.fonts import drawable, matplotlib_font, wide_characters

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PIXELS_PER_INCH = 96.0
_POINTS_PER_PIXEL = 0.75
_DEJAVU = 0.88  # DejaVu is wider than the fonts for which the texts were measured
_REGULAR, _BOLD = 400, 700
_NO_CLOCK: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def to_image(
    scene: Scene, kind: Literal["png", "pdf"] = "png", *, dpi: float = 192.0, show_caption: bool = True
) -> bytes:
    """The scene as a picture file; the same scene gives the same bytes.

    Parameters
    ----------
    scene : Scene
        A composed drawing.
    kind : {"png", "pdf"}
        File format.
    dpi : float
        Resolution of a PNG; 96 is one dot per SVG pixel.
    show_caption : bool
        Say below the drawing what the numbers are.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines = caption_block(scene) if show_caption else ()
    height = scene.height + (CAPTION_LINE * len(lines) + CAPTION_GAP if lines else 0.0)
    figure = Figure(figsize=(scene.width / _PIXELS_PER_INCH, height / _PIXELS_PER_INCH), facecolor=palette.CARD)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, scene.width)
    axes.set_ylim(height, 0)
    _draw(_Sheet(axes, _all_text(scene, lines)), scene, lines)
    out = BytesIO()
    figure.savefig(out, format=kind, dpi=dpi, metadata=_NO_CLOCK[kind])
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Axes in SVG pixels, and all text that they will show: one font is cut for it."""

    axes: Axes
    all_text: str

    def rectangle(self, box: Box, fill: str, line: str, line_width: float, zorder: int) -> None:
        from matplotlib.patches import FancyBboxPatch

        patch = FancyBboxPatch(
            (box.left, box.top),
            box.right - box.left,
            box.bottom - box.top,
            boxstyle="round,pad=0,rounding_size=3",
            facecolor=fill,
            edgecolor=line,
            linewidth=line_width,
            zorder=zorder,
        )
        self.axes.add_patch(patch)

    def text(self, text: str, x: float, y: float, size: float, colour: str, weight: int = _REGULAR) -> None:
        points = size * _POINTS_PER_PIXEL * (1.0 if wide_characters(self.all_text) else _DEJAVU)
        font = matplotlib_font(self.all_text, weight=weight, size=points)
        self.axes.text(
            x,
            y,
            drawable(text, self.all_text),
            fontproperties=font,
            color=colour,
            ha="center",
            va="center_baseline",
            zorder=4,
            parse_math=False,
        )


def _all_text(scene: Scene, lines: tuple[str, ...]) -> str:
    labels = [arrow.label.text for arrow in scene.arrows if arrow.label]
    return "".join([*labels, *lines, *(text for item in scene.nodes for text in (*item.lines, item.note))])


def _draw(sheet: _Sheet, scene: Scene, lines: tuple[str, ...]) -> None:
    for arrow in scene.arrows:
        _draw_arrow(sheet.axes, arrow, palette.arrow_width(arrow.edge, scene.model.values))
    for item in scene.nodes:
        _draw_node(sheet, item)
    for arrow in scene.arrows:
        if arrow.label:
            label = arrow.label
            sheet.rectangle(label.box, palette.CARD, "none", 0, 3)
            sheet.text(label.text, label.x, label.y, LABEL_SIZE, palette.LABEL[arrow.edge.kind])
    for index, line in enumerate(lines):
        y = scene.height + CAPTION_GAP + CAPTION_LINE * index - 0.35 * CAPTION_SIZE
        sheet.text(line, scene.width / 2, y, CAPTION_SIZE, palette.MUTED)


def _draw_arrow(axes: Axes, arrow: Arrow, width: float) -> None:
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    colour = palette.ARROW[arrow.edge.kind]
    style: Any = (0, [part / width for part in palette.DASHES]) if palette.is_dashed(arrow.edge) else "solid"
    curve = shaft(arrow)
    path = Path(list(curve), [Path.MOVETO, *[Path.CURVE4] * (len(curve) - 1)])
    line_width = width * _POINTS_PER_PIXEL
    axes.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=line_width, linestyle=style, zorder=1))
    for tip in heads(arrow, width):
        axes.add_patch(Polygon(tip, closed=True, facecolor=colour, edgecolor="none", zorder=1))


def _draw_node(sheet: _Sheet, item: Placed) -> None:
    from matplotlib.patches import Ellipse

    shape = item.shape
    if shape.is_round:
        size = (2 * shape.half_width, 2 * shape.half_height)
        oval = Ellipse((shape.x, shape.y), *size, facecolor=palette.LATENT_FILL, edgecolor=palette.LATENT_LINE)
        oval.set(linewidth=1.2, zorder=2)
        sheet.axes.add_patch(oval)
    else:
        sheet.rectangle(shape.box(), palette.OBSERVED_FILL, palette.OBSERVED_LINE, 0.9, 2)
    step = item.text_size * LINE_HEIGHT
    y = shape.y - (step * len(item.lines) + (NOTE_SIZE * LINE_HEIGHT if item.note else 0.0)) / 2 + step / 2
    for line in item.lines:
        sheet.text(line, shape.x, y, item.text_size, palette.INK, _BOLD if shape.is_round else _REGULAR)
        y += step
    if item.note:
        y += (NOTE_SIZE - item.text_size) * LINE_HEIGHT / 2
        sheet.text(item.note, shape.x, y, NOTE_SIZE, palette.MUTED)

"""The sheet that a figure is drawn on: sized by its labels, one font, no global state, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO, StringIO
from typing import Any

import matplotlib
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from survey_sem.reporting.diagram.text import clean, escape, text_width, wrap
from survey_sem.reporting.fonts import drawable, matplotlib_font

INK, MUTED, GRID, CARD = "#1b2733", "#5c6b7a", "#dde3e9", "#ffffff"
SIZE, SMALL, TINY = 9.0, 8.0, 7.0

_PER_INCH = 72.0
_ROOM = 1.12  # matplotlib's own font is that much wider than the one that labels are measured with
_LABEL_WIDTH = 200.0
_TITLE_HEIGHT = 22.0
_LEGEND_HEIGHT = 17.0
_EDGE = 10.0
_NO_CLOCK = {"Date": None, "Creator": None, "Format": None, "Type": None}


class Picture(str):
    """SVG text of a figure, which a notebook shows and which can also become a PNG."""

    __slots__ = ("_figure",)
    _figure: Figure

    def _repr_svg_(self) -> str:
        return str(self)

    def to_png(self, *, dpi: float = 192.0) -> bytes:
        """The figure as a PNG file."""
        out = BytesIO()
        with figure_style():
            self._figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
        return out.getvalue()


class Sheet:
    """A figure with one set of axes and a labelled row for each item, the first on top. Lengths are points.

    Parameters
    ----------
    rows : sequence of str
        Labels of the rows.
    title : str
        Heading, possibly empty.
    legend : sequence of (str, str)
        Labels and colours.
    row_height, plot_width, foot : float
        Height of a row, width of the axes, room below them.
    other_text : str
        Whatever else the figure will show, so that its font has the characters.
    """

    def __init__(
        self,
        rows: Sequence[str],
        *,
        title: str = "",
        legend: Sequence[tuple[str, str]] = (),
        row_height: float = 24.0,
        plot_width: float = 420.0,
        foot: float = 40.0,
        other_text: str = "",
    ) -> None:
        self.title = clean(title)
        self._text = clean("".join([*rows, *(label for label, _ in legend), title, other_text, "…"]))
        labels = [self.shown("\n".join(wrap(row, _LABEL_WIDTH, SIZE, 2))) for row in rows]
        left = (
            _EDGE + 8 + max([text_width(line, SIZE) * _ROOM for label in labels for line in label.split("\n")] or [0])
        )
        self._width = left + plot_width + 2 * _EDGE
        entries = self._legend_rows(legend)
        above = _EDGE + (_TITLE_HEIGHT if title else 0.0) + _LEGEND_HEIGHT * len(entries)
        self._height = above + row_height * len(rows) + foot
        self.figure = Figure(figsize=(self._width / _PER_INCH, self._height / _PER_INCH), facecolor=CARD)
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes(
            (
                left / self._width,
                foot / self._height,
                plot_width / self._width,
                row_height * len(rows) / self._height,
            )
        )
        self._label_rows(labels)
        self._write_heading(entries)

    def font(self, size: float, *, is_bold: bool = False) -> FontProperties:
        """The figure's font."""
        return matplotlib_font(self._text, weight=700 if is_bold else 400, size=size)

    def shown(self, text: str) -> str:
        """`text` as the figure's font can show it."""
        return drawable(clean(text), self._text)

    def label_x(self, label: str, ticks: Sequence[float], tick_labels: Sequence[str]) -> None:
        """Ticks and label below the axes."""
        self.axes.set_xticks(ticks, tick_labels, fontproperties=self.font(SMALL), color=MUTED)
        self.axes.set_xlabel(self.shown(label), fontproperties=self.font(SMALL), color=MUTED, parse_math=False)

    def write(self, x: float, y: float, text: str, size: float, colour: str, **options: Any) -> None:
        """Text at a place of the axes, centred on it."""
        font = self.font(size, is_bold=options.pop("is_bold", False))
        place = {"ha": "center", "va": "center_baseline", **options}
        self.axes.text(x, y, self.shown(text), fontproperties=font, color=colour, parse_math=False, **place)

    def picture(self) -> Picture:
        """The figure as SVG that can stand by itself or in a page."""
        out = StringIO()
        self.figure.savefig(out, format="svg", metadata=_NO_CLOCK)
        svg = out.getvalue()
        head, _, body = svg[svg.index("<svg") :].partition(">")
        name = f"<title>{escape(self.title)}</title>" if self.title else ""
        picture = Picture(f'{head} class="figure" role="img" style="max-width:100%;height:auto">{name}{body}')
        picture._figure = self.figure
        return picture

    def _label_rows(self, labels: Sequence[str]) -> None:
        axes: Axes = self.axes
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.set_yticks(range(len(labels)), labels, fontproperties=self.font(SIZE), color=INK, parse_math=False)
        axes.tick_params(length=0, pad=6)
        axes.spines[:].set_visible(False)

    def _legend_rows(self, legend: Sequence[tuple[str, str]]) -> list[list[tuple[float, str, str]]]:
        """Entries (x, label, colour) in rows that fit the sheet."""
        rows: list[list[tuple[float, str, str]]] = []
        x = 0.0
        for label, colour in legend:
            need = text_width(label, SMALL) * _ROOM + 26
            if not rows or x + need > self._width:
                rows.append([])
                x = _EDGE
            rows[-1].append((x, self.shown(label), colour))
            x += need
        return rows

    def _write_heading(self, entries: Sequence[Sequence[tuple[float, str, str]]]) -> None:
        y = self._height - _EDGE
        if self.title:
            self._write_outside(
                _EDGE, y - _TITLE_HEIGHT / 3, self.shown(self.title), self.font(SIZE + 2, is_bold=True), INK
            )
            y -= _TITLE_HEIGHT
        for row in entries:
            for x, label, colour in row:
                box = Rectangle((x / self._width, (y - 9.5) / self._height), 9 / self._width, 9 / self._height)
                box.set(facecolor=colour, edgecolor=MUTED, linewidth=0.4, transform=self.figure.transFigure)
                self.figure.add_artist(box)
                self._write_outside(x + 13, y - 5, label, self.font(SMALL), INK)
            y -= _LEGEND_HEIGHT

    def _write_outside(self, x: float, y: float, text: str, font: FontProperties, colour: str) -> None:
        self.figure.text(
            x / self._width,
            y / self._height,
            text,
            fontproperties=font,
            color=colour,
            va="center_baseline",
            parse_math=False,
        )


@contextmanager
def figure_style() -> Iterator[None]:
    """matplotlib's own defaults whatever the user's settings, with fixed identifiers in SVG; restored afterwards."""
    with (
        matplotlib.style.context("default"),
        matplotlib.rc_context({"svg.hashsalt": "survey_sem", "svg.fonttype": "path"}),
    ):
        yield

"""Distributions of screening indices with their cut-offs: a small histogram for each index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.reporting.figure_sheet import GRID, MUTED, SMALL, TINY, Picture, Sheet, figure_style
from survey_sem.reporting.figures import BLUE, ORANGE, Lang
from survey_sem.reporting.wording import phrase

if TYPE_CHECKING:
    from survey_sem.sample.screening import Screening

_HEIGHT, _WIDTH = 56.0, 430.0
_DIGITS = "0123456789.−–<>=%,k p"


def draw_screening(screening: Screening, *, title: str = "", lang: Lang = "en") -> Picture:
    """Distributions of the indices of a screening; see :func:`draw_histograms`."""
    return draw_histograms(screening.histograms(), title=title, lang=lang)


def draw_histograms(histograms: Sequence[Mapping[str, Any]], *, title: str = "", lang: Lang = "en") -> Picture:
    """Small histograms, one under the other; what lies beyond a cut-off is orange.

    Parameters
    ----------
    histograms : sequence of mappings
        ``index edges counts relation cut_off``: a count of None was withheld and is drawn as nothing; a cut-off of None
        is none.
    title : str
        Heading.
    lang : {"en", "zh"}
        Language.

    Raises
    ------
    OptionError
        An unknown language.
    """
    if lang not in ("en", "zh"):
        raise OptionError("unknown-option", f"there is no figure in {lang!r}", expected="en or zh")
    names = [phrase(f"screening.{each['index']}", lang) for each in histograms]
    words = {key: phrase(f"screening.{key}", lang) for key in ("kept", "flagged", "rows")}
    with figure_style():
        sheet = Sheet(
            names,
            title=title,
            legend=[(words["kept"], BLUE), (words["flagged"], ORANGE)],
            row_height=_HEIGHT,
            plot_width=_WIDTH,
            foot=26.0,
            other_text=words["rows"] + _DIGITS,
        )
        box = sheet.axes.get_position()
        sheet.axes.set_xticks([])
        height = box.height / len(histograms)
        for row, each in enumerate(histograms):
            bottom = box.y1 - (row + 1) * height + 0.30 * height
            axes = sheet.figure.add_axes((box.x0, bottom, box.width, 0.62 * height))
            _draw(sheet, axes, each)
        sheet.axes.set_xlabel(sheet.shown(words["rows"]), fontproperties=sheet.font(SMALL), color=MUTED, labelpad=8)
        return sheet.picture()


def _draw(sheet: Sheet, axes: Any, each: Mapping[str, Any]) -> None:
    edges = np.asarray(each["edges"], dtype=float)
    counts = np.array([0 if count is None else count for count in each["counts"]], dtype=float)
    middles = (edges[:-1] + edges[1:]) / 2
    beyond = _beyond(middles, each["relation"], each["cut_off"])
    axes.bar(
        edges[:-1], np.sqrt(counts), width=np.diff(edges), align="edge", linewidth=0.4, edgecolor="white",
        color=[ORANGE if flagged else BLUE for flagged in beyond],
    )  # fmt: skip
    if each["cut_off"] is not None and edges[0] <= each["cut_off"] <= edges[-1]:
        axes.axvline(each["cut_off"], color=ORANGE, linewidth=1.2)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.05 * max(float(np.sqrt(counts).max()), 1.0))
    axes.set_yticks([])
    axes.tick_params(length=0, pad=2)
    axes.spines[:].set_visible(False)
    axes.spines["bottom"].set(visible=True, color=GRID)
    ticks = _ticks(edges)
    axes.set_xticks(
        ticks, [f"{tick:g}".replace("-", "−") for tick in ticks], fontproperties=sheet.font(TINY), color=MUTED
    )


def _beyond(middles: Any, relation: str | None, cut_off: float | None) -> Any:
    if cut_off is None:
        return np.zeros(len(middles), dtype=bool)
    return middles < cut_off if relation in ("below", "at_most") else middles > cut_off


def _ticks(edges: Any) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(edges[0], edges[-1])
    is_whole = float(edges[0]) % 1 == 0.5
    return [float(tick) for tick in found if edges[0] <= tick <= edges[-1] and not (is_whole and tick % 1)]

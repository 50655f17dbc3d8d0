"""What a weighting did, drawn: margins before and after beside their targets, or the distribution of the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import OptionError
from survey_sem.reporting.figure_sheet import CARD, GRID, INK, MUTED, SMALL, Picture, Sheet, figure_style
from survey_sem.reporting.figures import BLUE, ORANGE, Lang

if TYPE_CHECKING:
    from survey_sem.sample.weighting.result import MarginRow, Weighting

What = Literal["margins", "weights"]
_MOST_BINS = 16
_DIGITS = "0123456789.−–%, ="
_WORDS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "before": "before",
        "after": "after",
        "target": "target",
        "share": "Share (%)",
        "rows": "Respondents (%)",
        "cost": "design effect {deff:.2f}, effective n {n_eff:.0f}",
    },
    "zh": {
        "before": "加权前",
        "after": "加权后",
        "target": "目标",
        "share": "占比（%）",
        "rows": "受访者（%）",
        "cost": "设计效应 {deff:.2f}，有效样本量 {n_eff:.0f}",
    },
}


def draw_weighting(weighting: Weighting, *, what: What = "margins", title: str = "", lang: Lang = "en") -> Picture:
    """A weighting as a picture.

    Parameters
    ----------
    weighting : Weighting
        What is shown.
    what : {"margins", "weights"}
        Shares of every class before and after beside its target, or how the weights are spread.
    title : str
        Heading; without one, what the weights cost.
    lang : {"en", "zh"}
        Language.

    Raises
    ------
    OptionError
        An unknown option; margins of a weighting that has none.
    """
    if what not in get_args(What) or lang not in _WORDS:
        shown = what if what not in get_args(What) else lang
        raise OptionError("unknown-option", f"there is no figure {shown!r}", expected="margins or weights; en or zh")
    words = _WORDS[lang]
    heading = title or words["cost"].format(deff=weighting.deff, n_eff=weighting.n_eff)
    with figure_style():
        if what == "weights":
            values = weighting.weights.to_numpy(dtype=float)
            return _spread(values[values > 0], heading, words)
        rows = [row for row in weighting.margins if row.category]
        if not rows:
            what_is = "this weighting has no classes with targets"
            raise OptionError("no-margins", what_is, where="draw", hint='draw(what="weights") shows the weights')
        return _margins(rows, heading, words)


def draw_margins(rows: Sequence[MarginRow], *, title: str, lang: Lang) -> Picture:
    """Shares of every class before and after weighting beside its target; a NaN before is not drawn."""
    with figure_style():
        return _margins([row for row in rows if row.category], title, _WORDS[lang])


def draw_weights(edges: Sequence[float], counts: Sequence[int | None], *, lang: Lang) -> Picture:
    """A histogram of weights from the bounds of its classes (k + 1) and their counts (k); None draws nothing."""
    shown = np.array([np.nan if count is None else float(count) for count in counts])
    with figure_style():
        return _histogram(np.asarray(edges), 100 * shown / np.nansum(shown), "", _WORDS[lang])


def _margins(rows: list[MarginRow], heading: str, words: Mapping[str, str]) -> Picture:
    legend = [(words["before"], MUTED), (words["after"], BLUE), (words["target"], ORANGE)]
    names = [f"{row.variable} = {row.category}" for row in rows]
    sheet = Sheet(names, title=heading, legend=legend, row_height=20.0, other_text=words["share"] + _DIGITS)
    for at, row in enumerate(rows):
        before, after, target = (100 * share for share in (row.before_share, row.after_share, row.target_share))
        sheet.axes.plot([before, after], [at, at], color=GRID, linewidth=2.0, zorder=1)
        sheet.axes.plot([target, target], [at - 0.36, at + 0.36], color=ORANGE, linewidth=2.2, zorder=2)
        sheet.axes.plot([before], [at], marker="o", markersize=5.5, color=CARD, markeredgecolor=MUTED, zorder=3)
        sheet.axes.plot([after], [at], marker="o", markersize=4.6, color=BLUE, markeredgecolor=CARD, zorder=4)
    shares = [(row.before_share, row.after_share, row.target_share) for row in rows]
    most = 100 * float(np.nanmax(shares))
    _percentages(sheet, most, words["share"])
    for at in range(1, len(rows)):
        if rows[at].variable != rows[at - 1].variable:
            sheet.axes.axhline(at - 0.5, color=GRID, linewidth=0.9)
    return sheet.picture()


def _spread(weights: NDArray[np.float64], heading: str, words: Mapping[str, str]) -> Picture:
    """A histogram with a row for each class of weights."""
    edges = _edges(weights)
    return _histogram(edges, 100 * np.histogram(weights, edges)[0] / len(weights), heading, words)


def _histogram(
    edges: NDArray[np.float64], shares: NDArray[np.float64], heading: str, words: Mapping[str, str]
) -> Picture:
    digits = max(0, 1 - int(np.floor(np.log10(edges[1] - edges[0]))))
    names = [f"{low:.{digits}f} – {high:.{digits}f}" for low, high in pairwise(edges)]
    sheet = Sheet(names, title=heading, row_height=15.0, other_text=words["rows"] + _DIGITS)
    sheet.axes.barh(np.arange(len(shares)), np.nan_to_num(shares), height=0.8, color=BLUE)
    most = float(np.nanmax(shares))
    for at, share in enumerate(shares):
        if share > 0:
            sheet.write(share + 0.01 * most, at, f"{share:.1f}", SMALL, INK, ha="left")
    _percentages(sheet, 1.06 * most, words["rows"])
    return sheet.picture()


def _edges(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bounds of at most `_MOST_BINS` classes at round numbers."""
    from matplotlib.ticker import MaxNLocator

    low, high = float(weights.min()), float(weights.max())
    if high - low < 1e-9 * high:
        low, high = 0.9 * low, 1.1 * high
    ticks = MaxNLocator(_MOST_BINS - 1, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    first = max(int(np.searchsorted(ticks, low, side="right")) - 1, 0)
    last = int(np.searchsorted(ticks, high, side="left"))
    return np.asarray(ticks[first : last + 1])


def _percentages(sheet: Sheet, most: float, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    last = 1.05 * most
    ticks = [tick for tick in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(0, last) if 0 <= tick <= last]
    sheet.axes.set_xlim(0, last)
    sheet.label_x(label, ticks, [f"{tick:g}" for tick in ticks])
    sheet.axes.grid(axis="x", color=GRID, linewidth=0.7)
    sheet.axes.set_axisbelow(True)

"""Figures of missing answers: rates by reason, patterns, and the traces of an imputation.

Drawn as all figures are: plain numbers in, SVG text out. This module imports matplotlib; import it late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from survey_sem.reporting.diagram.text import text_width, wrap
from survey_sem.reporting.figure_sheet import CARD, GRID, INK, MUTED, SMALL, TINY, Picture, Sheet, figure_style
from survey_sem.reporting.figures import BLUE, NEUTRAL, ORANGE
from survey_sem.reporting.numbers import Language

if TYPE_CHECKING:
    from survey_sem.sample.imputation.imputed import Imputed
    from survey_sem.sample.missingness import Missingness

REASONS = (
    ("nonresponse", "no answer", ORANGE),
    ("dontknow", "don't know", "#8a5fa8"),
    ("refused", "refused", "#7a6a58"),
    ("not_asked", "not asked", "#b9c2ca"),
)
_STATE_COLOURS = {"answered": "#dbe7f2", "missing": ORANGE, "not asked": "#b9c2ca"}
_DIGITS = "0123456789.,%−"
_TRACE_HEIGHT = 64.0
_TRACE_WORDS: Mapping[Language, tuple[str, str, str]] = {
    "en": ("Mean of the imputed values", "Standard deviation", "Cycle"),
    "zh": ("插补值的均值", "标准差", "轮次"),
}
_GAP = 0.10


def missing_rates(found: Missingness, title: str = "", most: int = 60) -> Picture:
    """Share of the rows without an answer, by item and reason; the items with the most first, at most `most`."""
    table = found.items.assign(total=found.items["missing"] + found.items["not_asked"])
    table = table.sort_values("total", ascending=False, kind="stable").head(most)
    used = [each for each in REASONS if table[each[0]].sum() > 0] or list(REASONS[:1])
    label = "Share of the rows (%)"
    with figure_style():
        sheet = Sheet(
            list(table["item"]),
            title=title,
            legend=[(text, colour) for _, text, colour in used],
            row_height=19.0,
            other_text=label + _DIGITS,
        )
        left = np.zeros(len(table))
        for name, _, colour in used:
            share = 100.0 * table[name].to_numpy() / found.n_obs
            sheet.axes.barh(range(len(table)), share, left=left, height=0.7, color=colour)
            left += share
        last = max(float(left.max(initial=0.0)) * 1.12, 1.0)
        for row, total in enumerate(left):
            sheet.write(total + 0.01 * last, row, f"{total:.1f}", SMALL, INK, ha="left")
        sheet.axes.set_xlim(0.0, last)
        _ticks(sheet, last, label)
        return sheet.picture()


def _ticks(sheet: Sheet, last: float, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    ticks = [tick for tick in MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(0.0, last) if 0.0 <= tick <= last]
    sheet.label_x(label, ticks, [f"{tick:g}" for tick in ticks])
    sheet.axes.grid(axis="x", color=GRID, linewidth=0.7)
    sheet.axes.set_axisbelow(True)


def missing_patterns(found: Missingness, title: str = "", most: int = 20) -> Picture:
    """The most frequent patterns as rows, the variables as columns; beside each how many rows have it."""
    table = found.patterns.head(most)
    labels = [f"{n:,}  ({share:.1%})" for n, share in zip(table["n"], table["share"], strict=True)]
    states = table[list(found.names)].to_numpy()
    cell = min(24.0, max(7.0, 620.0 / len(found.names)))
    below = ["\n".join(wrap(name, 110.0, SMALL, 1)) for name in found.names]
    foot = 18.0 + 1.12 * max(text_width(name, SMALL) for name in below)
    shown = [state for state in _STATE_COLOURS if (states == state).any()]
    with figure_style():
        sheet = Sheet(
            labels,
            title=title,
            legend=[(state, _STATE_COLOURS[state]) for state in shown],
            row_height=17.0,
            plot_width=cell * len(found.names),
            foot=foot,
            other_text=_DIGITS + "".join(below),
        )
        for row, line in enumerate(states):
            for column, state in enumerate(line):
                box = Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=_STATE_COLOURS[state])
                box.set(edgecolor=CARD, linewidth=1.0)
                sheet.axes.add_patch(box)
        sheet.axes.set_xlim(-0.5, len(found.names) - 0.5)
        sheet.axes.set_xticks(
            range(len(below)), [sheet.shown(name) for name in below], rotation=90,
            fontproperties=sheet.font(SMALL), color=INK, parse_math=False,
        )  # fmt: skip
        return sheet.picture()


def imputation_traces(found: Imputed, items: Sequence[str], title: str = "") -> Picture:
    """Mean (left) and standard deviation (right) of the imputed values over the cycles, a line per chain."""
    places = [found.traces.names.index(name) for name in items]
    return draw_traces(items, found.traces.means[:, :, places], found.traces.sds[:, :, places], title)


def draw_traces(
    items: Sequence[str],
    means: NDArray[np.floating[Any]],
    sds: NDArray[np.floating[Any]],
    title: str = "",
    lang: Language = "en",
) -> Picture:
    """Traces from their numbers (chains, cycles, items); see `imputation_traces`."""
    words = _TRACE_WORDS[lang]
    with figure_style():
        sheet = Sheet(
            items, title=title, row_height=_TRACE_HEIGHT, plot_width=560.0, foot=44.0,
            other_text="".join(words) + " ·" + _DIGITS,
        )  # fmt: skip
        box = sheet.axes.get_position()
        sheet.axes.set_xticks([])
        sheet.axes.grid(False)
        height = box.height / len(items)
        for row in range(len(items)):
            bottom = box.y1 - (row + 1) * height + 0.14 * height
            for column, values in enumerate((means[:, :, row], sds[:, :, row])):
                width = box.width * (1.0 - _GAP) / 2.0
                left = box.x0 + column * (width + _GAP * box.width) + 0.05 * box.width
                axes = sheet.figure.add_axes((left, bottom, width - 0.05 * box.width, 0.74 * height))
                _draw_trace(sheet, axes, values, is_last=row == len(items) - 1)
                if row == len(items) - 1:
                    text = sheet.shown(f"{words[column]} · {words[2]}")
                    axes.set_xlabel(text, fontproperties=sheet.font(SMALL), color=MUTED)
        return sheet.picture()


def _draw_trace(sheet: Sheet, axes: Any, values: NDArray[np.floating[Any]], *, is_last: bool) -> None:
    cycles = np.arange(1, values.shape[1] + 1)
    for chain, line in enumerate(values):
        share = chain / max(len(values) - 1, 1)
        axes.plot(cycles, line, color=_blend(share), linewidth=0.8, alpha=0.85)
    low, high = float(values.min()), float(values.max())
    margin = 0.08 * (high - low) or 0.5
    axes.set_ylim(low - margin, high + margin)
    axes.set_yticks([low, high], [_short(low), _short(high)], fontproperties=sheet.font(TINY), color=MUTED)
    step = max(1, round(len(cycles) / 5))
    ticks = [1, *range(step, len(cycles) + 1, step)] if step > 1 else list(range(1, len(cycles) + 1))
    axes.set_xticks(
        ticks, [str(tick) if is_last else "" for tick in ticks], fontproperties=sheet.font(TINY), color=MUTED
    )
    axes.tick_params(length=0, pad=3)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.spines[:].set(color=NEUTRAL, linewidth=0.8)


def _short(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _blend(share: float) -> str:
    """Between blue and orange."""
    return to_hex(LinearSegmentedColormap.from_list("chains", [BLUE, ORANGE])(share))

"""Figures of a report: plain numbers and labels in, SVG text out; the same input gives the same bytes.

Drawn by matplotlib without pyplot. Text becomes outlines, so that a figure looks the same everywhere, Chinese
included. Blue and orange are told apart by every common colour vision. This module imports matplotlib; import it late.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Literal

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from numpy.typing import ArrayLike, NDArray

from survey_sem.errors import OptionError
from survey_sem.reporting.diagram.text import text_width, wrap
from survey_sem.reporting.figure_sheet import CARD, GRID, INK, MUTED, SMALL, TINY, Picture, Sheet, figure_style

Lang = Literal["en", "zh"]
Floats = NDArray[np.float64]

BLUE, ORANGE, NEUTRAL = "#1f5f99", "#c2620e", "#e4e7ea"
SERIES = (BLUE, ORANGE, "#4d8f6b", "#8a5fa8", "#7a6a58", "#3aa0b8")
LARGE_RESIDUAL = 0.1

_MOST_NUMBERS = 30  # variables of a heat map whose cells still hold numbers
_LEAST_SHARE = 6.0  # per cent of a bar segment that still holds its number
_DIGITS = "0123456789.−"
_SHARE: dict[Lang, str] = {"en": "Share of answers (%)", "zh": "回答占比（%）"}
_ESTIMATE: dict[Lang, str] = {"en": "Estimate and interval", "zh": "估计值与区间"}


def likert_bars(
    shares: ArrayLike, items: Sequence[str], categories: Sequence[str], *, title: str = "", lang: Lang = "en"
) -> Picture:
    """Diverging bars: what share of the answers to each item fell in each category, low ones left of zero.

    Parameters
    ----------
    shares : array (n_items x n_categories)
        Counts or shares, not negative; each row is drawn as shares of its sum. The middle one of an odd number of
        categories is split at zero. A row without answers stays empty.
    items, categories : sequence of str
        Labels of rows and columns; categories from low to high.
    title : str
        Heading of the figure.
    lang : {"en", "zh"}
        Language of the axis.

    Raises
    ------
    OptionError
        Labels that do not match the array, or negative or non-finite numbers.
    """
    counts = _matrix(shares, len(items), len(categories), "shares")
    if not (counts >= 0).all() or not np.isfinite(counts).all():
        raise OptionError("bad-value", "shares of answers are finite and not negative")
    totals = counts.sum(axis=1, keepdims=True)
    parts = 100 * np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    left_of_zero = np.clip(len(categories) / 2 - np.arange(len(categories)), 0, 1)
    starts = np.cumsum(parts, axis=1) - parts - (parts @ left_of_zero)[:, None]
    colours = _diverging_colours(len(categories))
    with figure_style():
        sheet = Sheet(
            items,
            title=title,
            legend=list(zip(categories, colours, strict=True)),
            other_text=_SHARE[lang] + _DIGITS,
        )
        _draw_likert(sheet, parts, starts, colours, _SHARE[lang])
        return sheet.picture()


def _draw_likert(sheet: Sheet, parts: Floats, starts: Floats, colours: Sequence[str], label: str) -> None:
    rows = np.arange(len(parts))
    for index, colour in enumerate(colours):
        sheet.axes.barh(
            rows, parts[:, index], left=starts[:, index], height=0.74, color=colour, edgecolor=CARD, linewidth=0.6
        )
        for row in np.flatnonzero(parts[:, index] >= _LEAST_SHARE):
            x = starts[row, index] + parts[row, index] / 2
            sheet.write(float(x), float(row), f"{parts[row, index]:.0f}", SMALL, _ink_on(colour))
    first = 10 * np.floor(min(-10.0, starts.min(initial=0)) / 10)
    last = 10 * np.ceil(max(10.0, (starts + parts).max(initial=0)) / 10)
    step = 20 if last - first > 80 else 10
    ticks = [tick for tick in range(-100, 101, step) if first <= tick <= last]
    sheet.axes.set_xlim(first, last)
    sheet.label_x(label, ticks, [str(abs(tick)) for tick in ticks])
    sheet.axes.grid(axis="x", color=GRID, linewidth=0.7)
    sheet.axes.set_axisbelow(True)
    sheet.axes.axvline(0, color=MUTED, linewidth=0.8, zorder=0.9)


def correlation_heatmap(matrix: ArrayLike, names: Sequence[str], *, title: str = "", digits: int = 2) -> Picture:
    """The lower triangle of a correlation matrix in colour and, up to 30 variables, in numbers.

    Parameters
    ----------
    matrix : array (n x n)
        Correlations; NaN leaves a cell empty.
    names : sequence of str
        Labels of the variables.
    title : str
        Heading of the figure.
    digits : int
        Decimals of the numbers.

    Raises
    ------
    OptionError
        Names that do not match the matrix.
    """
    values = _matrix(matrix, len(names), len(names), "matrix")
    return _heatmap(values, names, title, limit=1.0, digits=digits, large=np.inf)


def residual_heatmap(
    matrix: ArrayLike,
    names: Sequence[str],
    *,
    title: str = "",
    digits: int = 2,
    large: float = LARGE_RESIDUAL,
) -> Picture:
    """The lower triangle of residual correlations; those of at least `large` in size are framed and bold.

    Parameters
    ----------
    matrix : array (n x n)
        Observed less implied correlations; NaN leaves a cell empty.
    names : sequence of str
        Labels of the variables.
    title : str
        Heading of the figure.
    digits : int
        Decimals of the numbers.
    large : float
        What counts as large.

    Raises
    ------
    OptionError
        Names that do not match the matrix.
    """
    values = _matrix(matrix, len(names), len(names), "matrix")
    sizes = np.abs(values[np.isfinite(values)])
    limit = max(2 * large, float(sizes.max(initial=0.0)))
    return _heatmap(values, names, title, limit=limit, digits=digits, large=large)


def _heatmap(values: Floats, names: Sequence[str], title: str, *, limit: float, digits: int, large: float) -> Picture:
    has_numbers = len(names) <= _MOST_NUMBERS
    cell = max(text_width("−0.", TINY) + digits * 5 + 8, 24.0) if has_numbers else max(10.0, 560 / max(len(names), 1))
    below = ["\n".join(wrap(name, 120.0, SMALL, 1)) for name in names]
    foot = 18 + 1.12 * max([text_width(name, SMALL) for name in below], default=0.0)
    with figure_style():
        sheet = Sheet(
            names,
            title=title,
            row_height=min(cell, 24.0) if has_numbers else cell,
            plot_width=cell * len(names),
            foot=foot,
            other_text=_DIGITS + "".join(below),
        )
        _draw_cells(sheet, values, limit, digits if has_numbers else None, large)
        sheet.axes.set_xlim(-0.5, len(names) - 0.5)
        sheet.axes.set_xticks(
            range(len(names)),
            [sheet.shown(name) for name in below],
            rotation=90,
            fontproperties=sheet.font(SMALL),
            color=INK,
            parse_math=False,
        )
        return sheet.picture()


def _draw_cells(sheet: Sheet, values: Floats, limit: float, digits: int | None, large: float) -> None:
    from matplotlib.patches import Rectangle

    shades = LinearSegmentedColormap.from_list("diverging", [ORANGE, "#f4c69b", CARD, "#a9cbe8", BLUE])
    for row, column in product(range(len(values)), repeat=2):
        value = float(values[row, column])
        if column > row or not np.isfinite(value):
            continue
        colour = (
            NEUTRAL if row == column and limit == 1.0 else to_hex(shades(0.5 + 0.5 * np.clip(value / limit, -1, 1)))
        )
        is_large = abs(value) >= large
        box = Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=colour)
        box.set(edgecolor=INK if is_large else CARD, linewidth=0.9 if is_large else 0.6, zorder=2 if is_large else 1)
        sheet.axes.add_patch(box)
        if digits is not None:
            text = _number(value, digits)
            sheet.write(column, row, text, TINY, _ink_on(colour), is_bold=is_large, zorder=3)


def coefficient_plot(
    names: Sequence[str],
    estimates: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    series: Sequence[str] = (),
    title: str = "",
    x_label: str = "",
    reference: float = 0.0,
    digits: int = 2,
    lang: Lang = "en",
) -> Picture:
    """Estimates with their intervals, one row per coefficient.

    Parameters
    ----------
    names : sequence of str (n)
        Labels of the coefficients, from top to bottom.
    estimates, lower, upper : array (n) or (n x n_series)
        Points and ends of the intervals; NaN leaves a place empty.
    series : sequence of str
        Labels of several estimates of the same coefficients (models, groups); at most six.
    title, x_label : str
        Heading, and what is on the axis.
    reference : float
        Where the vertical line stands.
    digits : int
        Decimals of the numbers beside the intervals (one series only).
    lang : {"en", "zh"}
        Language of the axis when `x_label` is empty.

    Raises
    ------
    OptionError
        Arrays that do not match the labels, or too many series.
    """
    if len(series) > len(SERIES):
        raise OptionError(
            "too-many-series", f"a coefficient plot shows at most {len(SERIES)} series", got=str(len(series))
        )
    count = max(len(series), 1)
    points, low, high = (
        _matrix(_as_columns(part), len(names), count, name)
        for name, part in (("estimates", estimates), ("lower", lower), ("upper", upper))
    )
    texts = [
        [_interval_text(*cell, digits) for cell in zip(*rows, strict=True)]
        for rows in zip(points, low, high, strict=True)
    ]
    label = x_label or _ESTIMATE[lang]
    with figure_style():
        sheet = Sheet(
            names,
            title=title,
            legend=list(zip(series, SERIES, strict=False)),
            row_height=16.0 + 9.0 * count,
            other_text=label + _DIGITS + "[], ",
        )
        _draw_intervals(sheet, points, low, high, texts if count == 1 else None)
        _scale(sheet, np.concatenate([low, high, points]), reference, label, has_texts=count == 1)
        return sheet.picture()


def _draw_intervals(
    sheet: Sheet, points: Floats, low: Floats, high: Floats, texts: Sequence[Sequence[str]] | None
) -> None:
    count = points.shape[1]
    for row, index in product(range(len(points)), range(count)):
        y = row + (index - (count - 1) / 2) * 0.6 / count
        colour = SERIES[index]
        sheet.axes.plot([low[row, index], high[row, index]], [y, y], color=colour, linewidth=1.8, solid_capstyle="butt")
        sheet.axes.plot([points[row, index]], [y], marker="o", markersize=5.2, color=colour, markeredgecolor=CARD)
        if texts is not None:
            sheet.axes.text(
                1.0,
                y,
                texts[row][index],
                fontproperties=sheet.font(SMALL),
                color=INK,
                ha="right",
                va="center_baseline",
                transform=sheet.axes.get_yaxis_transform(),
            )


def _scale(sheet: Sheet, values: Floats, reference: float, label: str, *, has_texts: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    known = np.append(values[np.isfinite(values)], reference)
    margin = 0.06 * (known.max() - known.min() or 1.0)
    first, last = known.min() - margin, known.max() + margin
    ticks = [
        tick for tick in MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(first, last) if first <= tick <= last
    ]
    sheet.axes.set_xlim(first, last + (0.45 * (last - first) if has_texts else 0.0))
    sheet.label_x(label, ticks, [f"{tick:g}".replace("-", "−") for tick in ticks])
    sheet.axes.grid(axis="x", color=GRID, linewidth=0.7)
    sheet.axes.set_axisbelow(True)
    sheet.axes.axvline(reference, color=MUTED, linewidth=0.9, zorder=1)


def _interval_text(point: float, low: float, high: float, digits: int) -> str:
    if not np.isfinite(point):
        return ""
    if not (np.isfinite(low) and np.isfinite(high)):
        return _number(point, digits)
    return f"{_number(point, digits)} [{_number(low, digits)}, {_number(high, digits)}]"


def _as_columns(part: ArrayLike) -> Floats:
    array = np.asarray(part, dtype=float)
    return array[:, None] if array.ndim == 1 else array


def _matrix(part: ArrayLike, n_rows: int, n_columns: int, name: str) -> Floats:
    array = np.asarray(part, dtype=float)
    if array.shape != (n_rows, n_columns) or not array.size:
        raise OptionError(
            "bad-shape",
            f"the labels do not match {name}",
            expected=f"{n_rows} x {n_columns} numbers, at least one",
            got=" x ".join(map(str, array.shape)) or "one number",
        )
    return array


def _diverging_colours(count: int) -> list[str]:
    """Orange to blue; the middle one of an odd number is neutral."""
    reach = (count - 1) / 2 or 1.0
    colours = []
    for index in range(count):
        place = (index - (count - 1) / 2) / reach
        end, strength = (ORANGE, -place) if place < 0 else (BLUE, place)
        mix = 0.0 if place == 0 else 0.18 + 0.82 * strength
        colours.append(to_hex(tuple((1 - mix) * np.array(to_rgb(NEUTRAL)) + mix * np.array(to_rgb(end)))))
    return colours


def _ink_on(colour: str) -> str:
    """Dark or white text, whichever reads better."""
    red, green, blue = to_rgb(colour)
    return CARD if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else INK


def _number(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "−")

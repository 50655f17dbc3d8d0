"""Figures of a report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from survey_sem.reporting.contents import Content, said, spoken
from survey_sem.reporting.diagram import draw
from survey_sem.reporting.document import Block, Drawn
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.tables.reading import Estimate, level, read_estimates
from survey_sem.reporting.tables.sample import by_scale, category_heading
from survey_sem.sample.describe import ItemDescription

if TYPE_CHECKING:
    from survey_sem.reporting.figure_sheet import Picture

T = TypeVar("T")

ROWS = 40
"""Rows of one figure; more of them are drawn in several."""


def path_figure(inputs: ReportInputs, language: Language) -> list[Block]:
    """The path diagram of the main model, with labels in the language."""
    names = {name for row in inputs.main.table.parameters for name in (row.lhs, row.rhs)}
    labels = {code: inputs.name(code).say(language) for code in sorted(names & set(inputs.labels))}
    diagram = draw(inputs.main, labels=labels, lang=language)
    svg = diagram.to_svg(embed_font=False)
    return [Drawn("path_diagram", said("figure.path"), svg, diagram.to_svg, diagram.to_png, is_zoomable=True)]


def coefficients_figure(inputs: ReportInputs, language: Language, op: str) -> list[Block]:
    """Standardised coefficients of the main model (``~``) or loadings (``=~``) with their intervals."""
    from survey_sem.reporting.figures import coefficient_plot

    rows = [row for row in read_estimates(inputs.main) if row.op == op and math.isfinite(row.std_all)]
    kind = "coefficients" if op == "~" else "loadings"
    caption = said(f"figure.{kind}", level=level(inputs.main))
    pictures = [
        coefficient_plot(
            [_relation(row, inputs, language) for row in part],
            [row.std_all for row in part],
            [row.std_ci.low for row in part],
            [row.std_ci.high for row in part],
            x_label=spoken(caption, language),
            lang=language,
        )
        for part in _parts(rows)
    ]
    return drawn_pictures(kind, caption, pictures)


def _relation(row: Estimate, inputs: ReportInputs, language: Language) -> str:
    first, second = (row.rhs, row.lhs) if row.op == "~" else (row.lhs, row.rhs)
    return f"{inputs.name(first).say(language)} → {inputs.name(second).say(language)}"


def answers_figure(inputs: ReportInputs, language: Language) -> list[Block]:
    """Answers to ordered items by category, one figure for each scale that several items share."""
    from survey_sem.reporting.figures import likert_bars

    pictures = []
    for items in (group for group in by_scale(inputs.items) if len(group) > 1):
        shown = [item for item in items if item.n and drawn_shares(item) is not None]
        categories = [spoken(category_heading(count, items), language) for count in items[0].counts]
        for part in _parts(shown):
            shares = [drawn_shares(item) for item in part]
            rows = [item_label(item, language) for item in part]
            pictures.append(likert_bars(shares, rows, categories, lang=language))  # type: ignore[arg-type]
    is_pooled = any(count.n is None for item in inputs.items for count in item.counts)
    caption = said("figure.answers.pooled" if is_pooled else "figure.answers")
    if inputs.is_weighted:
        caption = said("figure.unweighted", caption=caption)
    return drawn_pictures("answers", caption, pictures)


def item_label(item: ItemDescription, language: Language) -> str:
    """Name and wording of an item."""
    text = item.text.get(language) or item.text.get("und", "")
    return f"{item.name} {text}".strip()


def drawn_shares(item: ItemDescription) -> list[int] | None:
    """Counts as they can be drawn; None where they cannot.

    Withheld counts are known in total only: neighbouring ones are drawn as one, in the place of the one nearest the
    middle. Where they are apart nothing can be drawn.
    """
    hidden = [at for at, count in enumerate(item.counts) if count.n is None]
    counts = [count.n or 0 for count in item.counts]
    if not hidden:
        return counts
    if hidden[-1] - hidden[0] + 1 != len(hidden):
        return None
    middle = (len(counts) - 1) / 2
    counts[min(hidden, key=lambda at: abs(at - middle))] = item.n - sum(counts)
    return counts


def _parts(rows: Sequence[T]) -> list[Sequence[T]]:
    return [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]


def drawn_pictures(key: str, caption: Content, pictures: Sequence[Picture]) -> list[Block]:
    """Pictures as blocks of a report under one caption; the first has the key as its name."""
    keys = [key if at == 0 else f"{key}_{at + 1}" for at in range(len(pictures))]
    return [
        Drawn(name, caption, str(picture), picture.__str__, picture.to_png)
        for name, picture in zip(keys, pictures, strict=True)
    ]

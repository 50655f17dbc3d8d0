"""Answers that hold several things in one cell: choices, rankings, words beside an option."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

CHOICE, RANK, OPEN, CLOSE = "┋", "→", "〖", "〗"


def split_choices(cell: str) -> list[str]:
    """The options of a multiple choice: split at ``┋``, never inside ``〖〗``."""
    return _split(cell, CHOICE)


def split_ranking(cell: str) -> list[str]:
    """The options of a ranking, first choice first: split at ``→``, never inside ``〖〗``."""
    return _split(cell, RANK)


def _split(cell: str, mark: str) -> list[str]:
    if OPEN not in cell:
        return cell.split(mark)
    parts, depth = [""], 0
    for character in cell:
        depth = max(0, depth + (character == OPEN) - (character == CLOSE))
        if character == mark and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def blanks_apart(column: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any] | None]:
    """The chosen options without their ``〖〗``, and what was written there; None where nobody wrote anything.

    Several such texts in one answer are kept as ``option〖text〗`` joined by ``┋``. A cell whose brackets do not
    close is left as it is.
    """
    import pandas as pd

    concerned = column.astype("str").str.contains(OPEN, regex=False) & column.notna()
    if not concerned.any():
        return column, None
    taken = {row: _take_apart(str(cell)) for row, cell in column[concerned].items()}
    beside = pd.Series(
        {row: math.nan if text is None else text for row, (_, text) in taken.items()}, dtype=column.dtype
    )
    if beside.isna().all():
        return column, None
    chosen = column.copy()
    chosen.loc[concerned] = [options for options, _ in taken.values()]
    return chosen, beside.reindex(column.index)


def _take_apart(cell: str) -> tuple[str, str | None]:
    options, texts = [], []
    for part in split_choices(cell):
        option, bracket, rest = part.partition(OPEN)
        if bracket and not rest.endswith(CLOSE):
            return cell, None
        options.append(option)
        if bracket:
            texts.append((part, rest[:-1]))
    beside = texts[0][1] if len(texts) == 1 else CHOICE.join(part for part, _ in texts)
    return CHOICE.join(options), beside

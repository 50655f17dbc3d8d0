"""Names of columns: every one there, none twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from survey_sem.errors import FileError

if TYPE_CHECKING:
    import pandas as pd


def checked_header(frame: pd.DataFrame, names: Sequence[str], path: Path) -> pd.DataFrame:
    """`frame` with its columns named, blanks around a name taken off.

    A column without a name and without a single value is dropped (a delimiter at the end of every line makes
    one); an unnamed *first* column with values is called ``row`` (R writes row names so).

    Raises
    ------
    FileError
        A name that occurs twice; an unnamed column with values.
    """
    cleaned = [name.strip() for name in names]
    keep = [position for position, name in enumerate(cleaned) if name or frame.iloc[:, position].notna().any()]
    cleaned = [cleaned[position] or _name_of_unnamed(position, cleaned, path) for position in keep]
    _refuse_duplicates(cleaned, path)
    named = frame.iloc[:, keep]
    return named.set_axis(cleaned, axis="columns")


def _name_of_unnamed(position: int, names: Sequence[str], path: Path) -> str:
    if position == 0 and "row" not in names:
        return "row"
    raise FileError(
        "unnamed-column",
        f"column {position + 1} of {path.name} has values but no name",
        where=f"{path}, header",
        hint="give it a name in the first line",
    )


def _refuse_duplicates(names: Sequence[str], path: Path) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise FileError(
            "duplicate-column",
            f"{path.name} has more than one column of the same name: {', '.join(twice[:5])}",
            where=f"{path}, header",
            hint="rename or remove the copies: which one is meant cannot be guessed",
        )

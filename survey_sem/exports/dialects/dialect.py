"""What a dialect is: how it is recognised, how its header is read, how its cells are brought to plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from survey_sem.exports.coded import distinct_of, is_coded, spread
from survey_sem.exports.raw_table import MissingRange

if TYPE_CHECKING:
    import pandas as pd

Head = Sequence[Sequence[str]]
"""The first records of a file (at most three), as text; the first one always exists."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the name it gets, its header in the file, the question it belongs to."""

    name: str
    header: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """Every column of a file, left to right, and how many records the header takes."""

    columns: tuple[Column, ...]
    n_records: int = 1


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Rows with the platform's own marks read, and the codes that it declares missing."""

    frame: pd.DataFrame
    missing_codes: Mapping[str, tuple[MissingRange, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One platform's way of writing answers.

    Parameters
    ----------
    name, title : str
        For ``dialect=``, and for readers.
    evidence : function of a Head
        What speaks for this dialect, one sentence each; empty where too little does.
    heading : function of a Head
        Columns, and the number of header records.
    cleaned : function of the rows
        Rows with marks read; column names are those of the heading.
    needs_evidence : bool
        Whether the file cannot be read as this dialect where nothing speaks for it, even when asked to.
    """

    name: str
    title: str
    evidence: Callable[[Head], tuple[str, ...]]
    heading: Callable[[Head], Heading]
    cleaned: Callable[[pd.DataFrame], Cleaned] = Cleaned
    needs_evidence: bool = False


def named_evidence(head: Head, known: Sequence[str], needed: int) -> tuple[str, ...]:
    """Which `known` names the first record holds, as one sentence; nothing when fewer than `needed`."""
    names = {name.strip() for name in head[0]}
    found = [name for name in known if name in names]
    return (f"columns {', '.join(found)}",) if len(found) >= needed else ()


def over_distinct(
    column: pd.Series[Any], clean: Callable[[pd.Series[Any]], Mapping[str, pd.Series[Any]]]
) -> dict[str, pd.Series[Any]]:
    """What `clean` makes of a column of texts, worked out once per distinct answer; missing stays missing."""
    places, distinct = distinct_of(column)
    coded = is_coded(column)
    return {
        name: column if values.equals(distinct) else spread(values, places, coded=coded).set_axis(column.index)
        for name, values in clean(distinct).items()
    }

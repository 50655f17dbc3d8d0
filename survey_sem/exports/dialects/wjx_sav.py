"""The SPSS file of wjx 问卷星: ``index totalseconds Q1 Q6_Row1 Q2_Blank1``, named as in its other exports."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from survey_sem.exports.dialects.wjx import EMPTY, SKIPPED
from survey_sem.exports.labelled import LabelledRows
from survey_sem.exports.raw_table import MissingRange

_NAMES = {"totalseconds": "duration"}
_QUESTION = re.compile(r"Q\d+")
_ROW, _BLANK = re.compile(r"(Q\d+)_Row(\d+)"), re.compile(r"(Q\d+)_Blank(\d+)")
_NO_ANSWER = (MissingRange(SKIPPED, SKIPPED, "routed"), MissingRange(EMPTY, EMPTY, "nonresponse"))
_Told = TypeVar("_Told")


def wjx_sav_evidence(columns: Sequence[str]) -> tuple[str, ...]:
    """What speaks for a file of this platform; empty where too little does."""
    numbered = [name for name in columns if _QUESTION.match(name)]
    if not {"index", "totalseconds"} <= set(columns) or not numbered:
        return ()
    return ("columns index, totalseconds", f"{len(numbered)} columns of the form Q1, Q6_Row1 or Q2_Blank1")


def named_as_in_wjx(rows: LabelledRows) -> tuple[LabelledRows, Mapping[str, str]]:
    """The rows under the names of the other exports, and new name -> name in the file where they differ.

    Numeric answers get the platform's codes for not asked (-3) and not answered (-2). A name that would be there
    twice stays as it is.
    """
    old = [str(name) for name in rows.frame.columns]
    blanks = Counter(match[1] for name in old if (match := _BLANK.fullmatch(name)))
    wanted = [_name(name, blanks) for name in old]
    often = Counter(wanted)
    new = {name: name if often[want] > 1 else want for name, want in zip(old, wanted, strict=True)}
    named = replace(
        rows,
        frame=rows.frame.set_axis([new[name] for name in old], axis="columns"),
        value_labels=_under(new, rows.value_labels),
        column_labels=_under(new, rows.column_labels),
        missing_codes={**_codes_of_no_answer(rows, new), **_under(new, rows.missing_codes)},
    )
    return named, {new[name]: name for name in old if new[name] != name}


def _name(name: str, blanks: Mapping[str, int]) -> str:
    if row := _ROW.fullmatch(name):
        return f"{row[1]}_R{row[2]}"
    if blank := _BLANK.fullmatch(name):
        return f"{blank[1]}_blank" + (blank[2] if blanks[blank[1]] > 1 else "")
    return _NAMES.get(name, name)


def _under(new: Mapping[str, str], told: Mapping[str, _Told]) -> dict[str, _Told]:
    return {new[name]: each for name, each in told.items()}


def _codes_of_no_answer(rows: LabelledRows, new: Mapping[str, str]) -> dict[str, tuple[MissingRange, ...]]:
    import pandas as pd

    def is_numeric(column: pd.Series[Any]) -> bool:
        return bool(pd.api.types.is_numeric_dtype(column.dtype))

    return {new[name]: _NO_ANSWER for name in new if _QUESTION.match(name) and is_numeric(rows.frame[name])}

"""Answers of one question as cells: as texts or codes, with the marks of a platform."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey_sem.errors import DataError
from survey_sem.exports.dialects.choices import CHOICE, CLOSE, OPEN, RANK
from survey_sem.exports.writing.cells import Cells, Value
from survey_sem.exports.writing.sheet import BETWEEN, OPTIONED, AnswerSheet, Question

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Form:
    """How a platform writes answers.

    Parameters
    ----------
    labels : bool
        Whether options stand as texts; else as codes.
    choice, rank : str
        Between the options of a multiple choice, and of a ranking.
    routed, empty : value
        What stands where nobody was asked, and where nothing was answered.
    blanks : bool
        Whether words beside an option stand in the same cell, as ``option〖words〗``.
    """

    labels: bool = False
    choice: str = BETWEEN
    rank: str = BETWEEN
    routed: Value = None
    empty: Value = None
    blanks: bool = False


def answer_cells(sheet: AnswerSheet, question: Question, form: Form, *header: str) -> Cells:
    """The column of a question.

    Raises
    ------
    DataError
        The text of an option holds one of the marks that the platform puts between options.
    """
    column = sheet.answers[question.name]
    if form.blanks and _has_blank(sheet, question):
        column = _with_blanks(sheet, question)
    cells = Cells.of(header, column).mapped(_writer(question, form))
    return cells.marked(sheet.absence(question), form.routed, form.empty)


def blank_cells(sheet: AnswerSheet, question: Question, *header: str) -> list[Cells]:
    """The column of words beside an option, where there is one."""
    if not _has_blank(sheet, question):
        return []
    return [Cells.of(header, sheet.answers[question.blank_name]).marked(sheet.absence(question), None, None)]


def rank_cells(sheet: AnswerSheet, question: Question, code: object, *header: str) -> Cells:
    """The rank that each respondent gave to one option of a ranking."""

    def rank(value: Value) -> Value:
        ranking = str(value).split(BETWEEN)
        return ranking.index(str(code)) + 1 if str(code) in ranking else None

    cells = Cells.of(header, sheet.answers[question.name]).mapped(rank)
    return cells.marked(sheet.absence(question), None, None)


def _has_blank(sheet: AnswerSheet, question: Question) -> bool:
    return question.blank is not None and question.blank_name in sheet.answers.columns


def _with_blanks(sheet: AnswerSheet, question: Question) -> pd.Series[Any]:
    """The codes of a column, followed by ``〖words〗`` where somebody wrote some (codes hold no such bracket)."""
    column, words = sheet.answers[question.name].astype(object), sheet.answers[question.blank_name]
    concerned = column.notna() & words.notna()
    column[concerned] = [
        f"{_code_text(code)}{OPEN}{text}{CLOSE}" for code, text in zip(column[concerned], words[concerned], strict=True)
    ]
    return column


def _code_text(code: object) -> str:
    return str(int(code)) if isinstance(code, float) and math.isfinite(code) else str(code)


def _writer(question: Question, form: Form) -> Callable[[Value], Value]:
    """Puts one distinct answer into the form of the platform."""
    if question.kind == "date":
        return _day
    if question.kind not in OPTIONED:
        return lambda value: value
    texts = _option_texts(question, form) if form.labels else {}
    if question.kind == "one" and not texts and not form.blanks:
        return lambda value: value
    mark = form.rank if question.kind == "rank" else form.choice
    blank = str(question.blank)

    def written(value: Value) -> Value:
        codes, bracket, words = str(value).partition(OPEN)
        beside = {blank: bracket + words}
        options = [texts.get(code, code) + beside.get(code, "") for code in codes.split(BETWEEN)]
        if question.kind == "one" and options == [str(value)]:
            return value
        return mark.join(options)

    return written


def _option_texts(question: Question, form: Form) -> dict[str, str]:
    for code, text in question.labels.items():
        held = [mark for mark in (CHOICE, RANK, OPEN, CLOSE) if mark in text]
        if held:
            raise DataError(
                "mark-in-option",
                f"option {code} of '{question.name}' holds '{held[0]}', which this platform puts between options",
                where=f"question {question.name}",
                hint="write the text of the option without it",
            )
    return {str(code): text for code, text in question.labels.items()}


def _day(value: Value) -> Value:
    return value.removesuffix(" 00:00:00") if isinstance(value, str) else value

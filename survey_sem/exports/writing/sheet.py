"""Answer sheets before any platform wrote them: what was asked, what was answered, and about the sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from survey_sem.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["one", "multi", "rank", "number", "text", "date"]
KINDS: tuple[Kind, ...] = ("one", "multi", "rank", "number", "text", "date")
OPTIONED: tuple[Kind, ...] = ("one", "multi", "rank")
"""Kinds whose answers are codes of options."""
ROLES = ("id", "started", "submitted", "duration", "ip", "province", "city", "device", "user", "source")
"""What an answer sheet may tell about itself, in the order in which it is written."""
BETWEEN = "|"
"""Between the codes of one answer of kind ``multi`` or ``rank``."""
ANSWERED, ROUTED = 0, 1
"""`AnswerSheet.absent`: answered, not asked; anything else is left empty by the respondent."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question, or one row of a matrix.

    Parameters
    ----------
    name : str
        Its column in `AnswerSheet.answers`, and in files without a platform.
    number : int
        Its number in the questionnaire; rows of a matrix share one.
    row : int
        Its row in the matrix, from 1; 0 for a question of its own.
    stem : str
        The wording above a matrix; empty else.
    text : str
        The wording.
    kind : str
        ``one multi rank number text date``.
    labels : mapping
        Code -> text of the option; codes without a label are written as they are.
    blank : int, str or None
        The option beside which respondents write (their words: column ``<name>_blank``, optional).
    """

    name: str
    number: int
    row: int
    stem: str
    text: str
    kind: Kind
    labels: Mapping[Any, str] = field(default_factory=dict)
    blank: int | str | None = None

    def wording(self, between: str = "—") -> str:
        """Stem and text as one line."""
        return f"{self.stem}{between}{self.text}" if self.stem else self.text

    @property
    def tag(self) -> str:
        """How the question is called after it was read from a platform's export: ``Q5``, or ``Q6_R2``."""
        return f"Q{self.number}_R{self.row}" if self.row else f"Q{self.number}"

    @property
    def blank_name(self) -> str:
        """The column of words written beside the option `blank`."""
        return f"{self.name}_blank"


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """Everything that an export is made of.

    Parameters
    ----------
    questions : tuple of Question
        In the order of the columns.
    answers : DataFrame, shape (n, n_questions)
        A column per question: the code (``one``); codes joined by ``|``, ascending (``multi``) or first choice first
        (``rank``), as text; a number; a text; a date or ISO text. Missing where there is none.
    absent : DataFrame of int8, same rows
        0 answered, 1 not asked, anything else left empty. A column that is not there: whatever is missing was
        left empty.
    sheet : DataFrame, same rows
        Columns among `ROLES`: ``id`` of the sheet, ``started`` and ``submitted`` (clock times), ``duration`` in
        seconds, ``ip province city device user source``.

    Raises
    ------
    DataError
        Two questions of one name or place, rows of a matrix that do not follow each other, a question without
        answers, tables of different lengths, an unknown role, kind or option with a blank.
    """

    questions: tuple[Question, ...]
    answers: pd.DataFrame
    absent: pd.DataFrame
    sheet: pd.DataFrame

    def __post_init__(self) -> None:
        if not (len(self.answers) == len(self.absent) == len(self.sheet)):
            raise DataError(
                "uneven-sheet",
                "answers, absent and sheet do not have the same rows",
                where="answer sheet",
                got=f"{len(self.answers)}, {len(self.absent)} and {len(self.sheet)} rows",
            )
        _refuse_repeated("name", [question.name for question in self.questions])
        _refuse_repeated("number and row", [(question.number, question.row) for question in self.questions])
        _check_matrices([(question.number, question.row) for question in self.questions])
        for question in self.questions:
            self._check(question)
        unknown = [str(name) for name in self.sheet.columns if name not in ROLES]
        if unknown:
            raise DataError(
                "unknown-role",
                f"an answer sheet has no '{unknown[0]}'",
                where="answer sheet, sheet",
                expected=" ".join(ROLES),
                hint=did_you_mean(unknown[0], ROLES),
            )

    def _check(self, question: Question) -> None:
        where = f"question {question.name}"
        if question.name not in self.answers.columns:
            raise DataError("unanswered-question", f"there are no answers to '{question.name}'", where=where)
        if question.kind not in KINDS:
            raise DataError(
                "unknown-kind", f"there is no kind '{question.kind}'", where=where, expected=" ".join(KINDS)
            )
        if question.blank is not None and (question.kind == "rank" or question.blank not in question.labels):
            raise DataError(
                "unknown-option", f"'{question.name}' has no option {question.blank} with a blank", where=where
            )

    @property
    def n_rows(self) -> int:
        """Number of answer sheets."""
        return len(self.answers)

    def absence(self, question: Question) -> Any:
        """Where a question was answered, not asked or left empty: array of int8, shape (n,)."""
        import numpy as np

        if question.name in self.absent.columns:
            return self.absent[question.name].to_numpy(dtype=np.int8)
        return np.zeros(self.n_rows, dtype=np.int8)


def _check_matrices(places: list[tuple[int, int]]) -> None:
    """Rows of a matrix stand together, numbered from 1: headers say no more than that."""
    for before, (number, row) in zip([(0, 0), *places], places, strict=False):
        if row > 0 and before != (number, row - 1) and (row > 1 or before[0] == number):
            raise DataError(
                "broken-matrix",
                f"row {row} of question {number} does not follow row {row - 1}",
                where="answer sheet, questions",
                hint="list the rows of a matrix one after the other, numbered from 1",
            )


def _refuse_repeated(what: str, found: list[Any]) -> None:
    twice = [str(each) for each, count in Counter(found).items() if count > 1]
    if twice:
        raise DataError(
            "repeated-question", f"two questions have the same {what}: {', '.join(twice[:5])}", where="answer sheet"
        )

"""Simulated answers as answer sheets, which `survey_sem.exports.writing` turns into files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.exports.writing import AnswerSheet, Question
from survey_sem.exports.writing.sheet import Kind
from survey_sem.instrument import Instrument, Item, in_language
from survey_sem.instrument.model import ItemType
from survey_sem.instrument.routing import Code
from survey_sem.simulation.background import BETWEEN
from survey_sem.simulation.simulate import Simulation

if TYPE_CHECKING:
    import pandas as pd

LANGUAGES = {"wjx": "zh", "tencent": "zh", "credamo": "zh"}
"""In which language a platform shows its questions; English elsewhere, and whatever there is where that lacks."""
_KINDS: Mapping[ItemType, Kind] = {
    "ordinal": "one", "nominal": "one", "multi": "multi", "rank": "rank", "number": "number", "text": "text",
    "date": "date",
}  # fmt: skip
_PLACE = re.compile(r"[Qq]?([0-9]{1,6})(?:(?:\.|_[Rr])([0-9]{1,6}))?")
_Place = tuple[int, int]


def answer_sheet(simulation: Simulation, dialect: str, *, by_id: bool = False) -> AnswerSheet:
    """The sheet of a simulation, with questions where the instrument looks for them.

    Parameters
    ----------
    simulation : Simulation
    dialect : str
        Who is to write it. A file without a platform (``generic``) holds, beside the answers, what the instrument's
        paradata name, under those names, and always an id.
    by_id : bool
        Whether columns of a generic file are called like the items, also where the instrument finds them otherwise.
    """
    answers = simulation.answers
    language = LANGUAGES.get(dialect, "en")
    places = _places(answers.instrument, answers.items())
    stems = {matrix.id: in_language(matrix.text, language) for matrix in answers.instrument.matrices}
    frame, absent = answers.frame(), {}
    questions: list[Question] = []
    columns: dict[str, object] = {}
    for item in answers.items():
        question = _question(item, places[item.id], language, stems)
        name = _name(item, question, answers.instrument, by_id) if dialect == "generic" else item.id
        for part, values in _parts(item, name, question, frame[item.id], dialect):
            questions.append(part)
            columns[part.name] = values
            absent[part.name] = answers.absent[item.id]
    about = simulation.sheet
    if dialect == "generic":
        about = _append_roles(answers.instrument, simulation.sheet, questions, columns)
    return _sheet(questions, columns, absent, about)


def _sheet(
    questions: list[Question], columns: dict[str, object], absent: dict[str, np.ndarray], about: pd.DataFrame
) -> AnswerSheet:
    import pandas as pd

    index = about.index
    return AnswerSheet(tuple(questions), pd.DataFrame(columns, index=index), pd.DataFrame(absent, index=index), about)


def _question(item: Item, place: _Place, language: str, stems: Mapping[str, str]) -> Question:
    labels: dict[Code, str] = {}
    if item.scale is not None and item.scale.labels:
        by_language = item.scale.labels
        labels = dict(by_language[language] if language in by_language else next(iter(by_language.values())))
    stem = stems.get(item.matrix or "", "") if place[1] else ""
    return Question(item.id, *place, stem, in_language(item.text, language), _KINDS[item.type], labels)


def _places(instrument: Instrument, items: list[Item]) -> dict[str, _Place]:
    """Number and row of every item: as its column says, or counted where the columns do not say it."""
    found: dict[str, _Place] = {}
    for item in items:
        match = _PLACE.fullmatch(item.column)
        if match is not None:
            found[item.id] = int(match[1]), int(match[2] or 0)
    if len(found) == len(items) and len(set(found.values())) == len(items):
        return found
    return _counted(instrument, items)


def _counted(instrument: Instrument, items: list[Item]) -> dict[str, _Place]:
    """Questions counted in their order; rows of a matrix share the number of its first."""
    rows = {name: row for matrix in instrument.matrices for row, name in enumerate(matrix.items, 1)}
    numbers: dict[str, int] = {}
    found: dict[str, _Place] = {}
    for item in items:
        number = numbers.setdefault(item.matrix if item.matrix is not None else f"item {item.id}", len(numbers) + 1)
        found[item.id] = number, rows.get(item.id, 0) if item.matrix is not None else 0
    return found


def _name(item: Item, question: Question, instrument: Instrument, by_id: bool) -> str:
    if by_id:
        return item.id
    return question.tag if instrument.source.columns == "number" else item.column


def _parts(
    item: Item, name: str, question: Question, values: pd.Series[Any], dialect: str
) -> list[tuple[Question, object]]:
    """The question with its answers; spread over a column for each option where the instrument looks for those."""
    if dialect != "generic" or not item.columns:
        return [(_renamed(question, name), values.to_numpy())]
    return [
        (_renamed(question, column, row, "number"), _option(values, str(code), item.type == "rank"))
        for row, (code, column) in enumerate(item.columns.items(), 1)
    ]


def _renamed(question: Question, name: str, row: int | None = None, kind: Kind | None = None) -> Question:
    place = (question.number, question.row) if row is None else (question.number, row)
    labels = question.labels if kind is None else {}
    return Question(name, *place, question.stem, question.text, kind or question.kind, labels)


def _option(values: pd.Series[Any], code: str, is_rank: bool) -> np.ndarray:
    """0/1 (or the rank, missing without one) of one option; missing without an answer."""
    import pandas as pd

    places, texts = pd.factorize(values)
    found = [_place_in(text.split(BETWEEN), code, is_rank) for text in texts]
    return np.array([*found, np.nan])[places]


def _place_in(codes: list[str], code: str, is_rank: bool) -> float:
    if not is_rank:
        return float(code in codes)
    return float(codes.index(code) + 1) if code in codes else np.nan


def _append_roles(
    instrument: Instrument, sheet: pd.DataFrame, questions: list[Question], columns: dict[str, object]
) -> pd.DataFrame:
    """Put what the paradata name in front, under its names; a sheet without columns is left."""
    names = {"id": "id", **instrument.paradata.columns}
    first = 1 + max((question.number for question in questions), default=0)
    front = []
    for at, (role, name) in enumerate(names.items()):
        if name not in columns:
            front.append(
                Question(name, first + at, 0, "", role, "text" if role in ("ip", "device", "user") else "number")
            )
            columns[name] = sheet[role].to_numpy()
    questions[:0] = front
    return sheet[[]]

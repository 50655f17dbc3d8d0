"""What an importer understood of a foreign questionnaire, before it gets names and becomes YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from survey_sem.instrument.model import ItemType, MissingCode, Scale
from survey_sem.instrument.routing import Code, Route
from survey_sem.instrument.section import Texts


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that the source holds and the instrument does not."""

    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Question:
    """One item to be.

    Parameters
    ----------
    key : str
        How routes and other questions of the draft speak of it: unique in the draft.
    column : str
        Its column in an export.
    type : str
        As `Item.type`.
    text : Texts
        The wording, by language.
    scale : Scale or None
        Its options; ids of scales are only suggestions here.
    min, max, whole, required, columns, exclusive
        As in `Item`.
    relevant : Route or None
        Who was asked, in keys.
    matrix : str or None
        Key of its matrix.
    notes : tuple of str
        Comments to stand above it.
    personal : bool
        Whether the source itself says that it asks for personal data.
    """

    key: str
    column: str
    type: ItemType
    text: Texts
    scale: Scale | None = None
    min: float | date | None = None
    max: float | date | None = None
    whole: bool = False
    required: bool = False
    columns: Mapping[Code, str] = field(default_factory=dict)
    exclusive: tuple[Code, ...] = ()
    relevant: Route | None = None
    matrix: str | None = None
    notes: tuple[str, ...] = ()
    personal: bool = False


@dataclass(frozen=True, slots=True)
class DraftMatrix:
    """Several questions under one stem."""

    key: str
    name: str
    text: Texts


@dataclass(frozen=True, slots=True)
class Draft:
    """A questionnaire in the order of its questions.

    Parameters
    ----------
    origin : str
        The kind of file, in words.
    id, version : str
        As the source has them; may be no legal names yet.
    title : Texts
        By language.
    questions, matrices, missing
        What it asks.
    platform : str or None
        Who writes its exports.
    paradata : mapping
        Role -> column.
    drop, pseudonymise : tuple of str
        Columns beside the questions that hold personal data.
    notes : tuple of str
        Comments to stand at the top.
    left_out : tuple of LeftOut
        What was not taken over.
    """

    origin: str
    id: str
    version: str
    title: Texts
    questions: tuple[Question, ...]
    matrices: tuple[DraftMatrix, ...] = ()
    missing: tuple[MissingCode, ...] = ()
    platform: str | None = None
    paradata: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    pseudonymise: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

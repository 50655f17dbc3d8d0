"""What was asked, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from survey_sem.errors import DataError, did_you_mean
from survey_sem.instrument.section import Texts

ItemType = Literal["ordinal", "nominal", "number", "text"]
MissingKind = Literal["routed", "nonresponse", "dontknow", "refused"]
Code = int | float | str


@dataclass(frozen=True, slots=True)
class MissingCode:
    """A code that stands for no answer.

    Parameters
    ----------
    code : number or text
        As it stands in the data.
    kind : str
        ``routed`` (not asked: never imputed), ``nonresponse``, ``dontknow`` or ``refused``.
    text : Texts
        What it says, by language.
    """

    code: Code
    kind: MissingKind
    text: Texts


@dataclass(frozen=True, slots=True)
class Scale:
    """The answers that an item allows.

    Parameters
    ----------
    id : str
        Its name in the instrument.
    ordinal : bool
        Whether the codes are ordered.
    min, max : int or None
        Every whole number between them is a code; None where the labels list the codes.
    labels : mapping
        Language -> code -> label; a scale with `min` and `max` may label only its ends.
    """

    id: str
    ordinal: bool
    min: int | None
    max: int | None
    labels: Mapping[str, Mapping[Code, str]]

    @property
    def codes(self) -> tuple[Code, ...]:
        """Every legal code, in order."""
        if self.min is not None and self.max is not None:
            return tuple(range(self.min, self.max + 1))
        return tuple(dict.fromkeys(code for labels in self.labels.values() for code in labels))

    def describe(self) -> str:
        """The codes in a few words: ``1-7`` or ``1, 2, 5``."""
        if self.min is not None and self.max is not None:
            return f"{self.min}-{self.max}"
        return ", ".join(str(code) for code in self.codes)


@dataclass(frozen=True, slots=True)
class Item:
    """One question with one answer.

    Parameters
    ----------
    id : str
        Its name in models and tables.
    column : str
        Its column in the export.
    type : str
        ``ordinal``, ``nominal``, ``number`` or ``text``.
    scale : Scale or None
        For ordinal and nominal items.
    reverse : bool
        Whether a high answer means little of the construct.
    text : Texts
        The wording, by language.
    source : str
        Where the wording comes from.
    min, max : float or None
        Limits of a number.
    """

    id: str
    column: str
    type: ItemType
    scale: Scale | None
    reverse: bool
    text: Texts
    source: str
    min: float | None = None
    max: float | None = None

    def expected(self) -> str:
        """What a legal answer is, in words."""
        if self.scale is not None:
            return self.scale.describe()
        if self.type == "number":
            low, high = (format(limit, "g") if limit is not None else "" for limit in (self.min, self.max))
            return f"a number{f' from {low}' if low else ''}{f' up to {high}' if high else ''}"
        return "text"


@dataclass(frozen=True, slots=True)
class Construct:
    """What several items are meant to measure."""

    id: str
    label: Texts
    items: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire.

    Parameters
    ----------
    id, version : str
        Name and version.
    title, population, mode, dates, consent, ethics : Texts
        Who was asked, how and when, by language; empty where the file is silent.
    missing : tuple of MissingCode
        Codes for no answer, valid in every column.
    scales : mapping
        Scale id -> Scale.
    items : tuple of Item
        In the order of the questionnaire.
    constructs : tuple of Construct
        In the file's order.
    sha256 : str
        Canonical hash: of the content, not of layout, comments or the order of keys.
    """

    id: str
    version: str
    title: Texts
    population: Texts
    mode: Texts
    dates: Texts
    consent: Texts
    ethics: Texts
    missing: tuple[MissingCode, ...]
    scales: Mapping[str, Scale]
    items: tuple[Item, ...]
    constructs: tuple[Construct, ...]
    sha256: str

    def item(self, name: str) -> Item:
        """The item of that id.

        Raises
        ------
        DataError
            When there is none.
        """
        for item in self.items:
            if item.id == name:
                return item
        known = [item.id for item in self.items]
        raise DataError("unknown-item", f"there is no item '{name}'", where=self.id, hint=did_you_mean(name, known))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages in which every item has a text, sorted."""
        sets = [set(item.text) for item in self.items]
        return tuple(sorted(set.intersection(*sets))) if sets else ()

"""What a cell or a sentence holds, before it is put into a language."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_sem.instrument import in_language
from survey_sem.reporting.numbers import Format, Language, show_number
from survey_sem.reporting.wording import phrase, translated

NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number together with how it is shown; in tables the column says how."""

    value: float
    form: Format


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, shown as ``[low, high]``."""

    low: float
    high: float
    form: Format | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """A count and what it is a share of; None where small cells are withheld."""

    n: int | None
    total: int


@dataclass(frozen=True, slots=True)
class Name:
    """A variable: its name in model and data, and its label by language where there is one."""

    code: str
    label: Mapping[str, str] = field(default_factory=dict)

    def say(self, language: Language) -> str:
        """The label, else the code."""
        return in_language(self.label, language) or self.code


@dataclass(frozen=True, slots=True)
class Texts:
    """Words of the study, by language."""

    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A text that exists in English only, such as the evidence of a finding."""

    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """A phrase of the catalogue with what stands in its places; `code` is what a machine calls it."""

    key: str
    values: Mapping[str, Content] = field(default_factory=dict)
    code: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """Several contents in a row, between them the language's comma."""

    parts: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences one after the other: with a space between them in English, without in Chinese."""

    parts: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """A value that does not exist, with the reason."""

    reason: Said | Foreign
    mark: str = "\N{EM DASH}"


Content = str | int | float | Amount | Interval | Count | Name | Texts | Foreign | Said | Joined | Sentences | Absent
Cell = Content | None


def display_width(text: str) -> int:
    """Letters that a text is wide in a fixed-width font: a Chinese character counts as two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def said(key: str, **values: Content) -> Said:
    """The phrase `key` of the catalogue, `values` in its places."""
    return Said(key, values)


def spoken(content: Cell, language: Language, form: Format = "estimate") -> str:
    """A content as plain text in a language; `form` is for numbers that do not say their own."""
    match content:
        case None:
            return ""
        case str():
            return content
        case Said(key, values):
            return phrase(key, language).format(**{name: spoken(value, language) for name, value in values.items()})
        case Name():
            return content.say(language)
        case Texts(texts):
            return in_language(texts, language)
        case Foreign(text):
            return translated(text, language)
        case Absent():
            return content.mark
        case Sentences(parts):
            return ("" if language == "zh" else " ").join(spoken(part, language) for part in parts)
        case Joined(parts):
            return ("、" if language == "zh" else ", ").join(spoken(part, language) for part in parts)
    return _spoken_number(content, language, form)


def _spoken_number(content: int | float | Amount | Interval | Count, language: Language, form: Format) -> str:
    match content:
        case Amount(value, own):
            return show_number(value, own, language)
        case Interval(low, high, own):
            ends = (show_number(end, own or form, language) for end in (low, high))
            return f"[{f',{NO_BREAK}'.join(ends)}]"
        case Count(None):
            return phrase("cell.withheld", language)
        case Count(n, total):
            assert n is not None
            return show_number(n, "count", language) + (
                f" ({show_number(n / total, 'percent', language)})" if total else ""
            )
        case int():
            return show_number(content, "count", language)
        case float():
            return show_number(content, form, language)

"""The codebook of an instrument in one language: what ``instrument show`` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from survey_sem.cli.codebook_words import WORDS
from survey_sem.instrument import Instrument, Item, Scale, in_language
from survey_sem.instrument.model import Part, Partition
from survey_sem.instrument.routing import Code
from survey_sem.instrument.section import Texts
from survey_sem.reporting.contents import spoken
from survey_sem.reporting.tables.routes import route_in_words

SHARED = 3
"""A scale of so many items is told once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A code and what it says; empty where it has no label."""

    code: Code
    label: str

    def __str__(self) -> str:
        if self.label.lower() == str(self.code).lower():
            return self.label
        return f"{self.code} {self.label}".strip()


@dataclass(frozen=True, slots=True)
class Question:
    """An item as people read it.

    Parameters
    ----------
    id, source : str
        As `Item`.
    type : str
        As `Item`, and ``whole`` for a number that must be whole.
    stem, text : str
        Wording; `stem` only of a row of a matrix.
    columns : tuple of str
        Where the export has it.
    scale : str or None
        Id of its scale.
    answers : tuple of Answer
        The codes of its scale.
    limits : str or None
        Least and greatest number or date; of several choices how many.
    exclusive : tuple of codes
        Options that exclude all others.
    is_reversed, is_required : bool
        As `Item`.
    route : str or None
        Who is asked, in the routing language.
    asked_if : str or None
        The same in words.
    right_answers : tuple of codes
        Of an attention check.
    privacy : str or None
        ``drop hash generalise free_text``.
    """

    id: str
    type: str
    source: str
    stem: str
    text: str
    columns: tuple[str, ...]
    scale: str | None
    answers: tuple[Answer, ...]
    limits: str | None
    exclusive: tuple[Code, ...]
    is_reversed: bool
    is_required: bool
    route: str | None
    asked_if: str | None
    right_answers: tuple[Code, ...]
    privacy: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """A construct with its questions or parts; the last group, without an id, holds the questions of none."""

    id: str
    label: str
    source: str
    parts: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A name, what is said of it, and details: a row of the smaller sections."""

    name: str
    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Codebook:
    """An instrument in one language.

    Parameters
    ----------
    id, version, title, language, sha256 : str
        Which instrument.
    facts : mapping
        Population, mode, dates, consent, ethics, languages, platform: those that are told.
    groups : tuple of Group
        Questions by construct.
    scales : mapping
        Id -> its answers.
    sections : mapping
        ``partitions attention missing paradata pii quotas design weighting`` -> rows; those that are not empty.
    """

    id: str
    version: str
    title: str
    language: str
    sha256: str
    facts: Mapping[str, str]
    groups: tuple[Group, ...]
    scales: Mapping[str, tuple[Answer, ...]]
    sections: Mapping[str, tuple[Line, ...]]

    @property
    def shared_scales(self) -> tuple[str, ...]:
        """Scales that several questions have, which are told once."""
        uses = Counter(question.scale for group in self.groups for question in group.questions)
        return tuple(name for name in self.scales if uses[name] >= SHARED)

    def word(self, key: str) -> str:
        """A word of the codebook itself; in English where the language is neither English nor Chinese."""
        return WORDS[key][self.language == "zh"]

    def to_dict(self) -> dict[str, Any]:
        """The codebook as plain data."""
        return {"schema": "survey-sem/codebook/1", **asdict(self)}


def codebook_of(asked: Instrument, language: str) -> Codebook:
    """The codebook of an instrument; a text that is not there in `language` is shown in another."""
    return _Writer(asked, language).codebook()


class _Writer:
    def __init__(self, asked: Instrument, language: str) -> None:
        self._asked = asked
        self._language = language
        self._phrases: Literal["zh", "en"] = "zh" if language == "zh" else "en"
        self._items = {item.id: item for item in asked.items}
        self._stems = {matrix.id: matrix.text for matrix in asked.matrices}
        self._checks = {check.item: check.answers for check in asked.quality.attention}

    def codebook(self) -> Codebook:
        asked = self._asked
        sections = {
            "partitions": self._partitions(),
            "attention": self._attention(),
            "missing": self._missing(),
            "paradata": self._paradata(),
            "pii": self._privacy(),
            "quotas": self._quotas(),
            "design": self._design(),
            "weighting": self._weighting(),
        }
        listed = {key: tuple(lines) for key, lines in sections.items()}
        return Codebook(
            id=asked.id,
            version=asked.version,
            title=self._text(asked.title),
            language=self._language,
            sha256=asked.sha256,
            facts=self._facts(),
            groups=tuple(self._groups()),
            scales={name: self._answers(scale) for name, scale in asked.scales.items()},
            sections={key: lines for key, lines in listed.items() if lines},
        )

    def _text(self, texts: Texts) -> str:
        return " ".join(in_language(texts, self._language).split())

    def _word(self, key: str) -> str:
        return WORDS[key][self._language == "zh"]

    def _facts(self) -> dict[str, str]:
        asked = self._asked
        told = {key: self._text(getattr(asked, key)) for key in ("population", "mode", "dates", "consent", "ethics")}
        told |= {"languages": ", ".join(asked.languages), "platform": asked.source.platform or ""}
        return {key: text for key, text in told.items() if text}

    def _groups(self) -> Iterator[Group]:
        asked = self._asked
        for construct in asked.constructs:
            questions = tuple(self._question(self._items[name]) for name in construct.items)
            yield Group(construct.id, self._text(construct.label), construct.source, construct.parts, questions)
        members = {name for construct in asked.constructs for name in construct.items}
        rest = tuple(self._question(item) for item in asked.items if item.id not in members)
        if rest:
            yield Group("", self._word("other_items" if asked.constructs else "items"), "", (), rest)

    def _question(self, item: Item) -> Question:
        route = item.relevant
        return Question(
            id=item.id,
            type="whole" if item.whole else item.type,
            source=item.source,
            stem=self._text(self._stems[item.matrix]) if item.matrix else "",
            text=self._text(item.text),
            columns=tuple(item.columns.values()) or (item.column,),
            scale=item.scale.id if item.scale else None,
            answers=self._answers(item.scale) if item.scale else (),
            limits=_between(item.min, item.max),
            exclusive=item.exclusive,
            is_reversed=item.reverse,
            is_required=item.required,
            route=str(route) if route is not None else None,
            asked_if=spoken(route_in_words(route, self._asked), self._phrases) if route is not None else None,
            right_answers=self._checks.get(item.id, ()),
            privacy=self._treatment(item),
        )

    def _treatment(self, item: Item) -> str | None:
        privacy = self._asked.privacy
        coarser = tuple(each.name for each in privacy.generalise)
        treated = {"drop": privacy.drop, "hash": privacy.pseudonymise, "generalise": coarser}
        treated["free_text"] = privacy.free_text
        return next((key for key, names in treated.items() if {item.id, item.column} & set(names)), None)

    def _answers(self, scale: Scale) -> tuple[Answer, ...]:
        return tuple(Answer(code, self._label(scale, code)) for code in scale.codes)

    def _label(self, scale: Scale, code: Code) -> str:
        return self._text({language: labels[code] for language, labels in scale.labels.items() if code in labels})

    def _partitions(self) -> Iterator[Line]:
        for each in self._asked.partitions:
            parts = tuple(f"{part.id}: {self._part(part, each)}" for part in each.parts)
            source = (each.source,) if each.source else ()
            yield Line(each.id, f"{self._text(each.label)} ({self._word('made_of')} {each.of})", (*parts, *source))

    def _part(self, part: Part, partition: Partition) -> str:
        label = self._text(part.label)
        shown = label if label != part.id else ""
        scale = self._items[partition.of].scale
        if scale is not None:
            claimed = ", ".join(str(Answer(code, self._label(scale, code))) for code in part.codes)
            return f"{shown} ({claimed})" if shown else claimed
        claimed = _ends(part.low, part.high, "<" if part.is_open else "<=")
        return f"{shown} ({claimed})" if shown else claimed

    def _missing(self) -> Iterator[Line]:
        for code in self._asked.missing:
            text = self._text(code.text)
            yield Line(str(code.code), f"{code.kind} ({text})" if text else code.kind)

    def _attention(self) -> Iterator[Line]:
        for check in self._asked.quality.attention:
            item = self._items[check.item]
            answers = (
                str(Answer(code, self._label(item.scale, code))) if item.scale else str(code) for code in check.answers
            )
            yield Line(item.id, self._text(item.text), (f"{self._word('right_answer')}: {', '.join(answers)}",))
        if self._asked.quality.seconds_per_item is not None:
            yield Line(self._word("least_time"), f"{self._asked.quality.seconds_per_item:g} s")

    def _paradata(self) -> Iterator[Line]:
        paradata = self._asked.paradata
        yield from (Line(self._word(f"role_{role}"), column) for role, column in paradata.columns.items())
        for key, between in (
            ("field_period", _between(paradata.field_start, paradata.field_end)),
            ("possible_seconds", _between(paradata.shortest, paradata.longest)),
        ):
            if between is not None:
                yield Line(self._word(key), between)

    def _privacy(self) -> Iterator[Line]:
        privacy = self._asked.privacy
        for key, names in (("drop", privacy.drop), ("hash", privacy.pseudonymise), ("free_text", privacy.free_text)):
            if names:
                yield Line(self._word(key), ", ".join(names))
        for each in privacy.generalise:
            width = f" ({each.width:g})" if each.width is not None else ""
            yield Line(self._word("generalise"), f"{each.name}: {self._word(each.to)}{width}")

    def _cells(self, of: str) -> dict[Code, str]:
        """Code or part -> its label."""
        for partition in self._asked.partitions:
            if partition.id == of:
                return {part.id: self._text(part.label) for part in partition.parts}
        scale = self._items[of].scale
        return {answer.code: answer.label for answer in self._answers(scale)} if scale is not None else {}

    def _quotas(self) -> Iterator[Line]:
        for quota in self._asked.quotas:
            labels = self._cells(quota.of)
            cells = (f"{Answer(code, labels[code])}: {_ends(*ends)}" for code, ends in quota.cells.items())
            yield Line(quota.of, "; ".join(cells))

    def _design(self) -> Iterator[Line]:
        design = self._asked.design
        told = {"strata": (design.strata,), "psu": design.psu, "weight": (design.weight,), "fpc": design.fpc}
        for key, names in told.items():
            if names and names[0] is not None:
                yield Line(self._word(key), ", ".join(str(name) for name in names))
        if design.psu:
            yield Line(self._word("lonely_psu"), design.lonely_psu)

    def _weighting(self) -> Iterator[Line]:
        weighting = self._asked.weighting
        if weighting is None:
            return
        bounds = f", {_between(*weighting.bounds)}" if weighting.bounds else ""
        yield Line(self._word("method"), f"{weighting.method}{bounds}")
        for target in weighting.targets:
            labels = self._cells(target.of)
            shares = (f"{Answer(code, labels[code])} {100 * share:.4g}%" for code, share in target.shares.items())
            yield Line(target.of, ", ".join(shares), (f"{self._word('source')}: {target.source}",))


def _between(low: float | date | None, high: float | date | None) -> str | None:
    """Two ends with a dash; an open end is blank."""
    if low is None and high is None:
        return None
    return f"{_shown(low)} \N{EN DASH} {_shown(high)}".strip()


def _ends(low: float | None, high: float | None, upper: str = "<=") -> str:
    """Two ends as inequalities."""
    ends = [f">= {_shown(low)}"] if low is not None else []
    ends += [f"{upper} {_shown(high)}"] if high is not None else []
    return ", ".join(ends)


def _shown(end: float | date | None) -> str:
    if end is None:
        return ""
    return end.isoformat() if isinstance(end, date) else format(end, ".15g")

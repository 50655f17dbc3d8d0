"""What was asked, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from survey_sem.errors import DataError, did_you_mean
from survey_sem.instrument.routing import Code, Route
from survey_sem.instrument.section import Texts

ItemType = Literal["ordinal", "nominal", "multi", "rank", "number", "text", "date"]
MissingKind = Literal["routed", "nonresponse", "dontknow", "refused"]
ColumnsBy = Literal["name", "number", "header"]

ITEM_TYPES: tuple[ItemType, ...] = ("ordinal", "nominal", "multi", "rank", "number", "text", "date")
MISSING_KINDS: tuple[MissingKind, ...] = ("routed", "nonresponse", "dontknow", "refused")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the answers come from and how items find their columns.

    Parameters
    ----------
    platform : str or None
        An export dialect; None to find out.
    encoding : str or None
        Of text files; None to find out.
    columns : str
        What `Item.column` is: the ``name`` of a column, the ``number`` of a question (``6``, of a matrix row
        ``"6.2"``), or the ``header`` text of the file.
    """

    platform: str | None = None
    encoding: str | None = None
    columns: ColumnsBy = "name"


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
        codes = self.codes
        if self.min is not None or (len(codes) > 3 and codes == tuple(range(len(codes) + 1))[1:]):
            return f"{codes[0]}-{codes[-1]}"
        return ", ".join(str(code) for code in codes)


@dataclass(frozen=True, slots=True)
class Item:
    """One question.

    Parameters
    ----------
    id : str
        Its name in models and tables.
    column : str
        Its column in the export (see `Source.columns`); of an item spread over `columns`, its own id.
    type : str
        ``ordinal nominal multi rank number text date``.
    scale : Scale or None
        The options of ordinal, nominal, multi and rank items.
    reverse : bool
        Whether a high answer means little of the construct.
    text : Texts
        The wording, by language; of a row of a matrix without the stem.
    source : str
        Where the wording comes from: ``own wording``, or a reference.
    min, max : float, date or None
        Limits of a number or date; of a multi item how many options may be chosen, of a rank item how many ranks
        are given.
    whole : bool
        Whether a number must be whole.
    format : str or None
        How a date is written, as in `datetime.strptime`; None for ISO 8601.
    relevant : Route or None
        Who was asked; None for everybody.
    required : bool
        Whether everybody who was asked had to answer.
    columns : mapping
        Of multi and rank items that the export spreads over columns: code -> column (0/1, or the rank).
    exclusive : tuple of codes
        Options of a multi item that exclude all others, such as "none of these".
    matrix : str or None
        Id of the matrix that it is a row of.
    """

    id: str
    column: str
    type: ItemType
    scale: Scale | None
    reverse: bool
    text: Texts
    source: str
    min: float | date | None = None
    max: float | date | None = None
    whole: bool = False
    format: str | None = None
    relevant: Route | None = None
    required: bool = False
    columns: Mapping[Code, str] = field(default_factory=dict)
    exclusive: tuple[Code, ...] = ()
    matrix: str | None = None

    @property
    def is_spread(self) -> bool:
        """Whether an answer holds several values: it then becomes one variable per option (`variables`)."""
        return self.type in ("multi", "rank")

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of its variables in analyses: ``id``, or ``id_code`` for every option of a multi or rank item."""
        if not self.is_spread or self.scale is None:
            return (self.id,)
        return tuple(f"{self.id}_{code}" for code in self.scale.codes)

    def expected(self) -> str:
        """What a legal answer is, in words."""
        if self.type in ("multi", "rank"):
            assert self.scale is not None
            each = "chosen options among" if self.type == "multi" else "ranks of"
            return f"{each} {self.scale.describe()}"
        if self.scale is not None:
            return self.scale.describe()
        if self.type == "text":
            return "text"
        kind = {"number": "a whole number" if self.whole else "a number", "date": "a date"}[self.type]
        low, high = (_shown(limit) for limit in (self.min, self.max))
        return f"{kind}{f' from {low}' if low else ''}{f' up to {high}' if high else ''}"


def _shown(limit: float | date | None) -> str:
    if limit is None:
        return ""
    return limit.isoformat() if isinstance(limit, date) else format(limit, ".15g")


@dataclass(frozen=True, slots=True)
class Matrix:
    """Several items under one stem and on one scale."""

    id: str
    text: Texts
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Construct:
    """What several items are meant to measure.

    Parameters
    ----------
    id : str
        Its name in models and tables.
    label : Texts
        By language.
    items : tuple of str
        Item ids; empty for a construct made of others.
    source : str
        Where the measure comes from.
    parts : tuple of str
        Constructs that it is made of (second order).
    """

    id: str
    label: Texts
    items: tuple[str, ...]
    source: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One class of a partition.

    Parameters
    ----------
    id : str
        Its code in the data.
    label : Texts
        By language.
    low, high : float or None
        Of a number: both ends belong to it (`is_open`: the upper one does not); None where it is open-ended.
    codes : tuple of codes
        Of an ordinal or nominal item: the codes that it gathers.
    is_open : bool
        Whether `high` itself belongs to the next part.
    """

    id: str
    label: Texts
    low: float | None = None
    high: float | None = None
    codes: tuple[Code, ...] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Partition:
    """A nominal variable made of an item: every legal answer falls into exactly one part."""

    id: str
    label: Texts
    of: str
    parts: tuple[Part, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class AttentionCheck:
    """An item with one right answer (or several) for those who read."""

    item: str
    answers: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """Signs of careless answers that the instrument plans for.

    Parameters
    ----------
    attention : tuple of AttentionCheck
        Items with a right answer.
    seconds_per_item : float or None
        Faster than this on average is too fast to have read.
    """

    attention: tuple[AttentionCheck, ...] = ()
    seconds_per_item: float | None = None


@dataclass(frozen=True, slots=True)
class Paradata:
    """Columns about the answer sheet, by role; None where the export has none.

    Parameters
    ----------
    id : str or None
        Names an answer sheet: must not repeat.
    started, submitted : str or None
        Clock times.
    duration : str or None
        Seconds.
    ip, device, user : str or None
        Where the answers came from.
    time_format : str or None
        How clock times are written, as in `datetime.strptime`; None for ISO 8601 and ``2026/5/1 12:30:00``.
    field_start, field_end : date or None
        The field period, both days included.
    shortest, longest : float or None
        Seconds outside of which a duration is impossible.
    """

    id: str | None = None
    started: str | None = None
    submitted: str | None = None
    duration: str | None = None
    ip: str | None = None
    device: str | None = None
    user: str | None = None
    time_format: str | None = None
    field_start: date | None = None
    field_end: date | None = None
    shortest: float | None = None
    longest: float | None = None

    @property
    def columns(self) -> Mapping[str, str]:
        """Role -> column, those that there are."""
        roles = ("id", "started", "submitted", "duration", "ip", "device", "user")
        return {role: name for role in roles if (name := getattr(self, role)) is not None}


@dataclass(frozen=True, slots=True)
class Generalised:
    """An item or column that is kept in coarser form only: ``year`` or ``month`` of a date, or bands of `width`."""

    name: str
    to: Literal["year", "month", "band"]
    width: float | None = None


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is done to personal data before anything is written.

    Parameters
    ----------
    drop : tuple of str
        Columns (or items) that are not taken over.
    pseudonymise : tuple of str
        Columns (or items) whose values become a keyed hash, or numbers where there is no key.
    generalise : tuple of Generalised
        Kept in coarser form.
    free_text : tuple of str
        Text items in which phone numbers, addresses and the like are masked.
    """

    drop: tuple[str, ...] = ()
    pseudonymise: tuple[str, ...] = ()
    generalise: tuple[Generalised, ...] = ()
    free_text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """How many respondents of each kind were wanted: code (or part) -> least and most; None where open."""

    of: str
    cells: Mapping[Code, tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class Design:
    """How respondents were drawn: names of items, partitions or columns.

    Parameters
    ----------
    strata : str or None
        The strata.
    psu : tuple of str
        Primary sampling units and, after them, those of later stages.
    weight : str or None
        Base weights.
    fpc : tuple of str
        Population sizes or sampling fractions, one per stage.
    lonely_psu : str
        What is done with a stratum of one PSU.
    """

    strata: str | None = None
    psu: tuple[str, ...] = ()
    weight: str | None = None
    fpc: tuple[str, ...] = ()
    lonely_psu: Literal["fail", "remove", "adjust", "average", "certainty"] = "fail"


@dataclass(frozen=True, slots=True)
class Target:
    """A population margin: code (or part) -> share; the shares sum to 1."""

    of: str
    shares: Mapping[Code, float]
    source: str


@dataclass(frozen=True, slots=True)
class Weighting:
    """How the sample is brought to population margins.

    Parameters
    ----------
    method : str
        ``rake poststratify linear logit``.
    targets : tuple of Target
        Margins with their sources.
    bounds : pair of float or None
        Least and greatest ratio of final to base weight.
    """

    method: Literal["rake", "poststratify", "linear", "logit"]
    targets: tuple[Target, ...]
    bounds: tuple[float, float] | None = None


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
    source, matrices, partitions, quality, paradata, privacy, quotas, design, weighting
        As their types say; empty where the file has no such section.
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
    source: Source = Source()
    matrices: tuple[Matrix, ...] = ()
    partitions: tuple[Partition, ...] = ()
    quality: Quality = Quality()
    paradata: Paradata = Paradata()
    privacy: Privacy = Privacy()
    quotas: tuple[Quota, ...] = ()
    design: Design = Design()
    weighting: Weighting | None = None

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

    @property
    def variables(self) -> tuple[str, ...]:
        """Every variable that responses have: those of the items in order, then the partitions."""
        return (*(name for item in self.items for name in item.variables), *(each.id for each in self.partitions))

"""Who the respondents are and how they answered: everything about a sample beside what is measured.

Small cells are withheld here, before anything is written: nobody further on knows them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from survey_sem.instrument.model import AttentionCheck, Instrument, Item, Partition, Target
from survey_sem.instrument.section import Texts
from survey_sem.sample.describe import SMALLEST_CELL, CategoryCount, Code, labels_of, withheld

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

ChoiceKind = Literal["one", "several", "first"]


@dataclass(frozen=True, slots=True)
class Choices:
    """How the respondents spread over the options of a question or the parts of a partition.

    Parameters
    ----------
    name : str
        Item or partition.
    label : Texts
        Wording of the item, or label of the partition.
    kind : str
        ``one`` option each; ``several`` options each, so that counts sum to more than `n`; the option ranked
        ``first``.
    n, n_missing : int
        Respondents with and without an answer.
    counts : tuple of CategoryCount
        In the scale's order, small ones withheld.
    """

    name: str
    label: Texts
    kind: ChoiceKind
    n: int
    n_missing: int
    counts: tuple[CategoryCount, ...]

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "label": dict(self.label), "counts": [count.to_dict() for count in self.counts]}


@dataclass(frozen=True, slots=True)
class Quantity:
    """How a number is distributed.

    Parameters
    ----------
    name : str
        Item, or ``duration``.
    label : Texts
        Wording.
    n, n_missing : int
        Given and missing answers.
    q1, median, q3, mean, sd : float or None
        Quartiles (linear interpolation), mean, standard deviation with divisor n - 1; None where fewer than ten
        answered.
    """

    name: str
    label: Texts
    n: int
    n_missing: int
    q1: float | None
    median: float | None
    q3: float | None
    mean: float | None
    sd: float | None

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        return {**{name: getattr(self, name) for name in self.__slots__}, "label": dict(self.label)}


@dataclass(frozen=True, slots=True)
class TargetShare:
    """One cell of a population margin beside the sample's; `sample` is None where the cell is withheld."""

    code: Code
    label: Texts
    population: float
    sample: float | None

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        return {**{name: getattr(self, name) for name in self.__slots__}, "label": dict(self.label)}


@dataclass(frozen=True, slots=True)
class TargetMargin:
    """A population margin that the instrument names, beside the unweighted sample.

    Parameters
    ----------
    of : str
        Item or partition.
    label : Texts
        Its wording or label.
    source : str
        Where the population's shares come from.
    n : int
        Respondents with an answer.
    shares : tuple of TargetShare
    """

    of: str
    label: Texts
    source: str
    n: int
    shares: tuple[TargetShare, ...]

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        return {
            "of": self.of,
            "label": dict(self.label),
            "source": self.source,
            "n": self.n,
            "shares": [share.to_dict() for share in self.shares],
        }


@dataclass(frozen=True, slots=True)
class AttentionResult:
    """How many passed an attention check.

    Parameters
    ----------
    item : str
        The check.
    label : Texts
        Its wording.
    n : int
        Respondents who answered it.
    n_passed, n_failed : int or None
        Right and other answers; None where there are fewer than ten.
    """

    item: str
    label: Texts
    n: int
    n_passed: int | None
    n_failed: int | None

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        return {**{name: getattr(self, name) for name in self.__slots__}, "label": dict(self.label)}


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """When the answers came in and how long they took, of all that were received.

    Parameters
    ----------
    first_day, last_day : str or None
        Of submission (else of the start), ISO 8601; None where fewer than ten sheets have a time.
    duration : Quantity or None
        Seconds from start to submission; None where the export has no duration.
    """

    first_day: str | None = None
    last_day: str | None = None
    duration: Quantity | None = None

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        duration = None if self.duration is None else self.duration.to_dict()
        return {"first_day": self.first_day, "last_day": self.last_day, "duration": duration}


@dataclass(frozen=True, slots=True)
class SampleDescription:
    """A sample beside what is measured; each part is empty where the instrument has nothing of its kind.

    Parameters
    ----------
    n : int
        Respondents of the prepared sample, to whom choices, quantities and margins refer.
    choices : tuple of Choices
        Background questions and partitions.
    quantities : tuple of Quantity
        Background numbers.
    margins : tuple of TargetMargin
        Beside the weighting targets of the instrument.
    attention : tuple of AttentionResult
        Of all answer sheets that were received.
    fieldwork : Fieldwork
        Of all answer sheets that were received.
    """

    n: int = 0
    choices: tuple[Choices, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    margins: tuple[TargetMargin, ...] = ()
    attention: tuple[AttentionResult, ...] = ()
    fieldwork: Fieldwork = Fieldwork()

    def to_dict(self) -> dict[str, Any]:
        """The description as plain data (schema ``survey-sem/description/1``)."""
        lists = ("choices", "quantities", "margins", "attention")
        return {
            "schema": "survey-sem/description/1",
            "n": self.n,
            **{name: [each.to_dict() for each in getattr(self, name)] for name in lists},
            "fieldwork": self.fieldwork.to_dict(),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> SampleDescription:
        """A description from its plain data."""
        fieldwork = record["fieldwork"]
        duration = fieldwork["duration"]
        return cls(
            n=record["n"],
            choices=tuple(
                Choices(**{**each, "counts": tuple(CategoryCount(**count) for count in each["counts"])})
                for each in record["choices"]
            ),
            quantities=tuple(Quantity(**each) for each in record["quantities"]),
            margins=tuple(
                TargetMargin(**{**each, "shares": tuple(TargetShare(**share) for share in each["shares"])})
                for each in record["margins"]
            ),
            attention=tuple(AttentionResult(**each) for each in record["attention"]),
            fieldwork=Fieldwork(**{**fieldwork, "duration": None if duration is None else Quantity(**duration)}),
        )


def background_items(instrument: Instrument, measured: Collection[str]) -> tuple[Item, ...]:
    """The items that describe respondents: not `measured`, no attention check, not of the design, no free text."""
    design = instrument.design
    others = {check.item for check in instrument.quality.attention} | {*design.psu, *design.fpc}
    others |= {name for name in (design.strata, design.weight) if name is not None}
    return tuple(
        item for item in instrument.items if item.id not in measured and item.id not in others and item.type != "text"
    )


def describe_sample(
    data: pd.DataFrame,
    instrument: Instrument,
    measured: Collection[str] = (),
    *,
    received: pd.DataFrame | None = None,
    paradata: pd.DataFrame | None = None,
) -> SampleDescription:
    """Describe respondents by what they say of themselves.

    Parameters
    ----------
    data : DataFrame
        Answers of the prepared sample, one column per variable.
    instrument : Instrument
        What was asked.
    measured : collection of str
        Items that belong to a construct or a model: described elsewhere.
    received : DataFrame, optional
        Answers of all sheets that were received, for the attention checks; `data` where it is not given.
    paradata : DataFrame, optional
        Times of all sheets that were received: columns ``started submitted`` (times) and ``duration`` (seconds).
    """
    items = background_items(instrument, measured)
    return SampleDescription(
        n=len(data),
        choices=(*_all_choices(data, items), *_partitions(data, instrument.partitions)),
        quantities=tuple(
            quantity(data[item.id], item.id, item.text) for item in items if item.type == "number" and item.id in data
        ),
        margins=_margins(data, instrument),
        attention=_attention(data if received is None else received, instrument),
        fieldwork=_fieldwork(paradata),
    )


def _all_choices(data: pd.DataFrame, items: Iterable[Item]) -> Iterable[Choices]:
    for item in items:
        if item.is_spread:
            found = [name for name in item.variables if name in data]
            if len(found) == len(item.variables):
                yield (_several if item.type == "multi" else _ranked_first)(data[found], item)
        elif item.type in ("ordinal", "nominal") and item.id in data and item.scale is not None:
            labels = {code: labels_of(item.scale, code) for code in item.scale.codes}
            yield _one(data[item.id], item.id, item.text, labels)


def _partitions(data: pd.DataFrame, partitions: Sequence[Partition]) -> Iterable[Choices]:
    for partition in partitions:
        if partition.id in data:
            labels: dict[Code, Texts] = {part.id: part.label for part in partition.parts}
            yield _one(data[partition.id], partition.id, partition.label, labels)


def _one(column: Column, name: str, label: Texts, labels: Mapping[Code, Texts]) -> Choices:
    n = int(column.notna().sum())
    counts = _tally(column, labels)
    hidden = withheld(counts)
    shown = (
        CategoryCount(code, text, None if at in hidden else counts[at])
        for at, (code, text) in enumerate(labels.items())
    )
    return Choices(name, label, "one", n, len(column) - n, tuple(shown))


def _tally(column: Column, codes: Iterable[Code]) -> list[int]:
    """How often each code occurs, whether it is held as a number or as its text."""
    found = {_written(code): int(n) for code, n in column.value_counts().items()}
    return [found.get(_written(code), 0) for code in codes]


def _written(code: object) -> str:
    return format(code, ".15g") if isinstance(code, (int, float)) else str(code)


def _several(answers: pd.DataFrame, item: Item) -> Choices:
    answered = answers.notna().all(axis="columns")
    chosen = [int(n) for n in (answers[answered] == 1).sum()]
    return _overlapping(item, "several", int(answered.sum()), len(answers), chosen)


def _ranked_first(answers: pd.DataFrame, item: Item) -> Choices:
    first = answers == 1
    n = int(first.any(axis="columns").sum())
    return _overlapping(item, "first", n, len(answers), [int(n) for n in first.sum()])


def _overlapping(item: Item, kind: ChoiceKind, n: int, n_rows: int, chosen: Sequence[int]) -> Choices:
    """Each option is a cell of its own beside those who did not choose it: both must be large enough."""
    scale = item.scale
    assert scale is not None
    shown = (
        CategoryCount(code, labels_of(scale, code), count if min(count, n - count) >= SMALLEST_CELL else None)
        for code, count in zip(scale.codes, chosen, strict=True)
    )
    return Choices(item.id, item.text, kind, n, n_rows - n, tuple(shown))


def quantity(column: Column, name: str, label: Texts) -> Quantity:
    """Quartiles, mean and standard deviation of the numbers of a column."""
    values = column.dropna().to_numpy(dtype=np.float64)
    n = len(values)
    if n < SMALLEST_CELL:
        return Quantity(name, label, n, len(column) - n, None, None, None, None, None)
    q1, median, q3 = (float(each) for each in np.quantile(values, (0.25, 0.5, 0.75)))
    return Quantity(name, label, n, len(column) - n, q1, median, q3, float(values.mean()), float(values.std(ddof=1)))


def _margins(data: pd.DataFrame, instrument: Instrument) -> tuple[TargetMargin, ...]:
    targets = instrument.weighting.targets if instrument.weighting is not None else ()
    return tuple(_margin(data[target.of], target, instrument) for target in targets if target.of in data)


def _margin(column: Column, target: Target, instrument: Instrument) -> TargetMargin:
    counts = _tally(column, target.shares)
    hidden, total = withheld(counts), sum(counts)
    label, labels = _labels_of_target(target, instrument)
    shares = (
        TargetShare(code, labels.get(code, {}), share, None if at in hidden or not total else counts[at] / total)
        for at, (code, share) in enumerate(target.shares.items())
    )
    return TargetMargin(target.of, label, target.source, total, tuple(shares))


def _labels_of_target(target: Target, instrument: Instrument) -> tuple[Texts, Mapping[Code, Texts]]:
    for partition in instrument.partitions:
        if partition.id == target.of:
            return partition.label, {part.id: part.label for part in partition.parts}
    item = instrument.item(target.of)
    scale = item.scale
    return item.text, {code: labels_of(scale, code) for code in scale.codes} if scale is not None else {}


def _attention(frame: pd.DataFrame, instrument: Instrument) -> tuple[AttentionResult, ...]:
    return tuple(
        _attention_result(frame[check.item], check, instrument)
        for check in instrument.quality.attention
        if check.item in frame
    )


def _attention_result(column: Column, check: AttentionCheck, instrument: Instrument) -> AttentionResult:
    n = int(column.notna().sum())
    passed = sum(_tally(column, check.answers))
    shown = [None if count < SMALLEST_CELL and n else count for count in (passed, n - passed)]
    return AttentionResult(check.item, instrument.item(check.item).text, n, shown[0], shown[1])


def _fieldwork(paradata: pd.DataFrame | None) -> Fieldwork:
    if paradata is None:
        return Fieldwork()
    first = last = None
    role = next((role for role in ("submitted", "started") if role in paradata), None)
    if role is not None:
        times = paradata[role].dropna()
        if len(times) >= SMALLEST_CELL:
            first, last = (cast("pd.Timestamp", time).date().isoformat() for time in (times.min(), times.max()))
    duration = quantity(paradata["duration"], "duration", {}) if "duration" in paradata else None
    return Fieldwork(first, last, duration)

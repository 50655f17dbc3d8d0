"""A prepared sample as an SPSS file: question texts, labels of codes, why an answer is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import Warned
from survey_sem.exports import Measure, MissingRange, write_sav
from survey_sem.exports.raw_table import Label
from survey_sem.instrument import Instrument, Item, in_language
from survey_sem.instrument.model import MissingCode, Partition
from survey_sem.responses import ABSENT_KINDS
from survey_sem.sample import Sample
from survey_sem.sample.describe import labels_of
from survey_sem.study.weighted_rows import weight_name, with_weights

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

_WORDS = {"en": ("not chosen", "chosen", " (reversed)"), "zh": ("未选", "选中", "（已反向计分）")}
_WEIGHT = {"en": "final weight", "zh": "最终权数"}
_MOST_MISSING = 3
"""Single codes that SPSS allows to stand for no answer in one variable."""


@dataclass(frozen=True, slots=True)
class _Variable:
    """A column as SPSS holds it."""

    values: Column
    label: str
    codes: Label
    missing: tuple[MissingRange, ...] = ()
    measure: Measure = "scale"


def write_spss(sample: Sample, instrument: Instrument, path: Path, language: str) -> tuple[Warned, ...]:
    """Write the sample with labels in one language.

    A missing answer gets the instrument's code for its kind back (declared missing, so that SPSS leaves it out of
    analyses); parts of a partition are numbered from 1 in the order of the instrument.

    Returns
    -------
    tuple of Warned
        What the file cannot hold.

    Raises
    ------
    FileError
        A name that SPSS does not allow; the path cannot be written.
    """
    import pandas as pd

    variables: dict[str, _Variable] = {}
    for item in instrument.items:
        for name, code in _columns(item):
            if name in sample.data:
                variables[name] = _variable(sample, item, name, code, instrument, language)
    for partition in instrument.partitions:
        if partition.id in sample.data:
            variables[partition.id] = _numbered(sample.data[partition.id], partition, language)
    rows, weight = with_weights(sample), weight_name(sample)
    for name in rows.columns:
        label = _WEIGHT.get(language, _WEIGHT["en"]) if name == weight else ""
        measure: Measure = "scale" if pd.api.types.is_numeric_dtype(rows[name]) else "nominal"
        variables.setdefault(str(name), _Variable(rows[name], label, {}, measure=measure))
    return write_sav(
        pd.DataFrame({name: each.values for name, each in variables.items()}),
        path,
        {name: each.label for name, each in variables.items()},
        {name: each.codes for name, each in variables.items() if each.codes},
        {name: each.missing for name, each in variables.items() if each.missing},
        {name: each.measure for name, each in variables.items()},
    )


def _columns(item: Item) -> tuple[tuple[str, Any], ...]:
    """Names of an item's variables, each with the option that it is about."""
    if not item.is_spread or item.scale is None:
        return ((item.id, None),)
    return tuple(zip(item.variables, item.scale.codes, strict=True))


def _variable(sample: Sample, item: Item, name: str, option: Any, instrument: Instrument, language: str) -> _Variable:
    label = in_language(item.text, language)
    if item.matrix is not None:
        stem = next((in_language(each.text, language) for each in instrument.matrices if each.id == item.matrix), "")
        label = f"{stem} {label}".strip()
    no, yes, turned = _WORDS.get(language, _WORDS["en"])
    codes: dict[Any, str] = {}
    if option is not None and item.scale is not None:
        label = f"{label}: {in_language(labels_of(item.scale, option), language, str(option))}"
        codes = {0: no, 1: yes} if item.type == "multi" else {}
    elif item.scale is not None:
        is_turned = item.id in sample.reversed_items
        label += turned if is_turned else ""
        codes = _labels(item, is_turned, language)
    found = _Variable(sample.data[name], label, codes, measure=_measure(item))
    return _with_kinds(found, sample, item, instrument.missing, language)


def _measure(item: Item) -> Measure:
    """Level of measurement as SPSS names it; ranks and answers of one scale have an order."""
    if item.type in ("ordinal", "rank"):
        return "ordinal"
    return "scale" if item.type in ("number", "date") else "nominal"


def _labels(item: Item, is_turned: bool, language: str) -> dict[Any, str]:
    """Labels of the codes; of a turned item those that the answers had before."""
    scale = item.scale
    assert scale is not None
    found: dict[Any, str] = {}
    for code in scale.codes:
        asked = code
        if is_turned and scale.min is not None and scale.max is not None and not isinstance(code, str):
            asked = scale.min + scale.max - code
        if text := in_language(labels_of(scale, asked), language):
            found[code] = text
    return found


def _with_kinds(
    variable: _Variable, sample: Sample, item: Item, declared: tuple[MissingCode, ...], language: str
) -> _Variable:
    """Missing answers under the code of their kind, where the instrument has a number for it."""
    import pandas as pd

    if sample.absent is None or item.id not in sample.absent or not pd.api.types.is_numeric_dtype(variable.values):
        return variable
    numbers = {each.kind: each for each in reversed(declared) if isinstance(each.code, (int, float))}
    values, codes = variable.values, dict(variable.codes)
    missing: list[MissingRange] = []
    for at, kind in enumerate(ABSENT_KINDS):
        rows = (sample.absent[item.id] == at) & variable.values.isna()
        if kind in numbers and rows.any() and len(missing) < _MOST_MISSING:
            code = numbers[kind].code
            values = values.mask(rows, float(code))
            codes[code] = in_language(numbers[kind].text, language, kind)
            missing.append(MissingRange(code, code, kind))
    return _Variable(values, variable.label, codes, tuple(missing), variable.measure)


def _numbered(column: Column, partition: Partition, language: str) -> _Variable:
    numbers: Mapping[str, int] = {part.id: at for at, part in enumerate(partition.parts, start=1)}
    labels = {at: in_language(part.label, language, part.id) for at, part in enumerate(partition.parts, start=1)}
    values = column.map(numbers).astype(float)
    return _Variable(values, in_language(partition.label, language), labels, measure="nominal")

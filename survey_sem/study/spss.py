"""A prepared sample as an SPSS file: question texts, labels of codes, why an answer is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import Warned
from survey_sem.exports import Measure, MissingRange, spss_names, write_sav
from survey_sem.exports.raw_table import Label
from survey_sem.instrument import Instrument, Item, in_language
from survey_sem.instrument.model import MissingCode, Partition
from survey_sem.responses import ABSENT_KINDS
from survey_sem.sample import Sample
from survey_sem.sample.describe import labels_of
from survey_sem.study.spss_syntax import syntax, write_syntax
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
    lost_kinds: tuple[str, ...] = ()

    @property
    def form(self) -> str | None:
        """Format of SPSS: codes and whole numbers without decimals; None for texts."""
        import pandas as pd

        known = self.values.dropna()
        if pd.api.types.is_datetime64_any_dtype(known):
            return "SDATE10" if (known == known.dt.normalize()).all() else "DATETIME20"
        if not pd.api.types.is_numeric_dtype(known):
            return None
        return "F8.0" if (known == known.round()).all() else "F12.4"


def write_spss(sample: Sample, instrument: Instrument, path: Path, language: str) -> tuple[Warned, ...]:
    """Write the sample with labels in one language, and beside it a syntax file (.sps).

    A missing answer gets the instrument's code for its kind back (declared missing, so that SPSS leaves it out of
    analyses); parts of a partition are numbered from 1 in the order of the instrument. The file is weighted by the
    final weights; the syntax says what these are good for, and defines sets of multiple answers, which the file cannot.

    Returns
    -------
    tuple of Warned
        What the file cannot hold.

    Raises
    ------
    FileError
        The path cannot be written.
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
    names = spss_names(variables)
    known = {names[name]: each for name, each in variables.items()}
    weighted = None if weight is None else names[weight]
    told = write_sav(
        pd.DataFrame({name: each.values for name, each in known.items()}),
        path,
        {name: each.label for name, each in known.items()},
        {name: each.codes for name, each in known.items() if each.codes},
        {name: each.missing for name, each in known.items() if each.missing},
        {name: each.measure for name, each in known.items()},
        {name: each.form for name, each in known.items() if each.form is not None},
        weighted,
    )
    sets = _sets(sample, instrument, names, language)
    write_syntax(path.with_suffix(".sps"), syntax(weighted, sample.design, names, sets, language))
    return (*told, *_changed(names, variables, path))


def _changed(names: Mapping[str, str], variables: Mapping[str, _Variable], path: Path) -> Iterator[Warned]:
    """Names that SPSS does not allow, and kinds of missing answers that do not fit."""
    renamed = [f"{name} is {new}" for name, new in names.items() if name != new]
    if renamed:
        what = f"{len(renamed)} variables have another name in the .sav file: SPSS does not allow theirs"
        yield Warned("renamed", what, f"{path}: {', '.join(renamed[:5])}")
    lost = [f"{name} ({', '.join(each.lost_kinds)})" for name, each in variables.items() if each.lost_kinds]
    if lost:
        yield Warned(
            "missing-kinds-lost",
            f"why answers are missing is not told in {len(lost)} columns, where they are system-missing",
            f"{path}: {', '.join(lost[:5])}",
            f"the questionnaire needs a number of its own for each kind; SPSS takes {_MOST_MISSING} in a variable",
        )


def _sets(
    sample: Sample, instrument: Instrument, names: Mapping[str, str], language: str
) -> dict[str, tuple[str, list[str]]]:
    """Questions with several answers: text, and the variables of the options."""
    found = {}
    for item in instrument.items:
        options = [names[name] for name, _ in _columns(item) if name in sample.data]
        if item.type == "multi" and len(options) > 1:
            found[spss_names([item.id])[item.id]] = (in_language(item.text, language), options)
    return found


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
    numbers: dict[str, MissingCode] = {
        each.kind: each for each in reversed(declared) if isinstance(each.code, (int, float))
    }
    values, codes = variable.values, dict(variable.codes)
    missing: list[MissingRange] = []
    lost: list[str] = []
    for at, kind in enumerate(ABSENT_KINDS):
        rows = (sample.absent[item.id] == at) & variable.values.isna()
        if kind == "answered" or not rows.any():  # an answer that was taken out has no kind
            continue
        named = numbers.get(kind)
        code = None if named is None else named.code
        if named is None or code is None or len(missing) == _MOST_MISSING or (variable.values == code).any():
            lost.append(kind)
            continue
        values = values.mask(rows, float(code))
        codes[code] = in_language(named.text, language, kind)
        missing.append(MissingRange(code, code, kind))
    return replace(variable, values=values, codes=codes, missing=tuple(missing), lost_kinds=tuple(lost))


def _numbered(column: Column, partition: Partition, language: str) -> _Variable:
    numbers: Mapping[str, int] = {part.id: at for at, part in enumerate(partition.parts, start=1)}
    labels = {at: in_language(part.label, language, part.id) for at, part in enumerate(partition.parts, start=1)}
    values = column.map(numbers).astype(float)
    return _Variable(values, in_language(partition.label, language), labels, measure="nominal")

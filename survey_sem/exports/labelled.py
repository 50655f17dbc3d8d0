"""Labelled files of statistics packages: SPSS (.sav, .zsav) and Stata (.dta), through pyreadstat."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import FileError, Warned
from survey_sem.exports.raw_table import Label, Measure, MissingRange
from survey_sem.exports.sav_dictionary import WEIGHT_AT, last_number

if TYPE_CHECKING:
    import pandas as pd


_SAV_CREATED_AT = 92
_SAV_CREATED = b"01 Jan 7000:00:00"
"""Creation date (9 bytes) and time (8 bytes) of a .sav header, at a fixed place."""


_OF_DAMAGE = (UnicodeDecodeError, OverflowError, TypeError, IndexError)
"""What else the library raises over damaged files: dates outside the calendar, no name, fewer rows than said."""
QUESTION_BYTES, LABEL_BYTES = 255, 120
"""Limits of SPSS for question texts and for labels of codes, in bytes of utf-8."""


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """Rows with what the file says about them."""

    frame: pd.DataFrame
    encoding: str | None
    value_labels: Mapping[str, Label]
    column_labels: Mapping[str, str]
    missing_codes: Mapping[str, tuple[MissingRange, ...]]


def read_labelled(path: Path, file_format: str, encoding: str | None = None) -> LabelledRows:
    """Rows, value labels, question texts and declared missing codes of a .sav, .zsav or .dta file.

    SPSS user-missing codes stay in the rows and are named in `missing_codes`; Stata's extended missing values
    (``.a`` to ``.z``) become missing. An SPSS file that is not utf-8 is tried as gb18030.

    Raises
    ------
    FileError
        A damaged file, text in another encoding, no rows.
    """
    frame, meta = _read(path, file_format, encoding)
    if frame.empty:
        raise FileError("no-rows", f"{path.name} has no rows", where=str(path))
    if file_format == "dta":
        frame = _without_extended_missing(frame, meta.missing_user_values)
    return LabelledRows(
        frame=frame.rename(columns=str),  # a damaged name may have become a number
        encoding=meta.file_encoding or encoding,
        value_labels={str(name): _whole_codes(labels) for name, labels in meta.variable_value_labels.items()},
        column_labels={str(name): text for name, text in meta.column_names_to_labels.items() if text},
        missing_codes=_missing_codes(meta.missing_ranges),
    )


def write_sav(
    frame: pd.DataFrame,
    path: Path,
    column_labels: Mapping[str, str],
    value_labels: Mapping[str, Label] | None = None,
    missing_codes: Mapping[str, tuple[MissingRange, ...]] | None = None,
    measures: Mapping[str, Measure] | None = None,
    formats: Mapping[str, str] | None = None,
    weight: str | None = None,
) -> tuple[Warned, ...]:
    """Write an SPSS file; equal frames give equal bytes (the header's clock time is fixed).

    What the format cannot hold is said, never passed over: question texts over 255 bytes of utf-8 (85 Chinese
    characters) are cut, labels of codes over 120 bytes (40 Chinese characters) too, and a missing text becomes an
    empty one.

    Parameters
    ----------
    frame : DataFrame
        Rows.
    path : Path
        Where to.
    column_labels : mapping
        Column -> question text.
    value_labels : mapping, optional
        Column -> code -> label.
    missing_codes : mapping, optional
        Column -> codes that stand for no answer.
    measures : mapping, optional
        Column -> level of measurement.
    formats : mapping, optional
        Column -> format of SPSS, such as ``F8.0``.
    weight : str, optional
        Column of numbers by which the file is weighted when it is opened; it is moved to the end.

    Returns
    -------
    tuple of Warned
        What the file does not hold as given; empty where it holds everything.

    Raises
    ------
    FileError
        A column name that SPSS does not allow; the path cannot be written.
    """
    import pyreadstat

    coded = {name: labels for name, labels in (value_labels or {}).items() if name in frame.columns and labels}
    ranges = {name: codes for name, codes in (missing_codes or {}).items() if name in frame.columns}
    if weight is not None:
        frame = frame[[name for name in frame.columns if name != weight] + [weight]]
    try:
        pyreadstat.write_sav(
            frame,
            path,
            column_labels=[_cut(column_labels.get(str(name), ""), QUESTION_BYTES) for name in frame.columns],
            variable_value_labels={name: _cut_labels(labels) for name, labels in coded.items()},
            missing_ranges={name: _ranges(codes) for name, codes in ranges.items()},
            variable_measure=dict(measures or {}),
            variable_format=dict(formats or {}),
        )
        _finish(path, is_weighted=weight is not None)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeEncodeError, OSError) as problem:
        raise FileError(
            "unwritable-file",
            f"{path.name} cannot be written: {problem}",
            where=str(path),
            hint="names in SPSS begin with a letter, have no blanks and at most 64 bytes (21 Chinese characters)",
        ) from None
    return tuple(_not_held(frame, path, column_labels, coded))


def _finish(path: Path, *, is_weighted: bool) -> None:
    """Fix the clock time in the header, and name the last numeric variable as the weight, which the library cannot."""
    with open(path, "r+b") as stream:
        if is_weighted:
            place = last_number(stream.read(), path)
            stream.seek(WEIGHT_AT)
            stream.write(struct.pack("<i", place))
        stream.seek(_SAV_CREATED_AT)
        stream.write(_SAV_CREATED)


def _not_held(
    frame: pd.DataFrame, path: Path, column_labels: Mapping[str, str], value_labels: Mapping[str, Label]
) -> Iterator[Warned]:
    """What an SPSS file does not hold as given."""
    import pandas as pd

    questions = [str(name) for name in frame.columns if _too_long(column_labels.get(str(name), ""), QUESTION_BYTES)]
    if questions:
        yield Warned(
            "label-cut",
            f"the question texts of {len(questions)} columns are cut at {QUESTION_BYTES} bytes, the limit of SPSS",
            f"{path}: {', '.join(questions[:5])}",
            "85 Chinese characters fit; the questionnaire keeps the whole text",
        )
    cut = [
        name for name, labels in value_labels.items() if any(_too_long(text, LABEL_BYTES) for text in labels.values())
    ]
    if cut:
        yield Warned(
            "label-cut",
            f"labels of codes of {len(cut)} columns are cut at {LABEL_BYTES} bytes, the limit of SPSS",
            f"{path}: {', '.join(cut[:5])}",
            "40 Chinese characters fit",
        )
    blank = [
        name
        for name in frame.columns
        if not (pd.api.types.is_numeric_dtype(frame[name]) or pd.api.types.is_datetime64_any_dtype(frame[name]))
        and frame[name].isna().any()
    ]
    if blank:
        yield Warned(
            "missing-text-blank",
            f"missing texts of {len(blank)} columns become empty texts: SPSS knows no other",
            f"{path}: {', '.join(map(str, blank[:5]))}",
        )


def _ranges(codes: tuple[MissingRange, ...]) -> list[Any]:
    return [{"lo": code.low, "hi": code.high} for code in codes]


def _too_long(text: str, n_bytes: int) -> bool:
    return len(text.encode("utf-8")) > n_bytes


def _cut(text: str, n_bytes: int) -> str:
    return text.encode("utf-8")[:n_bytes].decode("utf-8", errors="ignore")


def _cut_labels(labels: Label) -> dict[Any, str]:
    return {code: _cut(text, LABEL_BYTES) for code, text in labels.items()}


def _read(path: Path, file_format: str, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    import pyreadstat

    problems = []
    for name in (encoding,) if encoding or file_format == "dta" else (None, "GB18030"):
        try:
            if file_format == "dta":
                return pyreadstat.read_dta(path, user_missing=True, encoding=name)
            return pyreadstat.read_sav(path, user_missing=True, encoding=name)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, *_OF_DAMAGE) as problem:
            problems.append(str(problem))
    raise FileError(
        "damaged-file",
        f"{path.name} cannot be read as a .{file_format} file: {problems[0]}",
        where=str(path),
        hint="the file may be cut off, or be something else with this extension; for old files name the encoding",
    )


def _whole_codes(labels: Label) -> dict[Any, str]:
    """Labels under whole numbers where the codes are whole (the file knows no others than floats)."""
    return {int(code) if isinstance(code, float) and code.is_integer() else code: text for code, text in labels.items()}


def _without_extended_missing(frame: pd.DataFrame, extended: Mapping[str, list[str]]) -> pd.DataFrame:
    import pandas as pd

    changed = {}
    for name, letters in extended.items():
        if letters:
            changed[name] = pd.to_numeric(frame[name].where(~frame[name].isin(letters)))
    return frame.assign(**changed)


def _missing_codes(ranges: Mapping[str, list[dict[str, Any]]]) -> dict[str, tuple[MissingRange, ...]]:
    return {
        str(name): tuple(MissingRange(entry["lo"], entry["hi"]) for entry in entries)
        for name, entries in ranges.items()
        if entries
    }

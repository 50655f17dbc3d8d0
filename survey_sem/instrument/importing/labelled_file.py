"""Files of statistics packages (.sav, .zsav, .dta): questions, labels and missing codes of their dictionaries."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from survey_sem.exports.raw_table import MissingRange, RawTable
from survey_sem.exports.read import read_export
from survey_sem.instrument.importing.draft import Draft, DraftMatrix, LeftOut, Question
from survey_sem.instrument.importing.wording import (
    cleaned,
    code_of,
    filled,
    is_ordinal,
    is_personal,
    missing_kind,
    one_line,
    scale_of,
)
from survey_sem.instrument.model import ItemType, MissingCode, MissingKind, Scale
from survey_sem.instrument.routing import Code
from survey_sem.instrument.section import ANY_LANGUAGE

if TYPE_CHECKING:
    import pandas as pd

WIDE = 60
"""More steps than this are a number, even where its ends are labelled."""
_FEW = 3  # values without a label that do not make options a number
_ROLES = {
    "id": ("index", "responseid", "response_id", "respondent_id", "respondentid", "caseid", "case_id", "id", "uuid"),
    "started": ("startdate", "starttime", "started"),
    "submitted": ("recordeddate", "submittime", "submitted", "enddate", "endtime"),
    "duration": ("totalseconds", "duration__in_seconds_", "duration", "durationseconds", "duration_seconds"),
    "ip": ("ipaddress", "ip_address", "ip"),
    "device": ("device", "devicetype", "deviceid"),
    "user": ("userid", "user_id", "username"),
}
_ABOUT_THE_SHEET = (
    *("status", "progress", "finished", "distributionchannel", "userlanguage", "externalreference"),
    *("source", "sourcedetail", "total"),
)
_MARKS = {"routed": "(跳过)", "nonresponse": "(空)"}
_BLANK = re.compile(r"Q[0-9]+_blank[0-9]*", re.IGNORECASE)
_ROW = re.compile(r"(.*?[^0-9_.]?)[_.]?(?:Row|R)?([0-9]+)", re.IGNORECASE)
_UNCHOSEN = re.compile(
    r"not (selected|checked|chosen|mentioned)|unchecked|未选中?|没选|未提及|^no$|^0$|^否$", re.IGNORECASE
)
_CHOSEN = re.compile(r"^(selected|checked|chosen|mentioned|选中|已选|提及|yes|1|是)$", re.IGNORECASE)


def read_labelled_file(path: Path, language: str | None = None) -> Draft:
    """The questionnaire that the dictionary of a .sav, .zsav or .dta file shows.

    Parameters
    ----------
    path : Path
        The file.
    language : str, optional
        Of its texts: the file does not say.

    Raises
    ------
    FileError
        As `survey_sem.read_export`.
    """
    raw = read_export(path)
    reader = _Dictionary(raw, language or ANY_LANGUAGE)
    roles = _roles(raw.columns)
    about = {name for name in raw.columns if name.lower() in _ABOUT_THE_SHEET} | set(roles.values())
    questions = [reader.question(name) for name in raw.columns if name not in about]
    questions, matrices = _matrices(_several(questions, reader), reader.language)
    return Draft(
        origin="a file of answers with labels",
        id=path.stem,
        version="1",
        title={reader.language: one_line(path.stem) or "Survey"},
        questions=tuple(questions),
        matrices=tuple(matrices),
        missing=tuple(reader.missing()),
        platform="wjx" if raw.dialect == "wjx" else None,
        paradata=roles,
        pseudonymise=tuple(roles[role] for role in ("ip", "user") if role in roles),
        notes=_notes(raw),
        left_out=tuple(_left_out(raw, about - set(roles.values()))),
    )


def is_labelled_file(path: str | os.PathLike[str]) -> bool:
    """Whether the extension is one of those read here."""
    return Path(path).suffix.lower() in (".sav", ".zsav", ".dta")


def _notes(raw: RawTable) -> tuple[str, ...]:
    wjx = ("Columns are named as in the other exports of 问卷星 (wjx).",) if raw.dialect == "wjx" else ()
    return (f"From the dictionary and {raw.n_rows} rows; routing and required items are in no such file.", *wjx)


def _roles(columns: tuple[str, ...]) -> dict[str, str]:
    """Role -> column, each column once; names are compared without case."""
    by_name = {name.lower(): name for name in columns}
    return {
        role: next(by_name[each] for each in names if each in by_name)
        for role, names in _ROLES.items()
        if set(names) & set(by_name)
    }


def _left_out(raw: RawTable, about: set[str]) -> Iterator[LeftOut]:
    for name in raw.columns:
        if name in about:
            yield LeftOut(one_line(name), "about the answer sheet, no question")
    for name, ranges in raw.missing_codes.items():
        for missing in ranges:
            if missing.low != missing.high:
                what = f"missing codes {missing.low} to {missing.high} of {one_line(name)}"
                yield LeftOut(what, "only the labelled ones and those in the rows are listed one by one")


@dataclass(frozen=True, slots=True)
class _Column:
    """What is known of one column: labels of answers, labels of missing codes, values that occur."""

    labels: dict[float | str, str]
    missing: dict[float | str, str]
    values: list[float] | None


class _Dictionary:
    """Looks at a column at a time."""

    def __init__(self, raw: RawTable, language: str) -> None:
        self._raw = raw
        self.language = language
        self._missing: dict[float | str, str] = {}
        self._kinds = {
            _code(each.low): cast("MissingKind", each.kind)
            for ranges in raw.missing_codes.values()
            for each in ranges
            if each.kind and each.low == each.high
        }

    def question(self, name: str) -> Question:
        """The item of one column."""
        kind, values = _kind(self._raw.frame[name])
        column = self._column(name, values)
        self._missing |= {code: text for code, text in column.missing.items() if not self._missing.get(code)}
        text = filled({self.language: cleaned(str(self._raw.column_labels.get(name, "")))}, name)
        if kind == "text" and not column.labels:
            note = ("written beside an option",) if _BLANK.fullmatch(name) else ()
            return Question(name, name, "text", text, notes=note)
        if kind == "date":
            return Question(name, name, "date", text)
        scale, notes = self._scale(column)
        if scale is not None:
            return Question(name, name, "ordinal" if scale.ordinal else "nominal", text, scale, notes=notes)
        whole = column.values is not None and all(value.is_integer() for value in column.values)
        return Question(
            name, name, "number" if kind == "number" else "text", text, whole=whole and kind == "number", notes=notes
        )

    def _column(self, name: str, values: list[float] | None) -> _Column:
        ranges = self._raw.missing_codes.get(name, ())
        labels = {_code(code): one_line(str(text)) for code, text in self._raw.value_labels.get(name, {}).items()}
        missing = {code: text for code, text in labels.items() if _is_missing(code, ranges)}
        missing |= {_code(each.low): "" for each in ranges if each.low == each.high and _code(each.low) not in missing}
        seen = {_code(value) for value in values or ()}
        missing |= {code: "" for code in seen if _is_missing(code, ranges) and code not in missing}
        missing |= {code: "" for code in seen & set(self._kinds) if code not in labels}
        kept = {code: text for code, text in labels.items() if code not in missing}
        rest = None if values is None else [value for value in values if _code(value) not in missing]
        return _Column(kept, missing, rest)

    def _scale(self, column: _Column) -> tuple[Scale | None, tuple[str, ...]]:
        """Options of a labelled column; None where its labels mark a few values of a number."""
        codes: dict[Code, str] = {}
        for code, text in column.labels.items():
            codes.setdefault(code if isinstance(code, int) else code_of(str(code)), text)
        if len(codes) < 2:
            return None, _labelled_values(codes)
        unlabelled = {value for value in column.values or () if _code(value) not in column.labels}
        if not unlabelled:
            return scale_of({self.language: codes}, ordinal=is_ordinal(codes)), ()
        steps = self._ends(codes, unlabelled)
        if steps is not None:
            return steps, ()
        if len(unlabelled) > _FEW or len(unlabelled) >= len(codes):
            return None, _labelled_values(codes)
        shown = ", ".join(format(value, ".15g") for value in sorted(unlabelled))
        note = f"TODO: values without a label: {shown}; declare them under missing, or as options"
        return scale_of({self.language: codes}, ordinal=is_ordinal(codes)), (note,)

    def _ends(self, codes: dict[Code, str], unlabelled: set[float]) -> Scale | None:
        """Steps of which only some have labels, the ends among them; None where there is more than that."""
        numbers = [code for code in codes if isinstance(code, int)]
        whole = all(value.is_integer() for value in unlabelled)
        if len(numbers) < len(codes) or not whole or max(numbers) - min(numbers) > WIDE:
            return None
        if min(unlabelled) < min(numbers) or max(unlabelled) > max(numbers):
            return None
        by_code: dict[Code, str] = {code: codes[code] for code in sorted(numbers)}
        return Scale("", True, min(numbers), max(numbers), {self.language: by_code})

    def missing(self) -> Iterator[MissingCode]:
        """The missing codes of all columns, sorted."""
        for code in sorted(self._missing, key=lambda each: (isinstance(each, str), each)):
            told = self._kinds.get(code)
            label = self._missing[code] or _MARKS.get(told or "", "")
            kind = told or missing_kind(label) or "nonresponse"
            final = code if isinstance(code, (int, float)) else code_of(code)
            yield MissingCode(final, kind, {self.language: label} if label else {})


def _labelled_values(codes: Mapping[Code, str]) -> tuple[str, ...]:
    shown = ", ".join(f"{code} {text}" for code, text in codes.items())[:200]
    return (
        (f"TODO: labelled values of a number: {shown}; declare them under missing where they mean no answer",)
        if codes
        else ()
    )


def _code(value: Any) -> float | str:
    """A code of a file: whole numbers as int, other numbers as float, texts as they are."""
    if isinstance(value, str):
        return one_line(value)
    number = float(value)
    return int(number) if math.isfinite(number) and number.is_integer() else number


def _is_missing(code: float | str, ranges: tuple[MissingRange, ...]) -> bool:
    for each in ranges:
        if isinstance(code, str) != isinstance(each.low, str):
            continue
        if each.low <= code <= each.high:  # type: ignore[operator]
            return True
    return False


def _kind(column: pd.Series[Any]) -> tuple[ItemType, list[float] | None]:
    """Number, date or text; the distinct values of a number, unless there are very many."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype):
        distinct = column.dropna().unique()
        return "number", [float(value) for value in distinct[:5000]]
    inferred = pd.api.types.infer_dtype(column, skipna=True)
    return ("date" if inferred in ("date", "datetime", "datetime64") else "text"), None


def _several(questions: list[Question], reader: _Dictionary) -> list[Question]:
    """Neighbouring columns of one prefix that hold "selected" or "not selected" become one multiple choice."""
    done: list[Question] = []
    for run in _runs(questions, _is_ticked):
        done += [_ticks(run, reader.language)] if len(run) > 1 else run
    return done


def _is_ticked(question: Question) -> bool:
    scale = question.scale
    if scale is None or set(scale.codes) != {0, 1}:
        return False
    labels = next(iter(scale.labels.values()))
    return bool(_UNCHOSEN.search(labels.get(0, "")) and _CHOSEN.search(labels.get(1, "")))


def _ticks(run: list[Question], language: str) -> Question:
    stem, rows = _stem([one_line(next(iter(each.text.values()))) for each in run])
    prefix = _prefix(run[0].column)
    labels: dict[Code, str] = {}
    columns: dict[Code, str] = {}
    for each, row in zip(run, rows, strict=True):
        match = _ROW.fullmatch(each.column)
        code = int(match[2][:9]) if match else len(labels) + 1
        labels[code], columns[code] = row or each.column, each.column
    scale = scale_of({language: labels}, ordinal=False)
    text = filled({language: stem}, prefix)
    return Question(f"{prefix}#several", prefix, "multi", text, scale, columns=columns)


def _matrices(questions: list[Question], language: str) -> tuple[list[Question], list[DraftMatrix]]:
    """Neighbouring columns of one prefix and one scale are likely rows of a matrix."""
    done: list[Question] = []
    matrices: list[DraftMatrix] = []
    for run in _runs(questions, lambda each: each.scale is not None and each.type in ("ordinal", "nominal")):
        if len(run) < 2:
            done += run
            continue
        prefix = _prefix(run[0].column)
        stem, rows = _stem([one_line(next(iter(each.text.values()))) for each in run])
        key = f"{prefix}#{len(matrices)}"
        matrices.append(DraftMatrix(key, f"{prefix}_matrix", filled({language: stem}, prefix)))
        texts = (filled({language: row}, each.column) for each, row in zip(run, rows, strict=True))
        done += [replace(each, matrix=key, text=text) for each, text in zip(run, texts, strict=True)]
    return done, matrices


def _runs(questions: list[Question], belongs: Any) -> Iterator[list[Question]]:
    """Questions in order; neighbours that belong together as one run."""
    run: list[Question] = []
    for question in questions:
        if run and not (belongs(question) and belongs(run[-1]) and _are_rows(run[-1], question)):
            yield run
            run = []
        run.append(question)
    if run:
        yield run


def _are_rows(one: Question, other: Question) -> bool:
    first, second = _ROW.fullmatch(one.column), _ROW.fullmatch(other.column)
    if first is None or second is None or first[1].lower() != second[1].lower() or not first[1]:
        return False
    return one.scale == other.scale and not is_personal(one.column, ())


def _prefix(column: str) -> str:
    match = _ROW.fullmatch(column)
    return match[1].rstrip("_.") if match and match[1].rstrip("_.") else column


def _stem(texts: list[str]) -> tuple[str, list[str]]:
    """What all texts begin with, up to a separator, and what each says beyond it."""
    common = _beginning(texts)
    ends = [match.end() for match in re.finditer(r"[:：—–|?？。]\s*|\s-\s|_", common)]
    cut = ends[-1] if ends else 0
    if not cut or any(not text[cut:].strip() for text in texts):
        return "", texts
    return common[:cut].rstrip(" :：—–|_-"), [text[cut:].strip() for text in texts]


def _beginning(texts: list[str]) -> str:
    """The longest text that all begin with."""
    low, high = min(texts), max(texts)
    length = next((place for place, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    return low[:length]

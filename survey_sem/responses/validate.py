"""RawTable + Instrument -> Responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.exports import RawTable
from survey_sem.instrument import Instrument, Item
from survey_sem.instrument.routing import Code
from survey_sem.responses.answers import Answers, read_answers
from survey_sem.responses.cells import ANSWERED, NONRESPONSE, ROUTED, UNREADABLE, Cells, MissingMarks, cells_of, written
from survey_sem.responses.headings import moved_questions
from survey_sem.responses.labels import label_findings
from survey_sem.responses.ledger import Ledger
from survey_sem.responses.locate import Places, locate, unknown_columns
from survey_sem.responses.partitions import partition_column
from survey_sem.responses.protection import Tables, note_personal_data, protect
from survey_sem.responses.quotas import check_quotas
from survey_sem.responses.report import MissingCount, ValidationReport
from survey_sem.responses.responses import Responses
from survey_sem.responses.routing import Relevance, relevances
from survey_sem.responses.sheets import Role, backwards, read_role
from survey_sem.responses.spread import read_columns, read_joined

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def validate_responses(raw: RawTable | pd.DataFrame, instrument: Instrument, *, key: bytes | None = None) -> Responses:
    """Hold every column against the instrument, collecting all findings.

    Broken data give Responses too, with ``report.ok`` False; preparing a sample then refuses them, or treats them as
    its plan says.

    Parameters
    ----------
    raw : RawTable or DataFrame
        The export, one row per respondent.
    instrument : Instrument
        What was asked.
    key : bytes, optional
        Secret with which identifiers are hashed; without it they become running numbers.

    Raises
    ------
    DataError
        A DataFrame whose columns have no names of their own.
    OptionError
        An argument of another kind; an empty key.
    """
    table = _table(raw)
    if not isinstance(instrument, Instrument):
        _refuse("instrument", instrument, "an Instrument: survey_sem.load_instrument(path)")
    if key is not None and not isinstance(key, bytes):
        _refuse("key", key, "bytes, such as secrets.token_bytes(32)")
    places = locate(table, instrument)
    ledger = Ledger(places.findings)
    answers = dict(_read_all(table, instrument, places))
    frame = _frame(answers, table.n_rows)
    asked = relevances(instrument.items, _legal(frame, answers))
    for item in instrument.items:
        if item.id in answers:
            _check_item(item, answers[item.id], asked[item.id], ledger)
            _check_labels(table, item, places, ledger)
            _check_codes_of_the_file(item, answers[item.id], ledger)
    for finding in moved_questions(instrument.items, places.items, table.column_labels):
        ledger.note(finding)
    _check_attention(instrument, frame, ledger)
    roles = _read_roles(table, instrument, places, ledger)
    frame = _with_partitions(frame, instrument)
    extras = {name: table.frame[column].reset_index(drop=True) for name, column in places.extras.items()}
    check_quotas(instrument.quotas, {**extras, **{str(name): frame[name] for name in frame.columns}}, ledger)
    for finding in unknown_columns(table, places):
        ledger.note(finding)
    absent = _absent(answers, asked, table.n_rows)
    tables = Tables(frame, absent, _paradata(roles, extras, table.n_rows))
    note_personal_data(tables, instrument, places.aliases, ledger)
    kept = protect(tables, instrument, places.aliases, key)
    return Responses(
        frame=kept.frame,
        absent=kept.absent,
        paradata=kept.paradata,
        broken=tuple(ledger.broken),
        instrument=instrument,
        report=ValidationReport(
            source=table.source,
            source_sha256=table.sha256,
            instrument=f"{instrument.id} {instrument.version}",
            instrument_sha256=instrument.sha256,
            n_rows=table.n_rows,
            n_columns=len(table.columns),
            findings=tuple(sorted(ledger.findings, key=lambda found: found.severity != "error")),
            missing=tuple(_missing_count(name, answers[name], absent[name].to_numpy()) for name in answers),
            dialect=str(table.detection) if table.detection is not None else "",
        ),
    )


def _table(raw: object) -> RawTable:
    import pandas as pd

    if isinstance(raw, RawTable):
        return raw
    if isinstance(raw, pd.DataFrame):
        return RawTable.from_frame(raw)
    _refuse("raw", raw, "a RawTable (survey_sem.read_export(path)) or a DataFrame")


def _refuse(name: str, value: object, expected: str) -> NoReturn:
    what = f"{name} cannot be {'text' if isinstance(value, str) else f'of type {type(value).__name__}'}"
    raise OptionError("wrong-type", what, where=name, expected=expected)


def _read_all(table: RawTable, instrument: Instrument, places: Places) -> Iterator[tuple[str, Answers]]:
    """The answers to every item that is there, in the order of the questionnaire."""
    hidden = {*instrument.privacy.drop, *instrument.privacy.pseudonymise}
    hidden |= {each.name for each in instrument.privacy.generalise}
    hidden = {places.aliases.get(name, name) for name in hidden}
    for item in instrument.items:
        if item.id in places.items:
            column = places.items[item.id]
            private = item.id in hidden
            read = read_joined if item.is_spread else read_answers
            yield item.id, read(_cells(table, column), item, _marks(table, column, instrument), private=private)
        elif item.id in places.spread:
            columns = places.spread[item.id]
            marks = {code: _marks(table, column, instrument) for code, column in columns.items()}
            yield item.id, read_columns(_cells_by_code(table, columns), item, marks)


def _cells(table: RawTable, column: str) -> Cells:
    return cells_of(table.frame[column])


def _cells_by_code(table: RawTable, columns: Mapping[Code, str]) -> dict[Code, Cells]:
    return {code: _cells(table, column) for code, column in columns.items()}


def _marks(table: RawTable, column: str, instrument: Instrument) -> MissingMarks:
    return MissingMarks(instrument.missing, tuple(table.missing_codes.get(column, ())))


def _frame(answers: Mapping[str, Answers], n_rows: int) -> pd.DataFrame:
    import pandas as pd

    columns = {name: _column(values) for each in answers.values() for name, values in each.variables.items()}
    return pd.DataFrame(columns, index=pd.RangeIndex(n_rows))


def _legal(frame: pd.DataFrame, answers: Mapping[str, Answers]) -> pd.DataFrame:
    """The frame without illegal answers: they leave a route open, as if there were none."""
    masked = {}
    for each in answers.values():
        rows = [problem.rows for problem in each.problems]
        if not rows:
            continue
        where = np.zeros(len(frame), dtype=bool)
        where[np.concatenate(rows)] = True
        masked.update({name: frame[name].mask(where) for name in each.variables})
    return frame.assign(**masked) if masked else frame


_EXACT = 2.0**53
"""Whole numbers up to here are exact as floats."""


def _column(values: NDArray[Any]) -> pd.Series[Any]:
    """A column as analyses want it: whole numbers without gaps as integers, texts as text."""
    import pandas as pd

    if values.dtype == object:
        return pd.Series(values, dtype="str")
    if values.dtype.kind == "f" and len(values):
        low, high = values.min(), values.max()  # NaN where a value is missing
        if low > -_EXACT and high < _EXACT and (values == np.trunc(values)).all():
            return pd.Series(values.astype(np.int64))
    return pd.Series(values)


def _check_item(item: Item, answers: Answers, asked: Relevance, ledger: Ledger) -> None:
    """The rules of one item: those of its column, and those that need the other items."""
    for problem in answers.problems:
        ledger.problem(item.id, problem, item.expected())
    status = answers.status
    if item.relevant is not None:
        route = f"no answer unless {item.relevant}"
        hint = "correct the answers or the route (`relevant:`)"
        rows = np.flatnonzero((status == ANSWERED) & asked.not_asked)
        ledger.rows("answered-though-routed-out", item.id, rows, route, "answers", hint)
    if item.required:
        rows = np.flatnonzero(((status == NONRESPONSE) | (status == ROUTED)) & asked.asked)
        expected = f"an answer where {item.relevant}" if item.relevant is not None else "an answer in every row"
        hint = "write down who was asked (`relevant:`), or leave out `required: true`"
        ledger.rows("blank-though-required", item.id, rows, expected, "no answer", hint)
    if len(status) and not (status == ANSWERED).any() and not answers.problems:
        ledger.whole("all-missing", item.id, "answers", "not a single answer", "look whether this is the right column")


def _check_labels(table: RawTable, item: Item, places: Places, ledger: Ledger) -> None:
    labels = table.value_labels.get(places.items.get(item.id, ""))
    if labels and item.scale is not None:
        for finding in label_findings(item, labels):
            ledger.note(finding)


def _check_codes_of_the_file(item: Item, answers: Answers, ledger: Ledger) -> None:
    """Answers that the questionnaire offers, and that the file calls missing: they would be lost without a word."""
    if item.scale is None:
        return
    for code in item.scale.codes:
        count = answers.by_code.get(written(code), 0)
        if count:
            got = f"a code that the file declares missing, in {count} row{'s' if count != 1 else ''}"
            hint = "take it out of the missing values of the file, or out of the scale and into `missing:`"
            ledger.whole("label-mismatch", item.id, f"{code} as an answer", got, hint)


def _check_attention(instrument: Instrument, frame: pd.DataFrame, ledger: Ledger) -> None:
    """A warning per attention check that respondents failed."""
    for check in instrument.quality.attention:
        if check.item not in frame.columns:
            continue
        given = frame[check.item]
        n_answered = int(given.notna().sum())
        failed = given.notna() & ~given.isin(list(check.answers))
        rows = np.flatnonzero(failed.to_numpy())
        got = f"another answer from {len(rows) / max(1, n_answered):.1%} of the {n_answered} who answered"
        expected = " or ".join(str(answer) for answer in check.answers)
        hint = "decide beforehand whether they are excluded: `sample: keep:`"
        ledger.rows("attention-failed", check.item, rows, expected, got, hint)


def _read_roles(table: RawTable, instrument: Instrument, places: Places, ledger: Ledger) -> dict[str, Role]:
    told = instrument.paradata
    roles = {role: read_role(role, column, table.frame[column], told) for role, column in places.roles.items()}
    if "started" in roles and "submitted" in roles:
        roles["submitted"] = backwards(roles["started"], roles["submitted"])
    for role in roles.values():
        for problem in role.problems:
            ledger.problem(role.column, problem, "", groups=role.groups)
    return roles


def _with_partitions(frame: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    parts = {each.id: partition_column(each, frame[each.of]) for each in instrument.partitions if each.of in frame}
    return frame.assign(**parts) if parts else frame


def _absent(answers: Mapping[str, Answers], asked: Mapping[str, Relevance], n_rows: int) -> pd.DataFrame:
    """Why there is no answer: an empty cell of somebody who was not asked is routed."""
    import pandas as pd

    columns = {}
    for name, each in answers.items():
        status = each.status.copy()
        status[status == UNREADABLE] = NONRESPONSE
        status[(status == NONRESPONSE) & asked[name].not_asked] = ROUTED
        columns[name] = status
    return pd.DataFrame(columns, index=pd.RangeIndex(n_rows), dtype=np.int8)


def _paradata(roles: Mapping[str, Role], extras: Mapping[str, pd.Series[Any]], n_rows: int) -> pd.DataFrame:
    import pandas as pd

    columns = {name: _column(role.values) for name, role in roles.items()}
    return pd.DataFrame({**columns, **extras}, index=pd.RangeIndex(n_rows))


def _missing_count(name: str, answers: Answers, absent: NDArray[np.int8]) -> MissingCount:
    empty = int(np.isin(answers.status, (ANSWERED, UNREADABLE), invert=True).sum())
    kinds = np.bincount(absent, minlength=5)
    coded = sum(answers.by_code.values())
    return MissingCount(name, empty - coded, answers.by_code, *(int(kind) for kind in kinds))

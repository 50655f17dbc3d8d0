"""What the platforms write: columns about the sheet, headers of questions, forms of answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from survey_sem.errors import DataError
from survey_sem.exports.dialects.choices import CHOICE, RANK
from survey_sem.exports.dialects.wjx import EMPTY, SKIPPED
from survey_sem.exports.writing.answers import Form, answer_cells, blank_cells, rank_cells
from survey_sem.exports.writing.cells import Cells, Value
from survey_sem.exports.writing.sheet import ROLES, AnswerSheet, Question

WJX_TEXTS = Form(True, CHOICE, RANK, "(跳过)", "(空)", blanks=True)
WJX_CODES = Form(False, CHOICE, RANK, SKIPPED, EMPTY)
_TENCENT = Form(True, CHOICE, RANK, blanks=True)
_CREDAMO = Form(False, CHOICE, RANK)
_QUALTRICS = Form(False, ",")
_GENERIC = Form()
_PADDED = re.compile(r"(\d{4})-0?(\d+)-0?(\d+)(.*)", re.DOTALL)

_TENCENT_BEFORE = (
    ("id", "编号"),
    ("started", "开始答题时间"),
    ("submitted", "结束答题时间"),
    ("duration", "答题时长"),
    ("", "语言"),
    ("", "清洗数据结果"),
)
_TENCENT_AFTER = (
    ("", "地理位置国家和地区"),
    ("province", "地理位置省"),
    ("city", "地理位置市"),
    ("source", "用户类型"),
    ("user", "用户标识"),
    ("", "昵称"),
    ("ip", "IP"),
    ("device", "UA"),
    ("", "Referrer"),
)
_CREDAMO_ABOUT = (
    ("id", "作答ID"),
    ("user", "用户ID"),
    ("started", "开始时间"),
    ("submitted", "结束时间"),
    ("duration", "作答总时长(秒)"),
    ("source", "作答渠道"),
    ("", "发布ID"),
    ("ip", "IP"),
    ("", "经度"),
    ("", "纬度"),
    ("province", "省份"),
    ("city", "城市"),
    ("device", "设备类型"),
)
_QUALTRICS_ABOUT = (
    ("started", "StartDate", "Start Date"),
    ("submitted", "EndDate", "End Date"),
    ("ip", "IPAddress", "IP Address"),
    ("duration", "Duration (in seconds)", "Duration (in seconds)"),
    ("submitted", "RecordedDate", "Recorded Date"),
    ("id", "ResponseId", "Response ID"),
    ("user", "ExternalReference", "External Data Reference"),
    ("source", "DistributionChannel", "Distribution Channel"),
)
"""Roles of the sheet and their headers; without a role: a column that is always there and always empty."""


def wjx_columns(sheet: AnswerSheet, form: Form) -> list[Cells]:
    """One file of the 问卷星 pair; `form` says whether the one with texts or the one with codes."""
    about = (
        _about(sheet, "id", "序号") or Cells.numbered("序号", sheet.n_rows),
        _about(sheet, "submitted", "提交答卷时间", _unpadded),
        _about(sheet, "duration", "所用时间", lambda seconds: f"{seconds}秒"),
        _about(sheet, "source", "来源"),
        _about(sheet, "user", "来源详情"),
        _wjx_address(sheet),
    )
    answers = [answer_cells(sheet, question, form, _wjx_header(question)) for question in sheet.questions]
    return [*(cells for cells in about if cells is not None), *answers, _wjx_total(sheet)]


def _wjx_header(question: Question) -> str:
    if question.row == 0:
        return f"{question.number}、{question.text}"
    if question.row == 1:
        return f"{question.number}、{question.stem}—1.{question.text}"
    return f"{question.row}.{question.text}"


def _wjx_address(sheet: AnswerSheet) -> Cells | None:
    """``1.2.3.4(四川-成都)``; None where the sheet knows no addresses."""
    if "ip" not in sheet.sheet.columns:
        return None
    address = sheet.sheet["ip"].astype("str")
    if "province" in sheet.sheet.columns:
        place = sheet.sheet["province"].fillna("").astype("str")
        if "city" in sheet.sheet.columns:
            city = sheet.sheet["city"].fillna("").astype("str")
            place = place + ("-" + city).where(city != "", "")
        address = address + "(" + place + ")"
    return Cells.of("来自IP", address.where(sheet.sheet["ip"].notna()))


def _wjx_total(sheet: AnswerSheet) -> Cells:
    """The sum of the codes in matrices, as the platform scores scales."""
    import pandas as pd

    total = pd.Series(0.0, index=sheet.answers.index)
    for question in sheet.questions:
        if question.row and question.kind == "one":
            codes = pd.to_numeric(sheet.answers[question.name], errors="coerce")
            total += codes.where(sheet.absence(question) == 0).fillna(0)
    return Cells.of("总分", total)


def tencent_columns(sheet: AnswerSheet) -> list[Cells]:
    """腾讯问卷: texts of options; what was not answered, for whatever reason, is empty."""
    answers = [
        answer_cells(sheet, question, _TENCENT, f"{question.number}.{question.wording('-')}")
        for question in sheet.questions
    ]
    return [*_always(sheet, _TENCENT_BEFORE), *answers, *_always(sheet, _TENCENT_AFTER)]


def credamo_columns(sheet: AnswerSheet) -> list[Cells]:
    """Credamo 见数: codes of options; questions under their numbers."""
    answers = [
        cells
        for question in sheet.questions
        for cells in (
            answer_cells(sheet, question, _CREDAMO, question.tag),
            *blank_cells(sheet, question, f"{question.tag}_blank"),
        )
    ]
    return [*_always(sheet, _CREDAMO_ABOUT), *answers]


def qualtrics_columns(sheet: AnswerSheet) -> list[Cells]:
    """Qualtrics with numeric values: three header records, a ranking as one column per option."""
    about = [
        cells.under(tag, text, _import_id(tag[0].lower() + tag[1:]))
        for role, tag, text in _QUALTRICS_ABOUT
        if (cells := _about(sheet, role, tag)) is not None
    ]
    return [*about, *(cells for question in sheet.questions for cells in _qualtrics_question(sheet, question))]


def _qualtrics_question(sheet: AnswerSheet, question: Question) -> Iterator[Cells]:
    tag, text = question.tag, question.wording(" - ")
    number = f"QID{question.number}" + (f"_{question.row}" if question.row else "")
    if question.kind == "rank":
        for code, option in question.labels.items():
            header = (f"{tag}_{code}", f"{text} - {option}", _import_id(f"{number}_{code}"))
            yield rank_cells(sheet, question, code, *header)
        return
    yield answer_cells(sheet, question, _QUALTRICS, tag, text, _import_id(number))
    written = f"_{question.blank}_TEXT"
    yield from blank_cells(sheet, question, f"{tag}{written}", f"{text} - Text", _import_id(f"{number}{written}"))


def _import_id(name: str) -> str:
    return f'{{"ImportId":"{name}"}}'


def generic_columns(sheet: AnswerSheet) -> list[Cells]:
    """One header line: roles of the sheet and names of questions; codes of options.

    Raises
    ------
    DataError
        A question is called like a role.
    """
    roles = [role for role in ROLES if role in sheet.sheet.columns]
    for question in sheet.questions:
        if question.name in roles:
            raise DataError(
                "repeated-question",
                f"a question and a column about the sheet are both called '{question.name}'",
                where="answer sheet",
            )
    answers = [
        cells
        for question in sheet.questions
        for cells in (
            answer_cells(sheet, question, _GENERIC, question.name),
            *blank_cells(sheet, question, question.blank_name),
        )
    ]
    return [*(Cells.of(role, sheet.sheet[role]) for role in roles), *answers]


def _about(sheet: AnswerSheet, role: str, header: str, change: Callable[[Value], Value] | None = None) -> Cells | None:
    """What the sheet says in one role; None where it is silent."""
    if role not in sheet.sheet.columns:
        return None
    cells = Cells.of(header, sheet.sheet[role])
    return cells.mapped(change) if change else cells


def _always(sheet: AnswerSheet, columns: tuple[tuple[str, str], ...]) -> list[Cells]:
    """Columns that this platform always writes, empty where the sheet is silent."""
    return [_about(sheet, role, header) or Cells.empty(header, sheet.n_rows) for role, header in columns]


def _unpadded(time: Value) -> Value:
    """``2026-03-01 10:00:05`` as ``2026/3/1 10:00:05``."""
    return _PADDED.sub(r"\1/\2/\3\4", time) if isinstance(time, str) else time

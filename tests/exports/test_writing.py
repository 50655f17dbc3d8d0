"""Files written as platforms export them hold the same answers when they are read."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_sem.errors import DataError, FileError, OptionError, SurveySemError
from survey_sem.exports import RawTable, read_export
from survey_sem.exports.writing import FORMATS, AnswerSheet, Question, write_export

LABELS = {1: "淘宝", 2: "抖音", 3: '其他, "直播" & <更多>'}
SCALE = {1: "非常不同意", 7: "非常同意"}
QUESTIONS = (
    Question("gender", 1, 0, "", "您的性别", "one", {1: "男", 2: "女"}),
    Question("platforms", 2, 0, "", "看过的平台（多选）", "multi", LABELS, blank=3),
    Question("drivers", 3, 0, "", "请排序", "rank", LABELS),
    Question("spend", 4, 0, "", "花费", "number"),
    Question("comment", 5, 0, "", "意见", "text"),
    Question("exp1", 6, 1, "您是否同意—以下说法", "主播专业", "one", SCALE),
    Question("exp2", 6, 2, "您是否同意—以下说法", "主播可信", "one", SCALE),
    Question("visited", 7, 0, "", "日期", "date"),
)
NAMES = ("Q1", "Q2", "Q3", "Q4", "Q5", "Q6_R1", "Q6_R2", "Q7")
ALL = [(dialect, kind) for dialect, kinds in FORMATS.items() for kind in kinds]


def made(rows: list[dict[str, Any]]) -> AnswerSheet:
    """A sheet of answers; a question that is not in a row was left empty, one that is "-" was not asked."""
    names = [question.name for question in QUESTIONS] + ["platforms_blank"]
    given_ = {name: [row.get(name) for row in rows] for name in names}
    absent = {name: [int(v is None) * 2 + int(v == "-") for v in values] for name, values in given_.items()}
    answers = {
        name: pd.Series([None if v == "-" else v for v in values], dtype=object if name in WORDS else float)
        for name, values in given_.items()
    }
    n = len(rows)
    about = {
        "id": np.arange(101, 101 + n),
        "started": [f"2026-03-0{1 + i % 9} 09:58:05" for i in range(n)],
        "submitted": pd.to_datetime([f"2026-03-0{1 + i % 9} 10:00:05" for i in range(n)]),
        "duration": [120 + i for i in range(n)],
        "ip": [f"1.2.3.{i % 250}" for i in range(n)],
        "province": ["四川"] * n,
        "city": ["成都"] * n,
        "user": [f"u{i}" for i in range(n)],
        "source": ["微信"] * n,
    }
    return AnswerSheet(QUESTIONS, pd.DataFrame(answers), pd.DataFrame(absent, dtype=np.int8), pd.DataFrame(about))


WORDS = ("platforms", "platforms_blank", "drivers", "comment", "visited")
ROWS: list[dict[str, Any]] = [
    {
        "gender": 1, "platforms": "1|3", "platforms_blank": "快手", "drivers": "3|1|2", "spend": 12.5,
        "comment": '=cmd(), "a"\n<b>&', "exp1": 1, "exp2": 4, "visited": "2026-03-01",
    },
    {"gender": 2, "platforms": "2", "drivers": "2|1|3", "spend": -1, "comment": " 好 ", "exp1": 7, "exp2": 9},
    {"gender": "-", "platforms": "-", "drivers": "-", "spend": "-", "comment": "-", "exp1": "-", "visited": "-"},
    {"gender": 1, "platforms": "1|2|3", "comment": "+1 a_x0041_b\r\n", "exp2": 2, "visited": "2026-03-09"},
]  # fmt: skip


def columns_of(dialect: str) -> tuple[str, ...]:
    return tuple(question.name for question in QUESTIONS) if dialect == "generic" else NAMES


def told(raw: RawTable, dialect: str) -> dict[str, list[Any]]:
    """Answers in the form of `ROWS`, read from a file; None for no answer, of whatever kind."""
    rows = raw.answers()
    found: dict[str, list[Any]] = {}
    for question, name in zip(QUESTIONS, columns_of(dialect), strict=True):
        if dialect == "qualtrics" and question.kind == "rank":
            ranks = [rows[f"{name}_{code}"].tolist() for code in LABELS]
            found[question.name] = [
                "|".join(str(code) for _, code in sorted(zip(each, LABELS, strict=True)))
                if each[0] == each[0]
                else None
                for each in zip(*ranks, strict=True)
            ]
            continue
        codes = {text: str(code) for code, text in question.labels.items()} if dialect == "tencent" else {}
        values = [None if pd.isna(value) or value == "" else value for value in rows[name].tolist()]
        if question.kind in ("one", "number"):
            found[question.name] = [None if v is None else float(codes.get(str(v), v)) for v in values]
        elif question.kind in ("multi", "rank"):
            found[question.name] = [v if v is None else pieces(v, codes) for v in values]
        else:
            found[question.name] = values
    return found


def pieces(cell: object, codes: dict[str, str]) -> str:
    text = str(int(cell)) if isinstance(cell, float) else str(cell)
    mark = next((mark for mark in "┋→|" if mark in text), None) or ("|" if codes else ",")
    return "|".join(codes.get(part, part) for part in text.split(mark))


def expected(sheet: AnswerSheet) -> dict[str, list[Any]]:
    return {
        question.name: [
            v if isinstance(v, str) else None if v is None or v != v else float(v)
            for v in sheet.answers[question.name].tolist()
        ]
        for question in QUESTIONS
    }


@pytest.mark.parametrize(("dialect", "kind"), ALL)
def test_answers_come_back(tmp_path: Path, dialect: str, kind: str) -> None:
    sheet = made(ROWS)
    files = write_export(sheet, tmp_path / "raw", dialect, file_format=kind)
    raw = read_export(files)
    assert raw.dialect == dialect
    answers = expected(sheet)
    if dialect == "tencent":  # it puts tabs around values, so blanks around them are taken off
        answers["comment"][1] = "好"
    if kind == "sav":  # which fills texts up with blanks
        answers["comment"][1] = " 好"
    assert told(raw, dialect) == answers


WORD = st.text("abc中文,\"'<&=+-@;|\t é😀", min_size=1, max_size=6).map(lambda text: f"a{text}z")
ROW = st.fixed_dictionaries(
    {},
    optional={
        "gender": st.sampled_from([1, 2, 9, "-"]),
        "platforms": st.sets(st.sampled_from("123"), min_size=1).map(lambda s: "|".join(sorted(s))),
        "drivers": st.permutations("123").map("|".join),
        "spend": st.integers(0, 10**9) | st.floats(0, 1e6, allow_subnormal=False),
        "comment": WORD | st.just("-"),
        "exp1": st.integers(1, 7),
        "exp2": st.integers(1, 7),
        "visited": st.dates().filter(lambda day: day.year > 1900).map(str),
    },
)


@pytest.mark.parametrize(("dialect", "kind"), ALL)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=2, max_size=5))
def test_any_answers_come_back(tmp_path: Path, dialect: str, kind: str, rows: list[dict[str, Any]]) -> None:
    sheet = made(rows)
    raw = read_export(write_export(sheet, tmp_path, dialect, file_format=kind))
    assert told(raw, dialect) == expected(sheet)


@pytest.mark.parametrize(("dialect", "kind"), ALL)
def test_the_same_answers_give_the_same_bytes(tmp_path: Path, dialect: str, kind: str) -> None:
    digests = [
        [
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in write_export(made(ROWS), folder, dialect, file_format=kind)
        ]
        for folder in (tmp_path / "a", tmp_path / "b")
    ]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("dialect", FORMATS)
def test_words_beside_an_option_and_about_the_sheet(tmp_path: Path, dialect: str) -> None:
    raw = read_export(write_export(made(ROWS), tmp_path, dialect))
    name = {"generic": "platforms_blank", "qualtrics": "Q2_3_TEXT"}.get(dialect, "Q2_blank")
    assert raw.frame[name].fillna("").tolist() == ["快手", "", "", ""]
    assert raw.frame["duration"].tolist() == [120, 121, 122, 123]
    assert raw.frame["ip"].tolist()[0] == "1.2.3.0"
    assert raw.frame["id" if dialect == "generic" else "index"].tolist() == [101, 102, 103, 104]
    time = raw.frame["submitted"].tolist()[0]
    assert time == ("2026/3/1 10:00:05" if dialect == "wjx" else "2026-03-01 10:00:05")
    if dialect not in ("qualtrics", "generic"):
        place = ("ip_province", "ip_city") if dialect == "wjx" else ("province", "city")
        assert [raw.frame[part].tolist()[0] for part in place] == ["四川", "成都"]


def test_a_wjx_pair_as_the_platform_writes_it(tmp_path: Path) -> None:
    text, codes = write_export(made(ROWS), tmp_path, "wjx")
    assert (text.name, codes.name) == ("export_text.xlsx", "export_codes.xlsx")
    rows = list(openpyxl.load_workbook(text, read_only=True).worksheets[0].iter_rows(values_only=True))
    assert rows[0] == (
        *("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"),
        *("1、您的性别", "2、看过的平台（多选）", "3、请排序", "4、花费"),
        *("5、意见", "6、您是否同意—以下说法—1.主播专业", "2.主播可信", "7、日期", "总分"),
    )  # fmt: skip
    other = LABELS[3]
    assert rows[1][:9] == (
        *(101, "2026/3/1 10:00:05", "120秒", "微信", "u0", "1.2.3.0(四川-成都)", "男"),
        *(f"淘宝┋{other}〖快手〗", f"{other}→淘宝→抖音"),
    )
    assert rows[3][6:12] == ("(跳过)",) * 6
    assert rows[4][8] == "(空)"
    numbers = list(openpyxl.load_workbook(codes, read_only=True).worksheets[0].iter_rows(values_only=True))
    assert numbers[1][6:9] == (1, "1┋3", "3→1→2")
    assert numbers[3][6] == -3
    assert [row[-1] for row in numbers[1:]] == [5, 16, 0, 2]
    raw = read_export([codes, text])
    assert raw.value_labels["Q2"] == LABELS
    assert raw.value_labels["Q6_R1"] == SCALE
    assert raw.column_labels["Q6_R2"] == "您是否同意—以下说法—主播可信"


def test_a_sheet_sent_twice_is_there_twice(tmp_path: Path) -> None:
    sheet = made([*ROWS, ROWS[0]])
    sheet.sheet["id"] = [1, 2, 3, 4, 1]
    assert read_export(write_export(sheet, tmp_path, "wjx")).frame["index"].tolist() == [1, 2, 3, 4, 1]


def test_spss_labels_and_missing_codes(tmp_path: Path) -> None:
    sheet = made([*ROWS, {"spend": -2}])
    raw = read_export(write_export(sheet, tmp_path, "generic", file_format="sav"))
    assert raw.value_labels["gender"] == {1: "男", 2: "女"}
    assert raw.column_labels["exp1"] == "您是否同意—以下说法—主播专业"
    assert raw.frame["gender"].tolist() == [1, 2, -3, 1, -2]
    assert "spend" not in raw.missing_codes
    assert raw.frame["spend"].isna().tolist() == [False, False, True, True, False]


def test_a_text_is_never_a_formula(tmp_path: Path) -> None:
    """A spreadsheet program takes it for text, and shows it as it was."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not there")
    dangerous = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "\tx", "a_x0041_b", "<b>&amp;"]
    [_, path] = write_export(made([{"comment": text} for text in dangerous]), tmp_path, "wjx")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [sheet.cell(row, 11).data_type for row in range(2, 10)] == ["s"] * 8
    command = [
        office,
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/p",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76",
    ]
    subprocess.run([*command, "--outdir", str(tmp_path), str(path)], check=True, capture_output=True, timeout=120)
    if not (tmp_path / "export_codes.csv").exists():
        pytest.skip("LibreOffice is there without its spreadsheet program")
    assert pd.read_csv(tmp_path / "export_codes.csv")["5、意见"].tolist() == dangerous


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (replace(QUESTIONS[0], labels={1: "甲┋乙"}), "mark-in-option"),
        (replace(QUESTIONS[0], name="other"), "unanswered-question"),
        (replace(QUESTIONS[0], number=2), "repeated-question"),
        (replace(QUESTIONS[0], kind="three"), "unknown-kind"),
        (replace(QUESTIONS[0], blank=5), "unknown-option"),
        (replace(QUESTIONS[0], text="甲—1.乙"), "ambiguous-header"),
        (replace(QUESTIONS[0], number=6, row=3), "broken-matrix"),
    ],
)
def test_what_could_not_be_told_back_is_refused(tmp_path: Path, question: Question, code: str) -> None:
    sheet = made(ROWS)
    with pytest.raises(DataError) as caught:
        write_export(replace(sheet, questions=(question, *QUESTIONS[1:])), tmp_path, "wjx")
    assert caught.value.code == code


def test_tables_that_do_not_fit(tmp_path: Path) -> None:
    sheet = made(ROWS)
    for changed in ({"sheet": sheet.sheet.head(1)}, {"sheet": sheet.sheet.rename(columns={"ip": "adress"})}):
        with pytest.raises(DataError):
            replace(sheet, **changed)
    with pytest.raises(DataError, match="no answers"):
        write_export(made([]), tmp_path, "wjx")
    with pytest.raises(OptionError, match="not written as"):
        write_export(sheet, tmp_path, "wjx", file_format="sav")
    with pytest.raises(OptionError, match="dialect"):
        write_export(sheet, tmp_path, "wjs")


@pytest.mark.parametrize(("dialect", "kind"), ALL)
@pytest.mark.parametrize("text", ["half \ud800", "long" * 10_000, "control \x01\x1f b"])
def test_unusual_texts_are_written_or_refused(tmp_path: Path, dialect: str, kind: str, text: str) -> None:
    sheet = made([{"comment": text, "exp1": 1}, {"comment": "b"}])
    try:
        files = write_export(sheet, tmp_path, dialect, file_format=kind)
    except FileError:
        assert "control" not in text
        return
    assert told(read_export(files), dialect)["comment"] == [text.strip() if dialect == "tencent" else text, "b"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("", encoding="utf-8")
    with pytest.raises(SurveySemError, match="cannot be made"):
        write_export(made(ROWS), tmp_path / "a", "wjx")

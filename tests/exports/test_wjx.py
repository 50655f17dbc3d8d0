"""问卷星: headers, marks, cells that hold several things."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.exports import MissingRange, RawTable, read_export
from survey_sem.exports.dialects.choices import split_choices, split_ranking

TEXT: dict[str, list[Any]] = {
    "序号": [1, 2, 3],
    "提交答卷时间": ["2026/3/1 10:00:05", "2026/3/1 10:02:00", "2026/3/2 9:00:00"],
    "所用时间": ["243秒", "95秒", "1200秒"],
    "来源": ["微信", "手机提交", "链接"],
    "来源详情": ["N/A", "直接访问", "N/A"],
    "来自IP": ["1.2.3.4(四川-成都)", "5.6.7.8(北京)", "9.9.9.9(新疆-巴音郭楞-库尔勒)"],
    "1、您的性别": ["男", "女", "女"],
    "2、看过哪些直播（多选）": ["淘宝┋其他〖快手┋抖音〗", "(跳过)", "抖音"],
    "3、排序": ["价格→质量→物流", "质量→价格→物流", "(空)"],
    "4、年龄": ["23", "(跳过)", "(空)"],
    "6、您是否同意—以下说法—1.主播可信": [5, 4, 3],
    "2.主播专业": [1, 2, 3],
    "7、另一组—1.便宜": [5, 4, 3],
    "2.主播专业 ": [5, 4, 3],
    "第8题(价格)": [1, 0, -3],
    "第8题(质量)": [0, 1, -3],
    "总分": [10, 20, 30],
}


def wjx(path: Path, columns: dict[str, list[Any]]) -> RawTable:
    pd.DataFrame(columns).to_csv(path, index=False, encoding="utf-8-sig")
    return read_export(path)


@pytest.fixture
def raw(tmp_path: Path) -> RawTable:
    return wjx(tmp_path / "d.csv", TEXT)


def test_the_headers_say_who_wrote_it(raw: RawTable) -> None:
    assert raw.dialect == "wjx"
    assert raw.detection is not None
    assert "序号, 提交答卷时间, 所用时间" in raw.detection.evidence[0]
    assert raw.detection.evidence[1].startswith("8 headers")


def test_metadata_without_questions_of_that_form(tmp_path: Path) -> None:
    shown = {name: TEXT[name] for name in ("序号", "提交答卷时间", "所用时间")}
    assert wjx(tmp_path / "d.csv", {**shown, "性别": [1, 2, 1]}).dialect == "wjx"
    assert wjx(tmp_path / "e.csv", {"序号": [1], "性别": [1]}).dialect == "generic"
    assert wjx(tmp_path / "f.csv", {"1、性别": [1], "2、年龄": [1]}).dialect == "generic"


def test_names_headers_and_texts(raw: RawTable) -> None:
    assert raw.columns == (
        *("index", "submitted", "duration", "source", "source_detail", "ip", "ip_province", "ip_city"),
        *("Q1", "Q2", "Q2_blank", "Q3", "Q4", "Q6_R1", "Q6_R2", "Q7_R1", "Q7_R2", "Q8_R1", "Q8_R2", "total"),
    )
    assert raw.headers["Q6_R2"] == "2.主播专业"
    assert raw.column_labels["Q6_R1"] == "您是否同意—以下说法—主播可信"
    assert raw.column_labels["Q6_R2"] == "您是否同意—以下说法—主播专业"
    assert raw.column_labels["Q7_R2"] == "另一组—主播专业"
    assert raw.column_labels["Q8_R1"] == "价格"


def test_metadata_are_values(raw: RawTable) -> None:
    assert raw.frame["duration"].tolist() == [243, 95, 1200]
    assert raw.frame["ip"].tolist() == ["1.2.3.4", "5.6.7.8", "9.9.9.9"]
    assert raw.frame["ip_province"].tolist() == ["四川", "北京", "新疆"]
    assert raw.frame["ip_city"].fillna("").tolist() == ["成都", "", "巴音郭楞-库尔勒"]


def test_metadata_of_another_form_stay_as_they_are(tmp_path: Path) -> None:
    raw = wjx(tmp_path / "d.csv", {**TEXT, "所用时间": ["3分", "5秒", "6秒"], "来自IP": ["x", "1.2.3.4(北京)", None]})
    assert raw.frame["duration"].tolist() == ["3分", "5秒", "6秒"]
    assert raw.frame["ip"].tolist()[:2] == ["x", "1.2.3.4(北京)"]
    assert "ip_city" not in raw.columns


def test_words_beside_an_option_stand_apart(raw: RawTable) -> None:
    assert raw.frame["Q2"].tolist() == ["淘宝┋其他", "(跳过)", "抖音"]
    assert raw.frame["Q2_blank"].tolist()[0] == "快手┋抖音"
    assert raw.frame["Q2_blank"].isna().tolist() == [False, True, True]


def test_several_texts_in_one_answer_and_brackets_that_never_close(tmp_path: Path) -> None:
    raw = wjx(tmp_path / "d.csv", {**TEXT, "1、您的性别": ["甲〖a〗┋乙〖b〗", "丙〖开", "丁〖x〖y〗〗"]})
    assert raw.frame["Q1"].tolist() == ["甲┋乙", "丙〖开", "丁"]
    assert raw.frame["Q1_blank"].fillna("").tolist() == ["甲〖a〗┋乙〖b〗", "", "x〖y〗"]


def test_no_answer_is_told_from_not_asked(raw: RawTable) -> None:
    assert raw.frame["Q4"].tolist() == [23, -3, -2]
    assert raw.missing_codes["Q4"] == (MissingRange(-3, -3, "routed"), MissingRange(-2, -2, "nonresponse"))
    answers = raw.answers()
    assert answers["Q4"].isna().tolist() == [False, True, True]
    assert answers["Q2"].isna().tolist() == [False, True, False]
    assert answers["Q3"].isna().tolist() == [False, False, True]
    assert answers["Q8_R1"].isna().tolist() == [False, False, True]
    assert raw.frame["Q3"].tolist()[2] == "(空)"


def test_a_repeated_question_number_is_a_matrix(tmp_path: Path) -> None:
    raw = wjx(tmp_path / "d.csv", {"序号": [1], "所用时间": ["9秒"], "5、评价—外观": [3], "5、评价—手感": [4]})
    assert raw.columns == ("index", "duration", "Q5_R1", "Q5_R2")


def test_a_row_without_its_question_keeps_its_header(tmp_path: Path) -> None:
    raw = wjx(tmp_path / "d.csv", {"序号": [1], "所用时间": ["9秒"], "1、a": [3], "2.独行": [4]})
    assert raw.columns == ("index", "duration", "Q1", "2.独行")


def test_generic_can_be_forced(tmp_path: Path) -> None:
    shown = {name: TEXT[name] for name in ("序号", "所用时间", "1、您的性别")}
    assert wjx(tmp_path / "d.csv", shown).columns == ("index", "duration", "Q1")
    raw = read_export(tmp_path / "d.csv", "generic")
    assert raw.columns == tuple(shown)
    assert raw.frame["所用时间"].tolist()[0] == "243秒"


def test_wjx_can_be_forced(tmp_path: Path) -> None:
    pd.DataFrame({"1、性别": [1, -3]}).to_csv(tmp_path / "d.csv", index=False)
    raw = read_export(tmp_path / "d.csv", "wjx")
    assert raw.columns == ("Q1",)
    assert raw.answers()["Q1"].isna().tolist() == [False, True]
    assert str(raw.detection) == "wjx (forced; nothing in the header speaks for it)"


def test_a_workbook_reads_the_same(tmp_path: Path, raw: RawTable) -> None:
    pd.DataFrame(TEXT).to_excel(tmp_path / "d.xlsx", index=False)
    book = read_export(tmp_path / "d.xlsx")
    pd.testing.assert_frame_equal(book.frame, raw.frame, check_dtype=False)


@given(st.text(alphabet="ab┋→〖〗", max_size=12))
def test_splitting_loses_nothing(cell: str) -> None:
    assert "┋".join(split_choices(cell)) == cell
    assert "→".join(split_ranking(cell)) == cell


def test_ranking() -> None:
    assert split_ranking("价格→其他〖a→b〗→物流") == ["价格", "其他〖a→b〗", "物流"]

"""Which dialect a file is read in, and how that is told."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.errors import FileError, OptionError
from survey_sem.exports import DIALECTS, read_export


def test_a_plain_table_is_generic_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(" a ,b\n1,2\n", encoding="utf-8")
    raw = read_export(path)
    assert raw.dialect == "generic"
    assert raw.headers == {}
    assert raw.detection is not None
    assert str(raw.detection) == "generic (no platform's headers were found)"
    assert str(read_export(path, "generic").detection).startswith("generic (forced; ")


def test_an_unknown_dialect_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as caught:
        read_export(tmp_path / "d.csv", "genric")
    assert caught.value.code == "unknown-dialect"
    assert caught.value.hint == "did you mean 'generic'?"
    assert "generic" in str(caught.value.expected)


def test_a_format_with_its_own_types_needs_no_dialect(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(path)
    assert "names its columns itself" in str(read_export(path).detection)


_HEADERS = st.sampled_from(
    [
        *(
            "序号",
            "所用时间",
            "来自IP",
            "提交答卷时间",
            "ip_city",
            "index",
            "Q2_blank",
            "编号",
            "IP",
            "答题时长",
            "语言",
        ),
        *(
            "作答ID",
            "发布ID",
            "城市",
            "V1",
            "StartDate",
            '{"ImportId":"QID1"}',
            "1、a",
            "2、b",
            "2.b",
            "3、x—1.y",
            "第3题(z)",
        ),
        *("1.c", "", "、", "99999999999、q"),
    ]
)
_FIELDS = st.sampled_from(
    [
        "",
        "1",
        "-3",
        "-2",
        "(跳过)",
        "(空)",
        "9秒",
        "1.2.3.4(a-b)",
        "x┋y〖z〗",
        "〖",
        "a→b",
        "\t1",
        "True",
        "1e999",
        '"',
        "=1",
    ]
)


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.tuples(
            st.lists(_HEADERS, min_size=width, max_size=width),
            st.lists(st.lists(_FIELDS, min_size=width, max_size=width), max_size=4),
        )
    ),
    st.sampled_from([None, *DIALECTS]),
)
def test_any_table_is_read_or_refused_in_any_dialect(
    table: tuple[list[str], list[list[str]]], dialect: str | None
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([table[0], *table[1]])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        try:
            raw = read_export(path, dialect)
        except FileError:
            return
    assert len(set(raw.columns)) == len(raw.columns)
    assert raw.missing_codes.keys() <= set(raw.columns)
    assert len(raw.answers()) == raw.n_rows


def test_ten_thousand_columns(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    names = ["序号", "所用时间", *(f"{number}、q" for number in range(1, 10_001))]
    path.write_text(f"{','.join(names)}\n1,9秒{',4' * 9_900}{',(空)' * 100}\n2,8秒{',5' * 10_000}\n", encoding="utf-8")
    raw = read_export(path)
    assert raw.dialect == "wjx"
    assert raw.frame["Q10000"].tolist() == [-2, 5]

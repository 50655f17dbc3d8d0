"""Columns are found by name, number or header, on any platform's export."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from survey_sem.exports import RawTable
from survey_sem.responses import validate_responses
from tests.responses.shop import instrument_from_text

YAML = """\
schema: survey-sem/instrument/1
instrument: {{id: wide, version: "1", title: Wide}}
source: {{columns: {by}}}
scales:
  agree: {{min: 1, max: 5}}
  shops: {{labels: {{en: {{1: Market, 2: Online}}}}}}
items:
  - {{id: a, column: {a}, scale: agree, text: A}}
  - {{id: b, column: {b}, scale: agree, text: B}}
  - {{id: c, column: {c}, type: multi, scale: shops, text: C}}
paradata: {{id: 序号}}
"""


def found(tmp_path: Path, by: str, columns: tuple[str, str, str], raw: RawTable) -> dict[str, str]:
    """Errors by item; the answers of the first row where there are none."""
    a, b, c = (f'"{column}"' for column in columns)
    asked = instrument_from_text(tmp_path / "i.yaml", YAML.format(by=by, a=a, b=b, c=c))
    responses = validate_responses(raw, asked)
    errors = {each.item: f"{each.got}; {each.hint}" for each in responses.report.errors}
    return errors or {str(name): str(value) for name, value in responses.frame.iloc[0].items()}


FOUND = {"a": "1", "b": "2", "c_1": "1", "c_2": "0"}


def wjx() -> RawTable:
    """A wjx table: columns renamed by the dialect, their headers kept."""
    frame = pd.DataFrame(
        {"index": [1, 2], "Q1": [1, 3], "Q6_R1": [4, 4], "Q6_R2": [2, 3], "Q7_R1": [1, 0], "Q7_R2": [0, 1]}
    )
    headers = {
        "index": "序号",
        "Q1": "1、您 满意吗？",
        "Q6_R1": "6、以下说法—1.便宜",
        "Q6_R2": "2.方便",
        "Q7_R1": "第7题(市场)",
        "Q7_R2": "第7题(网上)",
    }
    labels = {"Q1": "您 满意吗？", "Q6_R1": "以下说法—便宜", "Q6_R2": "以下说法—方便"}
    return RawTable(frame, "d.xlsx", "0" * 64, "xlsx", headers=headers, column_labels=labels)


@pytest.mark.parametrize(
    ("by", "columns"),
    [
        ("name", ("Q1", "Q6_R2", "Q7")),
        ("number", ("1", "6.2", "7")),
        ("header", ("1、您 满意吗？", "2.方便", "第7题")),
        ("header", (" 您满意吗? ", "以下说法—方便", "第7题")),
    ],
)
def test_ways_to_name_a_column(tmp_path: Path, by: str, columns: tuple[str, str, str]) -> None:
    assert {name: FOUND[name] for name in ("a", "b")}.items() <= _but_c(found(tmp_path, by, columns, wjx()), by).items()


def _but_c(told: dict[str, str], by: str) -> dict[str, str]:
    """A header names one column: an item that is spread needs `columns:` then."""
    if by != "header":
        assert told == FOUND
        return told
    assert list(told) == ["c"]
    return FOUND


@pytest.mark.parametrize(
    "names", [("Q1", "Q6_Row2", "Q7_1", "Q7_2"), ("q1", "q6_2", "q7_r1", "q7_r2"), ("1", "6.2", "7.1", "7.2")]
)
def test_numbers_on_other_platforms(tmp_path: Path, names: tuple[str, ...]) -> None:
    frame = pd.DataFrame([[1, 2, 1, 0, 7]], columns=[*names, "序号"])
    raw = RawTable(frame, "d.csv", "0" * 64, "csv")
    assert found(tmp_path, "number", ("1", "6.2", "7"), raw) == FOUND


def test_a_header_that_several_columns_have(tmp_path: Path) -> None:
    frame = pd.DataFrame({"Q1": [1], "Q2": [1], "Q3": [1], "序号": [1]})
    raw = RawTable(frame, "d.csv", "0" * 64, "csv", headers={"Q1": "1、好吗", "Q2": "2、好吗？", "Q3": "3、x"},
                   column_labels={"Q1": "好吗", "Q2": "好吗？", "Q3": "x"})  # fmt: skip
    told = found(tmp_path, "header", ("好吗", "好 吗", "x"), raw)
    assert told == {"b": "2 that fit: Q1, Q2; write the whole header, or find columns by name"}


def test_two_items_want_one_column(tmp_path: Path) -> None:
    told = found(tmp_path, "header", ("1、您 满意吗？", "您满意吗", "第7题(市场)"), wjx())
    assert told["b"].startswith("column 'Q1', which item a has already")


def test_what_is_missing_is_named_with_the_nearest(tmp_path: Path) -> None:
    told = found(tmp_path, "name", ("Q11", "2.方便", "Q8"), wjx())
    assert told["a"].startswith("none of that name; did you mean 'Q1'? not one item was found")
    assert "write `column: Q6_R2`, or find columns by header" in told["b"]


def test_a_spread_item_with_another_number_of_columns(tmp_path: Path) -> None:
    raw = wjx()
    more = RawTable(raw.frame.assign(Q7_R3=1), "d.csv", "0" * 64, "csv", headers=raw.headers)
    told = found(tmp_path, "number", ("1", "6.2", "7"), more)
    assert told == {"c": "none of that name; 3 columns begin with 'q7_': name one per option under `columns:`"}


def test_a_table_that_is_named_by_the_ids_of_the_items(tmp_path: Path) -> None:
    spread = pd.DataFrame({"a": [1], "b": [2], "c_1": [1], "c_2": [0]})
    joined = pd.DataFrame({"a": [1], "b": [2], "c": ["1"]})
    for frame in (spread, joined):
        assert found(tmp_path, "number", ("1", "6.2", "7"), RawTable.from_frame(frame)) == FOUND


def test_columns_that_are_given_by_option(tmp_path: Path) -> None:
    text = YAML.format(by="number", a="1", b='"6.2"', c="7").replace(
        "column: 7, type: multi", 'columns: {1: "7.1", 2: "7.9"}, type: multi'
    )
    asked = instrument_from_text(tmp_path / "i.yaml", text)
    (error,) = validate_responses(wjx(), asked).report.errors
    assert (error.item, error.expected, error.got) == ("c", "a column per option (2)", "1 that are not there: 7.9")


def test_a_file_without_most_of_the_columns_is_asked_about_first(tmp_path: Path) -> None:
    instrument = instrument_from_text(tmp_path / "i.yaml", YAML.format(by="name", a="a", b="b", c="c"))
    columns = {"序号": [1, 2], "a": [1, 2]}
    head = validate_responses(RawTable.from_frame(pd.DataFrame(columns)), instrument).report.head
    assert "2 of the 3 columns that the questionnaire expects are not there" in head
    columns |= {"b": [1, 2]}
    assert "expects" not in validate_responses(RawTable.from_frame(pd.DataFrame(columns)), instrument).report.head

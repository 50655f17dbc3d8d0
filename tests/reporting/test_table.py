"""The table record and what a reader sees of it."""

from __future__ import annotations

import pytest

from survey_sem.reporting.contents import (
    Absent,
    Amount,
    Count,
    Foreign,
    Interval,
    Joined,
    Name,
    Texts,
    said,
    spoken,
)
from survey_sem.reporting.table import Column, ShownCell, Table, exact, letter

COMP = Name("COMP", {"en": "Competence", "zh": "能力"})
LIKE = Name("LIKE")


def example(**changes: object) -> Table:
    columns = (Column("construct", is_block=True), Column("item", is_code=True), Column("est", "estimate"))
    rows = ((COMP, Name("c1"), 1.0), (COMP, Name("c2"), Absent(said("absent.fixed"))), (LIKE, Name("l1"), 0.5))
    return Table(**{"key": "loadings", "columns": columns, "rows": rows, **changes})  # type: ignore[arg-type]


def test_contents_in_two_languages():
    assert spoken(COMP, "en") == "Competence"
    assert spoken(COMP, "zh") == "能力"
    assert spoken(LIKE, "zh") == "LIKE"
    assert spoken(Texts({"en": "only English"}), "zh") == "only English"
    assert spoken(Joined((COMP, LIKE)), "en") == "Competence, LIKE"
    assert spoken(Joined((COMP, LIKE)), "zh") == "能力、LIKE"
    assert spoken(Interval(0.1, 0.25, "bounded"), "en") == "[.100,\N{NO-BREAK SPACE}.250]"
    assert spoken(Count(23, 344), "en") == "23 (6.7%)"
    assert spoken(Count(0, 0), "en") == "0"
    assert spoken(Count(None, 344), "en") == "withheld"
    assert spoken(12000, "en") == "12,000"
    assert spoken(None, "en") == ""
    assert spoken(Absent(said("absent.fixed")), "en") == "—"


def test_braces_in_a_value_are_text():
    name = Name("{0.__class__}", {"en": "{df} {x!r}"})
    path = said("key.path.bare", predictor=name, outcome=name, beta=Amount(0.5, "correlation"))
    assert spoken(path, "en") == "{df} {x!r} → {df} {x!r}: β = .50"


def test_a_row_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="2 cells for 3 columns"):
        example(rows=((COMP, LIKE),))


def test_heads_of_blocks_repeat_only_for_machines():
    shown = example().shown_rows("en")
    assert [row[0].is_repeat for row in shown] == [False, True, False]
    assert [row[0].text for row in shown] == ["Competence", "Competence", "LIKE"]


def test_an_inner_block_ends_with_the_outer_one():
    columns = (Column("construct", is_block=True), Column("outcome", is_block=True), Column("est", "estimate"))
    table = example(columns=columns, rows=((COMP, "x", 1.0), (LIKE, "x", 1.0), (LIKE, "x", 2.0)))
    assert [[cell.is_repeat for cell in row[:2]] for row in table.shown_rows("en")] == [
        [False, False],
        [False, False],
        [True, True],
    ]


def test_absent_values_have_a_footnote():
    table = example()
    assert table.shown_rows("en")[1][2] == ShownCell("—", "a", None, title="fixed by the model", is_muted=True)
    assert table.footnotes("zh") == [("a", "由模型固定")]


def test_each_reason_is_told_once():
    fixed, other = Absent(said("absent.fixed")), Absent(Foreign("df = 0: the model is saturated"))
    rows = ((COMP, LIKE, fixed), (COMP, LIKE, other), (LIKE, LIKE, fixed))
    table = example(rows=rows)
    assert [row[2].mark for row in table.shown_rows("en")] == ["a", "b", "a"]
    assert [reason for _, reason in table.footnotes("en")] == ["fixed by the model", "df = 0: the model is saturated"]


def test_letters_go_on_after_z():
    assert [letter(at) for at in (0, 25, 26, 27, 52)] == ["a", "z", "aa", "ab", "ba"]


def test_exact_numbers():
    assert exact(0.1 + 0.2) == 0.1 + 0.2
    assert exact(Interval(0.25, 1.0)) == 0.25
    assert exact(Count(3, 10)) == 3
    assert exact(Amount(2.5, "df")) == 2.5
    assert exact(float("nan")) is None
    assert exact(Name("x")) is None
    assert exact(Count(None, 10)) is None


def test_titles_and_legend():
    table = example(columns=(Column("construct"), Column("se", "estimate"), Column("mean", "score")))
    assert table.title("en") == "Factor loadings"
    assert table.title("zh") == "因子载荷"
    assert table.legend("en") == "SE: standard error; M: mean."
    assert table.legend("zh") == ""
    assert Column("ave", "bounded").title("zh") == "平均方差抽取量 AVE"
    assert Column("cr", "bounded").title("zh") == "组合信度 CR"
    assert Column("std_ci", heading=said("column.std_ci", level=Amount(0.95, "whole_percent"))).title("en") == (
        "95% CI (std.)"
    )


def test_row_head_is_the_first_column_that_names_a_row():
    assert example().row_head == 1
    assert example(columns=(Column("no", "count"), Column("variable"), Column("mean", "score"))).row_head == 1


def test_sizes_of_text_count_chinese_characters_twice():
    assert ShownCell("a" * 26).size == "short"
    assert ShownCell("好" * 14).size == "middling"
    assert ShownCell("好" * 21).size == "long"

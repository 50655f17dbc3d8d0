"""The parameter table: where rows come from, what ties them, what a caller can ask of it."""

from __future__ import annotations

import json
import math
import pickle

import pytest

from survey_sem.syntax import (
    MATH_FUNCTIONS,
    Parameter,
    ParameterTable,
    TableOptions,
    build_table,
    parse_model,
    parse_statements,
)


def row_of(table: ParameterTable, element: str, group: int = 1) -> Parameter:
    lhs, op, rhs = (*element.split(), "")[:3]
    (found,) = [row for row in table.rows if (row.lhs, row.op, row.rhs) == (lhs, op, rhs) and row.group == group]
    return found


def ties(table: ParameterTable) -> list[str]:
    shown = {row.plabel: f"{row.shown}.g{row.group}" for row in table.parameters}
    return [f"{shown[row.lhs]} = {shown[row.rhs]}" for row in table.rows if row.op == "==" and row.user == 2]


def test_every_row_says_where_it_comes_from() -> None:
    table = parse_model("f =~ x1 + x2\n\ny ~ f + z\nh =~ w\nt := 1 + 1", fixed_x=True, meanstructure=True)
    sources = {f"{row.shown}": row.source for row in table.rows}
    assert all(sources.values())
    assert sources["f =~ x1"] == "line 1, auto_fix_first"
    assert sources["f =~ x2"] == "line 1"
    assert sources["y ~ f"] == "line 3"
    assert sources["w ~~ w"] == "auto_fix_single"
    assert sources["z ~~ z"] == "fixed_x"
    assert sources["f ~~ h"] == "auto_cov_lv_x"
    assert sources["y ~1"] == "int_ov_free"
    assert sources["t := 1+1"] == "line 5"


def test_free_parameters_are_numbered() -> None:
    table = parse_model("f =~ x1 + x2 + x3")
    assert [row.free for row in table.rows] == [0, 1, 2, 3, 4, 5, 6]
    assert table.n_free == 6
    assert table.n_blocks == 1


def test_fixed_exogenous_moments() -> None:
    table = parse_model("y ~ x + z", fixed_x=True, meanstructure=True)
    exogenous = [row.shown for row in table.rows if row.exo]
    assert exogenous == ["x ~~ x", "x ~~ z", "z ~~ z", "x ~1", "z ~1"]
    assert {row.free for row in table.rows if row.exo} == {0}
    assert {row.ustart for row in table.rows if row.exo} == {None}


def test_conditional_slopes_are_marked_and_free() -> None:
    table = parse_model("f =~ x1 + x2\nf ~ z\ny ~ f", fixed_x=True, conditional_x=True)
    slope = row_of(table, "f ~ z")
    assert slope.exo == 1
    assert slope.free > 0
    assert row_of(table, "y ~ f").exo == 0


def test_constraints_and_definitions() -> None:
    table = parse_model("y ~ a*x + b*z\nd := a*b\na == 2*b\nb > 0\na < 1\ne := d^2")
    assert [(item.row.lhs, str(item.lhs), str(item.rhs)) for item in table.definitions] == [
        ("d", "d", "a*b"),
        ("e", "e", "d^2"),
    ]
    assert [(str(item.lhs), str(item.rhs)) for item in table.equalities] == [("a", "2*b")]
    assert [(item.row.op, str(item.lhs)) for item in table.inequalities] == [(">", "b"), ("<", "a")]
    values = {"a": 2.0, "b": 1.5}
    for item in table.definitions:
        values[item.row.lhs] = item.rhs.evaluate(values, MATH_FUNCTIONS)
    assert values["e"] == 9.0
    assert all(row.is_parameter for row in table.parameters)
    assert len(table.parameters) == len(table.rows) - 5


def test_symbols_find_the_first_row_of_a_label() -> None:
    table = parse_model("y ~ a*x + b*z\nw ~ a*z")
    assert table.symbols["a"] == 0
    assert table.symbols["b"] == 1
    assert table.symbols[".p3."] == 2


def test_equal_labels_tie_parameters_in_the_order_of_their_second_bearer() -> None:
    table = parse_model("y ~ b*x + a*z + b*w\nu ~ a*x + a*w")
    assert ties(table) == ["y ~ x.g1 = y ~ w.g1", "y ~ z.g1 = u ~ x.g1", "y ~ z.g1 = u ~ w.g1"]


def test_equal_refers_to_an_element_or_a_label() -> None:
    table = parse_model("f =~ x1 + lab*x2 + equal('f=~x2')*x3 + equal('lab')*x4 + equal('f=~x3')*x5")
    assert ties(table) == [f"f =~ x2.g1 = f =~ x{number}.g1" for number in (3, 4, 5)]


def test_what_is_equal_to_a_fixed_parameter_is_fixed() -> None:
    table = parse_model("f =~ x1 + 2*x2 + a*x2 + a*x3")
    row = row_of(table, "f =~ x3")
    assert (row.free, row.ustart, row.source) == (0, 2.0, "line 1, equal to f =~ x2")
    assert ties(table) == []


def test_na_frees_the_first_indicator() -> None:
    table = parse_model("f =~ NA*x1 + x2\nf ~~ 1*f")
    assert row_of(table, "f =~ x1").free == 1
    assert row_of(table, "f ~~ f").free == 0


def test_c_with_na_leaves_one_group_without_label() -> None:
    table = parse_model("y ~ c(a, NA)*x + c(1, NA)*z")
    assert [row_of(table, "y ~ x", group).label for group in (1, 2)] == ["a", ""]
    assert [row_of(table, "y ~ z", group).ustart for group in (1, 2)] == [1.0, None]
    assert ties(table) == []


def test_group_labels_name_the_blocks_of_the_text() -> None:
    text = "group: GW\ny ~ x\ngroup: Pasteur\ny ~ z"
    table = parse_model(text, n_groups=2, group_labels=("Pasteur", "GW"))
    assert [row.rhs for row in table.rows if row.op == "~"] == ["z", "x"]
    assert table.group_labels == ("Pasteur", "GW")
    assert parse_model(text).group_labels == ("GW", "Pasteur")
    assert [row.rhs for row in parse_model("group: 2\ny ~ x\ngroup: 1\ny ~ z").rows if row.op == "~"] == ["z", "x"]


def test_levels() -> None:
    table = parse_model("level: within\nf =~ y1 + y2\nlevel: between\ng =~ y1 + y2 + y3", meanstructure=True)
    assert table.level_labels == ("within", "between")
    assert [row.level for row in table.parameters if row.op == "=~"] == ["within"] * 2 + ["between"] * 3
    assert {row.ustart for row in table.block(1) if row.op == "~1"} == {0.0}
    assert table.names("ov", 1) == ("y1", "y2")
    assert table.names("ov") == ("y1", "y2", "y3")
    assert table.names("lv") == ("f", "g")


def test_two_levels_in_two_groups() -> None:
    table = parse_model("level: 1\ny ~ x\nlevel: 2\ny ~ z", n_groups=2)
    assert [(row.block, row.group, row.level, row.rhs) for row in table.rows if row.op == "~"] == [
        (1, 1, "1", "x"),
        (2, 1, "2", "z"),
        (3, 2, "1", "x"),
        (4, 2, "2", "z"),
    ]


def test_thresholds_need_the_number_of_categories() -> None:
    table = parse_model("f =~ x1 + x2 + x3", ordered=("x1", "x2"), n_categories={"x1": 4, "x2": 2})
    assert [row.rhs for row in table.rows if row.op == "|"] == ["t1", "t2", "t3", "t1"]
    assert table.names("ov_ord") == ("x1", "x2")
    assert table.names("ov_num") == ("x3",)
    assert table.meanstructure


def test_products() -> None:
    table = parse_model("y ~ x + z + x:z\nf =~ a1 + a2\ng =~ b1 + b2\nw ~ f + f:g")
    assert table.names("ov_interaction") == ("x:z",)
    assert table.names("lv_interaction") == ("f:g",)


def test_bounds() -> None:
    table = parse_model("f =~ x1 + lower(0)*x2\nx1 ~~ lower(0)*upper(3)*x1")
    assert (row_of(table, "f =~ x2").lower, row_of(table, "f =~ x2").upper) == (0.0, math.inf)
    assert (row_of(table, "x1 ~~ x1").lower, row_of(table, "x1 ~~ x1").upper) == (0.0, 3.0)


def test_frame_shows_only_used_columns() -> None:
    frame = parse_model("f =~ x1 + x2").to_frame()
    assert list(frame.columns)[:4] == ["id", "lhs", "op", "rhs"]
    assert {"level", "lower", "upper", "efa", "rv"}.isdisjoint(frame.columns)
    assert {"level", "lower", "rv"} <= set(
        parse_model("level: 1\ny ~ rv('s')*x\nlevel: 2\ny ~ lower(0)*x").to_frame().columns
    )
    assert frame["ustart"].dtype == float


def test_replaced_values() -> None:
    table = parse_model("f =~ x1 + x2", fixed_x=True)
    changed = table.with_ustart({2: 0.9})
    assert changed.rows[1].ustart == 0.9
    assert table.rows[1].ustart is None
    assert changed.options == table.options


def test_tables_pickle() -> None:
    table = parse_model("f =~ x1 + a*x2\nd := a^2")
    again = pickle.loads(pickle.dumps(table))
    assert again.rows == table.rows
    assert str(again.definitions[0].rhs) == "a^2"


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("y ~ a*x", {"n_groups": 2}, "label-across-groups"),
        ("y ~ x + z\nx ~~ z", {"fixed_x": True}, "exogenous-made-random"),
        ("f =~ start(0.8)*x1 + x2", {}, "fixed-after-all"),
        ("f =~ x1 + c(1,NA)*x2", {"group_equal": ("loadings",)}, "fixed-after-all"),
    ],
)
def test_warnings(text: str, options: dict[str, object], code: str) -> None:
    assert code in {warned.code for warned in parse_model(text, **options).warnings}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("y ~ c(a,a)*x", {}),
        ("group: 1\ny ~ a*x\ngroup: 2\ny ~ a*x", {}),
        ("y ~ x + z", {"fixed_x": True}),
        ("f =~ NA*x1 + start(0.8)*x1 + x2", {}),
    ],
)
def test_no_warning_where_nothing_is_hidden(text: str, options: dict[str, object]) -> None:
    assert parse_model(text, **options).warnings == ()  # type: ignore[arg-type]


def test_meanstructure() -> None:
    assert not parse_model("y ~ x").meanstructure
    assert parse_model("y ~ x\ny ~ 1").meanstructure
    assert parse_model("y ~ x\ny ~ 1", meanstructure=False).meanstructure
    assert parse_model("f =~ x + y", function="growth").meanstructure
    assert parse_model("y ~ x", n_groups=2, group_equal=("intercepts",)).meanstructure
    assert parse_model("y ~ x", meanstructure=True).meanstructure


def test_options_travel_as_json() -> None:
    text = "f =~ x1 + x2 + x3\nf ~ z"
    table = parse_model(
        text, ordered="x1", n_categories={"x1": 3}, n_groups=2, group_equal=["loadings", "lv.variances"], std_lv=True
    )
    options = TableOptions(**json.loads(json.dumps(table.options)))
    assert build_table(parse_statements(text), options) == table
    assert options.group_equal == ("loadings", "lv_variances")


def test_effect_coding_may_be_a_flag() -> None:
    assert (
        parse_model("f =~ x1 + x2", effect_coding=True).rows
        == parse_model("f =~ x1 + x2", effect_coding=["loadings", "intercepts"]).rows
    )


def test_group_weights() -> None:
    table = parse_model("y ~ x", n_groups=2, group_w_free=True)
    assert [row.shown for row in table.rows if row.op == "%"] == ["group % w"] * 2

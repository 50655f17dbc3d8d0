"""Parameter tables, variable names and parsed formulas against lavaan's (tests/reference/syntax)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from survey_sem.errors import ModelSyntaxError
from survey_sem.syntax import ParameterTable, parse_model, parse_statements
from survey_sem.syntax.expressions import number_text

REFERENCE = Path(__file__).parent.parent / "reference" / "syntax"
COLUMNS = ("lhs", "op", "rhs", "user", "block", "group", "free", "ustart", "exo", "label", "level")
SYNTAX = sorted(path.stem for path in REFERENCE.glob("syntax_*.json"))
TABLES: dict[str, Any] = json.loads((REFERENCE / "partables.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = json.loads((REFERENCE / "lavaanify.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.reference


def options_of(case: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in case["options"].items()}


def table_of(case: dict[str, Any]) -> ParameterTable:
    options = {"fixed_x": True, **options_of(case)}
    return parse_model(case["model"], function=case["function"], **options)


def shown(table: ParameterTable, width: int) -> list[list[Any]]:
    """The rows as the reference stores them; sample moments of fixed exogenous variables have no value there."""
    return [[getattr(row, column) for column in COLUMNS[:width]] for row in table.rows]


def expected_rows(case: dict[str, Any], table: ParameterTable) -> list[list[Any]]:
    rows = []
    for stored, row in zip(case["rows"], table.rows, strict=True):
        values = dict(zip(COLUMNS, stored, strict=False))
        values["group"] = row.group if values["group"] is None or isinstance(values["group"], str) else values["group"]
        if "level" in values and not row.is_parameter:
            values["level"] = row.level
        rows.append([values[column] for column in COLUMNS[: len(stored)]])
    return rows


@pytest.mark.parametrize("case", TABLES.values(), ids=TABLES.keys())
def test_table_of_a_fitted_model(case: dict[str, Any]) -> None:
    table = table_of(case)
    assert len(table.rows) == len(case["rows"])
    found = shown(table, len(case["rows"][0]))
    for mine, theirs in zip(found, expected_rows(case, table), strict=True):
        assert mine == theirs


@pytest.mark.parametrize("number", range(len(CASES)))
def test_table_of_a_small_model(number: int) -> None:
    case = CASES[number]
    table = table_of(case)
    assert len(table.rows) == len(case["rows"])
    assert shown(table, len(case["rows"][0])) == expected_rows(case, table)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_names_of_a_small_model(number: int) -> None:
    case = CASES[number]
    table = table_of(case)
    kinds = ("ov", "ov_x", "ov_nox", "ov_y", "ov_ind", "ov_ord", "ov_num", "ov_interaction")
    kinds += ("lv", "lv_x", "lv_y", "lv_nox", "lv_ind", "lv_regular", "lv_formative", "eqs_y", "eqs_x")
    assert {kind: list(table.names(kind)) for kind in kinds if table.names(kind)} == {
        kind: names for kind, names in case["names"].items() if kind in kinds
    }


def reference(name: str) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
    return stored


@pytest.mark.parametrize("name", [name for name in SYNTAX if name != "syntax_intercepts"])
def test_lavaanify(name: str) -> None:
    case = reference(name)
    frame = parse_model(case["model"]).to_frame()
    for stored, (_, row) in zip(case["result"]["lavaanify_sem"], frame.iterrows(), strict=True):
        mine = row.to_dict()
        mine["ustart"] = None if mine["ustart"] != mine["ustart"] else mine["ustart"]
        for bound in ("lower", "upper"):
            if bound in mine and abs(mine[bound]) == float("inf"):
                mine[bound] = None
        assert {column: mine[column] for column in stored} == stored | (
            {"level": mine["level"]} if mine["block"] == 0 and "level" in stored else {}
        )


def test_lavaanify_growth_without_automatic_parameters() -> None:
    case = reference("syntax_multiline")
    table = parse_model(case["model"], function="lavaan")
    for stored, row in zip(case["result"]["lavaanify_growth"], table.rows, strict=True):
        assert {column: getattr(row, column) for column in stored} == stored


@pytest.mark.parametrize("name", [name for name in SYNTAX if name != "syntax_intercepts"])
def test_parsed_formulas(name: str) -> None:
    case = reference(name)
    syntax = parse_statements(case["model"])
    modified = 0
    for stored, row in zip(case["result"]["flat"], syntax.rows, strict=True):
        given = row.modifiers
        modified += bool(given.given)
        mine = {
            "lhs": row.lhs,
            "op": row.op,
            "rhs": row.rhs,
            "mod.idx": modified if given.given else 0,
            "block": row.block,
            "fixed": numbers(given.fixed),
            "start": numbers(given.start),
            "lower": numbers(given.lower),
            "upper": numbers(given.upper),
            "label": ";".join(given.label or given.equal),
            "prior": "",
            "efa": given.efa,
            "rv": ";".join(given.rv),
        }
        assert mine == stored


def numbers(values: tuple[float | None, ...]) -> str:
    return ";".join("NA" if value is None else number_text(value) for value in values)


def test_an_element_given_twice_is_an_error_as_in_lavaan() -> None:
    case = reference("syntax_intercepts")
    with pytest.raises(ModelSyntaxError, match="'y ~1' is given twice, on line 1 and on line 3"):
        parse_model(case["model"])

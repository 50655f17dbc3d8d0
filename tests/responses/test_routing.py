"""Who was asked: Kleene's logic for all rows at once, against one row at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.instrument.model import Item, Scale
from survey_sem.instrument.routing import All, Answered, Comparison, Not, Route, parse_route
from survey_sem.instrument.routing import Any as AnyOf
from survey_sem.responses.routing import Relevance, evaluate_route, relevances

THREE = Scale("three", False, None, None, {"en": {1: "a", 2: "b", 3: "c"}})
SHOPS = Scale("shops", False, None, None, {"en": {"jd": "JD", "tb": "Taobao", 9: "other"}})


def item(name: str, kind: str, scale: Scale | None = None, relevant: str | None = None) -> Item:
    return Item(name, name, kind, scale, False, {}, "", relevant=parse_route(relevant) if relevant else None)  # type: ignore[arg-type]


ITEMS = (
    item("city", "nominal", THREE),
    item("age", "number"),
    item("shop", "nominal", SHOPS),
    item("apps", "multi", THREE),
    item("order", "rank", THREE),
    item("when", "date"),
    item("why", "text"),
)
KNOWN = {each.id: each for each in ITEMS}
NAN = float("nan")
FRAME = pd.DataFrame(
    {
        "city": [1.0, 2.0, NAN, 3.0],
        "age": [17.5, 18.0, 19.0, NAN],
        "shop": pd.Series(["jd", "9", None, "tb"]),
        "apps_1": [1.0, 0.0, NAN, 1.0],
        "apps_2": [0.0, 0.0, NAN, 1.0],
        "apps_3": [0.0, 1.0, NAN, 0.0],
        "order_1": [1.0, NAN, NAN, NAN],
        "order_2": [NAN, 1.0, NAN, NAN],
        "when": pd.to_datetime(["2026-05-01", "2026-05-02 23:59", None, "2026-05-03"], format="ISO8601"),
        "why": pd.Series(["x", None, "y", None]),
    }
)


def truth(text: str, frame: pd.DataFrame = FRAME) -> str:
    """One letter per row: true, false, open."""
    found = evaluate_route(parse_route(text), frame, KNOWN)
    assert not (found.asked & found.not_asked).any()
    return "".join("t" if yes else "f" if no else "o" for yes, no in zip(found.asked, found.not_asked, strict=True))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("city = 1", "tfof"),
        ("city != 1", "ftot"),
        ("city in (1, 3)", "tfot"),
        ("city < 3", "ttof"),
        ("age >= 18", "ftto"),
        ("age > 18", "ffto"),
        ("age <= 17.5", "tffo"),
        ("shop = 'jd'", "tfof"),
        ("shop != 'jd'", "ftot"),
        ("shop = 9", "ftof"),
        ("shop in ('tb', 9)", "ftot"),
        ("apps has 1", "tfot"),
        ("not apps has 3", "tfot"),
        ("when > '2026-05-01'", "ftot"),
        ("when = '2026-05-02'", "ftof"),
        ("when in ('2026-05-01', '2026-05-03')", "tfot"),
        ("answered(city)", "ttft"),
        ("answered(apps)", "ttft"),
        ("answered(order)", "ttff"),
        ("not answered(why)", "ftft"),
        ("city = 1 and age >= 18", "ffof"),
        ("city = 1 or age >= 18", "ttto"),
        ("not (city = 1 or age >= 18)", "fffo"),
        ("answered(city) and city = 1", "tfff"),
        ("not answered(city) or city = 1", "tftf"),
    ],
)
def test_three_values(text: str, rows: str) -> None:
    assert truth(text) == rows


def test_a_variable_that_the_export_does_not_have_leaves_it_open() -> None:
    frame = FRAME.drop(columns=["city", "apps_1"])
    assert truth("city = 1", frame) == "oooo"
    assert truth("apps has 1", frame) == "oooo"
    assert truth("answered(city)", frame) == "ffff"
    assert truth("answered(apps)", frame) == "ttft"


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "float32", "int64[pyarrow]"])
def test_any_numeric_column(dtype: str) -> None:
    frame = FRAME.assign(city=FRAME["city"].astype(dtype))
    assert truth("city in (1, 3)", frame) == "tfot"
    assert truth("city > 1", frame) == "ftot"


def test_whole_numbers_without_gaps_and_empty_columns_of_any_type() -> None:
    frame = FRAME.assign(city=np.array([1, 2, 3, 1], dtype=np.int8), when=NAN, shop=NAN)
    assert truth("city = 1", frame) == "tfft"
    assert truth("when > '2026-05-01'", frame) == truth("shop != 'jd'", frame) == "oooo"


def test_no_rows() -> None:
    found = evaluate_route(parse_route("city = 1 and answered(apps)"), FRAME.iloc[:0], KNOWN)
    assert found.asked.shape == found.not_asked.shape == (0,)


def test_a_chain_of_filters_closes_behind_the_first() -> None:
    items = (
        item("bought", "nominal", THREE),
        item("liked", "nominal", THREE, "bought = 1"),
        item("reason", "nominal", THREE, "liked != 2"),
        item("else", "text", None, "reason = 3 or bought = 3"),
    )
    frame = pd.DataFrame(
        {
            "bought": [2.0, 1.0, NAN, 1.0, 3.0],
            "liked": [NAN, NAN, NAN, 1.0, NAN],
            "reason": [NAN, NAN, NAN, NAN, NAN],
        }
    )
    found = relevances(items, frame)
    shown = {
        name: "".join("t" if yes else "f" if no else "o" for yes, no in zip(each.asked, each.not_asked, strict=True))
        for name, each in found.items()
    }
    assert shown == {"bought": "ttttt", "liked": "ftotf", "reason": "footf", "else": "fooot"}


def test_an_answer_that_should_not_be_there_still_decides() -> None:
    """Row 0 answered `liked` though nobody asked: what follows goes by the answer that is there."""
    items = (
        item("bought", "nominal", THREE),
        item("liked", "nominal", THREE, "bought = 1"),
        item("reason", "nominal", THREE, "liked = 2"),
    )
    frame = pd.DataFrame({"bought": [2.0], "liked": [2.0]})
    assert relevances(items, frame)["reason"].asked.tolist() == [True]


# --- against an oracle that knows one row ---

answers = st.fixed_dictionaries(
    {
        "city": st.sampled_from([NAN, 1.0, 2.0, 3.0]),
        "age": st.sampled_from([NAN, 17.5, 18.0, 19.0]),
        "apps": st.sampled_from([None, (), (1,), (2,), (1, 2)]),
    }
)
leaves = st.one_of(
    st.builds(Answered, st.sampled_from(["city", "age", "apps"])),
    st.builds(Comparison, st.just("city"), st.sampled_from(["=", "!="]), st.sampled_from([(1,), (2,)])),
    st.builds(Comparison, st.just("city"), st.just("in"), st.sampled_from([(1, 2), (3,)])),
    st.builds(Comparison, st.just("age"), st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from([(18,), (17.5,)])),
    st.builds(Comparison, st.just("apps"), st.just("has"), st.sampled_from([(1,), (2,)])),
)
routes: st.SearchStrategy[Route] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    def option(row: dict[str, Any], code: int) -> float:
        return NAN if row["apps"] is None else float(code in row["apps"])

    columns = {name: [row[name] for row in rows] for name in ("city", "age")}
    columns |= {f"apps_{code}": [option(row, code) for row in rows] for code in (1, 2, 3)}
    return pd.DataFrame(columns, dtype=float)


def oracle(route: Route, row: dict[str, Any]) -> float:
    """1 true, 0 false, 1/2 open: Kleene's connectives are minimum, maximum and 1 - x."""
    match route:
        case Answered(name):
            return float(not _is_blank(row[name]))
        case Comparison(name, relation, values):
            answer = row[name]
            if _is_blank(answer):
                return 0.5
            [first, *_] = values
            by_relation = {
                "=": lambda: answer == first,
                "!=": lambda: answer != first,
                "<": lambda: answer < first,
                "<=": lambda: answer <= first,
                ">": lambda: answer > first,
                ">=": lambda: answer >= first,
                "in": lambda: answer in values,
                "has": lambda: first in answer,
            }
            return float(by_relation[relation]())
        case Not(inner):
            return 1 - oracle(inner, row)
        case All(parts):
            return min(oracle(part, row) for part in parts)
        case AnyOf(parts):
            return max(oracle(part, row) for part in parts)


def _is_blank(answer: object) -> bool:
    return answer is None or (isinstance(answer, float) and math.isnan(answer))


def values_of(found: Relevance) -> list[float]:
    return [1.0 if yes else 0.0 if no else 0.5 for yes, no in zip(found.asked, found.not_asked, strict=True)]


@given(routes, st.lists(answers, min_size=1, max_size=12))
def test_every_row_as_the_oracle_says(route: Route, rows: list[dict[str, Any]]) -> None:
    found = evaluate_route(route, frame_of(rows), KNOWN)
    assert values_of(found) == [oracle(route, row) for row in rows]


@given(routes, routes, st.lists(answers, min_size=1, max_size=6))
def test_laws(one: Route, other: Route, rows: list[dict[str, Any]]) -> None:
    frame = frame_of(rows)

    def value(route: Route) -> list[float]:
        return values_of(evaluate_route(route, frame, KNOWN))

    assert value(Not(Not(one))) == value(one)
    assert value(All((one, other))) == value(All((other, one)))
    assert value(Not(All((one, other)))) == value(AnyOf((Not(one), Not(other))))
    assert value(AnyOf((one, All((one, other))))) == value(one)


@given(routes, st.lists(answers, min_size=1, max_size=6))
def test_a_further_answer_never_turns_a_settled_route(route: Route, rows: list[dict[str, Any]]) -> None:
    """Without `answered`, more information only closes what was open."""
    if "answered" in str(route):
        return
    before = values_of(evaluate_route(route, frame_of(rows), KNOWN))
    filled = [{**row, "city": 1.0 if _is_blank(row["city"]) else row["city"]} for row in rows]
    after = values_of(evaluate_route(route, frame_of(filled), KNOWN))
    assert all(old in (new, 0.5) for old, new in zip(before, after, strict=True))


def test_dates_before_1700_do_not_overflow() -> None:
    frame = pd.DataFrame({"when": np.array(["1600-01-01", "2026-01-01"], dtype="datetime64[s]")})
    known = {"when": item("when", "date")}
    found = evaluate_route(parse_route("when < '1700-01-01'"), frame, known)
    assert found.asked.tolist() == [True, False]

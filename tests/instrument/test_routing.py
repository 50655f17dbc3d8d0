"""The routing language: what it reads, how it refuses, and routes held against the items before them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_sem.errors import StudyError
from survey_sem.instrument.model import Item, Scale
from survey_sem.instrument.route_checks import check_route, holds
from survey_sem.instrument.routing import (
    KEYWORDS,
    MAX_DEPTH,
    All,
    Answered,
    Any,
    Comparison,
    Not,
    Route,
    items_of,
    parse_route,
    relations_of,
)


def refused(text: str) -> StudyError:
    with pytest.raises(StudyError) as caught:
        parse_route(text)
    assert caught.value.code == "bad-route"
    return caught.value


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("q1 = 2", Comparison("q1", "=", (2,))),
        ("q1 == 2", Comparison("q1", "=", (2,))),
        ("q1 != -9", Comparison("q1", "!=", (-9,))),
        ("age>=18.5", Comparison("age", ">=", (18.5,))),
        ("age >=-1", Comparison("age", ">=", (-1,))),
        ("spend < 1e3", Comparison("spend", "<", (1000,))),
        ("city in (1, 2,2)", Comparison("city", "in", (1, 2))),
        ("city in ('a')", Comparison("city", "in", ("a",))),
        ("city not in (1, 2)", Not(Comparison("city", "in", (1, 2)))),
        ("apps has 3", Comparison("apps", "has", (3,))),
        ("answered(city)", Answered("city")),
        ("not answered(city)", Not(Answered("city"))),
        ("a.b = 'it''s'", Comparison("a.b", "=", ("it's",))),
        ('a = "say ""yes"""', Comparison("a", "=", ('say "yes"',))),
        ("a = ''", Comparison("a", "=", ("",))),
        ("主播信任 = 1", Comparison("主播信任", "=", (1,))),
        ("नाम = 1", Comparison("नाम", "=", (1,))),
        ("(a = 1)", Comparison("a", "=", (1,))),
        ("a = 1\n  and b = 2", All((Comparison("a", "=", (1,)), Comparison("b", "=", (2,))))),
    ],
)
def test_relations(text: str, tree: Route) -> None:
    assert parse_route(text) == tree


def test_not_binds_tighter_than_and_and_than_or() -> None:
    a, b, c = (Comparison(name, "=", (1,)) for name in "abc")
    assert parse_route("a = 1 or b = 1 and c = 1") == Any((a, All((b, c))))
    assert parse_route("not a = 1 and b = 1") == All((Not(a), b))
    assert parse_route("(a = 1 or b = 1) and not (c = 1 and a = 1)") == All((Any((a, b)), Not(All((c, a)))))
    assert parse_route("a = 1 and b = 1 and c = 1") == All((a, b, c))


def test_full_width_signs_are_read_as_their_half_width_forms() -> None:
    typed = parse_route("（城市 ＝ ‘北京’ or 城市 in （“上海”，'成都'）） and 年龄 ≥ 18 and 年龄 ！＝ 30 and 年龄≠31")
    meant = parse_route("(城市 = '北京' or 城市 in ('上海', '成都')) and 年龄 >= 18 and 年龄 != 30 and 年龄 != 31")
    assert typed == meant


def test_a_quote_of_the_other_kind_is_part_of_a_text() -> None:
    assert parse_route("a = 'the “best” one’s'") == Comparison("a", "=", ("the “best” one’s",))


def test_the_error_points_at_the_place() -> None:
    error = refused("watched = 1 && age > 3")
    assert str(error) == (
        "'&&' is no part of the routing language [bad-route]\n"
        "  at: column 13\n"
        "    watched = 1 && age > 3\n"
        "                ^^\n"
        "  hint: write and / or / not"
    )


def test_the_caret_stands_below_wide_characters_and_in_the_right_line() -> None:
    line, caret = str(refused("主播 是 1").where).splitlines()[1:]
    assert (line, caret) == ("主播 是 1", "     ^^")
    assert str(refused("a = 1\nand b ?").where).splitlines() == ["line 2, column 7", "and b ?", "      ^"]


def test_a_long_route_is_clipped_around_the_place() -> None:
    where = str(refused("a = 1 and " * 50 + "b ? 1").where)
    assert "b ? 1" in where and len(where) < 250


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the route is empty"),
        (" \n ", "the route is empty"),
        ("a || b", "write and / or / not"),
        ("!a", "write and / or / not"),
        ("a=1 AND b=1", "write and"),
        ("a=1 且 b=1", "write and"),
        ("a=1 或者 b=1", "write or"),
        ("a <> 1", "write !="),
        ("a =< 1", "write <="),
        ("a is 1", "write ="),
        ("a contains 1", "write has"),
        ("answerd(a)", "did you mean 'answered'?"),
        ("selected(a, 1)", "the only function is answered(item)"),
        ("${a} = 1", "write the id of the item alone"),
        ("a = b", "put a text in quotes: 'b'"),
        ("a = 2026-05-01", "write '2026-05-01'"),
        ("a = '北京", "a second '"),
        ("a = 'x\n'", "a second '"),
        ("a = １", "write 1"),
        ("a = 1.", "neither a number nor a name"),
        ("a = 3rd", "neither a number nor a name"),
        ("a = " + "9" * 31, "this number is too large"),
        ("a = 1e999", "this number is too large"),
        ("a =", "the route ends too early"),
        ("(a = 1", "'and', 'or' or the closing ')'"),
        ("a = 1)", "'and', 'or' or the end of the route"),
        ("a in 1", "'(' and the codes, as in (1, 2)"),
        ("a in (1 2)", "',' and another code, or ')'"),
        ("a in ()", "a number, or a text in quotes"),
        ("a not 1", "q1 not in (1, 2)"),
        ("answered a", "'(' and the id of an item"),
        ("has = 1", "'has' is a word of the routing language"),
        ("1 = a", "the id of an item, 'not', 'answered' or '('"),
        ("a = \x00", "U+0000"),
        ("a = 1" + " or a = 1" * 2000, "at most 10000"),
    ],
)
def test_every_refusal_says_what_was_expected_or_meant(text: str, told: str) -> None:
    assert told in str(refused(text))


def test_depth_is_limited_and_length_is_read_once() -> None:
    deepest = "(" * MAX_DEPTH + "a = 1" + ")" * MAX_DEPTH
    assert parse_route(deepest) == Comparison("a", "=", (1,))
    assert "nested deeper" in str(refused("(" + deepest + ")"))
    assert "nested deeper" in str(refused("not " * 2000 + "a = 1"))
    parse_route(" or ".join(["a=1"] * 1200))
    refused("(" * 9_999)
    refused("'" * 9_999)


names = st.from_regex(r"[a-z主播é_][a-z0-9信任_.]{0,8}", fullmatch=True).filter(lambda word: word not in KEYWORDS)
numbers = st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6).filter(lambda value: not value.is_integer()))
texts = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)
codes = st.one_of(numbers, texts)
leaves = st.one_of(
    st.builds(Answered, names),
    st.builds(Comparison, names, st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "has"]), st.tuples(codes)),
    st.builds(Comparison, names, st.just("in"), st.lists(codes, min_size=1, max_size=4, unique=True).map(tuple)),
)
trees: st.SearchStrategy[Route] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Any, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=12,
)


@given(trees)
def test_text_of_a_tree_reads_back_as_the_same_tree(tree: Route) -> None:
    assert parse_route(str(tree)) == tree


pieces = st.sampled_from(
    ["a", "主播", "and", "or", "not", "in", "has", "answered", "(", ")", "（", ",", "=", "==", "<", ">=", "≠", "!", "1",
     "-2.5", "'x'", "“", "'", " ", "\n", "&&", "\u200b", "\x00", "१", "é", "́", "．"]
)  # fmt: skip


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=40), st.lists(pieces, max_size=30).map("".join), st.lists(pieces).map(" ".join)))
def test_any_text_gives_a_route_or_one_error(text: str) -> None:
    try:
        route = parse_route(text)
    except StudyError as error:
        assert error.code == "bad-route" and error.where
        return
    assert parse_route(str(route)) == route


def test_items_and_relations_from_left_to_right() -> None:
    route = parse_route("b = 1 and (a has 2 or not answered(b))")
    assert items_of(route) == ("b", "a")
    assert [str(relation) for relation in relations_of(route)] == ["b = 1", "a has 2", "answered(b)"]


# --- against the items ---

CITIES = Scale("cities", False, None, None, {"zh": {1: "北京", 2: "上海", 3: "成都"}})
SHOPS = Scale("shops", False, None, None, {"en": {"jd": "JD", "tb": "Taobao"}})
SIZES = Scale("sizes", True, None, None, {"en": {"S": "small", "L": "large"}})
SEVEN = Scale("seven", True, 1, 7, {})


def item(name: str, kind: str, scale: Scale | None = None, **more: object) -> Item:
    return Item(name, name, kind, scale, False, {}, "", **more)  # type: ignore[arg-type]


KNOWN = {
    each.id: each
    for each in (
        item("city", "nominal", CITIES),
        item("shop", "nominal", SHOPS),
        item("size", "ordinal", SIZES),
        item("trust", "ordinal", SEVEN),
        item("apps", "multi", CITIES, exclusive=(3,)),
        item("two", "multi", SEVEN, max=2),
        item("order", "rank", CITIES),
        item("age", "number", whole=True, min=0, max=120),
        item("spend", "number", min=0),
        item("when", "date", min=date(2026, 1, 1), max=date(2026, 12, 31)),
        item("why", "text"),
        item("tier", "nominal", CITIES, relevant=parse_route("city = 1")),
        item("ward", "nominal", CITIES, relevant=parse_route("tier = 2")),
    )
}


@pytest.mark.parametrize(
    "text",
    [
        "city = 1", "city != 1 and city in (2, 3)", "shop = 'jd'", "size in ('S', 'L')", "trust >= 4", "apps has 1",
        "apps has 1 and apps has 2", "two has 1 and two has 2",
        "age > 17 and age <= 18", "spend > 17 and spend < 17.01",
        "when >= '2026-05-01'", "answered(why)", "answered(order)", "not answered(apps)", "trust > 3 and trust < 5",
        "city = 1 and tier = 2 and ward = 3", "not tier = 2 and city = 1", "not answered(tier) and city = 2",
        "apps has 3 or apps has 1 and apps has 2", "not (city = 1 or city = 2)", "not (apps has 1 or apps has 2)",
    ],
)  # fmt: skip
def test_routes_that_fit(text: str) -> None:
    check_route(parse_route(text), KNOWN)


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("citi = 1", "unknown-item", "did you mean 'city'?"),
        ("last = 1", "asked-later", "'last' is not asked before this item"),
        ("city = 4", "unknown-code", "a code of scale 'cities': 1, 2, 3"),
        ("city in (1, 4)", "unknown-code", "'city' has no code 4"),
        ("city = '北京'", "unknown-code", "'北京' is the label of 1"),
        ("city = '1'", "unknown-code", "write 1"),
        ("shop = 'tbb'", "unknown-code", "did you mean 'tb'?"),
        ("trust > 7.5", "unknown-code", "1-7"),
        ("apps has 9", "unknown-code", "'apps' has no code 9"),
        ("city < 2", "wrong-relation", "its codes have no order; list them: city in (1, 2)"),
        ("size < 'L'", "wrong-relation", "needs codes that are numbers"),
        ("city has 1", "wrong-relation", "city = 1"),
        ("apps = 1", "wrong-relation", "ask for one option: apps has 1"),
        ("apps != 1", "wrong-relation", "ask for one option: not apps has 1"),
        ("order = 1", "wrong-relation", "answered(order)"),
        ("order has 1", "wrong-relation", "answered(order)"),
        ("why = 'x'", "wrong-relation", "answered(why)"),
        ("age = '18'", "wrong-value", "a number without quotes"),
        ("when > 2026", "wrong-value", "'YYYY-MM-DD'"),
        ("when > '2026-02-30'", "wrong-value", "'2026-02-30' is no date"),
        ("when > '20260201'", "wrong-value", "'YYYY-MM-DD'"),
    ],
)
def test_routes_that_do_not_fit(text: str, code: str, told: str) -> None:
    with pytest.raises(StudyError) as caught:
        check_route(parse_route(text), KNOWN, later=("last",))
    assert caught.value.code == code
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "city = 1 and city = 2", "city = 1 and not city = 1", "not city in (1, 2, 3)", "trust > 3 and trust < 4",
        "trust > 7", "age > 17 and age < 18", "age = 17.5", "age > 120", "spend < 0", "when < '2026-01-01'",
        "when > '2026-05-01' and when < '2026-05-02'", "apps has 3 and apps has 1",
        "two has 1 and two has 2 and two has 3",
        "answered(why) and not answered(why)", "city = 1 and not answered(city)", "tier = 1 and city = 2",
        "ward = 1 and city = 2", "(city = 1 or city = 2) and city = 3",
    ],
)  # fmt: skip
def test_routes_that_can_never_hold(text: str) -> None:
    with pytest.raises(StudyError) as caught:
        check_route(parse_route(text), KNOWN)
    assert caught.value.code == "never-asked"
    assert caught.value.hint


def test_why_a_route_never_holds() -> None:
    with pytest.raises(StudyError, match="never hold") as caught:
        check_route(parse_route("city = 2 and tier = 1"), KNOWN)
    assert caught.value.hint == "'tier' itself is asked only where city = 1"
    with pytest.raises(StudyError) as caught:
        check_route(parse_route("age > 120"), KNOWN)
    assert caught.value.hint == "'age' is a whole number from 0 up to 120"


def test_no_item_comes_before_the_first() -> None:
    with pytest.raises(StudyError, match="no item 'a'") as caught:
        check_route(parse_route("a = 1"), {})
    assert caught.value.hint == "no item comes before this one"


def test_many_items_and_options_are_left_undecided() -> None:
    """Trying every answer would never end."""
    wide = Scale("wide", False, 1, 900, {})
    known = {name: item(name, "multi", wide) for name in ("m", "n")}
    known |= {f"q{i}": item(f"q{i}", "ordinal", SEVEN) for i in range(200)}
    for i in range(1, 200):
        known[f"q{i}"] = item(f"q{i}", "ordinal", SEVEN, relevant=parse_route(f"q{i - 1} > 3"))
    check_route(parse_route(" and ".join(f"m has {i}" for i in range(1, 300))), known)
    check_route(parse_route(" or ".join(f"q{i} = 1" for i in range(200))), known)
    check_route(parse_route("q199 = 1 and q199 < 4"), known)


@given(st.lists(st.sampled_from(["city = 1", "city != 2", "not city = 3", "trust > 3", "trust <= 3", "answered(city)",
                                 "not answered(trust)", "city in (2, 3)"]), min_size=1, max_size=4),
       st.sampled_from([" and ", " or "]))  # fmt: skip
def test_the_verdict_is_that_of_trying_every_answer(conditions: list[str], joined: str) -> None:
    route = parse_route(joined.join(conditions))
    states = [{"city": city, "trust": trust} for city in (None, 1, 2, 3) for trust in (None, *range(1, 8))]
    possible = any(holds(route, state) for state in states)
    try:
        check_route(route, KNOWN)
    except StudyError as error:
        assert error.code == "never-asked" and not possible
    else:
        assert possible


values = st.sampled_from([0, 1, 2, 3, 7, 2.5, -1e300, "jd", "S", "2026-05-01", "0001-01-01", "9999-12-31"])
relations = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "in", "has"])
of_known = st.recursive(
    st.one_of(
        st.builds(Answered, st.sampled_from([*KNOWN, "nobody"])),
        st.builds(Comparison, st.sampled_from([*KNOWN]), relations, st.tuples(values)),
    ),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, min_size=2, max_size=4).map(tuple)),
        st.builds(Any, st.lists(inner, min_size=2, max_size=4).map(tuple)),
    ),
    max_leaves=8,
)


@given(of_known)
def test_any_route_passes_or_has_one_of_the_errors(route: Route) -> None:
    codes = {"unknown-item", "unknown-code", "wrong-relation", "wrong-value", "never-asked"}
    try:
        check_route(route, KNOWN)
    except StudyError as error:
        assert error.code in codes and error.where

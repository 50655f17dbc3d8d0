"""XLSForm workbooks become instruments; their expressions become routes and limits."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from survey_sem.errors import FileError, StudyError, SurveySemError
from survey_sem.instrument.importing import ImportedInstrument, import_instrument
from survey_sem.instrument.importing.draft import Question
from survey_sem.instrument.importing.routes import InexpressibleError
from survey_sem.instrument.importing.xlsform_expression import constraint_limits, relevant_route
from survey_sem.instrument.load import instrument_from
from survey_sem.instrument.model import Instrument, Scale
from survey_sem.instrument.strict_yaml import parse_yaml

Rows = Sequence[Sequence[object]]
CHOICES: Rows = (
    ("list_name", "name", "label::English (en)", "label::中文 (zh)"),
    ("media", 1, "TV", "电视"),
    ("media", 2, "Web", "网络"),
    ("yn", "yes", "Yes", "是"),
    ("yn", "no", "No", "否"),
    ("agree", 1, "Disagree", "不同意"),
    ("agree", 2, "Neutral", "中立"),
    ("agree", 3, "Agree", "同意"),
    ("odd", "a b", "A", "甲"),
    ("odd", "c", "C", "丙"),
)
HEAD = ("type", "name", "label::English (en)", "label::中文 (zh)", "required", "relevant", "constraint", "appearance")


def form(folder: Path, *survey: Sequence[object], head: Sequence[object] = HEAD, choices: Rows = CHOICES) -> Path:
    book = Workbook()
    sheets = {
        "survey": (head, *survey),
        "choices": choices,
        "settings": (("form_title", "form_id", "version"), ("Form", "f1", 7)),
    }
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    del book[book.sheetnames[0]]
    path = folder / "form.xlsx"
    book.save(path)
    return path


def loaded(made: ImportedInstrument) -> Instrument:
    assert made.problems == ()
    return instrument_from(parse_yaml(made.text))


def one(folder: Path, *survey: Sequence[object]) -> Instrument:
    return loaded(import_instrument(form(folder, *survey)))


def test_types_texts_and_settings(tmp_path: Path) -> None:
    asked = one(
        tmp_path,
        ("start", "began"),
        ("note", "hello", "Hi"),
        ("integer", "age", "Your **age**?", "年龄？", "yes", "", ". >= 16 and . < 100"),
        ("select_one yn", "watch", "Watch?", "看吗？", "true()"),
        ("select_multiple media", "media", "Which?", "哪些？"),
        ("rank media", "order", "Order?", "排序？"),
        ("date", "visited", "When?", "何时？", "", "", ". >= date('2026-05-01')"),
        ("text", "phone", "Phone number", "手机号"),
        ("geopoint", "place", "Where?", "哪里？"),
        ("calculate", "twice"),
    )
    assert (asked.id, asked.version, asked.title) == ("f1", "7", {"und": "Form"})
    assert [(item.id, item.type) for item in asked.items] == [
        ("age", "number"),
        ("watch", "nominal"),
        ("media", "multi"),
        ("order", "rank"),
        ("visited", "date"),
        ("phone", "text"),
    ]
    age = asked.item("age")
    assert (age.text, age.min, age.max, age.whole, age.required) == (
        {"en": "Your age?", "zh": "年龄？"},
        16,
        99,
        True,
        True,
    )
    assert asked.item("watch").scale == Scale(
        "yn", False, None, None, {"en": {"yes": "Yes", "no": "No"}, "zh": {"yes": "是", "no": "否"}}
    )
    assert asked.item("media").columns == {1: "media/1", 2: "media/2"}
    assert asked.item("visited").min == date(2026, 5, 1)
    assert asked.privacy.drop == ("phone", "place")
    assert asked.paradata.started == "began"


def test_groups_give_routes_and_matrices(tmp_path: Path) -> None:
    asked = one(
        tmp_path,
        ("integer", "age", "Age", "", "yes"),
        ("begin group", "adults", "Adults", "", "", "${age} >= 18"),
        ("begin_group", "trust", "Trust", "信任", "", "", "", "table-list"),
        ("select_one agree", "t1", "Honest", "真诚", "yes"),
        ("select_one agree", "t2", "Kind", "友善", "yes"),
        ("end_group",),
        ("text", "why", "Why?", "", "", "${t1} > 1"),
        ("end group",),
        ("text", "bye", "Bye"),
    )
    assert [(matrix.id, matrix.items, matrix.text) for matrix in asked.matrices] == [
        ("trust", ("t1", "t2"), {"en": "Trust", "zh": "信任"})
    ]
    assert {str(asked.item(name).relevant) for name in ("t1", "t2")} == {"age >= 18"}
    assert str(asked.item("why").relevant) == "age >= 18 and t1 > 1"
    assert asked.item("bye").relevant is None
    assert asked.item("t1").type == "ordinal"


def test_what_is_not_taken_over_is_said(tmp_path: Path) -> None:
    made = import_instrument(
        form(
            tmp_path,
            ("text", "a", "A"),
            ("begin repeat", "children"),
            ("text", "child", "Child"),
            ("end repeat",),
            ("select_one nothing", "b", "B"),
            ("select_multiple odd", "c", "C"),
            ("hologram", "d", "D"),
            ("text", "a", "Again"),
            ("text", "e", "E", "", "", "once(${a})"),
            ("integer", "f", "F", "", "", "", "regex(., '[0-9]')"),
        )
    )
    asked = loaded(made)
    assert [(item.id, item.type) for item in asked.items] == [
        ("a", "text"),
        ("c", "text"),
        ("e", "text"),
        ("f", "number"),
    ]
    told = "\n".join(map(str, made.left_out))
    for said in (
        "begin_repeat children",
        "list of choices 'nothing'",
        "'hologram' is not known",
        "a second question",
        "once()",
        "constraint of f",
    ):
        assert said in told
    assert "# routing not taken over: once(${a}) (the function once())" in made.text
    assert "needs codes of letters and digits" in made.text


def test_two_columns_of_one_language_and_no_language(tmp_path: Path) -> None:
    plain = form(tmp_path, ("text", "a", "Hello"), head=("type", "name", "label"))
    assert loaded(import_instrument(plain, language="en")).item("a").text == {"en": "Hello"}
    assert loaded(import_instrument(plain)).item("a").text == {"und": "Hello"}


@pytest.mark.parametrize("head", [("kind", "name"), ("type", "label"), ("q1", "q2")])
def test_a_workbook_that_is_no_form(tmp_path: Path, head: tuple[str, ...]) -> None:
    with pytest.raises(StudyError, match="no XLSForm"):
        import_instrument(form(tmp_path, ("text", "a"), head=head))


def test_damaged_and_empty_forms(tmp_path: Path) -> None:
    path = form(tmp_path, ("note", "a", "A"))
    with pytest.raises(StudyError, match="no question"):
        import_instrument(path)
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(FileError, match="workbook"):
        import_instrument(path)


MEDIA = Scale("media", False, None, None, {"und": {1: "TV", 2: "Web", 3: "Live"}})
YES_NO = Scale("yn", False, None, None, {"und": {"yes": "Yes", "no": "No"}})
TEXT = {"und": "text"}
ASKED = {
    "age": Question("age", "age", "number", TEXT, required=True, whole=True),
    "media": Question("media", "media", "multi", TEXT, MEDIA),
    "watch": Question("watch", "watch", "nominal", TEXT, YES_NO),
    "day": Question("day", "day", "date", TEXT),
}


@pytest.mark.parametrize(
    ("expression", "route"),
    [
        ("${age} >= 18 and selected(${media}, '3')", "age >= 18 and media has 3"),
        ("${ age }>=18", "age >= 18"),
        ("18 <= ${age}", "age >= 18"),
        ("${age} = '18' or ${age} = 19", "age in (18, 19)"),
        ("${age} != 18", "age != 18"),
        ("${watch} = 'yes'", "watch = 'yes'"),
        ("${watch} = “yes”", "watch = 'yes'"),
        ("${watch} != 'yes'", "watch != 'yes' or not answered(watch)"),
        ("not(selected(${media}, '1') or ${age} > 30)", "(not media has 1 or not answered(media)) and age <= 30"),
        ("selected(${watch}, 'no')", "watch = 'no'"),
        ("${watch} != ''", "answered(watch)"),
        ("${watch} = ''", "not answered(watch)"),
        ("string-length(${watch}) > 0", "answered(watch)"),
        ("count-selected(${media}) >= 1", "answered(media)"),
        ("${age} > 1 and (${age} < 5 or ${age} > 9)", "age > 1 and (age < 5 or age > 9)"),
        ("${day} > date('2026-05-01')", "day > '2026-05-01'"),
        ("${age} > -3.5", "age > -3.5"),
    ],
)
def test_relevant(expression: str, route: str) -> None:
    assert str(relevant_route(expression, ASKED)) == route


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "${age}>",
        "${age} > ${media}",
        "once(${age} > 2)",
        "${age} + 1 > 3",
        "count-selected(${media}) > 2",
        "selected(${media})",
        "(${age} > 2",
        "${age} > 2)",
        "true()",
        ". > 3",
        "${age} > 'many'",
        "${age} > 2 2",
        "#",
        "(" * 100 + "${age} > 2" + ")" * 100,
        "${age} > 2 or " * 1000 + "${age} > 2",
    ],
)
def test_relevant_that_is_not_expressible(expression: str) -> None:
    with pytest.raises(InexpressibleError):
        relevant_route(expression, ASKED)


@pytest.mark.parametrize(
    ("expression", "name", "limits"),
    [
        (". >= 0 and . <= 120", "age", (0, 120)),
        (". > 0 and . < 120", "age", (1, 119)),
        ("0 <= .", "age", (0, None)),
        (".>=16", "age", (16, None)),
        ("count-selected(.) <= 2", "media", (None, 2)),
        (". <= '2026-06-30'", "day", (None, date(2026, 6, 30))),
    ],
)
def test_constraint(expression: str, name: str, limits: tuple[object, object]) -> None:
    found = constraint_limits(expression, ASKED[name])
    assert (found.min, found.max) == limits


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (". >= 5 and . <= 3", "age"),
        (". = 5", "age"),
        (". > 1 or . < 0", "age"),
        (". > ${age}", "age"),
        ("${age} > 3", "age"),
        (". > 1", "media"),
        (". > 1", "watch"),
        (". <= today()", "day"),
        (". > 'x'", "day"),
        ("string-length(.) > 3", "age"),
        ("not(. > 3)", "media"),
    ],
)
def test_constraint_that_is_no_limit(expression: str, name: str) -> None:
    with pytest.raises(InexpressibleError):
        constraint_limits(expression, ASKED[name])


PIECES = st.sampled_from(
    [
        "${age}",
        "${media}",
        "selected(",
        "not(",
        "(",
        ")",
        ",",
        "'1'",
        "18",
        ">=",
        "=",
        "!=",
        "and",
        "or",
        ".",
        "''",
        "-",
        "date(",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=30))
def test_any_expression_is_a_route_or_said_to_be_none(expression: str) -> None:
    with suppress(InexpressibleError):
        str(relevant_route(expression, ASKED))
    with suppress(InexpressibleError):
        constraint_limits(expression, ASKED["age"])


CELLS = st.sampled_from(
    [
        *(
            "",
            "text",
            "integer",
            "select_one yn",
            "select_multiple media",
            "rank odd",
            "begin group",
            "end group",
            "range",
        ),
        *(
            "a",
            "b",
            "3.1",
            "and",
            "a b",
            "${a} > 2",
            "selected(${b}, 'yes')",
            ". > 3",
            "yes",
            "likert",
            "=1+1",
            "x: # y",
        ),
        *("_x000D_", "\n", "\t'\"\\", "姓名", "👍", "-1", "1e400"),
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(CELLS, max_size=8), min_size=1, max_size=6),
    st.lists(st.tuples(st.sampled_from(["yn", "media", "odd"]), CELLS, CELLS, CELLS), max_size=6),
)
def test_whatever_stands_in_the_sheets(tmp_path: Path, survey: Rows, choices: Rows) -> None:
    """Any form is refused by an error of ours, or becomes an instrument that loads."""
    path = form(tmp_path, *survey, choices=(*CHOICES, *choices))
    try:
        made = import_instrument(path)
    except SurveySemError:
        return
    loaded(made)

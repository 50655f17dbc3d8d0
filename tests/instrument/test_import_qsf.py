"""Qualtrics surveys become instruments: what each kind of question, its options and its logic turn into."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_sem.errors import FileError, OptionError, StudyError, SurveySemError
from survey_sem.instrument.importing import ImportedInstrument, import_instrument
from survey_sem.instrument.load import instrument_from
from survey_sem.instrument.model import Instrument
from survey_sem.instrument.strict_yaml import parse_yaml

Json = dict[str, Any]
FORCED = {"Settings": {"ForceResponse": "ON", "ForceResponseType": "ON", "Type": "None"}}


def choices(*labels: str) -> Json:
    return {str(position): {"Display": label} for position, label in enumerate(labels, start=1)}


def question(number: int, kind: str, **payload: Any) -> Json:
    name = f"QID{number}"
    content = {
        "QuestionID": name,
        "DataExportTag": f"Q{number}",
        "QuestionText": f"Text {number}",
        "QuestionType": kind,
    }
    return {"Element": "SQ", "PrimaryAttribute": name, "Payload": content | payload}


def condition(locator: str, operator: str = "Selected", right: str = "", joined: str = "") -> Json:
    found = {"LogicType": "Question", "LeftOperand": locator, "Operator": operator, "Type": "Expression"}
    return found | ({"RightOperand": right} if right else {}) | ({"Conjuction": joined} if joined else {})


def logic(*conditions: Json) -> Json:
    numbered = {str(position): each for position, each in enumerate(conditions)}
    return {"0": {**numbered, "Type": "If"}, "Type": "BooleanExpression", "inPage": False}


YES_NO = question(1, "MC", Selector="SAVR", Choices=choices("Yes", "No"), Validation=FORCED)


def survey(*questions: Json, flow: list[Json] | None = None, blocks: Json | None = None) -> Json:
    elements = list(questions)
    names = [each["Payload"]["QuestionID"] for each in questions]
    block = {
        "Type": "Default",
        "ID": "BL_1",
        "BlockElements": [{"Type": "Question", "QuestionID": name} for name in names],
    }
    elements.append({"Element": "BL", "Payload": blocks or [block]})
    if flow is not None:
        elements.append({"Element": "FL", "Payload": {"Type": "Root", "Flow": flow}})
    head = {"SurveyID": "SV_1", "SurveyName": "A survey", "SurveyLanguage": "EN", "LastModified": "2026-05-01 09:00:00"}
    return {"SurveyEntry": head, "SurveyElements": elements}


def imported(folder: Path, document: Any, **options: Any) -> ImportedInstrument:
    path = folder / "survey.qsf"
    path.write_text(json.dumps(document), encoding="utf-8")
    return import_instrument(path, **options)


def loaded(made: ImportedInstrument) -> Instrument:
    assert made.problems == ()
    return instrument_from(parse_yaml(made.text))


def one(folder: Path, *questions: Json) -> Instrument:
    return loaded(imported(folder, survey(*questions)))


def test_head_and_source(tmp_path: Path) -> None:
    asked = one(tmp_path, YES_NO)
    assert (asked.id, asked.version, asked.title) == ("SV_1", "2026-05-01", {"en": "A survey"})
    assert (asked.source.platform, asked.source.columns) == ("qualtrics", "name")
    assert asked.paradata.columns["id"] == "index"
    assert "RecipientEmail" in asked.privacy.drop
    assert asked.privacy.pseudonymise == ("ip",)


def test_single_choice_with_recodes_translations_and_markup(tmp_path: Path) -> None:
    item = one(
        tmp_path,
        question(
            1,
            "MC",
            Selector="SAVR",
            QuestionText="<p>Do you <b>watch</b>?&nbsp;</p><script>no()</script>",
            Choices=choices("Yes: <i>often</i>", "No"),
            ChoiceOrder=[2, "1"],
            RecodeValues={"1": "10", "2": "0"},
            Validation=FORCED,
            Language={
                "ZH-S": {"QuestionText": "您看吗？", "Choices": {"1": {"Display": "是"}, "2": {"Display": "否"}}}
            },
        ),
    ).item("Q1")
    assert item.text == {"en": "Do you watch?", "zh": "您看吗？"}
    assert item.scale is not None
    assert item.scale.labels == {"en": {0: "No", 10: "Yes: often"}, "zh": {0: "否", 10: "是"}}
    assert (item.type, item.required) == ("nominal", True)


def test_a_half_translated_scale_keeps_the_whole_language_only(tmp_path: Path) -> None:
    language = {"ZH-S": {"Choices": {"1": {"Display": "是"}}}, "DE": []}
    scale = (
        one(tmp_path, question(1, "MC", Selector="SAVR", Choices=choices("Yes", "No"), Language=language))
        .item("Q1")
        .scale
    )
    assert scale is not None
    assert set(scale.labels) == {"en"}


def test_several_choices(tmp_path: Path) -> None:
    options = choices("A", "B", "None", "Other")
    options["3"]["ExclusiveAnswer"] = True
    options["4"]["TextEntry"] = "true"
    validation = {"Settings": {"ForceResponse": "OFF", "Type": "ChoiceRange", "MinChoices": "1", "MaxChoices": "2"}}
    asked = one(
        tmp_path,
        question(2, "MC", Selector="MAVR", Choices=options, RecodeValues={"4": "9"}, Validation=validation),
    )
    item = asked.item("Q2")
    assert item.columns == {1: "Q2_1", 2: "Q2_2", 3: "Q2_3", 9: "Q2_9"}
    assert (item.type, item.exclusive, item.min, item.max, item.required) == ("multi", (3,), 1, 2, False)
    beside = asked.item("Q2_9_TEXT")
    assert (beside.type, str(beside.relevant)) == ("text", "Q2 has 9")
    assert asked.privacy.free_text == ("Q2_9_TEXT",)


def test_matrix_rows_have_their_export_tags_and_share_a_scale(tmp_path: Path) -> None:
    rows = {"Choices": choices("Kind", "Honest"), "Answers": choices("Bad", "Fair", "Good"), "Selector": "Likert"}
    tagged = question(
        3, "Matrix", SubSelector="SingleAnswer", ChoiceDataExportTags={"1": "kind", "2": "honest"}, **rows
    )
    plain = question(4, "Matrix", SubSelector="SingleAnswer", **rows)
    asked = one(tmp_path, tagged, plain)
    assert [item.id for item in asked.items] == ["kind", "honest", "Q4_1", "Q4_2"]
    assert len(asked.scales) == 1
    assert {item.type for item in asked.items} == {"ordinal"}
    assert [(matrix.id, matrix.items) for matrix in asked.matrices] == [
        ("Q3_matrix", ("kind", "honest")),
        ("Q4_matrix", ("Q4_1", "Q4_2")),
    ]
    assert asked.matrices[0].text == {"en": "Text 3"}


def test_a_matrix_of_several_answers_has_a_column_per_cell(tmp_path: Path) -> None:
    matrix = question(
        5,
        "Matrix",
        Selector="Likert",
        SubSelector="MultipleAnswer",
        Choices=choices("r1", "r2"),
        Answers=choices("c1", "c2"),
    )
    assert one(tmp_path, matrix).item("Q5_2").columns == {1: "Q5_2_1", 2: "Q5_2_2"}


def test_numbers_texts_forms_sliders_and_ranks(tmp_path: Path) -> None:
    limits = {
        "Type": "ContentType",
        "ContentType": "ValidNumber",
        "ValidNumber": {"Min": "16", "Max": "", "NumDecimals": "0"},
    }
    mail = {"Settings": {"Type": "ContentType", "ContentType": "ValidEmail"}}
    asked = one(
        tmp_path,
        question(1, "TE", Selector="SL", Validation={"Settings": limits}),
        question(2, "TE", Selector="ML", Validation=mail),
        question(3, "TE", Selector="FORM", Choices=choices("Street", "Town")),
        question(
            4,
            "Slider",
            Selector="HSLIDER",
            Choices=choices("one"),
            Configuration={"CSSliderMin": 0, "CSSliderMax": "100"},
        ),
        question(
            5, "Slider", Selector="STAR", Choices=choices("a", "b"), Configuration={"StarCount": 5, "NumDecimals": "0"}
        ),
        question(6, "RO", Selector="DND", Choices=choices("x", "y")),
        question(7, "MC", Selector="NPS", Choices=[{"Display": str(step)} for step in range(11)]),
    )
    age = asked.item("Q1")
    assert (age.type, age.min, age.max, age.whole) == ("number", 16, None, True)
    assert "Q2" in asked.privacy.drop
    assert asked.item("Q3_2").text == {"en": "Text 3 Town"}
    assert (asked.item("Q4_1").min, asked.item("Q4_1").max) == (0, 100)
    assert (asked.item("Q5_2").max, asked.item("Q5_2").matrix) == (5, "Q5_matrix")
    assert asked.item("Q6").columns == {1: "Q6_1", 2: "Q6_2"}
    recommend = asked.item("Q7").scale
    assert recommend is not None
    assert (recommend.ordinal, recommend.min, recommend.max) == (True, 0, 10)


@pytest.mark.parametrize(
    ("conditions", "route"),
    [
        ([condition("q://QID1/SelectableChoice/1")], "Q1 = 1"),
        ([condition("q://QID1/SelectableChoice/1", "NotSelected")], "Q1 != 1"),
        ([condition("q://QID2/SelectableChoice/2")], "Q2 has 2"),
        ([condition("q://QID2/SelectableChoice/2", "NotSelected")], "not Q2 has 2 or not answered(Q2)"),
        ([condition("q://QID3/SelectableChoice/2/3")], "Q3_2 = 3"),
        ([condition("q://QID4/ChoiceTextEntryValue", "GreaterThanOrEqual", "18")], "Q4 >= 18"),
        ([condition("q://QID4/ChoiceTextEntryValue", "NotEmpty")], "answered(Q4)"),
        (
            [condition("q://QID3/SelectableChoice/1/1"), condition("q://QID3/SelectableChoice/1/2", joined="Or")],
            "Q3_1 in (1, 2)",
        ),
        (
            [
                condition("q://QID1/SelectableChoice/2"),
                condition("q://QID1/SelectableChoice/1", joined="Or"),
                condition("q://QID4/ChoiceTextEntryValue", "LessThan", "30", joined="And"),
            ],
            "Q1 = 2 or (Q1 = 1 and Q4 < 30)",
        ),
    ],
)
def test_display_logic(tmp_path: Path, conditions: list[Json], route: str) -> None:
    assert (
        str(
            one(tmp_path, *ASKED, question(9, "TE", Selector="SL", DisplayLogic=logic(*conditions))).item("Q9").relevant
        )
        == route
    )


NUMBER = {"Settings": {"Type": "ContentType", "ContentType": "ValidNumber"}}
ASKED = (
    YES_NO,
    question(2, "MC", Selector="MAVR", Choices=choices("A", "B")),
    question(3, "Matrix", Selector="Likert", Choices=choices("r", "s"), Answers=choices("Bad", "Fair", "Good")),
    question(4, "TE", Selector="SL", Validation=NUMBER),
)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"LogicType": "EmbeddedField", "LeftOperand": "arm", "Operator": "EqualTo"}, "embedded data"),
        (condition("q://QID77/SelectableChoice/1"), "comes later or was not taken over"),
        (condition("q://QID1/SelectableChoice/9"), "an option that is not there"),
        (condition("q://QID1/QuestionDisplayed", "Displayed"), "QuestionDisplayed"),
        (condition("q://QID4/ChoiceTextEntryValue", "MatchesRegex", "x"), "MatchesRegex"),
        (condition("somewhere"), "not named"),
    ],
)
def test_logic_that_routes_do_not_know_is_a_comment(tmp_path: Path, found: Json, reason: str) -> None:
    made = imported(tmp_path, survey(*ASKED, question(9, "TE", Selector="SL", DisplayLogic=logic(found))))
    assert loaded(made).item("Q9").relevant is None
    assert any(reason in str(left) for left in made.left_out)
    assert "  # routing not taken over: " in made.text


def test_branches_order_and_trash(tmp_path: Path) -> None:
    def block(name: str, *questions: str, kind: str = "Standard") -> Json:
        return {
            "Type": kind,
            "ID": name,
            "BlockElements": [{"Type": "Question", "QuestionID": each} for each in questions],
        }

    blocks = [block("BL_3", "QID3"), block("BL_1", "QID1"), block("BL_T", "QID4", kind="Trash"), block("BL_2", "QID2")]
    branch = {
        "Type": "Branch",
        "BranchLogic": logic(condition("q://QID1/SelectableChoice/1")),
        "Flow": [{"Type": "Block", "ID": "BL_3"}],
    }
    flow = [
        {"Type": "EmbeddedData", "EmbeddedData": [{"Field": "arm"}]},
        {"Type": "Block", "ID": "BL_1"},
        branch,
        {"Type": "Block", "ID": "BL_2"},
        {"Type": "EndSurvey"},
    ]
    made = imported(tmp_path, survey(*ASKED, flow=flow, blocks=blocks))  # type: ignore[arg-type]
    asked = loaded(made)
    assert [item.id for item in asked.items] == ["Q1", "Q3_1", "Q3_2", "Q2"]
    assert str(asked.item("Q3_2").relevant) == "Q1 = 1"
    assert asked.item("Q2").relevant is None
    assert any("embedded data arm" in str(left) for left in made.left_out)


def test_what_is_not_taken_over_is_said_with_its_reason(tmp_path: Path) -> None:
    unknown = [
        question(number, kind, Selector="X") for number, kind in enumerate(("DB", "SBS", "Timing", "Marble"), start=2)
    ]
    made = imported(tmp_path, survey(YES_NO, *unknown))
    assert [left.what for left in made.left_out] == ["Q2", "Q3", "Q4", "Q5"]
    assert "  not taken over:\n    Q2: text on the page" in str(made)
    assert "taken over: 1 nominal" in str(made)
    assert made.n_todo > 3


def test_names_clash_nowhere(tmp_path: Path) -> None:
    several = question(1, "MC", Selector="MAVR", Choices=choices("A", "B"), DataExportTag="x y")
    text = question(2, "TE", Selector="SL", DataExportTag="x_y_1")
    digits = question(3, "TE", Selector="SL", DataExportTag="3.1")
    again = question(4, "TE", Selector="SL", DataExportTag="3.1")
    word = question(5, "TE", Selector="SL", DataExportTag="not")
    made = imported(tmp_path, survey(several, text, digits, again, word))
    assert [(item.id, item.column) for item in loaded(made).items] == [
        ("x_y", "x_y"),
        ("x_y_1_b", "x_y_1"),
        ("Q3.1", "3.1"),
        ("not_", "not"),
    ]
    assert "3.1: another question has the same column" in map(str, made.left_out)


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"{", FileError, "line 1, column 2"),
        (b"\xff\xfe\x00", FileError, "utf-8"),
        (b"[" * 100_000, FileError, "nested too deep"),
        (b"9" * 10_000, FileError, "nested too deep"),
        (b'{"a": 1}', StudyError, "no Qualtrics survey"),
        (b"[]", StudyError, "no Qualtrics survey"),
        (json.dumps(survey()).encode(), StudyError, "no question"),
        (b"", FileError, "empty"),
        (b" " * 20_000_001, FileError, "too large"),
    ],
)
def test_damaged_files(tmp_path: Path, content: bytes, kind: type[SurveySemError], said: str) -> None:
    path = tmp_path / "survey.qsf"
    path.write_bytes(content)
    with pytest.raises(kind) as caught:
        import_instrument(path)
    assert said in str(caught.value)
    assert "survey.qsf" in str(caught.value)


def test_files_of_another_kind_and_languages(tmp_path: Path) -> None:
    (tmp_path / "survey.docx").write_bytes(b"x")
    with pytest.raises(FileError, match="cannot be imported"):
        import_instrument(tmp_path / "survey.docx")
    with pytest.raises(FileError, match="no such file"):
        import_instrument(tmp_path / "survey.qsf")
    with pytest.raises(OptionError, match="no language code"):
        import_instrument(tmp_path / "survey.qsf", language="Klingon!")


def test_the_language_is_used_where_the_file_has_none(tmp_path: Path) -> None:
    document = survey(YES_NO)
    assert loaded(imported(tmp_path, document, language="zh")).item("Q1").text == {"en": "Text 1"}
    document["SurveyEntry"]["SurveyLanguage"] = None
    assert loaded(imported(tmp_path, document, language="zh")).item("Q1").text == {"zh": "Text 1"}
    assert loaded(imported(tmp_path, document)).item("Q1").text == {"und": "Text 1"}


WHOLE = survey(
    *ASKED,
    question(5, "RO", Selector="DND", Choices=choices("x", "y")),
    question(
        6, "Slider", Selector="HSLIDER", Choices=choices("a", "b"), Configuration={"CSSliderMin": 0, "CSSliderMax": 9}
    ),
    question(
        7,
        "TE",
        Selector="FORM",
        Choices=choices("a", "b"),
        DisplayLogic=logic(condition("q://QID2/SelectableChoice/1")),
    ),
    flow=[
        {
            "Type": "Branch",
            "BranchLogic": logic(condition("q://QID1/SelectableChoice/1")),
            "Flow": [{"Type": "Block", "ID": "BL_1"}],
        }
    ],
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["q://QID1/SelectableChoice/1", "MC", "MAVR", "1", "QID1", "{{", "a: b # c", "=cmd()", "\ud800", "\x00", "-"]
    ),
    st.just([]),
    st.just({}),
    st.just([[1], {"Display": ["x"]}]),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inner: Mapping[Any, Any] = (
        value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    )
    return [path, *(place for key, each in inner.items() for place in places(each, (*path, key)))]


PLACES = places(WHOLE)[1:]


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    """Write at a place, if an earlier change has left it there."""
    here = document
    for key in path[:-1]:
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(here, dict) or (isinstance(here, list) and path[-1] in range(len(here))):
        here[path[-1]] = value


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=4))
def test_whatever_stands_in_the_file(tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    """A changed survey is refused by an error of ours, or becomes an instrument that loads."""
    document = json.loads(json.dumps(WHOLE))
    for path, value in changes:
        put(document, path, value)
    try:
        made = imported(tmp_path, document)
    except SurveySemError:
        return
    loaded(made)

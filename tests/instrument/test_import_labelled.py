"""Labelled files of answers become instruments: scales, missing codes, likely matrices and multiple choices."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_sem.errors import FileError, StudyError
from survey_sem.exports.labelled import write_sav
from survey_sem.exports.raw_table import MissingRange
from survey_sem.instrument.importing import ImportedInstrument, import_instrument
from survey_sem.instrument.load import instrument_from
from survey_sem.instrument.model import Instrument
from survey_sem.instrument.strict_yaml import parse_yaml

AGREE = {1: "Disagree", 2: "Neutral", 3: "Agree"}


def imported(
    folder: Path,
    columns: Mapping[str, list[Any]],
    questions: Mapping[str, str] | None = None,
    labels: Mapping[str, Mapping[Any, str]] | None = None,
    missing: Mapping[str, tuple[MissingRange, ...]] | None = None,
    **options: Any,
) -> ImportedInstrument:
    path = folder / "answers.sav"
    write_sav(pd.DataFrame(columns), path, questions or {}, labels, missing)
    return import_instrument(path, **options)


def loaded(made: ImportedInstrument) -> Instrument:
    assert made.problems == ()
    return instrument_from(parse_yaml(made.text))


def test_types_and_shared_scales(tmp_path: Path) -> None:
    asked = loaded(
        imported(
            tmp_path,
            {
                "sex": [1, 2, 1],
                "trust1": [1, 2, 3],
                "price": [3, 2, 1],
                "age": [20, 30, 40],
                "spend": [1.5, 2.0, 3.0],
                "word": ["a", "b", ""],
                "day": pd.to_datetime(["2026-05-01"] * 3).tolist(),
            },
            {"sex": "Your sex", "price": "The price is right"},
            {"sex": {1: "male", 2: "female"}, "trust1": AGREE, "price": AGREE},
        )
    )
    types = {item.id: (item.type, item.scale.id if item.scale else None, item.whole) for item in asked.items}
    assert types == {
        "sex": ("nominal", "sex_options", False),
        "trust1": ("ordinal", "steps3", False),
        "price": ("ordinal", "steps3", False),
        "age": ("number", None, True),
        "spend": ("number", None, False),
        "word": ("text", None, False),
        "day": ("date", None, False),
    }
    assert asked.item("sex").text == {"und": "Your sex"}
    assert asked.privacy.free_text == ("word",)


def test_missing_codes_leave_the_scale_and_are_declared(tmp_path: Path) -> None:
    labels = {**AGREE, 8: "Don't know", 9: "Refused", -1: "not asked: skipped"}
    ranges = (MissingRange(8, 9), MissingRange(-1, -1))
    asked = loaded(
        imported(
            tmp_path, {"a": [1, 8, 3], "b": [9, 2, -1]}, None, {"a": labels, "b": labels}, {"a": ranges, "b": ranges}
        )
    )
    assert {code.code: code.kind for code in asked.missing} == {-1: "routed", 8: "dontknow", 9: "refused"}
    scale = asked.item("a").scale
    assert scale is not None
    assert (scale.min, scale.max) == (1, 3)


def test_a_missing_code_that_is_an_answer_elsewhere_is_said(tmp_path: Path) -> None:
    made = imported(
        tmp_path,
        {"a": [1, 2, 9], "b": [7, 8, 9]},
        None,
        {"a": {1: "yes", 2: "no", 9: "none"}, "b": {7: "x", 8: "y", 9: "z"}},
        {"a": (MissingRange(9, 9),)},
    )
    assert loaded(made).missing == ()
    assert "missing code 9: it is an answer to 'b'" in str(made)


def test_labelled_ends_and_labelled_values_of_a_number(tmp_path: Path) -> None:
    made = imported(
        tmp_path,
        {"stars": [1, 4, 7], "age": [20, 35, 999], "trust": [1, -99, 3]},
        None,
        {"stars": {1: "bad", 7: "good"}, "age": {999: "no answer"}, "trust": AGREE},
    )
    asked = loaded(made)
    stars = asked.item("stars").scale
    assert stars is not None
    assert (stars.ordinal, stars.min, stars.max) == (True, 1, 7)
    assert asked.item("age").type == "number"
    assert "# TODO: labelled values of a number: 999 no answer" in made.text
    assert asked.item("trust").type == "ordinal"
    assert "# TODO: values without a label: -99" in made.text


def test_wjx_names_rows_blanks_ticks_and_marks(tmp_path: Path) -> None:
    ticks = {0: "未选中", 1: "选中"}
    made = imported(
        tmp_path,
        {
            "index": [1, 2, 3],
            "totalseconds": [60, 70, 80],
            "Q1": [1, 2, -3],
            "Q2_1": [0, 1, 1],
            "Q2_2": [1, 0, 1],
            "Q3_Row1": [1, 2, 3],
            "Q3_Row2": [3, -2, 1],
            "Q4": ["a", "b", "c"],
            "Q4_Blank1": ["", "x", ""],
            "手机": ["1", "2", "3"],
        },
        {"Q2_1": "平台: 抖音", "Q2_2": "平台: 淘宝", "Q3_Row1": "请评价—专业", "Q3_Row2": "请评价—真诚"},
        {"Q1": {1: "男", 2: "女"}, "Q2_1": ticks, "Q2_2": ticks, "Q3_Row1": AGREE, "Q3_Row2": AGREE},
        language="zh",
    )
    asked = loaded(made)
    assert {code.code: code.kind for code in asked.missing} == {-3: "routed", -2: "nonresponse"}
    platforms = asked.item("Q2")
    assert (platforms.type, platforms.columns, platforms.text) == ("multi", {1: "Q2_1", 2: "Q2_2"}, {"zh": "平台"})
    assert platforms.scale is not None
    assert platforms.scale.labels == {"zh": {1: "抖音", 2: "淘宝"}}
    assert [(matrix.id, matrix.items, matrix.text) for matrix in asked.matrices] == [
        ("Q3_matrix", ("Q3_R1", "Q3_R2"), {"zh": "请评价"})
    ]
    assert asked.item("Q3_R2").text == {"zh": "真诚"}
    assert (asked.paradata.id, asked.paradata.duration) == ("index", "duration")
    assert asked.privacy.drop == ("手机",)
    assert "written beside an option" in made.text
    assert asked.source.platform == "wjx"


def test_text_codes(tmp_path: Path) -> None:
    asked = loaded(imported(tmp_path, {"region": ["N", "S", "N"]}, None, {"region": {"N": "North", "S": "South"}}))
    scale = asked.item("region").scale
    assert scale is not None
    assert scale.codes == ("N", "S")


def test_stata(tmp_path: Path) -> None:
    path = tmp_path / "answers.dta"
    frame = pd.DataFrame({"sex": pd.Categorical(["male", "female"]), "age": [20.5, 30.0]})
    frame.to_stata(path, write_index=False)
    asked = loaded(import_instrument(path))
    assert [(item.id, item.type) for item in asked.items] == [("sex", "nominal"), ("age", "number")]


def test_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.sav"
    path.write_bytes(b"$FL2 not really")
    with pytest.raises(FileError, match=r"answers\.sav"):
        import_instrument(path)


NAMES = st.sampled_from(["Q1", "Q1_1", "Q1_2", "index", "totalseconds", "a", "手机", "Q2_Row1", "Q2_Row2", "not", "ip"])
LABEL = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), min_size=1, max_size=8
) | st.sampled_from(["Agree", "选中", "not selected", "skip", "a: b"])
CODES = st.integers(-3, 9) | st.sampled_from([1.5, 1e9, -99.0])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        NAMES,
        st.tuples(st.lists(CODES, min_size=2, max_size=2), st.dictionaries(CODES, LABEL, max_size=5), LABEL),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.tuples(CODES, CODES), max_size=1),
)
def test_whatever_the_dictionary_says(
    tmp_path: Path, columns: dict[str, Any], ranges: list[tuple[float, float]]
) -> None:
    missing = tuple(MissingRange(min(pair), max(pair)) for pair in ranges)
    try:
        made = imported(
            tmp_path,
            {name: [float(value) for value in values] for name, (values, _, _) in columns.items()},
            {name: text for name, (_, _, text) in columns.items()},
            {name: {float(code): text for code, text in labels.items()} for name, (_, labels, _) in columns.items()},
            dict.fromkeys(columns, missing) if missing else None,
        )
    except StudyError as problem:
        assert problem.code == "no-questions"
    else:
        loaded(made)

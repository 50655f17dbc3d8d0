"""The instrument's schema: what it gives, and every way to break it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.errors import DataError, ModelSyntaxError, StudyError
from survey_sem.instrument import Instrument, in_language, load_instrument
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.instrument.section import model_name
from survey_sem.instrument.strict_yaml import Node
from survey_sem.syntax.tokens import tokenize

GOOD = """\
schema: survey-sem/instrument/1
instrument:
  id: demo
  version: "1"
  title: {zh: 示例, en: Demo}
missing:
  - {code: -99, kind: nonresponse, text: {en: no answer}}
  - {code: (跳过), kind: routed}
scales:
  agree:
    min: 1
    max: 5
    labels: {en: {1: low, 5: high}}
  sex:
    labels: {en: {1: male, 2: female}, zh: {1: 男, 2: 女}}
items:
  - {id: q1, column: Q1, scale: agree, text: {en: One, zh: 一}}
  - {id: q2, scale: agree, reverse: true, text: {en: Two}, source: own wording}
  - {id: sex, scale: sex, text: Sex}
  - {id: age, type: number, min: 18, max: 99, text: Age}
  - {id: why, type: text, text: Why}
constructs:
  - {id: trust, label: {en: Trust}, items: [q1, q2], source: own wording}
"""


def load(tmp_path: Path, text: str) -> Instrument:
    path = tmp_path / "i.yaml"
    path.write_text(text, encoding="utf-8")
    return load_instrument(path)


def problems_of(tmp_path: Path, text: str) -> list[tuple[str, int]]:
    """Code and line of every problem of a file."""
    with pytest.raises(StudyError) as caught:
        load(tmp_path, text)
    error = caught.value
    each = error.problems if isinstance(error, SeveralProblemsError) else (error,)
    return [(problem.code, int(str(problem.where).split("i.yaml:")[1].split(":")[0])) for problem in each]


def test_good_instrument(tmp_path: Path) -> None:
    asked = load(tmp_path, GOOD)
    assert [item.id for item in asked.items] == ["q1", "q2", "sex", "age", "why"]
    assert [item.type for item in asked.items] == ["ordinal", "ordinal", "nominal", "number", "text"]
    assert asked.item("q1").column == "Q1"
    assert asked.item("q2").reverse
    assert asked.scales["agree"].codes == (1, 2, 3, 4, 5)
    assert asked.scales["sex"].codes == (1, 2)
    assert asked.missing[0].code == -99
    assert asked.item("age").expected() == "a number from 18 up to 99"
    assert asked.constructs[0].items == ("q1", "q2")
    assert in_language(asked.title, "zh") == "示例"
    assert in_language(asked.item("sex").text, "zh") == "Sex"
    with pytest.raises(DataError, match="no item 'q9'"):
        asked.item("q9")


def test_hash_is_of_the_content_not_of_the_layout(tmp_path: Path) -> None:
    lines = GOOD.splitlines()
    moved = "\n".join(["# a comment", *lines[1:5], lines[0], *lines[5:]]) + "\n\n"
    assert load(tmp_path, moved).sha256 == load(tmp_path, GOOD).sha256
    assert load(tmp_path, GOOD.replace("max: 5\n", "max: 6\n")).sha256 != load(tmp_path, GOOD).sha256


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("schema: survey-sem/instrument/1", "schema: survey-sem/instrument/9", "wrong-schema", 1),
        ("  version:", "  verson:", "unknown-key", 4),
        ("  id: demo\n", "", "missing-key", 2),
        ("  title: {zh: 示例, en: Demo}", "  title:", "blank-value", 5),
        ("{zh: 示例, en: Demo}", "{Chinese: 示例}", "unknown-language", 5),
        ("kind: nonresponse", "kind: nonrespons", "unknown-value", 7),
        ("    max: 5\n", "", "incomplete-scale", 10),
        ("    max: 5\n", "    max: 0\n", "empty-scale", 12),
        ("    max: 5\n", "    max: 5.5\n", "wrong-type", 12),
        ("{1: low, 5: high}", "{1: low, 7: high}", "label-outside-scale", 13),
        ("zh: {1: 男, 2: 女}", "zh: {1: 男, 3: 女}", "unequal-labels", 14),
        ("column: Q1, scale: agree", "column: Q1, scale: agre", "unknown-scale", 17),
        ("id: q2", "id: q1", "duplicate-id", 18),
        ("column: Q1", "column: q2", "duplicate-id", 18),
        ("id: sex, scale: sex", "id: sex, scale: sex, reverse: true", "irreversible", 19),
        ("type: number", "type: numeric", "unknown-value", 20),
        ("type: number", "type: ordinal", "no-scale", 20),
        ("type: text,", "type: text, scale: agree,", "needless-scale", 21),
        ("items: [q1, q2]", "items: [q1, q22]", "unknown-item", 23),
        ("items: [q1, q2]", "items: []", "no-items", 23),
        ("code: -99", "code: 3", "missing-code-is-answer", 7),
        ("code: -99", "code: '3'", "missing-code-is-answer", 7),
        ("code: -99", "code: 2.0", "missing-code-is-answer", 7),
        ("code: (跳过)", "code: -99", "duplicate-id", 8),
        ("id: q1", "id: q 1", "bad-name", 17),
        ("id: q1", "id: q-1", "bad-name", 17),
        ("id: q1", "id: 1q", "bad-name", 17),
        ("id: q1", "id: 1", "bad-name", 17),
        ("id: trust", "id: trust + q1", "bad-name", 23),
    ],
)
def test_every_error_has_its_line(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    assert old in GOOD
    found = problems_of(tmp_path, GOOD.replace(old, new, 1))
    assert (code, line) in found, found


def test_a_wrong_key_suggests_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        load(tmp_path, GOOD.replace("reverse:", "revers:"))
    assert str(caught.value.hint).startswith("did you mean 'reverse'?")


def test_shipped_instruments_load(project_root: Path) -> None:
    paths = sorted((project_root / "instruments").glob("*.yaml"))
    assert paths
    for path in paths:
        asked = load_instrument(path)
        assert asked.languages == ("en", "zh")
        assert all(item.source for item in asked.items)
        assert all(construct.source for construct in asked.constructs)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6) | st.from_regex(r"[\w.]{1,5}"))
def test_names_are_those_of_the_model_language(word: str) -> None:
    try:
        tokens = tokenize(word)
        known = [token.kind for token in tokens] == ["name", "end"] and tokens[0].text == word
    except ModelSyntaxError:
        known = False
    try:
        accepted = model_name(Node(word, "i.yaml", 1, "id")) == word
    except StudyError:
        accepted = False
    assert accepted == known


@pytest.mark.parametrize("word", ["q1", "Q1.a", "_x", ".x", "信任", "été", "हिन्दी"])
def test_names_of_many_scripts(word: str) -> None:
    assert model_name(Node(word, "i.yaml", 1, "id")) == word

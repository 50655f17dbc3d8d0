"""What a careful methodologist would ask about an instrument that is legal."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_sem.errors import FileError
from survey_sem.instrument.check import InstrumentCheck, check_instrument

GOOD = """\
schema: survey-sem/instrument/1
instrument:
  id: good
  version: "1"
  title: {zh: 好, en: Good}
  population: Adults
  mode: web
  dates: May 2026
  consent: on page 1
  ethics: board 7, number 12
scales:
  agree: {min: 1, max: 5, labels: {zh: {1: 否, 5: 是}, en: {1: no, 5: yes}}}
  gender: {labels: {zh: {1: 男, 2: 女}, en: {1: male, 2: female}}}
items:
  - {id: a1, scale: agree, source: own wording, text: {zh: 一, en: One}}
  - {id: a2, scale: agree, source: own wording, text: {zh: 二, en: Two}}
  - {id: a3, scale: agree, source: own wording, text: {zh: 三, en: Three}, reverse: true}
  - {id: check, scale: agree, source: own wording, text: {zh: 选三, en: Choose 3}}
  - {id: gender, scale: gender, source: own wording, text: {zh: 性别, en: Sex}}
  - {id: why, type: text, source: own wording, text: {zh: 为什么, en: Why}}
constructs:
  - {id: a, label: {zh: 甲, en: A}, items: [a1, a2, a3], source: own wording}
quality: {attention: [{item: check, answer: 3}]}
paradata: {submitted: when, ip: address, duration: time, shortest_seconds: 10, field_period: {from: 2026-05-01}}
pii: {hash: [ip], free_text: [why], drop: [phone]}
design: {psu: room}
weighting:
  method: rake
  targets:
    - {of: gender, source: "National census 2020, table 3", shares: {1: 0.5, 2: 0.5}}
"""


def checked(tmp_path: Path, text: str) -> InstrumentCheck:
    path = tmp_path / "i.yaml"
    path.write_text(text, encoding="utf-8")
    return check_instrument(path)


def test_nothing_to_say(tmp_path: Path) -> None:
    found = checked(tmp_path, GOOD)
    assert found.ok
    assert found.instrument is not None
    assert found.lines("warning") == []
    assert found.to_dict()["instrument"]["n_items"] == 6


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("  ethics: board 7, number 12\n", "", "not-told", 2),
        ("  ethics: board 7, number 12", "  ethics:", "blank-key", 10),
        ("ethics: board 7, number 12", "ethics: TODO", "unfinished", 10),
        ("source: own wording, text: {zh: 一, en: One}", "text: {zh: 一, en: One}", "no-source", 14),
        ("{zh: 一, en: One}", "{en: One}", "language-missing", 15),
        ("{zh: 甲, en: A}", "{zh: 甲}", "language-missing", 22),
        ("zh: {1: 男, 2: 女}, en", "en", "language-missing", 13),
        ("zh: {1: 否, 5: 是}", "zh: {1: 否}", "language-missing", 12),
        (", labels: {zh: {1: 否, 5: 是}, en: {1: no, 5: yes}}", "", "no-labels", 12),
        (
            "  gender: {labels",
            "  spare: {min: 1, max: 2, labels: {zh: {1: 甲}, en: {1: A}}}\n  gender: {labels",
            "unused-scale",
            13,
        ),
        ("items: [a1, a2, a3]", "items: [a1, a2]", "in-no-construct", 17),
        ("items: [a1, a2, a3]", "items: [a1, a2]", "few-items", 22),
        ("items: [a1, a2, a3]", "items: [a1]", "few-items", 22),
        ("items: [a1, a2, a3]", "items: [a1, a2, a3, check]", "check-in-construct", 22),
        (", reverse: true", "", "no-reversed-item", 21),
        (", field_period: {from: 2026-05-01}", "", "no-field-period", 24),
        ("submitted: when, ", "", "no-clock", 24),
        ("duration: time, ", "", "no-duration", 24),
        ("hash: [ip], ", "", "personal-data", 24),
        ("hash: [ip], free", "hash: [ipp], free", "unknown-name", 25),
        ("free_text: [why], ", "", "free-text", 20),
        ("{zh: 为什么, en: Why}", "{zh: 您的手机号, en: Your phone}", None, 0),
        ("psu: room", "psu: gendr", "unknown-name", 26),
        ("National census 2020, table 3", "census", "weak-source", 30),
        (
            "source: own wording, text: {zh: 性别",
            "relevant: a1 = 1, source: own wording, text: {zh: 性别",
            "target-routed",
            30,
        ),
    ],
)
def test_each_question(tmp_path: Path, old: str, new: str, code: str | None, line: int) -> None:
    assert old in GOOD
    found = checked(tmp_path, GOOD.replace(old, new, 1))
    assert found.ok, found.lines("error")
    places = [(record["code"], record["line"]) for record in found.to_dict()["warnings"]]
    assert places == [] if code is None else (code, line) in places, found.lines("warning")


@pytest.mark.parametrize(
    "entry", ["{id: phone, type: text", "{id: tell, column: 手机号, type: text", "{id: wechat, type: number"]
)
def test_questions_about_who_somebody_is(tmp_path: Path, entry: str) -> None:
    more = f"  {entry}, source: own wording, text: {{zh: 填写, en: Fill in}}}}\nconstructs:".replace("  {", "  - {", 1)
    found = checked(tmp_path, GOOD.replace("constructs:", more).replace("drop: [phone]", "drop: [name]"))
    assert [warning.code for warning in found.warnings] == ["personal-data"], found


def test_many_items_and_no_attention_check(tmp_path: Path) -> None:
    more = "".join(f"  - {{id: b{i}, scale: agree, source: own wording, text: {{zh: 甲, en: A}}}}\n" for i in range(15))
    text = GOOD.replace("constructs:", f"{more}constructs:").replace(
        "quality: {attention: [{item: check, answer: 3}]}\n", ""
    )
    assert "no-attention-check" in [warning.code for warning in checked(tmp_path, text).warnings]


def test_errors_are_lines_for_an_editor(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        GOOD.replace("scale: agree, source", "scale: agre, source").replace(
            "{from: 2026-05-01}", "{from: 2026-05-01, to: 2025-06-30}"
        ),
    )
    file = tmp_path / "i.yaml"
    assert not found.ok
    assert found.instrument is None
    assert found.lines("error")[0] == (
        f"{file}:15: error: items[0].scale: there is no scale 'agre' [unknown-scale]; did you mean 'agree'?"
    )
    assert len(found.lines("error")) == 5
    assert found.to_dict()["errors"][4]["key"] == "paradata.field_period.to"
    assert found.lines("warning") == []


def test_yaml_that_is_none_has_its_line(tmp_path: Path) -> None:
    found = checked(tmp_path, "a: [1\n")
    assert found.lines("error")[0].startswith(f"{tmp_path / 'i.yaml'}:2: error: this is not valid YAML")
    empty = checked(tmp_path, "# nothing\n")
    assert empty.lines("error")[0].startswith(f"{tmp_path / 'i.yaml'}: error: there is nothing")
    with pytest.raises(FileError):
        check_instrument(tmp_path / "none.yaml")


def test_shipped_instruments_are_right(project_root: Path) -> None:
    for path in sorted((project_root / "instruments").glob("*.yaml")):
        found = check_instrument(path)
        assert found.ok, found.lines("error")
        assert {"language-missing", "no-source", "personal-data", "free-text", "unfinished", "not-told"}.isdisjoint(
            warning.code for warning in found.warnings
        ), found.lines("warning")


def test_signs_for_the_terminal_are_not_repeated(tmp_path: Path) -> None:
    text = GOOD.replace("id: good", 'id: good\n  "\\x1b[31mred": 1').replace(
        "a1, scale: agree", 'a1, scale: "\\x1b[2J"'
    )
    assert "\x1b" not in "\n".join(checked(tmp_path, text).lines("error"))

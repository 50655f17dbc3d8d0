"""``survey-sem instrument import``: writes once, says what it did, refuses what it cannot do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    payload = {
        "QuestionID": "QID1",
        "DataExportTag": "Q1",
        "QuestionText": "Hello?",
        "QuestionType": "TE",
        "Selector": "SL",
    }
    other = {"QuestionID": "QID2", "DataExportTag": "Q2", "QuestionText": "Hi", "QuestionType": "DB"}
    elements = [{"Element": "SQ", "PrimaryAttribute": each["QuestionID"], "Payload": each} for each in (payload, other)]
    path = tmp_path / "survey.qsf"
    path.write_text(json.dumps({"SurveyEntry": {"SurveyID": "SV_1"}, "SurveyElements": elements}), encoding="utf-8")
    return path


def test_it_writes_what_check_accepts(command: Command, survey: Path, tmp_path: Path) -> None:
    made = tmp_path / "mine.yaml"
    outcome = command("instrument", "import", survey, "-o", made, "--language", "zh")
    assert (outcome.code, outcome.err) == (0, "")
    assert f"{made}: 1 items from survey.qsf (Qualtrics)" in outcome.out
    assert "Q2: text on the page" in outcome.out
    assert command("instrument", "check", made).code == 0
    assert "Hello?" in command("instrument", "show", made).out


def test_it_never_writes_over_a_file_unasked(command: Command, survey: Path, tmp_path: Path) -> None:
    made = tmp_path / "mine.yaml"
    made.write_text("work by hand", encoding="utf-8")
    outcome = command("instrument", "import", survey, "-o", made)
    assert (outcome.code, "--force" in outcome.err) == (2, True)
    assert made.read_text(encoding="utf-8") == "work by hand"
    assert command("instrument", "import", survey, "-o", made, "--force").code == 0
    assert made.read_text(encoding="utf-8").startswith("# Made from survey.qsf")


def test_two_imports_write_the_same_bytes(command: Command, survey: Path, tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        command("instrument", "import", survey, "-o", tmp_path / name)
    assert (tmp_path / "a.yaml").read_bytes() == (tmp_path / "b.yaml").read_bytes()


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("nothing.qsf", "mine.yaml", "no such file"),
        ("survey.qsf", "survey.qsf", "the file that it is made of"),
        ("survey.qsf", "no/such/folder/mine.yaml", "cannot be written"),
        ("survey.qsf", ".", "is a directory"),
        (".", "mine.yaml", "is a directory"),
        ("broken.qsf", "mine.yaml", "line 1, column 2"),
        ("broken.txt", "mine.yaml", "cannot be imported"),
    ],
)
def test_what_it_refuses(command: Command, survey: Path, tmp_path: Path, source: str, target: str, said: str) -> None:
    for name in ("broken.qsf", "broken.txt"):
        (tmp_path / name).write_text("{", encoding="utf-8")
    before = survey.read_bytes()
    outcome = command("instrument", "import", tmp_path / source, "-o", tmp_path / target, "--force")
    assert (outcome.code, said in outcome.err) == (2, True), outcome.err
    assert survey.read_bytes() == before
    assert not (tmp_path / "mine.yaml").exists()

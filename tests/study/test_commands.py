"""``init``, ``fit``, ``verify`` and ``report`` on the template, as a new user types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_sem.cli.boundary import run


@pytest.mark.slow
def test_from_init_to_verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mystudy"
    assert run(["init", str(folder)]) == 0
    assert f"survey-sem fit {folder / 'study.yaml'}" in capsys.readouterr().out
    assert run(["fit", str(folder / "study.yaml")]) == 0
    assert run(["verify", str(folder / "run")]) == 0
    assert "verified: " in capsys.readouterr().out
    before = {path: path.read_bytes() for path in (folder / "run").rglob("*") if path.is_file()}
    assert run(["report", str(folder / "run")]) == 0
    assert {path: path.read_bytes() for path in before} == before
    moved = folder / "moved.csv"
    (folder / "answers.csv").rename(moved)
    capsys.readouterr()
    assert run(["verify", str(folder / "run")]) == 2
    assert "name the files with --data (answers.csv, sha256" in capsys.readouterr().err
    assert run(["verify", str(folder / "run"), "--data", str(moved)]) == 0


def test_init_refuses_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert run(["init", str(tmp_path)]) == 2
    assert "mine.txt" in capsys.readouterr().err
    assert run(["init", str(tmp_path / "new"), "--language", "fr"]) == 2
    assert "zh or en" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]

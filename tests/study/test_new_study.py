"""``survey-sem init``: the folder runs as it is, and says in both languages what it is for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import survey_sem as ss
from survey_sem.cli.boundary import run as run_command
from survey_sem.errors import FileError, OptionError
from survey_sem.study import load_study, new_study, run_study
from survey_sem.study.run import WriteDocuments

LANGUAGES = ("en", "zh")


@pytest.fixture
def no_documents() -> WriteDocuments:
    return lambda run: None


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_runs_as_it_is(tmp_path: Path, language: str, no_documents: WriteDocuments) -> None:
    folder = tmp_path / "a" / "mystudy"
    written = new_study(folder, language)
    assert {path.name for path in written} == {
        ".gitignore", "README.md", "answers.csv", "instrument.yaml", "population.yaml", "study.yaml", "truth.json",
    }  # fmt: skip
    assert sorted(folder.iterdir()) == sorted(written)
    run = run_study(load_study(folder / "study.yaml"), folder / "run", no_documents)
    assert run.validation.ok
    assert run.recovery is not None
    assert sum(bool(row.is_inside) for row in run.recovery.rows) >= 12
    assert run.study.report.languages == (language,)


def test_both_languages_are_the_same_study(tmp_path: Path) -> None:
    english, chinese = (load_study(new_study(tmp_path / each, each)[-2]) for each in LANGUAGES)
    assert english.fits() == chinese.fits()
    instruments = [ss.load_instrument(study.instrument) for study in (english, chinese)]
    assert instruments[0].sha256 == instruments[1].sha256
    truth = json.loads((tmp_path / "en" / "truth.json").read_text(encoding="utf-8"))
    assert truth["instrument_sha256"] == instruments[0].sha256


def test_names_in_the_readme_exist(tmp_path: Path) -> None:
    for language in LANGUAGES:
        names = {path.name for path in new_study(tmp_path / language, language)}
        readme = (tmp_path / language / "README.md").read_text(encoding="utf-8")
        assert names - {"README.md"} <= {word.strip("`") for word in readme.split() if word.startswith("`")} | {
            name for name in names if f"`{name}`" in readme
        }


@pytest.mark.parametrize("content", ["file", "folder"])
def test_nothing_is_overwritten(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    target = folder if content == "folder" else folder / "notes.txt"
    with pytest.raises(FileError) as caught:
        new_study(target)
    assert caught.value.code in ("folder-in-use", "not-a-directory")
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    assert len(new_study(tmp_path)) == 7


def test_an_unknown_language(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="no template in 'cn'"):
        new_study(tmp_path / "x", "cn")
    assert not (tmp_path / "x").exists()


def test_the_answers_are_those_of_the_population(tmp_path: Path) -> None:
    """Whoever simulates again with the seed of the study gets the answers that are there."""
    folder = tmp_path / "mystudy"
    study = load_study(new_study(folder)[-2])
    made = run_command(["simulate", str(study.path), "-n", "400", "--seed", str(study.seed), "-o", str(folder / "raw")])
    assert made == 0
    assert (folder / "raw" / "export.csv").read_bytes() == (folder / "answers.csv").read_bytes()
    planted, shipped = (
        json.loads(path.read_text(encoding="utf-8")) for path in (folder / "raw" / "truth.json", folder / "truth.json")
    )
    for new, old in zip(planted["moments"]["cov"], shipped["moments"]["cov"], strict=True):
        assert new == pytest.approx(old, abs=1e-9)
    assert planted["faults"] == shipped["faults"]

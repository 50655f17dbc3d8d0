"""Simulated answers as files: in the form of each platform, the same bytes every time, nothing foreign replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import FileError, OptionError
from survey_sem.instrument import Instrument, load_instrument
from survey_sem.provenance import sha256_file
from survey_sem.simulation import (
    Population,
    Simulation,
    answer_sheet,
    load_population,
    simulate_answers,
    target_of,
    write_simulation,
)


@pytest.fixture(scope="module")
def made(faulty: Population, instrument: Instrument) -> Simulation:
    return simulate_answers(faulty, instrument, 300, 3)


@pytest.fixture(scope="module")
def livestream(project_root: Path) -> tuple[Instrument, Simulation]:
    asked = load_instrument(project_root / "instruments" / "livestream_purchase_intent.yaml")
    population = load_population(project_root / "examples" / "livestream" / "population.yaml", asked)
    return asked, simulate_answers(population, asked, 150, 1)


@pytest.mark.parametrize("dialect", ["wjx", "tencent", "credamo", "qualtrics", "generic"])
def test_every_platform_gives_the_answers_back(
    dialect: str, livestream: tuple[Instrument, Simulation], tmp_path: Path
) -> None:
    asked, made = livestream
    out = tmp_path / "raw"
    files = write_simulation(made, out, *target_of(out, asked, dialect))
    assert files[-1].name == "truth.json" and {path.name for path in files} == {path.name for path in out.iterdir()}
    raw = ss.read_export(list(files[:-1]))
    assert raw.dialect == dialect and raw.n_rows == 150
    table = raw.frame
    codes = made.answers.frame()
    name = next(each for each in ("Q7_R1", "7.1", "exp_1") if each in table.columns)
    if dialect in ("wjx", "credamo", "qualtrics", "generic"):
        assert pd.to_numeric(table[name]).tolist() == codes["exp_1"].tolist()


def test_the_pair_of_wjx_is_valid_but_for_what_was_planted(
    livestream: tuple[Instrument, Simulation], tmp_path: Path
) -> None:
    asked, made = livestream
    out = tmp_path / "raw"
    files = write_simulation(made, out, *target_of(out, asked))
    report = ss.validate(ss.read_export(list(files[:-1])), asked, key=b"secret").report
    planted = {
        "duplicate-id", "outside-field-period", "encoding-damage", "out-of-range", "illegal-code",
        "answered-though-routed-out",
    }  # fmt: skip
    assert {finding.rule for finding in report.findings if finding.severity == "error"} <= planted


@pytest.mark.parametrize("ending", ["csv", "parquet", "sav", "xlsx", "zip"])
def test_one_file_has_a_column_for_each_item(
    ending: str, made: Simulation, instrument: Instrument, tmp_path: Path
) -> None:
    out = tmp_path / f"answers.{ending}"
    files = write_simulation(made, out, *target_of(out, instrument))
    assert files == (out, tmp_path / "answers.truth.json")
    frame = ss.read_export(out).frame
    assert list(frame.columns[:5]) == ["number", "began", "sent", "seconds", "address"]
    assert list(frame.columns[5:]) == [item.id for item in instrument.items]
    assert pd.to_numeric(frame["b2"]).tolist() == made.answers.frame()["b2"].tolist()
    told = json.loads(files[1].read_text(encoding="utf-8"))
    assert told["files"] == {out.name: sha256_file(out)} and told["schema"] == "survey-sem/truth/1"


def test_equal_seeds_give_equal_bytes(faulty: Population, instrument: Instrument, tmp_path: Path) -> None:
    contents = []
    for folder in ("one", "two"):
        out = tmp_path / folder
        simulated = simulate_answers(faulty, instrument, 200, 9)
        for dialect in ("wjx", "generic"):
            files = write_simulation(simulated, out / dialect, *target_of(out / dialect, instrument, dialect))
            contents.append([path.read_bytes() for path in files])
    assert contents[:2] == contents[2:]


def test_an_untouched_simulation_may_be_replaced_and_nothing_else(
    made: Simulation, instrument: Instrument, tmp_path: Path
) -> None:
    out = tmp_path / "raw"
    write_simulation(made, out, *target_of(out, instrument, "wjx"))
    write_simulation(made, out, *target_of(out, instrument, "generic"))
    assert sorted(path.name for path in out.iterdir()) == ["export.csv", "truth.json"]
    for spoil in (
        lambda: (out / "notes.txt").write_text("mine"),
        lambda: (out / "export.csv").write_text("changed"),
        lambda: (out / "truth.json").write_text("{}"),
    ):
        write_simulation(made, out, *target_of(out, instrument))
        spoil()
        with pytest.raises(FileError) as caught:
            target_of(out, instrument)
        assert caught.value.code == "not-a-simulation"
        for path in out.iterdir():
            path.unlink()


def test_a_file_that_is_somebodys_stays(made: Simulation, instrument: Instrument, tmp_path: Path) -> None:
    out = tmp_path / "mine.csv"
    out.write_text("a,b\n1,2\n")
    with pytest.raises(FileError, match="replace"):
        target_of(out, instrument)
    assert out.read_text() == "a,b\n1,2\n"
    other = tmp_path / "other.csv"
    for _ in range(2):
        write_simulation(made, other, *target_of(other, instrument))
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(FileError, match="is a file"):
        target_of(tmp_path / "folder", instrument)


@pytest.mark.parametrize(
    ("name", "dialect", "file_format", "code"),
    [
        ("raw", "wxj", None, "unknown-dialect"),
        ("raw", "wjx", "sav", "unknown-format"),
        ("a.docx", None, None, "unknown-format"),
        ("a.csv", "wjx", None, "bad-option"),
        ("a.csv", None, "xlsx", "bad-option"),
    ],
)
def test_what_cannot_be_written_is_refused(
    name: str, dialect: str | None, file_format: str | None, code: str, instrument: Instrument, tmp_path: Path
) -> None:
    with pytest.raises(OptionError) as caught:
        target_of(tmp_path / name, instrument, dialect, file_format)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["raw", "answers.csv"])
def test_a_full_disk_leaves_nothing_behind(
    made: Simulation, instrument: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    out = tmp_path / "new" / name
    target = target_of(out, instrument)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FileError, match="No space left on device") as caught:
        write_simulation(made, out, *target)
    home = out if name == "raw" else out.parent
    assert caught.value.where == str(home)
    assert not home.exists()


def test_questions_stand_where_the_instrument_looks(
    livestream: tuple[Instrument, Simulation], made: Simulation
) -> None:
    asked, simulated = livestream
    for item, question in zip(asked.items, answer_sheet(simulated, "wjx").questions, strict=True):
        assert item.column in (f"{question.number}", f"{question.number}.{question.row}")
    counted = {question.name: (question.number, question.row) for question in answer_sheet(made, "wjx").questions}
    assert [counted[name] for name in ("room", "a1", "a4", "check", "phone")] == [
        (1, 0),
        (2, 1),
        (2, 4),
        (3, 0),
        (18, 0),
    ]


SPREAD = """
schema: survey-sem/instrument/1
instrument: {id: spread, version: "1", title: Spread}
scales: {app: {labels: {en: {1: one, 2: two}}}, agree: {min: 1, max: 3}}
items:
  - {id: x, scale: agree, text: x}
  - {id: apps, type: multi, scale: app, text: apps, columns: {1: app_one, 2: app_two}}
  - {id: order, type: rank, scale: app, text: order, columns: {1: rank_one, 2: rank_two}}
"""
ANSWERS = """
schema: survey-sem/population/1
model: F =~ .5*x
answers: {agree: {shares: [.3, .3, .4]}}
background:
  - {item: apps, choices: {1: .5, 2: .5}}
  - {item: order, utilities: {1: 0, 2: 0}}
faults: {missing: [{items: [apps, order], mcar: .2}]}
"""


def test_options_in_columns_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "i.yaml").write_text(SPREAD, encoding="utf-8")
    (tmp_path / "p.yaml").write_text(ANSWERS, encoding="utf-8")
    asked = load_instrument(tmp_path / "i.yaml")
    simulated = simulate_answers(load_population(tmp_path / "p.yaml", asked), asked, 200, 1)
    out = tmp_path / "raw"
    raw = ss.read_export(write_simulation(simulated, out, *target_of(out, asked))[0])
    assert list(raw.frame.columns) == ["id", "x", "app_one", "app_two", "rank_one", "rank_two"]
    responses = ss.validate(raw, asked)
    assert responses.report.ok, str(responses.report)
    answers = simulated.answers.frame()
    assert (responses.frame["apps_1"] == 1).tolist() == answers["apps"].str.contains("1").eq(True).tolist()
    assert (responses.frame["order_2"] == 1).tolist() == answers["order"].eq("2|1").tolist()

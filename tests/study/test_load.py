"""The study file: what it gives, and every way to break it."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_sem.errors import FileError, StudyError
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.sample import Condition
from survey_sem.study import Study, load_study
from survey_sem.study.load import study_from_plan


def changed(folder: Path, old: str, new: str) -> Study:
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_study(path)


def test_a_good_study(folder: Path) -> None:
    study = load_study(folder / "study.yaml")
    assert study.instrument == folder / "instrument.yaml"
    assert study.data.files == (folder / "data.csv",)
    assert study.default_out == folder / "run"
    assert study.metadata["mode"] == {"und": "simulated"}
    assert study.report.formats == ("html",)
    measurement, structural = study.fits()
    assert (measurement.name, measurement.function) == ("measurement", "cfa")
    assert measurement.model == "f =~ x1 + x2 + x3\n"
    assert structural.model == "f =~ x1 + x2 + x3\n\ny ~ b*f\n\ntwice := 2*b"
    assert structural.options == {"estimator": "ML", "missing": "listwise"}


def test_without_a_structural_part_the_effects_join_the_measurement_model(folder: Path) -> None:
    study = changed(folder, "  structural: |\n    y ~ b*f\n", "")
    assert [plan.name for plan in study.fits()] == ["measurement"]
    assert study.fits()[0].model.endswith("twice := 2*b")


def test_models_from_files(folder: Path) -> None:
    (folder / "m.txt").write_text("f =~ x1 + x2 + x3\r\n", encoding="utf-8")
    study = changed(folder, "  measurement: |\n    f =~ x1 + x2 + x3\n", "  measurement_file: m.txt\n")
    assert study.measurement == "f =~ x1 + x2 + x3\n"
    assert study.plan["model"]["measurement"] == study.measurement
    with pytest.raises(FileError):
        changed(folder, "m.txt", "n.txt")


def test_conditions(folder: Path) -> None:
    condition = '{item: y, relation: ">=", value: 2, reason: low}'
    kept = f"sample:\n  reverse: false\n  distributed: 300\n  keep:\n    - {condition}\n"
    study = changed(folder, "seed: 1\n", f"seed: 1\n{kept}")
    assert not study.sample.reverse
    assert study.sample.distributed == 300
    assert study.sample.keep == (Condition("y", ">=", 2, "low"),)
    study = changed(folder, "reason: low", "reason: {zh: 过低, en: low}")
    assert study.sample.keep[0].reason == {"zh": "过低", "en": "low"}


def test_the_hash_is_of_the_content(folder: Path) -> None:
    path = folder / "study.yaml"
    study = load_study(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(["# comment", lines[1], lines[0], *lines[2:], ""]), encoding="utf-8")
    assert load_study(path).sha256 == study.sha256
    assert changed(folder, "estimator: ML", "std_lv: true").sha256 != study.sha256


def test_a_study_comes_back_from_its_plan(folder: Path) -> None:
    study = load_study(folder / "study.yaml")
    again = study_from_plan(study.plan, study.path)
    assert (again.sha256, again.fits(), again.sample) == (study.sha256, study.fits(), study.sample)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("study/1", "study/2", "wrong-schema", 1),
        ("seed: 1", "sead: 1", "unknown-key", 17),
        ("seed: 1", "seed: x", "wrong-type", 17),
        ("seed: 1", "seed: -1", "wrong-value", 17),
        ("  file:", "  fille:", "unknown-key", 6),
        ("  origin: simulated\n", "", "missing-key", 5),
        ("  dates: none", "  dates:", "blank-value", 12),
        ("  dates: none", "  dates: '  '", "blank-value", 12),
        ("  dates: none", '  dates: {en: " \\t "}', "blank-value", 12),
        ("definition: 2*b", 'definition: "b*b\\nb == 0.1"', "bad-definition", 27),
        ("definition: 2*b", 'definition: "b*b; b == 0.1"', "bad-definition", 27),
        ("definition: 2*b", "definition: b == 0.1", "bad-definition", 27),
        ("definition: 2*b", "definition: 2*b := 1", "bad-definition", 27),
        ("definition: 2*b", "definition: y ~ x1", "bad-definition", 27),
        ("definition: 2*b", "definition: '2*'", "bad-definition", 27),
        ("definition: 2*b", "definition: '2*b € 3'", "bad-definition", 27),
        ("name: twice", 'name: "b == 0.1\\ntwice"', "bad-name", 27),
        ("name: twice", "name: two times", "bad-name", 27),
        ("name: twice", "name: 2b", "bad-definition", 27),
        ("  consent: none needed\n", "", "missing-key", 9),
        ("missing: listwise", "missing: pairwise", "unsupported-value", 18),
        ("missing: listwise", "missing: lisstwise", "unknown-value", 18),
        ("missing: listwise\n", "", "missing-key", 1),
        ("  measurement: |\n    f =~ x1 + x2 + x3\n", "", "missing-key", 19),
        ("  estimator: ML", "  estimater: ML", "unknown-key", 25),
        ("  estimator: ML", "  std_lv: 1", "wrong-type", 25),
        ("definition: 2*b", "defenition: 2*b", "unknown-key", 27),
        ("languages: [zh, en]", "languages: [zh, fr]", "unknown-value", 29),
        ("languages: [zh, en]", "formats: [html]", "missing-key", 28),
        ("languages: [zh, en]", "languages: []", "empty-list", 29),
        ("seed: 1", "screening: sex\nseed: 1", "wrong-type", 17),
        ("seed: 1", "sample:\n  distributed: -1\nseed: 1", "wrong-value", 18),
        ("seed: 1", "sample:\n  keep: [{item: y, relation: near, value: 1, reason: r}]\nseed: 1", "unknown-value", 18),
        ("seed: 1", "sample:\n  keep: [{item: y, relation: in, value: 1, reason: r}]\nseed: 1", "wrong-type", 18),
    ],
)
def test_every_error_has_its_line(folder: Path, old: str, new: str, code: str, line: int) -> None:
    with pytest.raises(StudyError) as caught:
        changed(folder, old, new)
    found = [(each.code, f"study.yaml:{line}:" in str(each.where)) for each in problems_of(caught.value)]
    assert (code, True) in found, str(caught.value)
    assert {each for each, _ in found} <= {code, "missing-key"}


def problems_of(error: StudyError) -> tuple[StudyError, ...]:
    """Every problem of a file; a misspelt key is one, that the right one is missing another."""
    return error.problems if isinstance(error, SeveralProblemsError) else (error,)


def test_a_wrong_key_suggests_the_nearest(folder: Path) -> None:
    with pytest.raises(StudyError) as caught:
        changed(folder, "instrument: instrument.yaml", "instrumnet: instrument.yaml")
    hints = [str(each.hint) for each in problems_of(caught.value) if each.code == "unknown-key"]
    assert len(hints) == 1
    assert "did you mean 'instrument'?" in hints[0]


def test_all_problems_are_told_at_once(folder: Path) -> None:
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    wrong = (
        ("  consent: none needed\n", ""),
        ("seed: 1", "seed: -1"),
        ("missing: listwise", "missing: lisstwise"),
        ("definition: 2*b", "definition: '2*'"),
        ("languages: [zh, en]", "languages: [zh, fr]"),
        ("id: demo", "id:"),
    )
    for old, new in wrong:
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SeveralProblemsError) as caught:
        load_study(path)
    codes = [each.code for each in caught.value.problems]
    assert codes == ["blank-value", "missing-key", "wrong-value", "unknown-value", "bad-definition", "unknown-value"]
    assert str(caught.value.got).count("study.yaml:") == len(wrong)


def test_two_data_files_a_key_and_planted_truth(folder: Path) -> None:
    study = changed(
        folder, "  file: data.csv", "  files: [a.xlsx, b.xlsx]\n  key_file: secret.key\n  truth: raw/truth.json"
    )
    assert study.data.files == (folder / "a.xlsx", folder / "b.xlsx")
    assert study.data.key_file == folder / "secret.key"
    assert study.data.truth == folder / "raw" / "truth.json"
    assert [role for role, _ in study.inputs] == [
        "study file", "instrument", "data file", "data file", "key file", "truth file",
    ]  # fmt: skip


def test_a_population_to_simulate_from(folder: Path) -> None:
    study = changed(folder, "seed: 1", "simulation: population.yaml\nseed: 1")
    assert study.simulation == folder / "population.yaml"


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("  files: [a, b, c]", "wrong-value"),
        ("  files: [a, a]", "wrong-value"),
        ("  file: a\n  files: [a, b]", "given-twice"),
        ("  files: []", "missing-key"),
    ],
)
def test_data_files_that_make_no_sense(folder: Path, new: str, code: str) -> None:
    with pytest.raises(StudyError) as caught:
        changed(folder, "  file: data.csv", new)
    assert caught.value.code == code


def test_example_studies_load(project_root: Path) -> None:
    paths = sorted((project_root / "examples").glob("*/study.yaml"))
    assert len(paths) >= 2
    for path in paths:
        study = load_study(path)
        assert study.instrument.is_file()
        assert study.simulation is not None or all(path.is_file() for path in study.data.files)
        assert (path.parent / "README.md").is_file()


@pytest.mark.parametrize("content", [b"id,x1\n1,SECRET\n", b"PAR1SECRET", b"a\x00SECRET"])
def test_a_model_file_that_holds_data(folder: Path, content: bytes) -> None:
    (folder / "m.txt").write_bytes(content)
    with pytest.raises(FileError, match="not the text of a model") as caught:
        changed(folder, "  measurement: |\n    f =~ x1 + x2 + x3\n", "  measurement_file: m.txt\n")
    assert "SECRET" not in str(caught.value)


def test_a_definition_may_end_in_a_line_feed(folder: Path) -> None:
    study = changed(
        folder, "{name: twice, definition: 2*b, label: {zh: 两倍, en: twice}}", "name: t\n    definition: |\n      2*b"
    )
    assert study.effects[0].statement == "t := 2*b"

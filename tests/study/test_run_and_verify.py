"""A run directory and its replay: same bytes twice, and every kind of change is noticed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from survey_sem.errors import DataError, FileError, SurveySemError, UsageError, VerificationError
from survey_sem.study import (
    StudyRun,
    VerificationReport,
    load_study,
    open_run,
    open_study,
    record_documents,
    run_study,
    verify_run,
    write_prepared,
)
from survey_sem.study.replaceable import contents_of_a_run
from survey_sem.study.run_directory import stage_file, staged_folder

Factory = pytest.TempPathFactory


def documents(run: StudyRun) -> None:
    """Write a table and a page, as a report would."""
    frame = list(run.fits.values())[-1].estimates
    stage_file(run.directory, "tables/estimates.csv").write_text(frame.round(3).to_csv(index=False), encoding="utf-8")
    stage_file(run.directory, "report.en.html").write_text("<html></html>", encoding="utf-8")


def run(folder: Path, out: str = "run") -> Path:
    return run_study(load_study(folder / "study.yaml"), folder / out, documents).directory


def verify(run_dir: Path, data: Sequence[Path] = ()) -> VerificationReport:
    return verify_run(run_dir, lambda study, out: run_study(study, out, documents), data)


def kinds(report: VerificationReport) -> set[str]:
    return {difference.kind for difference in report.differences}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_run_is_complete(folder: Path) -> None:
    directory = run(folder)
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    listed = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    assert listed == {*manifest["outputs"], "manifest.json", "run.json"}
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((directory / name).read_bytes()).hexdigest() == digest
    assert manifest["data"]["sha256"] == hashlib.sha256((folder / "data.csv").read_bytes()).hexdigest()
    flow = json.loads((directory / "flow.json").read_text(encoding="utf-8"))
    assert [(stage["stage"], stage["n"]) for stage in flow["stages"]] == [("received", 200), ("analysed", 199)]


def test_two_runs_are_the_same_bytes(folder: Path) -> None:
    first, second = run(folder, "one"), run(folder, "two")
    names = {path.relative_to(first) for path in first.rglob("*") if path.is_file()}
    assert names == {path.relative_to(second) for path in second.rglob("*") if path.is_file()}
    different = {name.as_posix() for name in names if (first / name).read_bytes() != (second / name).read_bytes()}
    assert different <= {"run.json"}


def test_a_faithful_run_is_verified(folder: Path) -> None:
    report = verify(run(folder))
    assert report.ok
    assert report.n_values > 100
    assert str(report).startswith("verified: ")
    report.raise_if_failed()


def test_imputed_answers_are_the_same_again(folder: Path) -> None:
    data = (folder / "data.csv").read_text(encoding="utf-8").splitlines()
    for line in range(10, 60):
        cells = data[line].split(",")
        cells[line % 4] = "-99"
        data[line] = ",".join(cells)
    (folder / "data.csv").write_text("\n".join(data) + "\n", encoding="utf-8")
    replace(folder / "study.yaml", "missing: listwise", "missing: mi")
    replace(folder / "study.yaml", "estimator: ML", "estimator: ML\n  imputations: 3\n  cycles: 2\n  pool_test: D2")
    regressions = "regressions:\n  - {name: direct, formula: y ~ x1 * x2, equivalence: 0.1}\nreport:"
    replace(folder / "study.yaml", "report:", regressions)
    directory = run(folder)
    fit = json.loads((directory / "fits" / "structural.json").read_text(encoding="utf-8"))
    assert (fit["missing"], fit["n_obs"], fit["options"]["imputations"], fit["options"]["seed"]) == ("mi", 200, 3, 1)
    assert {"df", "riv", "fmi"} <= set(fit["estimates"][1])
    assert fit["options"]["pool_test"] == "D2"
    regression = json.loads((directory / "analyses" / "regressions.json").read_text(encoding="utf-8"))["models"][0]
    assert (regression["n_imputations"], regression["n_obs"], regression["n_dropped"]) == (3, 200, 0)
    assert regression["estimates"][1]["fmi"] > 0.0
    assert verify(directory).ok


def test_a_changed_data_cell(folder: Path) -> None:
    directory = run(folder)
    lines = (folder / "data.csv").read_text(encoding="utf-8").splitlines()
    lines[10] = "7,1,7,1"
    (folder / "data.csv").write_text("\n".join(lines), encoding="utf-8")
    report = verify(directory)
    assert not report.ok
    assert {"data", "cells", "number"} <= kinds(report)
    assert "cells of the sample changed, the first at row 10, column " in report.summary()
    assert "data file data.csv is not the one of the run" in report.summary()
    assert "numbers moved" in report.summary()
    with pytest.raises(VerificationError):
        report.raise_if_failed()


@pytest.mark.parametrize(("old", "new"), [("estimator: ML", "std_lv: true"), ("2*b", "3*b"), ("seed: 1", "seed: 2")])
def test_a_changed_study_file(folder: Path, old: str, new: str) -> None:
    directory = run(folder)
    replace(folder / "study.yaml", old, new)
    report = verify(directory)
    assert kinds(report) == {"plan"}
    assert "study.yaml was changed after the run" in report.summary()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"estimator": "ML"', '"std_lv": true', {"plan", "number"}),
        ('"likelihood": "normal"', '"likelihood": "wishart"', {"text"}),
        ('"seed": 1', '"seed": 2', {"plan"}),
    ],
)
def test_a_changed_option_in_the_manifest(folder: Path, old: str, new: str, expected: set[str]) -> None:
    directory = run(folder)
    replace(directory / "manifest.json", old, new)
    report = verify(directory)
    assert not report.ok
    assert expected <= kinds(report)


def test_a_tampered_table_names_the_cell(folder: Path) -> None:
    directory = run(folder)
    table = directory / "tables" / "estimates.csv"
    header, first, second, *rest = table.read_text(encoding="utf-8").splitlines()
    cells = second.split(",")
    cells[6] = "9.999"
    table.write_text("\n".join([header, first, ",".join(cells), *rest]), encoding="utf-8")
    report = verify(directory)
    assert kinds(report) == {"tampered", "number"}
    assert any("row 3, column 7 (est)" in difference.key for difference in report.differences)


@pytest.mark.parametrize("name", ["fits/structural.json", "report.en.html", "sample.parquet", "inputs/study.yaml"])
def test_any_changed_or_missing_output(folder: Path, name: str) -> None:
    directory = run(folder)
    path = directory / name
    path.write_bytes(path.read_bytes() + b" ")
    assert "tampered" in kinds(verify(directory))
    path.unlink()
    assert "missing" in kinds(verify(directory))


def test_a_changed_number_of_a_fit_names_the_parameter(folder: Path) -> None:
    directory = run(folder)
    path = directory / "fits" / "structural.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["estimates"][1]["est"] += 1e-4
    path.write_text(json.dumps(document), encoding="utf-8")
    moved = [difference for difference in verify(directory).differences if difference.kind == "number"]
    assert [difference.key for difference in moved] == ["estimates[1: f =~ x2].est"]


def test_data_that_moved_house(folder: Path) -> None:
    directory = run(folder)
    (folder / "data.csv").rename(folder / "elsewhere.csv")
    with pytest.raises(FileError) as caught:
        verify(directory)
    assert "--data" in str(caught.value.hint)
    assert verify(directory, [folder / "elsewhere.csv"]).ok


def test_a_study_copied_as_a_whole_is_held_against_its_own_data(folder: Path, tmp_path_factory: Factory) -> None:
    """The data of the original, where they still lie, say nothing about those of the copy."""
    run(folder)
    copy = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(folder, copy)
    assert verify(copy / "run").ok
    replace(copy / "data.csv", "\n", "\n1,1,1,1\n")
    assert "data" in kinds(verify(copy / "run"))
    assert verify(folder / "run").ok


def test_a_study_moved_as_a_whole_verifies(folder: Path, tmp_path_factory: Factory) -> None:
    run(folder)
    moved = tmp_path_factory.mktemp("elsewhere") / "moved"
    folder.rename(moved)
    assert verify(moved / "run").ok


@pytest.mark.parametrize(
    "beside", [None, [], 3, {"data": 3, "study": 4}, {"data": []}, {"data": [None], "study": None}]
)
def test_places_that_say_nothing_leave_the_known_ones(folder: Path, beside: object) -> None:
    directory = run(folder)
    places = json.loads((directory / "run.json").read_text(encoding="utf-8"))
    (directory / "run.json").write_text(json.dumps({**places, "beside": beside}), encoding="utf-8")
    assert verify(directory).ok


def test_a_run_verifies_without_its_study_file(folder: Path) -> None:
    directory = run(folder)
    for name in ("study.yaml", "instrument.yaml"):
        (folder / name).unlink()
    (directory / "run.json").unlink()
    report = verify(directory, [folder / "data.csv"])
    assert report.ok, str(report)


def test_broken_data_are_told_and_leave_nothing_behind(folder: Path) -> None:
    run(folder)
    before = (folder / "run" / "manifest.json").read_bytes()
    replace(folder / "data.csv", "\n", "\n8,8,8,8\n")
    with pytest.raises(DataError, match="break the instrument"):
        run(folder)
    assert (folder / "run" / "manifest.json").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["data.csv", "instrument.yaml", "run", "study.yaml"]
    report = verify(folder / "run")
    assert "replay" in kinds(report)
    assert "\n" not in report.summary()


def test_an_earlier_run_is_replaced_and_nothing_else_is(folder: Path) -> None:
    run(folder)
    assert run(folder) == folder / "run"
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.docx").write_text("precious")
    for out, code in (("mine", "not-a-run-directory"), ("data.csv", "not-a-directory")):
        with pytest.raises(FileError) as caught:
            run(folder, out)
        assert caught.value.code == code
    assert (folder / "mine" / "thesis.docx").read_text() == "precious"


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def add_note(directory: Path) -> None:
    (directory / "tables" / "notes.txt").write_text("mine")


def edit_report(directory: Path) -> None:
    (directory / "report.en.html").write_text("by hand")


def link_elsewhere(directory: Path) -> None:
    (directory / "report.en.html").rename(directory.parent / "kept.html")
    (directory / "report.en.html").symlink_to(directory.parent / "kept.html")


def claim_other_study(directory: Path) -> None:
    replace(directory / "manifest.json", '"id": "demo",', '"id": "thesis",')


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        (add_note, "unlisted-files", "tables/notes.txt"),
        (edit_report, "changed-files", "report.en.html"),
        (link_elsewhere, "changed-files", "report.en.html"),
        (claim_other_study, "another-study", "study 'thesis'"),
    ],
)
def test_a_run_that_holds_more_than_the_run_stays(
    folder: Path, change: Callable[[Path], None], code: str, named: str
) -> None:
    directory = run(folder)
    change(directory)
    before = everything(folder)
    with pytest.raises(FileError) as caught:
        run(folder)
    assert (caught.value.code, caught.value.got) == (code, named)
    assert "--out" in str(caught.value.hint)
    assert everything(folder) == before


@pytest.mark.parametrize("inside", ["run", "run/mine"])
@pytest.mark.parametrize("name", ["study.yaml", "instrument.yaml", "data.csv"])
def test_a_run_never_replaces_its_inputs(folder: Path, inside: str, name: str) -> None:
    directory = run(folder)
    (folder / inside).mkdir(exist_ok=True)
    (folder / name).rename(folder / inside / name)
    study = folder / "study.yaml"
    if name == "study.yaml":
        study = folder / inside / name
        up = "../" * (inside.count("/") + 1)
        replace(study, "instrument: instrument.yaml", f"instrument: {up}instrument.yaml")
        replace(study, "file: data.csv", f"file: {up}data.csv")
    else:
        replace(study, f": {name}", f": {inside}/{name}")
    before = everything(folder)
    with pytest.raises(FileError) as caught:
        run_study(load_study(study), directory, documents)
    assert caught.value.code == "input-in-output"
    assert everything(folder) == before


def test_files_that_appear_while_a_study_is_fitted_stay(folder: Path) -> None:
    directory = run(folder)

    def slowly(finished: StudyRun) -> None:
        documents(finished)
        (directory / "notes.txt").write_text("meanwhile")

    with pytest.raises(FileError) as caught:
        run_study(load_study(folder / "study.yaml"), directory, slowly)
    assert caught.value.code == "unlisted-files"
    assert (directory / "notes.txt").read_text() == "meanwhile"


def test_a_prepared_sample_replaces_only_a_prepared_sample(folder: Path) -> None:
    study = load_study(folder / "study.yaml")
    for _ in range(2):
        write_prepared(folder / "sample", study, open_study(study))
    (folder / "sample" / "notes.txt").write_text("mine")
    with pytest.raises(FileError, match="did not write"):
        write_prepared(folder / "sample", study, open_study(study))
    with pytest.raises(FileError, match="lies in the output folder"):
        write_prepared(folder, study, open_study(study))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("outputs", 5),
        ("outputs", {"flow.json": 1}),
        ("added", []),
        ("study", []),
        ("study", {}),
        ("study", {"id": "demo", "plan": {}, "plan_sha256": None}),
        ("study", {"id": "demo", "plan": [], "plan_sha256": ""}),
        ("data", "x"),
        ("data", {"file": 1, "sha256": ""}),
        ("instrument", {}),
        ("software", 3),
        ("software", {"numpy": 3}),
        ("platform", None),
        ("fits", None),
        ("fits", {}),
        ("fits", {"structural": {}}),
        ("steps", {}),
        ("steps", [1]),
    ],
)
def test_a_manifest_of_other_types_is_refused(folder: Path, key: str, value: object) -> None:
    directory = run(folder)
    record = json.loads((directory / "manifest.json").read_bytes())
    (directory / "manifest.json").write_text(json.dumps({**record, key: value}))
    for use in (verify, open_run, lambda path: record_documents(path, ["report.en.html"]), lambda _: run(folder)):
        with pytest.raises(FileError) as caught:
            use(directory)
        assert caught.value.code in ("damaged-manifest", "not-a-run-directory")


def test_a_manifest_nested_without_end(folder: Path) -> None:
    directory = run(folder)
    (directory / "manifest.json").write_text("[" * 200_000)
    with pytest.raises(FileError, match="cannot be read"):
        verify(directory)


@pytest.mark.parametrize("name", ["../escape.txt", "/etc/escape.txt", "a/../../b"])
def test_outputs_stay_inside(folder: Path, name: str) -> None:
    check = contents_of_a_run(load_study(folder / "study.yaml"))
    with staged_folder(folder / "run", check) as stage, pytest.raises(FileError):
        stage_file(stage, name)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("f =~ x1 + x2 + x3", "f =~ x1 + x2 x3", "study.yaml, model.measurement, line 1, column 14\n"),
        ("y ~ b*f", "# more\n    y ~~ ~ f", "study.yaml, model.structural, line 2, column "),
        ("name: twice, definition: 2*b", "name: b, definition: 2*a", "study.yaml, effects, line 1"),
    ],
)
def test_a_model_error_names_the_part_of_the_study(folder: Path, old: str, new: str, where: str) -> None:
    replace(folder / "study.yaml", old, new)
    with pytest.raises(SurveySemError) as caught:
        run(folder)
    assert str(caught.value.where).startswith(where), str(caught.value)


def test_lines_named_in_a_model_error_are_those_of_the_parts(folder: Path) -> None:
    replace(folder / "study.yaml", "y ~ b*f", "y ~ b*f\n    f =~ x1")
    with pytest.raises(SurveySemError, match=r"line 1 of model\.measurement and on line 2 of model\.structural"):
        run(folder)


def test_a_run_is_read_back_whole(folder: Path) -> None:
    fresh = run_study(load_study(folder / "study.yaml"), folder / "run", documents)
    again = open_run(folder / "run")
    assert again.study.sha256 == fresh.study.sha256
    assert again.instrument == fresh.instrument
    assert again.validation == fresh.validation
    assert again.flow == fresh.flow
    assert again.sample.steps == fresh.sample.steps
    assert again.sample.reversed_items == ("x3",)
    assert again.sample.data.equals(fresh.sample.data)
    assert {name: fit.to_json() for name, fit in again.fits.items()} == {
        name: fit.to_json() for name, fit in fresh.fits.items()
    }


def test_a_document_that_came_later_is_listed_and_guarded(folder: Path) -> None:
    directory = run(folder)
    later = directory / "report.zh.docx"
    later.write_bytes(b"later")
    assert any("not listed" in note for note in verify(directory).notes)
    record_documents(directory, ["report.zh.docx", "report.en.html"])
    report = verify(directory)
    assert (report.ok, report.notes) == (True, ())
    later.write_bytes(b"changed")
    assert kinds(verify(directory)) == {"tampered"}


SOURCES = ["flow.json", "validation.json", "sample.parquet", "fits/measurement.json", "inputs/instrument.yaml"]


@pytest.mark.parametrize("name", SOURCES)
def test_a_changed_run_is_not_read_back(folder: Path, name: str) -> None:
    directory = run(folder)
    path = directory / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(VerificationError) as caught:
        open_run(directory)
    assert caught.value.got == name
    path.unlink()
    with pytest.raises(VerificationError):
        open_run(directory)


@pytest.mark.parametrize("name", SOURCES)
def test_a_damaged_run_with_hashes_to_match_is_named(folder: Path, name: str) -> None:
    directory = run(folder)
    (directory / name).write_text("{}", encoding="utf-8")
    manifest = json.loads((directory / "manifest.json").read_bytes())
    manifest["outputs"][name] = hashlib.sha256(b"{}").hexdigest()
    (directory / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError):
        open_run(directory)


def test_a_plan_changed_in_the_manifest_is_not_reported(folder: Path) -> None:
    directory = run(folder)
    replace(directory / "manifest.json", '"seed": 1', '"seed": 2')
    with pytest.raises(VerificationError, match="changed after it was written"):
        open_run(directory)


def test_what_is_no_run(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(FileError, match="no such run"):
        verify(tmp_path / "nowhere")
    with pytest.raises(FileError, match=r"holds no manifest\.json"):
        verify(tmp_path)
    directory = run(folder)
    (directory / "manifest.json").write_text("[]")
    with pytest.raises(FileError):
        verify(directory)
    (directory / "manifest.json").write_text("{}")
    with pytest.raises(FileError, match="not the manifest"):
        verify(directory)

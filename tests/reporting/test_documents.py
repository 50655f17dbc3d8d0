"""Documents of a run as files: their names, and the same bytes each time."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from reporting.studies import measurement, study

from survey_sem.errors import OptionError
from survey_sem.reporting import write_reports


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_files_of_every_format(tmp_path: Path):
    inputs = study({"measurement": measurement()})
    names = write_reports(inputs, tmp_path, ["zh", "en"], ["html", "docx", "xlsx", "csv", "latex"])
    assert names == sorted(hashes(tmp_path))
    assert {"report.zh.html", "report.en.html", "report.zh.docx", "report.en.docx"} <= set(names)
    assert {"tables/tables.zh.xlsx", "tables/tables.en.xlsx", "tables/loadings.csv"} <= set(names)
    assert {"tables/loadings.zh.tex", "tables/loadings.en.tex", "tables/covariance_matrix.csv"} <= set(names)
    assert {"figures/path_diagram.zh.svg", "figures/answers.en.svg", "figures/loadings.en.svg"} <= set(names)


def test_a_second_time_gives_the_same_bytes(tmp_path: Path):
    inputs = study({"measurement": measurement()})
    for name in ("first", "second"):
        write_reports(inputs, tmp_path / name, ["en"], ["html", "xlsx", "csv", "latex"])
    assert hashes(tmp_path / "first") == hashes(tmp_path / "second")


def test_only_what_is_asked_for(tmp_path: Path):
    names = write_reports(study({"measurement": measurement()}), tmp_path, ["zh"], ["csv"])
    assert names
    assert all(name.startswith("tables/") and name.endswith(".csv") for name in names)


def test_files_say_what_they_are(tmp_path: Path):
    write_reports(study({"measurement": measurement()}), tmp_path, ["en"], ["html"])
    assert (tmp_path / "figures" / "path_diagram.en.svg").read_text("utf-8").startswith("<svg")
    assert (tmp_path / "report.en.html").read_text("utf-8").lstrip().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("languages", "formats", "hint"), [(["de"], ["html"], None), (["en"], ["htm"], "did you mean 'html'?")]
)
def test_unknown_languages_and_formats(tmp_path: Path, languages: list[str], formats: list[str], hint: str | None):
    with pytest.raises(OptionError) as caught:
        write_reports(study({"measurement": measurement()}), tmp_path, languages, formats)
    assert caught.value.hint == hint
    assert hashes(tmp_path) == {}

"""The wheel holds the package with its data and nothing else, also when it is built from the sdist."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

NOT_PACKAGED = {".pyc"}


def build(source: Path, target: str, out: Path) -> Path:
    """Build one distribution of `source` with hatchling, offline; return its path."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(out)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def sdist(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(project_root, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel_files(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names inside the wheel that is built from the sdist."""
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    (source,) = unpacked.iterdir()
    with zipfile.ZipFile(build(source, "wheel", tmp_path_factory.mktemp("wheel"))) as archive:
        return archive.namelist()


def test_wheel_holds_exactly_the_package(project_root: Path, wheel_files: list[str]) -> None:
    packaged = {name for name in wheel_files if ".dist-info/" not in name}
    package = project_root / "survey_sem"
    present = {
        path.relative_to(project_root).as_posix()
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in NOT_PACKAGED
    }
    assert packaged == present


def test_wheel_carries_licence_types_and_command(wheel_files: list[str]) -> None:
    assert "survey_sem/py.typed" in wheel_files
    tails = {name.partition(".dist-info/")[2] for name in wheel_files if ".dist-info/" in name}
    assert {"METADATA", "entry_points.txt", "licenses/LICENSE"} <= tails


def test_no_data_in_the_wheel_but_the_simulated_answers_of_the_template(wheel_files: list[str]) -> None:
    data = (".csv", ".gz", ".sav", ".zsav", ".dta", ".xlsx", ".parquet", ".ttf", ".otf")
    found = [name for name in wheel_files if name.endswith(data)]
    assert found == ["survey_sem/study/template/shared/answers.csv"]


def test_sdist_holds_what_a_build_needs(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        top = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"survey_sem", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"} <= top
    assert not {"examples", "tests", "docs", "instruments", ".venv"} & top

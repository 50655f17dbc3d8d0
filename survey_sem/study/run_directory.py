"""A run directory: written beside its place, moved there when complete, described by its manifest."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from survey_sem.errors import FileError
from survey_sem.provenance import package_versions, platform_record, sha256_file, write_json
from survey_sem.study.manifest import CLOCK_FILE, MANIFEST, SCHEMA
from survey_sem.study.replaceable import CheckContents, check_replaceable
from survey_sem.study.study import Study

STUDY_COPY = "inputs/study.yaml"
INSTRUMENT_COPY = "inputs/instrument.yaml"
TRUTH_COPY = "inputs/truth.json"


@contextmanager
def staged_folder(out: Path, check_contents: CheckContents) -> Iterator[Path]:
    """A new, empty folder to write into; it becomes `out` when the block ends without an error.

    What was at `out` before is replaced only then; after an error it is untouched and nothing is left behind.

    Parameters
    ----------
    out : Path
        The folder to make.
    check_contents : callable
        Raises FileError where a folder with files in it may not be replaced; asked again before the replacement,
        since a fit may take hours.

    Raises
    ------
    FileError
        `out` is a file, or a folder with files that must stay; it cannot be written.
    """
    check_replaceable(out, check_contents)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except (OSError, ValueError) as problem:
        raise _unwritable(out, problem) from None
    try:
        stage.chmod(0o755)
        yield stage
        check_replaceable(out, check_contents)
        _replace(out, stage)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _replace(out: Path, stage: Path) -> None:
    try:
        if out.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
            out.rename(old / "old")
            try:
                stage.rename(out)
            except OSError:
                (old / "old").rename(out)
                raise
            finally:
                shutil.rmtree(old)
        else:
            stage.rename(out)
    except OSError as problem:
        raise _unwritable(out, problem) from None


def _unwritable(out: Path, problem: Exception) -> FileError:
    reason = getattr(problem, "strerror", None) or problem
    return FileError("unwritable-file", f"the output folder cannot be written: {reason}", where=str(out))


def stage_file(stage: Path, name: str) -> Path:
    """Path of an output inside the stage, its folder made.

    Raises
    ------
    FileError
        The name leaves the run directory.
    """
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise FileError("outside-run-directory", f"the output '{name}' would leave the run directory", where=name)
    path = stage / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def copy_inputs(stage: Path, study: Study) -> None:
    """Keep study file (unless it is gone, in a replay), instrument and planted truth with the run, byte for byte.

    Neither the data nor the key of pseudonyms are copied.
    """
    if study.path.is_file():
        shutil.copyfile(study.path, stage_file(stage, STUDY_COPY))
    shutil.copyfile(study.instrument, stage_file(stage, INSTRUMENT_COPY))
    if study.data.truth is not None:
        shutil.copyfile(study.data.truth, stage_file(stage, TRUTH_COPY))


def output_files(run_dir: Path) -> list[str]:
    """Names of all files of a run but the manifest and the clock file, sorted, with ``/``."""
    names = (path.relative_to(run_dir).as_posix() for path in run_dir.rglob("*") if path.is_file())
    return sorted(name for name in names if name not in (MANIFEST, CLOCK_FILE))


def output_hashes(run_dir: Path) -> dict[str, str]:
    """SHA-256 of every output, by name."""
    return {name: sha256_file(run_dir / name) for name in output_files(run_dir)}


def write_manifest(
    stage: Path,
    study: Study,
    *,
    data: Mapping[str, Any],
    instrument: Mapping[str, Any],
    fits: Mapping[str, Mapping[str, Any]],
    steps: tuple[Mapping[str, Any], ...] = (),
) -> None:
    """Write ``manifest.json`` after every other file: hashes, versions, seed, options, outputs.

    Parameters
    ----------
    stage : Path
        Where the outputs are.
    study : Study
        Its plan and the plan's hash are kept.
    data : mapping
        ``file files sha256 n_rows n_columns format encoding dialect pseudonyms`` of the export.
    instrument : mapping
        ``id version sha256``.
    fits : mapping
        Name of each fit -> its resolved options.
    steps : tuple of mapping
        What was done to the sample.
    """
    manifest = {
        "schema": SCHEMA,
        "study": {"id": study.id, "plan_sha256": study.sha256, "plan": study.plan},
        "data": data,
        "instrument": instrument,
        "seed": study.seed,
        "steps": list(steps),
        "fits": fits,
        "software": package_versions(),
        "platform": platform_record(),
        "outputs": output_hashes(stage),
        "not_hashed": [CLOCK_FILE],
    }
    write_json(stage / MANIFEST, manifest)


def write_clock_file(stage: Path, study: Study, *, started: str, finished: str, elapsed_seconds: float) -> None:
    """Write what may differ between two equal runs: clock times, and where the inputs lay on this machine."""
    record = {
        "schema": "survey-sem/clock/1",
        "note": "clock times and places of one machine; no number of the study depends on this file",
        "started": started,
        "finished": finished,
        "elapsed_seconds": elapsed_seconds,
        "study": str(study.path.resolve()),
        "data": [str(path.resolve()) for path in study.data.files],
        "beside": {"study": _from(stage, study.path), "data": [_from(stage, path) for path in study.data.files]},
    }
    write_json(stage / CLOCK_FILE, record)


def _from(folder: Path, path: Path) -> str | None:
    """Where a file lies, seen from the run: a study that is moved or copied as a whole keeps its own files."""
    try:
        return os.path.relpath(path.resolve(), folder.resolve())
    except ValueError:  # on another drive
        return None

"""A finished run, read back from its directory, and what is written into it afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from survey_sem.errors import FileError, VerificationError
from survey_sem.exports import read_export
from survey_sem.instrument import load_instrument
from survey_sem.provenance import Step, sha256_data, sha256_file, write_json
from survey_sem.reporting.inputs import Recovery
from survey_sem.responses import ValidationReport
from survey_sem.results import SemResult
from survey_sem.sample import Flow, Sample
from survey_sem.sample.background import SampleDescription
from survey_sem.study.load import study_from_plan
from survey_sem.study.manifest import MANIFEST, read_clock_file, read_json, read_manifest
from survey_sem.study.records import ANALYSES, StudyRun
from survey_sem.study.run_directory import INSTRUMENT_COPY


def open_run(run_dir: Path) -> StudyRun:
    """A finished run: nothing is fitted again, the numbers are those of its files.

    Raises
    ------
    FileError
        No run directory, or one of its files cannot be read.
    VerificationError
        A file that the numbers come from is gone, or not as the run wrote it.
    """
    manifest = read_manifest(run_dir)
    _check_sources(run_dir, manifest)
    path = Path(str(read_clock_file(run_dir).get("study", run_dir / "study.yaml")))
    instrument = load_instrument(run_dir / INSTRUMENT_COPY)
    try:
        flow = Flow.from_dict(read_json(run_dir, "flow.json"))
        validation = ValidationReport.from_dict(read_json(run_dir, "validation.json"))
        description = SampleDescription.from_dict(read_json(run_dir, "description.json"))
        is_simulated = (run_dir / _RECOVERY).is_file()
        recovery = Recovery.from_dict(read_json(run_dir, _RECOVERY)) if is_simulated else None
        records = {Path(name).stem: read_json(run_dir, name) for name in _records(manifest)}
        steps = tuple(Step(**step) for step in manifest["steps"])
        reversed_items = tuple(str(step.details["item"]) for step in steps if step.name == "reverse-key")
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise FileError("damaged-file", f"the run cannot be read back: {problem}", where=str(run_dir)) from None
    sample = Sample(
        data=read_export(run_dir / "sample.parquet").frame,
        flow=flow,
        steps=steps,
        reversed_items=reversed_items,
        provenance={"data_sha256": validation.source_sha256, "instrument_sha256": instrument.sha256},
    )
    fits = {name: _fit(run_dir / "fits" / f"{name}.json") for name in manifest["fits"]}
    study = study_from_plan(manifest["study"]["plan"], path)
    grouped = study.group_fit()
    by_group = None if grouped is None else fits.pop(grouped.name, None)
    software, platform = manifest["software"], manifest["platform"]
    return StudyRun(
        run_dir, study, instrument, validation, sample, flow, fits, description, recovery, records, by_group,
        software, platform,
    )  # fmt: skip


def _check_sources(run_dir: Path, manifest: dict[str, Any]) -> None:
    """Refuse to tell numbers as those of the run when they were changed after it."""
    stored = manifest["outputs"]
    names = {*_SOURCES, *(f"fits/{name}.json" for name in manifest["fits"])}
    names |= {name for name in stored if name.startswith(("fits/", "inputs/", f"{ANALYSES}/")) or name == _RECOVERY}
    changed = [name for name in sorted(names) if _hash(run_dir / name) != stored.get(name)]
    if sha256_data(manifest["study"]["plan"]) != manifest["study"]["plan_sha256"]:
        changed.append(f"study.plan in {MANIFEST}")
    if changed:
        raise VerificationError(
            "changed-run",
            "the run was changed after it was written, and is not reported",
            where=str(run_dir),
            got=", ".join(changed),
            hint="run the study again; `survey-sem verify` tells which numbers moved",
        )


def _records(manifest: dict[str, Any]) -> list[str]:
    return [name for name in manifest["outputs"] if name.startswith(f"{ANALYSES}/")]


def _hash(path: Path) -> str:
    return sha256_file(path) if path.is_file() else "gone"


_RECOVERY = "recovery.json"
_SOURCES = ("flow.json", "validation.json", "description.json", "sample.parquet", INSTRUMENT_COPY)


def _fit(path: Path) -> SemResult:
    try:
        return SemResult.from_json(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise FileError(
            "damaged-file", f"a fit of the run cannot be read: {problem.strerror}", where=str(path)
        ) from None


def record_documents(run_dir: Path, written: Iterable[str]) -> None:
    """Give documents that were written after the run their hashes in the manifest.

    A document that the run wrote itself is listed under ``outputs`` and compared with a replay; one that came
    later (another language or format) is listed under ``added`` and checked by its hash only.

    Parameters
    ----------
    run_dir : Path
        The run.
    written : iterable of str
        Names of files in it.
    """
    manifest: dict[str, Any] = read_manifest(run_dir)
    for name in written:
        place = "outputs" if name in manifest["outputs"] else "added"
        manifest[place][name] = sha256_file(run_dir / name)
    if not manifest["added"]:
        del manifest["added"]
    write_json(run_dir / MANIFEST, manifest)

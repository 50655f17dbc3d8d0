"""The replay of a run: what was changed since, and what comes out differently."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey_sem.errors import FileError, SurveySemError, VerificationError
from survey_sem.exports.read import file_content
from survey_sem.instrument import load_instrument
from survey_sem.provenance import package_versions, plain_data, platform_record, sha256_bytes, sha256_data, sha256_file
from survey_sem.study.comparison import (
    Difference,
    FileComparison,
    compare_csv,
    compare_json,
    compare_parquet,
    compare_records,
)
from survey_sem.study.load import load_study, study_from_plan
from survey_sem.study.manifest import MANIFEST, listed_outputs, read_clock_file, read_manifest
from survey_sem.study.run_directory import INSTRUMENT_COPY, TRUTH_COPY, output_hashes
from survey_sem.study.study import Study

Rerun = Callable[[Study, Path], object]
"""Runs a study into a folder."""

SHOWN = 20


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What a replay gave.

    Parameters
    ----------
    run : str
        The run directory.
    n_files, n_values : int
        Files and single values compared between run and replay.
    differences : tuple of Difference
        Empty when every number is as stored.
    notes : tuple of str
        What a reader should know although nothing moved: other versions, files that the manifest does not list.
    """

    run: str
    n_files: int
    n_values: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was changed and nothing moved."""
        return not self.differences

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data (schema ``survey-sem/verification/1``)."""
        return {
            "schema": "survey-sem/verification/1",
            "ok": self.ok,
            "run": self.run,
            "n_files": self.n_files,
            "n_values": self.n_values,
            "differences": [difference.to_dict() for difference in self.differences],
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """The report as one JSON document."""
        return json.dumps(plain_data(self.to_dict()), ensure_ascii=False, indent=2, allow_nan=False)

    def raise_if_failed(self) -> None:
        """Raise VerificationError unless :attr:`ok`."""
        if not self.ok:
            raise VerificationError("verification-failed", self.summary(), where=self.run, got="\n".join(self._lines()))

    def summary(self) -> str:
        """The verdict in one sentence."""
        if self.ok:
            return f"verified: {self.n_values} values in {self.n_files} files came out as stored"
        moved = [difference for difference in self.differences if difference.kind == "number"]
        parts = [str(difference).partition("\n")[0] for difference in self.differences if difference.kind in _CAUSES]
        if moved:
            worst = max(moved, key=lambda difference: difference.size)
            parts.append(f"{len(moved)} numbers moved, most {worst.file}: {worst.key} ({worst.what})")
        others = len(self.differences) - len(moved) - sum(each.kind in _CAUSES for each in self.differences)
        if others:
            parts.append(f"{others} other values or files differ")
        return "not verified: " + "; ".join(parts)

    def _lines(self) -> list[str]:
        lines = [str(difference) for difference in self.differences[:SHOWN]]
        more = len(self.differences) - SHOWN
        return [*lines, f"… and {more} more"] if more > 0 else lines

    def __str__(self) -> str:
        lines = [] if self.ok else [f"  {line}" for line in self._lines()]
        return "\n".join([self.summary(), *lines, *(f"  note: {note}" for note in self.notes)])


_CAUSES = ("tampered", "missing", "data", "cells", "plan", "instrument", "replay")


def verify_run(run_dir: Path, rerun: Rerun, data: Sequence[Path] = ()) -> VerificationReport:
    """Check a run against its manifest, run its study again, and compare every number.

    1. Every output has the hash that the manifest gives it.
    2. Plan, instrument and data have the hashes of the manifest; so has the study file where it still lies.
    3. The study is run again from the plan in the manifest; on the same versions and platform every file must
       be the same byte for byte, elsewhere every number of ``fits/*.json`` and ``tables/*.csv`` equal to
       1e-6 (a printed one to its last digit).

    Parameters
    ----------
    run_dir : Path
        As written by a run.
    rerun : callable
        Runs a study into a folder.
    data : sequence of Path, optional
        The export, where it is no longer where the run found it: as many files as the study has, in any order.

    Raises
    ------
    FileError
        No run directory; the data are gone and no other place was named.
    """
    manifest = read_manifest(run_dir)
    study = _stored_study(run_dir, manifest, data)
    differences = [*_tampered(run_dir, manifest), *_changed_inputs(run_dir, manifest, study)]
    same = _same_environment(manifest)
    with tempfile.TemporaryDirectory(prefix="survey-sem-verify-") as folder:
        replay = Path(folder) / "replay"
        try:
            rerun(_under_its_old_name(study, manifest, Path(folder)), replay)
        except SurveySemError as problem:
            what = "the study cannot be run again: " + str(problem)
            differences.append(Difference("replay", "manifest.json", "study.plan", "", "", what))
            compared: list[FileComparison] = []
        else:
            compared = [_compare_file(run_dir, replay, name, same) for name in _comparable(manifest, replay)]
            compared.append(compare_records(_own_words(manifest), _own_words(read_manifest(replay)), MANIFEST))
    differences += [difference for each in compared for difference in each.differences]
    return VerificationReport(
        run=str(run_dir),
        n_files=len(compared),
        n_values=sum(each.n_compared for each in compared),
        differences=tuple(differences),
        notes=tuple(_notes(run_dir, manifest)),
    )


def _stored_study(run_dir: Path, manifest: dict[str, Any], data: Sequence[Path]) -> Study:
    """The study of the manifest's plan, reading the kept inputs and the data where they lie."""
    clock = read_clock_file(run_dir)
    beside = clock["beside"] if isinstance(clock.get("beside"), dict) else {}
    path = _placed(run_dir, beside.get("study"), str(clock.get("study", run_dir / "study.yaml")))
    study = study_from_plan(manifest["study"]["plan"], path)
    known = clock.get("data")
    there = study.data.files
    if isinstance(known, list):
        told = beside.get("data")
        near = told if isinstance(told, list) and len(told) == len(known) else [None] * len(known)
        there = tuple(_placed(run_dir, *each) for each in zip(near, map(str, known), strict=True))
    files = _in_stored_order(tuple(data) or there, manifest["data"]["files"])
    truth = run_dir / TRUTH_COPY if study.data.truth is not None else None
    return study.with_files(instrument=run_dir / INSTRUMENT_COPY, data=files, truth=truth)


def _placed(run_dir: Path, beside: object, known: str) -> Path:
    """A file as seen from the run, else where it lay: what was copied with a run goes before what it was copied of."""
    near = Path(os.path.normpath(run_dir.resolve() / beside)) if isinstance(beside, str) else None
    return near if near is not None and near.is_file() else Path(known)


def _in_stored_order(files: tuple[Path, ...], stored: Sequence[Mapping[str, str]]) -> tuple[Path, ...]:
    """The data files in the order of the run: those with the hash that it knew in their places.

    Raises
    ------
    FileError
        A file is not there; there are more or fewer than the run read.
    """
    told = "; ".join(f"{each['name']}, sha256 {each['sha256']}" for each in stored)
    for path in files:
        if not path.is_file():
            what = "the data of this run are not where they were"
            raise FileError("no-such-file", what, where=str(path), hint=f"name the files with --data ({told})")
    if len(files) != len(stored):
        what = f"the run read {len(stored)} data file{'s' if len(stored) != 1 else ''}, not {len(files)}"
        raise FileError("no-such-file", what, where=", ".join(map(str, files)), expected=told)
    hashes = [sha256_file(path) for path in files]
    wanted = [each["sha256"] for each in stored]
    if sorted(hashes) != sorted(wanted):
        return files
    return tuple(files[hashes.index(digest)] for digest in wanted)


def _under_its_old_name(study: Study, manifest: dict[str, Any], folder: Path) -> Study:
    """The study with its data under the names that the run knew: a name may stand in a report."""
    names = [Path(each["name"]).name for each in manifest["data"]["files"]]
    if [path.name for path in study.data.files] == names:
        return study
    copies = tuple(folder / "data" / str(at) / name for at, name in enumerate(names))
    for path, copy in zip(study.data.files, copies, strict=True):
        copy.parent.mkdir(parents=True)
        shutil.copyfile(path, copy)
    return study.with_files(data=copies)


def _tampered(run_dir: Path, manifest: dict[str, Any]) -> list[Difference]:
    now = output_hashes(run_dir)
    found = []
    for name, stored in listed_outputs(manifest).items():
        if name not in now:
            found.append(Difference("missing", name, "", stored, "", "the file is gone"))
        elif now[name] != stored:
            what = f"the file was changed after the run (sha256 {stored[:12]}… became {now[name][:12]}…)"
            found.append(Difference("tampered", name, "", stored, now[name], what))
    return found


def _changed_inputs(run_dir: Path, manifest: dict[str, Any], study: Study) -> list[Difference]:
    found = []
    plan = manifest["study"]["plan_sha256"]
    if sha256_data(manifest["study"]["plan"]) != plan:
        found.append(_changed("plan", "study.plan", plan, study.sha256, "the plan in the manifest was changed"))
    elif (current := _current_plan(study.path)) not in (None, plan):
        what = f"the study file {study.path.name} was changed after the run"
        found.append(_changed("plan", "study.plan_sha256", plan, str(current), what))
    for at, (path, stored) in enumerate(zip(study.data.files, manifest["data"]["files"], strict=True)):
        data = sha256_bytes(file_content(path))
        if data != stored["sha256"]:
            what = f"the data file {path.name} is not the one of the run"
            found.append(_changed("data", f"data.files[{at}].sha256", stored["sha256"], data, what))
    instrument = load_instrument(run_dir / INSTRUMENT_COPY).sha256
    if instrument != manifest["instrument"]["sha256"]:
        what = "the kept instrument is not the one of the run"
        found.append(_changed("instrument", "instrument.sha256", manifest["instrument"]["sha256"], instrument, what))
    return found


def _current_plan(path: Path) -> str | None:
    """Hash of the study file where it lay, or None when it is gone."""
    if not path.is_file():
        return None
    try:
        return load_study(path).sha256
    except SurveySemError:
        return "unreadable"


def _changed(kind: str, key: str, stored: str, now: str, what: str) -> Difference:
    sentence = f"{what} (sha256 {stored[:12]}… became {now[:12]}…)"
    return Difference(kind, "manifest.json", key, stored, now, sentence)


def _same_environment(manifest: dict[str, Any]) -> bool:
    return bool(manifest["software"] == package_versions() and manifest["platform"] == platform_record())


def _comparable(manifest: dict[str, Any], replay: Path) -> Iterable[str]:
    """Outputs of run or replay, but the kept inputs: the replay reads those."""
    names = set(manifest["outputs"]) | set(output_hashes(replay))
    return sorted(name for name in names if not name.startswith("inputs/"))


def _own_words(manifest: dict[str, Any]) -> dict[str, Any]:
    """What a manifest says of seed, steps and options: the replay must say the same."""
    return {key: manifest.get(key) for key in ("seed", "steps", "fits")}


def _compare_file(run_dir: Path, replay: Path, name: str, same: bool) -> FileComparison:
    stored, refitted = run_dir / name, replay / name
    if not stored.is_file():
        return FileComparison(0, ())
    if not refitted.is_file():
        what = "the replay does not write this file"
        return FileComparison(0, (Difference("bytes", name, "", "", "", what),))
    numbers = _numbers(stored, refitted, name)
    if numbers.differences or not same or stored.read_bytes() == refitted.read_bytes():
        return numbers
    what = "the replay writes other bytes"
    return FileComparison(numbers.n_compared, (Difference("bytes", name, "", "", "", what),))


def _numbers(stored: Path, refitted: Path, name: str) -> FileComparison:
    compare = {".json": compare_json, ".csv": compare_csv, ".parquet": compare_parquet}.get(stored.suffix)
    if compare is None:
        return FileComparison(0, ())
    try:
        return compare(stored, refitted, name)
    except (ValueError, FileError) as problem:
        what = f"the stored file cannot be read: {problem}"
        return FileComparison(0, (Difference("text", name, "", "", "", what),))


def _notes(run_dir: Path, manifest: dict[str, Any]) -> Iterable[str]:
    now = package_versions()
    for name, version in manifest["software"].items():
        if now.get(name) != version:
            yield f"{name} is {now.get(name, 'not installed')} here, {version} in the run"
    if manifest["platform"] != platform_record():
        yield "another platform than the run's"
    for name in sorted(set(output_hashes(run_dir)) - set(listed_outputs(manifest))):
        yield f"{name} is not listed in the manifest"

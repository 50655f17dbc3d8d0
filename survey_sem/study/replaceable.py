"""Which folder an output may replace: a new or empty one, or one that holds nothing but what the same command wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from survey_sem.errors import FileError
from survey_sem.provenance import sha256_file
from survey_sem.study.manifest import CLOCK_FILE, MANIFEST, listed_outputs, read_manifest
from survey_sem.study.study import Study

SHOWN = 5
PREPARED = frozenset({"validation.json", "flow.json", "codebook.json", "sample.parquet", "sample.sav", "sample.sps"})

CheckContents = Callable[[Path], None]
"""Raises FileError when a folder with files in it may not be replaced."""

_HINT = "name an empty or new folder with --out, or move this one away first"


def check_replaceable(out: Path, check_contents: CheckContents) -> None:
    """Refuse an output folder whose replacement would take something away that this command did not write.

    Parameters
    ----------
    out : Path
        The folder to make.
    check_contents : callable
        Judges a folder that is not empty.

    Raises
    ------
    FileError
        `out` is a file, or a folder with files that must stay.
    """
    if out.is_dir():
        if any(out.iterdir()):
            check_contents(out)
    elif out.exists() or out.is_symlink():
        raise FileError("not-a-directory", "the output folder is a file", where=str(out), hint="name a new folder")


def contents_of_a_run(study: Study) -> CheckContents:
    """A judge of folders for a run of `study`: only an untouched earlier run of the same study may be replaced.

    Every file of the folder must be listed in its manifest with the hash that it has now, the manifest must be
    of the same study, and none of the inputs may lie in the folder.
    """

    def check(out: Path) -> None:
        _refuse_inputs_inside(out, study)
        _refuse_foreign_run(out, study)
        listed = listed_outputs(read_manifest(out))
        present = _files(out)
        _refuse_files("unlisted-files", "files that its run did not write", out, present - set(listed) - _OWN)
        changed = {name for name in present & set(listed) if _is_changed(out / name, listed[name])}
        _refuse_files("changed-files", "files that were changed after its run", out, changed)

    return check


def contents_of_a_sample(study: Study) -> CheckContents:
    """A judge of folders for a prepared sample: nothing but the files of an earlier one may be replaced."""

    def check(out: Path) -> None:
        _refuse_inputs_inside(out, study)
        _refuse_files("not-a-sample", "files that this command did not write", out, _files(out) - PREPARED)

    return check


_OWN = {MANIFEST, CLOCK_FILE}


def _refuse_inputs_inside(out: Path, study: Study) -> None:
    place = out.resolve()
    for role, path in study.inputs:
        if path.resolve().is_relative_to(place):
            raise FileError(
                "input-in-output",
                f"the {role} lies in the output folder, which would be replaced",
                where=str(out),
                got=str(path),
                hint="name a folder of its own with --out",
            )


def _refuse_foreign_run(out: Path, study: Study) -> None:
    try:
        found = read_manifest(out)["study"]["id"]
    except FileError:
        raise FileError(
            "not-a-run-directory",
            "the output folder holds files that this command did not write",
            where=str(out),
            got=_shortened(_files(out)),
            hint=_HINT,
        ) from None
    if found != study.id:
        raise FileError(
            "another-study",
            "the output folder holds the run of another study",
            where=str(out),
            expected=f"study '{study.id}'",
            got=f"study '{found}'",
            hint=_HINT,
        )


def _refuse_files(code: str, what: str, out: Path, names: Iterable[str]) -> None:
    if names := set(names):
        raise FileError(code, f"the output folder holds {what}", where=str(out), got=_shortened(names), hint=_HINT)


def _files(folder: Path) -> set[str]:
    """Names of everything in a folder and below it that is no plain folder; links count as themselves."""
    paths = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path.relative_to(folder).as_posix() for path in paths}


def _is_changed(path: Path, stored: str) -> bool:
    return path.is_symlink() or not path.is_file() or sha256_file(path) != stored


def _shortened(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - SHOWN} more" if len(ordered) > SHOWN else ""
    return ", ".join(ordered[:SHOWN]) + more

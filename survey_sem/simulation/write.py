"""Simulated answers to files: one generic file, or a folder as a platform exports it; the truth beside them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from survey_sem.errors import FileError, OptionError, did_you_mean
from survey_sem.exports.writing import FORMATS, write_export
from survey_sem.instrument import Instrument
from survey_sem.provenance import readable_json, sha256_file
from survey_sem.simulation.sheet import answer_sheet
from survey_sem.simulation.simulate import Simulation
from survey_sem.simulation.truth import SCHEMA

TRUTH = "truth.json"
ENDINGS = tuple(FORMATS["generic"])
"""Of a single file."""


def target_of(
    out: Path, instrument: Instrument, dialect: str | None = None, file_format: str | None = None
) -> tuple[str, str]:
    """Dialect and format in which `out` is written; nothing is touched.

    Raises
    ------
    OptionError
        An unknown dialect or format; a single file in the dialect of a platform.
    FileError
        `out` holds files that a simulation did not write.
    """
    ending = out.suffix.lower().removeprefix(".")
    if ending and not out.is_dir():
        chosen = _single(out, ending, dialect, file_format)
        _check_file(out)
        return chosen
    known = dialect if dialect is not None else instrument.source.platform
    name = known if known in FORMATS else "generic"
    if dialect is not None and dialect not in FORMATS:
        raise _unknown("dialect", dialect, tuple(FORMATS))
    if file_format is not None and file_format not in FORMATS[name]:
        raise _unknown("format", file_format, FORMATS[name], f" in the dialect {name}")
    _check_folder(out)
    return name, file_format or FORMATS[name][0]


def _single(out: Path, ending: str, dialect: str | None, file_format: str | None) -> tuple[str, str]:
    if ending not in ENDINGS:
        endings = ", ".join(f".{each}" for each in ENDINGS)
        hint = "name a folder for the files of a platform"
        raise OptionError(
            "unknown-format", f"answers cannot be written as '.{ending}'", where="-o", expected=endings, hint=hint
        )
    if dialect not in (None, "generic") or file_format not in (None, ending):
        what = "one file is written without a platform, in the format of its name"
        raise OptionError("bad-option", what, where="-o", hint="name a folder (-o raw/) for --dialect and --format")
    return "generic", ending


def _unknown(what: str, value: str, known: tuple[str, ...], where: str = "") -> OptionError:
    hint = did_you_mean(value, known)
    text = f"there is no {what} '{value}'{where}"
    return OptionError(f"unknown-{what}", text, where=f"--{what}", expected=" or ".join(known), hint=hint)


def write_simulation(simulation: Simulation, out: Path, dialect: str, file_format: str) -> tuple[Path, ...]:
    """Write answers and truth; an earlier simulation in the same place is replaced.

    Parameters
    ----------
    simulation : Simulation
    out : Path
        A file (with an ending) or a folder.
    dialect, file_format : str
        As `target_of` gives them.

    Returns
    -------
    tuple of Path
        The files, the truth last.

    Raises
    ------
    FileError
        `out` cannot be written, or holds files that a simulation did not write.
    DataError
        Answers or wordings that the format cannot hold.
    """
    is_single = _is_single(out)
    (_check_file if is_single else _check_folder)(out)
    sheet = answer_sheet(simulation, dialect, by_id=is_single)
    home = out.parent if is_single else out
    with _scratch_in(home) as scratch:
        written = write_export(sheet, scratch, dialect, file_format=file_format)
        truth = {**simulation.truth, "files": {}}
        names = {path: out.name if is_single else path.name for path in written}
        truth["files"] = {names[path]: sha256_file(path) for path in written}
        told = scratch / TRUTH
        told.write_bytes(readable_json(truth).encode("utf-8"))
        if not is_single:
            _clear(out)
        places = [home / names[path] for path in written] + [_truth_path(out)]
        for path, place in zip([*written, told], places, strict=True):
            shutil.move(os.fspath(path), os.fspath(place))
    return tuple(places)


@contextmanager
def _scratch_in(home: Path) -> Iterator[Path]:
    """A folder for files that are not yet whole; after an error nothing is left, and the error names no such file."""
    was_there = home.is_dir()
    home.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=home, prefix=".simulation-") as scratch:
            try:
                yield Path(scratch)
            except FileError as problem:
                raise FileError(problem.code, problem.what, where=str(home), hint=problem.hint) from None
    finally:
        if not was_there:
            with suppress(OSError):  # it holds the files now
                home.rmdir()


def _is_single(out: Path) -> bool:
    return bool(out.suffix) and not out.is_dir()


def _truth_path(out: Path) -> Path:
    return out.with_name(f"{out.stem}.{TRUTH}") if _is_single(out) else out / TRUTH


def _check_file(out: Path) -> None:
    """A file may be replaced when the truth beside it says that a simulation wrote it as it is."""
    if not out.exists() and not out.is_symlink() and not _truth_path(out).exists():
        return
    listed = _listed(_truth_path(out))
    if listed is None or (out.exists() and listed.get(out.name) != sha256_file(out)):
        raise _foreign(out, out.name)


def _check_folder(out: Path) -> None:
    """A folder may be replaced when it is empty or holds nothing but an untouched simulation."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise FileError("not-a-directory", "the output folder is a file", where=str(out), hint="name a new folder")
    present = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    if not present:
        return
    listed = _listed(out / TRUTH)
    foreign = [name for name in present if name != TRUTH and (listed is None or not _is_listed(out / name, listed))]
    if listed is None or foreign:
        raise _foreign(out, ", ".join((foreign or present)[:5]))


def _is_listed(path: Path, listed: dict[str, str]) -> bool:
    return not path.is_symlink() and path.is_file() and listed.get(path.name) == sha256_file(path)


def _listed(truth: Path) -> dict[str, str] | None:
    """The files that a truth says it belongs to, with their hashes; None where there is no such truth."""
    import json

    if truth.is_symlink() or not truth.is_file():
        return None
    try:
        told = json.loads(truth.read_bytes())
    except ValueError:
        return None
    if not isinstance(told, dict) or told.get("schema") != SCHEMA or not isinstance(told.get("files"), dict):
        return None
    return {str(name): str(digest) for name, digest in told["files"].items()}


def _foreign(out: Path, got: str) -> FileError:
    return FileError(
        "not-a-simulation",
        "the output would replace what a simulation did not write, or what was changed since",
        where=str(out),
        got=got,
        hint="name a new file or folder with -o, or move this one away first",
    )


def _clear(out: Path) -> None:
    """Take away the files of an earlier simulation, which were checked before."""
    for name in _listed(out / TRUTH) or {}:
        (out / name).unlink(missing_ok=True)

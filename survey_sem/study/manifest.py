"""The manifest of a run, and the clock file beside it: read back strictly, since anyone may have edited them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from survey_sem.errors import FileError

MANIFEST = "manifest.json"
CLOCK_FILE = "run.json"
"""The one file with clock times and places of this machine; the only one that differs between equal runs."""
SCHEMA = "survey-sem/run/1"

_REQUIRED = ("study", "data", "instrument", "fits", "software", "platform", "outputs")
_TEXTS = ("study.id", "study.plan_sha256", "data.file", "data.sha256", "instrument.sha256")
_MAPPINGS_OF_TEXTS = ("software", "platform", "outputs", "added")


def read_manifest(run_dir: Path) -> dict[str, Any]:
    """The manifest of a run, every part of the type that it must have.

    Raises
    ------
    FileError
        There is no such folder, or no manifest of ours in it; a part of it is missing or of another type.
    """
    record = read_json(run_dir, MANIFEST)
    if record.get("schema") != SCHEMA or not set(_REQUIRED) <= set(record):
        expected = f"schema {SCHEMA} with {', '.join(sorted(_REQUIRED))}"
        _refuse(run_dir, "not-a-manifest", f"{MANIFEST} is not the manifest of a run", expected)
    record = {**record, "added": record.get("added", {}), "steps": record.get("steps", [])}
    for key in (*_REQUIRED, *_MAPPINGS_OF_TEXTS):
        _require(isinstance(record[key], Mapping), run_dir, key, "an object")
    _require(_are_files(record["data"].get("files")), run_dir, "data.files", "a list of files with name and sha256")
    for path in _TEXTS:
        part, key = path.split(".")
        _require(isinstance(record[part].get(key), str), run_dir, path, "a text")
    _require(isinstance(record["study"].get("plan"), Mapping), run_dir, "study.plan", "an object")
    _require("measurement" in record["fits"], run_dir, "fits", "an object with the fit 'measurement'")
    for key in _MAPPINGS_OF_TEXTS:
        _require(all(isinstance(value, str) for value in record[key].values()), run_dir, key, "an object of texts")
    steps = record["steps"]
    _require(isinstance(steps, list) and all(isinstance(step, Mapping) for step in steps), run_dir, "steps", "a list")
    return record


def _are_files(value: Any) -> bool:
    """Whether a value lists data files: each a mapping with the texts ``name`` and ``sha256``."""
    if not isinstance(value, list) or not value:
        return False
    texts = (each.get(key) if isinstance(each, Mapping) else None for each in value for key in ("name", "sha256"))
    return all(isinstance(text, str) for text in texts)


def listed_outputs(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Hash of every file that the run or a later report wrote."""
    return {**manifest["outputs"], **manifest["added"]}


def read_clock_file(run_dir: Path) -> dict[str, Any]:
    """Clock times and places of the run; empty when the file is gone."""
    if not (run_dir / CLOCK_FILE).is_file():
        return {}
    return read_json(run_dir, CLOCK_FILE)


def read_json(run_dir: Path, name: str) -> dict[str, Any]:
    """One JSON object of a run.

    Raises
    ------
    FileError
        There is no such run or file, or it holds no JSON object.
    """
    path = run_dir / name
    if not run_dir.is_dir():
        raise FileError("no-such-run", "there is no such run directory", where=str(run_dir))
    try:
        record = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise FileError(
            "not-a-run-directory",
            f"the folder holds no {name}: it is not a run directory",
            where=str(run_dir),
            hint="name the folder that `survey-sem fit STUDY.yaml` wrote",
        ) from None
    except (OSError, ValueError, RecursionError) as problem:
        raise FileError("damaged-file", f"{name} cannot be read: {problem}", where=str(path)) from None
    if not isinstance(record, dict):
        raise FileError("damaged-file", f"{name} holds no JSON object", where=str(path))
    return record


def _require(holds: bool, run_dir: Path, key: str, expected: str) -> None:
    if not holds:
        _refuse(run_dir, "damaged-manifest", f"'{key}' of {MANIFEST} is not what a run writes", expected)


def _refuse(run_dir: Path, code: str, what: str, expected: str) -> NoReturn:
    raise FileError(code, what, where=str(run_dir / MANIFEST), expected=expected)

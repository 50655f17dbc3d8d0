"""A new study folder that runs as it is and is edited into one's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from survey_sem.errors import FileError, OptionError, did_you_mean
from survey_sem.study.load import LANGUAGES

_SHARED = "shared"
_HIDDEN = {"gitignore": ".gitignore"}  # a file of that name would be lost on its way into a package


def new_study(folder: Path, language: str = "en") -> tuple[Path, ...]:
    """Write the template of a study: questionnaire, study file, simulated answers, population, README.

    Parameters
    ----------
    folder : Path
        New or empty; made where it is missing.
    language : {"zh", "en"}
        Of the comments, the README and the report; texts of the questionnaire are in both.

    Returns
    -------
    tuple of Path
        The files written, sorted.

    Raises
    ------
    OptionError
        An unknown language.
    FileError
        The folder holds files, is a file, or cannot be written.
    """
    if language not in LANGUAGES:
        raise OptionError(
            "unknown-language",
            f"there is no template in '{language}'",
            where="--language",
            expected=" or ".join(LANGUAGES),
            hint=did_you_mean(language, LANGUAGES),
        )
    _refuse_used(folder)
    contents = dict(_template(language))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_all(folder, contents)
    except OSError as problem:
        what = f"the folder cannot be written: {problem.strerror or problem}"
        raise FileError("unwritable-file", what, where=str(folder)) from None
    return tuple(sorted(folder / name for name in contents))


def _refuse_used(folder: Path) -> None:
    if folder.is_dir():
        names = sorted(path.name for path in folder.iterdir())
        if names:
            raise FileError(
                "folder-in-use",
                "the folder is not empty, and nothing in it is overwritten",
                where=str(folder),
                got=", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else ""),
                hint="name a new folder",
            )
    elif folder.exists() or folder.is_symlink():
        raise FileError("not-a-directory", "there is a file of that name", where=str(folder), hint="name a new folder")


def _template(language: str) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the template's files."""
    root = resources.files("survey_sem.study") / "template"
    for part in (root / _SHARED, root / language):
        yield from ((_HIDDEN.get(file.name, file.name), file.read_bytes()) for file in _files(part))


def _files(part: Traversable) -> list[Traversable]:
    return sorted((entry for entry in part.iterdir() if entry.is_file()), key=lambda entry: entry.name)


def _write_all(folder: Path, contents: dict[str, bytes]) -> None:
    """All of the files or, where one cannot be written, none."""
    with tempfile.TemporaryDirectory(prefix=".new-study-", dir=folder) as stage:
        for name, content in contents.items():
            (Path(stage) / name).write_bytes(content)
        for name in contents:
            shutil.move(Path(stage) / name, folder / name)

"""One door for every foreign questionnaire: ``import_instrument(path)``."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from survey_sem.errors import FileError, OptionError, StudyError
from survey_sem.exports.read import file_content
from survey_sem.instrument.importing.document import document
from survey_sem.instrument.importing.draft import Draft, LeftOut
from survey_sem.instrument.importing.settling import Settled, settled
from survey_sem.instrument.importing.wording import language_code, one_line
from survey_sem.instrument.load import instrument_from
from survey_sem.instrument.section import ANY_LANGUAGE
from survey_sem.instrument.strict_yaml import parse_yaml

FORMATS = (".qsf", ".xlsx", ".sav", ".zsav", ".dta")


@dataclass(frozen=True, slots=True)
class ImportedInstrument:
    """An instrument made of another tool's file, to be finished by hand.

    Parameters
    ----------
    text : str
        YAML of schema ``survey-sem/instrument/1``; what is left to do stands beside its line as ``# TODO:``.
    source : str
        Name of the file that it was made of.
    origin : str
        The kind of that file.
    taken : mapping
        Type of item -> how many were taken over.
    n_matrices, n_scales, n_routes : int
        How many of them.
    languages : tuple of str
        Of the texts; empty where the file does not say.
    left_out : tuple of LeftOut
        What was not taken over, and why.
    problems : tuple of str
        Why the text does not load as it is; empty where it does.
    """

    text: str
    source: str
    origin: str
    taken: Mapping[str, int]
    n_matrices: int
    n_scales: int
    n_routes: int
    languages: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    problems: tuple[str, ...]

    @property
    def n_todo(self) -> int:
        """How many places are marked."""
        return self.text.count("# TODO:")

    def __str__(self) -> str:
        types = ", ".join(f"{count} {kind}" for kind, count in self.taken.items())
        languages = f"; languages {', '.join(self.languages)}" if self.languages else ""
        lines = [
            f"{sum(self.taken.values())} items from {self.source} ({self.origin})",
            f"  taken over: {types}; matrices {self.n_matrices}, scales {self.n_scales}, routes {self.n_routes}"
            f"{languages}",
        ]
        lines += ["  not taken over:", *(f"    {left}" for left in self.left_out)] if self.left_out else []
        lines.append(f"  to finish by hand: {self.n_todo} places marked '# TODO:'")
        lines += ["  does not load yet:", *(f"    {problem}" for problem in self.problems)] if self.problems else []
        return "\n".join(lines)


def import_instrument(path: str | os.PathLike[str], *, language: str | None = None) -> ImportedInstrument:
    """Make an instrument of a questionnaire from another tool.

    Parameters
    ----------
    path : path
        A Qualtrics survey (``.qsf``), an XLSForm (``.xlsx``), or answers with labels (``.sav .zsav .dta``).
    language : str, optional
        Language code of the texts, where the file does not say (``"zh"``).

    Returns
    -------
    ImportedInstrument
        Its `text` is the YAML. Nothing is written.

    Raises
    ------
    FileError
        No such file, a damaged one, one of another kind or too large.
    StudyError
        A file of the kind that holds no questionnaire.
    OptionError
        No language code.
    """
    file = Path(path)
    if language is not None and language_code(language) == ANY_LANGUAGE:
        expected = "a code such as zh, en or pt-BR"
        raise OptionError("unknown-language", f"'{language}' is no language code", where="language", expected=expected)
    final = settled(_draft(file, None if language is None else language_code(language)))
    if not final.items:
        raise StudyError("no-questions", f"{file.name} holds no question that could be taken over", where=str(path))
    text = document(final, one_line(file.name))
    return ImportedInstrument(
        text=text,
        source=file.name,
        origin=final.draft.origin,
        taken=dict(Counter(item.type for item in final.items)),
        n_matrices=len(final.matrices),
        n_scales=len(final.scales),
        n_routes=sum(item.relevant is not None for item in final.items),
        languages=_languages(final),
        left_out=final.left_out,
        problems=_problems(text),
    )


def _draft(path: Path, language: str | None) -> Draft:
    from survey_sem.instrument.importing.labelled_file import is_labelled_file, read_labelled_file
    from survey_sem.instrument.importing.qsf import read_qsf
    from survey_sem.instrument.importing.xlsform import read_xlsform

    kind = path.suffix.lower()
    if kind not in FORMATS and not path.is_dir() and path.exists():
        raise FileError(
            "unknown-format",
            f"a questionnaire cannot be imported from files of the kind '{kind or path.name}'",
            where=str(path),
            expected="one of " + " ".join(FORMATS),
        )
    if is_labelled_file(path):
        return read_labelled_file(path, language)
    content = file_content(path)
    return read_xlsform(content, path, language) if kind == ".xlsx" else read_qsf(content, path, language)


def _languages(final: Settled) -> tuple[str, ...]:
    return tuple(sorted({language for item in final.items for language in item.text} - {ANY_LANGUAGE}))


def _problems(text: str) -> tuple[str, ...]:
    """What the loader says to the text."""
    try:
        instrument_from(parse_yaml(text, "the imported text"))
    except StudyError as problem:
        several = getattr(problem, "problems", None) or (problem,)
        return tuple(f"{each.where}: {each.what}" for each in several)
    return ()

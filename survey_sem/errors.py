"""Errors and warnings of survey_sem, as records.

The tree (every public error derives from the first)::

    SurveySemError
    |-- UsageError            how survey_sem was called (command line: exit 2)
    |   |-- OptionError         unknown or unsupported keyword, value or combination
    |   |-- ModelSyntaxError    the model text cannot be read; carries a caret
    |   |-- StudyError          a study file or instrument breaks its schema
    |   |-- FileError           a file cannot be read or written
    |   `-- MissingChoiceError  missing values without a declared treatment
    `-- ResultError           the data or the fit did not pass (command line: exit 1)
        |-- DataError           columns, codes, types, collinearity
        |-- ModelError          the model contradicts itself or the data
        |-- IdentificationError the parameters are not determined by the moments
        `-- VerificationError   a replay does not give the stored numbers
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass


class SurveySemError(Exception):
    """One problem, told so that its reader can act.

    Parameters
    ----------
    code : str
        Short stable name in kebab case, e.g. ``"unknown-variable"``.
    what : str
        One sentence: what is wrong.
    where : str, optional
        Place: file, line, column, item, row, option.
    expected, got : str, optional
        What would have been right, and what was found.
    hint : str, optional
        What to do about it.
    """

    def __init__(
        self,
        code: str,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        got: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.hint = hint

    def __str__(self) -> str:
        details = (("at", self.where), ("expected", self.expected), ("got", self.got), ("hint", self.hint))
        lines = [f"{self.what} [{self.code}]"]
        lines += [_indented(label, text) for label, text in details if text]
        return harmless("\n".join(lines))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.to_dict())

    def to_dict(self) -> dict[str, str | None]:
        """The record as plain data, keys in the order code, what, where, expected, got, hint."""
        names = ("code", "what", "where", "expected", "got", "hint")
        return {name: getattr(self, name) for name in names}


@contextmanager
def inside(place: str) -> Iterator[None]:
    """Name the place before that of any error within: ``place: where``."""
    try:
        yield
    except SurveySemError as problem:
        problem.where = f"{place}: {problem.where}" if problem.where else place
        raise


class UsageError(SurveySemError):
    """survey_sem was called in a way that it cannot follow."""


class OptionError(UsageError):
    """An unknown or unsupported keyword, value or combination of them."""


class ModelSyntaxError(UsageError):
    """The model text cannot be read."""


class StudyError(UsageError):
    """A study file or an instrument breaks its schema."""


class FileError(UsageError):
    """A file cannot be read or written."""


class MissingChoiceError(UsageError):
    """Modelled variables have missing values and no treatment was chosen."""


class ResultError(SurveySemError):
    """The data or the fit did not pass."""


class DataError(ResultError):
    """The data do not allow the analysis: columns, codes, types, collinearity."""


class ModelError(ResultError):
    """The model contradicts itself or does not match the data."""


class IdentificationError(ResultError):
    """The moments do not determine the parameters."""


class VerificationError(ResultError):
    """A replay does not give the stored numbers."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning record: a finding that does not stop the work but that a reader must see."""

    code: str
    what: str
    where: str | None = None
    hint: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        """The record as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [f"{self.what} [{self.code}]"]
        lines += [_indented(label, text) for label, text in (("at", self.where), ("hint", self.hint)) if text]
        return "\n".join(lines)


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """A text with control characters written out: a name in a file must not steer the terminal that shows it."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """The known words most like `word` (at most `count`, none when nothing is close), for "did you mean"."""
    candidates = {known_word.lower(): known_word for known_word in known}
    return [candidates[found] for found in difflib.get_close_matches(word.lower(), candidates, n=count, cutoff=0.6)]


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that suggests the nearest known word, or None."""
    found = nearest(word, known)
    return f"did you mean '{found[0]}'?" if found else None


def _indented(label: str, text: str) -> str:
    return f"  {label}: " + text.replace("\n", "\n    ")


def _rebuild(kind: type[SurveySemError], record: dict[str, str | None]) -> SurveySemError:
    code, what = record.pop("code"), record.pop("what")
    return kind(str(code), str(what), **record)

"""Which dialect a file is in: found by its headers, or forced by name; either way the reasons are kept."""

from __future__ import annotations

from pathlib import Path

from survey_sem.errors import FileError, OptionError, did_you_mean
from survey_sem.exports.dialects.credamo import CREDAMO
from survey_sem.exports.dialects.dialect import Dialect, Head
from survey_sem.exports.dialects.generic import GENERIC
from survey_sem.exports.dialects.qualtrics import QUALTRICS
from survey_sem.exports.dialects.tencent import TENCENT
from survey_sem.exports.dialects.wjx import WJX
from survey_sem.exports.raw_table import Detection

_DIALECTS: tuple[Dialect, ...] = (QUALTRICS, WJX, TENCENT, CREDAMO, GENERIC)
"""In the order in which they are tried; the last one takes everything."""

DIALECTS = tuple(sorted(dialect.name for dialect in _DIALECTS))
"""Names for ``dialect=``."""


def checked_dialect(name: str | None) -> Dialect | None:
    """The dialect of that name; None for None.

    Raises
    ------
    OptionError
        There is none.
    """
    if name is None:
        return None
    for dialect in _DIALECTS:
        if dialect.name == name:
            return dialect
    raise OptionError(
        "unknown-dialect",
        f"there is no export dialect '{name}'",
        where="dialect",
        expected=" or ".join(DIALECTS),
        hint=did_you_mean(name, DIALECTS),
    )


def choose_dialect(head: Head, path: Path, forced: Dialect | None) -> tuple[Dialect, Detection]:
    """The forced dialect, or the first one that finds evidence in the header.

    Raises
    ------
    FileError
        The forced dialect cannot be read without marks that this file does not have.
    """
    if forced is None:
        found = next((dialect, reasons) for dialect in _DIALECTS if (reasons := dialect.evidence(head)))
        return found[0], Detection(found[0].name, False, found[1])
    reasons = forced.evidence(head)
    if forced.needs_evidence and not reasons:
        raise FileError(
            "not-this-dialect",
            f"{path.name} is no {forced.title} export",
            where=f"{path}, header",
            hint="leave the dialect out to have it found, or give dialect 'generic'",
        )
    return forced, Detection(forced.name, True, reasons)

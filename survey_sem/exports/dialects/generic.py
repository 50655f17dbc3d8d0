"""One header line with column names, one line per respondent: nothing to translate."""

from __future__ import annotations

from survey_sem.exports.dialects.dialect import Column, Dialect, Head, Heading


def _evidence(head: Head) -> tuple[str, ...]:
    return ("no platform's headers were found",)


def _heading(head: Head) -> Heading:
    return Heading(tuple(Column(name.strip(), name) for name in head[0]))


GENERIC = Dialect("generic", "any table", _evidence, _heading)

"""Qualtrics: three header records (tag, question, ImportId), or two in the older form.

Recognised by the tags and the ImportIds, never by the second record, which is in the language of the account.
"""

from __future__ import annotations

import re

from survey_sem.exports.dialects.dialect import Column, Dialect, Head, Heading

_IMPORT_ID = re.compile(r"""\{\s*['"]ImportId['"]\s*:\s*['"]([^'"]*)['"].*\}""", re.DOTALL)
_TAGS = (
    "StartDate",
    "EndDate",
    "Status",
    "Progress",
    "Duration (in seconds)",
    "Finished",
    "RecordedDate",
    "ResponseId",
)
_NAMES = {
    "ResponseId": "index",
    "ResponseID": "index",
    "RecordedDate": "submitted",
    "Duration (in seconds)": "duration",
    "IPAddress": "ip",
}
_LEGACY = tuple(f"V{number}" for number in range(1, 11))
_LEGACY_TEXTS = ("ResponseID", "ResponseSet", "StartDate", "EndDate", "Finished")


def _evidence(head: Head) -> tuple[str, ...]:
    return _modern(head) or _legacy(head)


def _modern(head: Head) -> tuple[str, ...]:
    ids = _import_ids(head)
    if not ids or len(ids) < len([name for name in head[0] if name.strip()]):
        return ()
    tags = [name for name in _TAGS if name in head[0]]
    named = (f"columns {', '.join(tags)}",) if tags else ()
    return (f"{len(ids)} ImportIds in the third header record", *named)


def _import_ids(head: Head) -> list[str]:
    if len(head) < 3:
        return []
    return [match[1] for cell in head[2] if (match := _IMPORT_ID.fullmatch(cell.strip()))]


def _legacy(head: Head) -> tuple[str, ...]:
    if len(head) < 2:
        return ()
    tags = [name for name in _LEGACY if name in head[0]]
    texts = [name for name in _LEGACY_TEXTS if name in head[1]]
    if len(tags) < 6 or len(texts) < 3:
        return ()
    return (f"columns {tags[0]} to {tags[-1]}", f"{', '.join(texts)} in the second header record")


def _heading(head: Head) -> Heading:
    modern = bool(_modern(head))
    columns = [_column(tag, text, modern) for tag, text in zip(head[0], head[1], strict=False)]
    columns += [Column(tag.strip(), tag) for tag in head[0][len(columns) :]]
    return Heading(tuple(columns), 3 if modern else 2)


def _column(tag: str, text: str, modern: bool) -> Column:
    """Tags are names already; of the older form, V1 to V10 are named by the second record."""
    own = tag.strip()
    if not modern and own in _LEGACY:
        own = text.strip()
    return Column(_NAMES.get(own, own), tag, text.strip())


QUALTRICS = Dialect("qualtrics", "Qualtrics", _evidence, _heading, needs_evidence=True)

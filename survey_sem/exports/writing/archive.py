"""Members of zip archives that are the same bytes on every day and system."""

from __future__ import annotations

import zipfile

_FIRST_TIME = (1980, 1, 1, 0, 0, 0)
_LEVEL = 1
"""Of compression: five times as fast as the usual one, files are a third larger."""


def archive_member(name: str) -> zipfile.ZipInfo:
    """A part of an archive without the clock and the system of the writer."""
    member = zipfile.ZipInfo(name, _FIRST_TIME)
    member.compress_type = zipfile.ZIP_DEFLATED
    member._compresslevel = _LEVEL  # type: ignore[attr-defined]  # the public way to set it exists from Python 3.13 on
    member.create_system = 0
    return member

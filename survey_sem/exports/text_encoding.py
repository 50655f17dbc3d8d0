"""Bytes to text: a byte order mark first, then strict utf-8, then gb18030; never a guess that drops bytes."""

from __future__ import annotations

import codecs
from pathlib import Path

from survey_sem.errors import FileError, OptionError

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TRIED = ("utf-8", "gb18030")


def decode_text(content: bytes, path: Path, encoding: str | None = None) -> tuple[str, str]:
    """Text of a file, and the name of the encoding that gave it.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : Path
        Named in errors.
    encoding : str, optional
        Forces one encoding; a byte order mark of the same encoding is still taken off.

    Raises
    ------
    FileError
        Bytes that the encoding cannot mean, with their offset; NUL bytes.
    OptionError
        An encoding that Python does not know.
    """
    if encoding is not None:
        return _forced(content, path, encoding)
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _strict(content[len(mark) :], name, path, len(mark)), name
    _refuse_nul(content, path)
    problems = []
    for name in _TRIED:
        try:
            return content.decode(name), name
        except UnicodeDecodeError as problem:
            problems.append((name, problem.start, content[problem.start]))
    raise _undecodable(path, problems)


def as_utf8(content: bytes, path: Path, encoding: str | None = None) -> tuple[bytes, str]:
    """The text of a file in utf-8 without byte order mark, and the encoding that it had; errors as `decode_text`."""
    text, name = decode_text(content, path, encoding)
    return content.removeprefix(codecs.BOM_UTF8) if name == "utf-8" else text.encode("utf-8"), name


def plain_utf8(content: bytes, path: Path) -> bytes:
    """The bytes of a text that may be utf-8, without byte order mark: nothing is decoded yet.

    Raises
    ------
    FileError
        NUL bytes.
    UnicodeDecodeError
        A byte order mark of another encoding.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        raise UnicodeDecodeError("utf-8", content[:4], 0, 1, "a byte order mark of another encoding")
    _refuse_nul(content, path)
    return content.removeprefix(codecs.BOM_UTF8)


def _forced(content: bytes, path: Path, encoding: str) -> tuple[str, str]:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise OptionError(
            "unknown-encoding",
            f"there is no text encoding '{encoding}'",
            where=str(path),
            hint="common ones: utf-8, gb18030 (GBK, GB2312), big5, utf-16, cp1252, latin-1, shift_jis",
        ) from None
    text = _strict(content, name, path, 0).removeprefix("\ufeff")
    _refuse_nul(text.encode("utf-8", "surrogatepass"), path)
    return text, name


def _strict(content: bytes, name: str, path: Path, skipped: int) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError as problem:
        raise _undecodable(path, [(name, problem.start + skipped, content[problem.start])]) from None


def _undecodable(path: Path, problems: list[tuple[str, int, int]]) -> FileError:
    found = "; ".join(f"{name}: byte 0x{byte:02x} at offset {offset}" for name, offset, byte in problems)
    return FileError(
        "undecodable-text",
        f"{path.name} holds bytes that are no text in {' or '.join(name for name, _, _ in problems)}",
        where=str(path),
        got=found,
        hint="name the encoding (--encoding, or `encoding:` under `data:` in a study file), or save the file as utf-8",
    )


def _refuse_nul(content: bytes, path: Path) -> None:
    offset = content.find(b"\x00")
    if offset >= 0:
        raise FileError(
            "binary-file",
            f"{path.name} holds NUL bytes: it is no text file",
            where=str(path),
            got=f"a NUL byte at offset {offset}",
            hint="export it again as csv in utf-8; for utf-16 without a byte order mark name the encoding",
        )

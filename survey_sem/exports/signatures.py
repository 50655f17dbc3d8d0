"""What a file is by its first bytes, so that a wrong extension is named instead of decoded."""

from __future__ import annotations

from pathlib import Path

from survey_sem.errors import FileError

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive (an .xlsx workbook is one too)"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls) or another OLE file"),
    (b"$FL2", "an SPSS file (.sav)"),
    (b"$FL3", "a compressed SPSS file (.zsav)"),
    (b"PAR1", "a parquet file"),
    (b"<stata_dta>", "a Stata file (.dta)"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"RDX", "an R data file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
)


def binary_kind(content: bytes) -> str | None:
    """Name of the binary format that `content` starts like, or None when it may be text."""
    for signature, name in _SIGNATURES:
        if content.startswith(signature):
            return name
    return None


def refuse_binary(content: bytes, path: Path) -> None:
    """Raise FileError where a file that should be text is a known binary format."""
    kind = binary_kind(content)
    if kind is not None:
        raise FileError(
            "binary-file",
            f"{path.name} is {kind}, not a text file",
            where=str(path),
            expected="text: one header line, then one line per respondent",
            hint="give the file its own extension (.xlsx .sav .zsav .dta .parquet), unpack it, or export it as csv",
        )

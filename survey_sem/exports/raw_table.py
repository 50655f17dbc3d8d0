"""A table as a file holds it, before anybody said what the answers mean."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from survey_sem.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

Label = Mapping[Any, str]
Measure = Literal["nominal", "ordinal", "scale"]
"""Level of measurement, as SPSS names it."""


@dataclass(frozen=True, slots=True)
class MissingRange:
    """Codes from `low` to `high`, both included, that stand for no answer (one code: low equals high).

    `kind` is ``"routed"`` (not asked) or ``"nonresponse"`` where the file tells the two apart, else empty.
    """

    low: float | str
    high: float | str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Detection:
    """Why a file was read as it was.

    Parameters
    ----------
    dialect : str
        Who wrote the file.
    forced : bool
        Whether the caller said so; else it was found.
    evidence : tuple of str
        Which headers or columns speak for it, one sentence each.
    """

    dialect: str
    forced: bool = False
    evidence: tuple[str, ...] = ()

    def __str__(self) -> str:
        reasons = "; ".join(self.evidence) or "nothing in the header speaks for it"
        return f"{self.dialect} ({'forced; ' if self.forced else ''}{reasons})"


@dataclass(frozen=True, slots=True)
class RawTable:
    """What a file holds: one row per respondent, answers as written, nothing recoded.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_columns)
        Columns by name; numbers where a column holds nothing but numbers, text elsewhere; empty is missing.
        Codes that the file declares missing are still there (see `missing_codes`).
    source : str
        Name of the file, without its folder.
    sha256 : str
        Of the file's bytes, 64 hexadecimal digits.
    file_format : str
        ``"csv"``, ``"xlsx"``, ``"sav"``, ``"dta"`` or ``"parquet"``; ``"frame"`` where there was no file.
    dialect : str
        Who wrote it, as far as reading differs; ``"generic"`` where no platform is known.
    encoding : str or None
        Of the text, where the format leaves a choice.
    delimiter : str or None
        Between the fields of a text file.
    value_labels : mapping
        Column -> code -> label, from files that carry labels.
    column_labels : mapping
        Column -> question text, from files that carry it.
    missing_codes : mapping
        Column -> tuple of :class:`MissingRange`, from files that declare user-missing codes.
    detection : Detection or None
        Why it was read in this dialect.
    headers : mapping
        Column -> header in the file, where the dialect gave it another name.
    """

    frame: pd.DataFrame
    source: str
    sha256: str
    file_format: str
    dialect: str = "generic"
    encoding: str | None = None
    delimiter: str | None = None
    value_labels: Mapping[str, Label] = field(default_factory=dict)
    column_labels: Mapping[str, str] = field(default_factory=dict)
    missing_codes: Mapping[str, tuple[MissingRange, ...]] = field(default_factory=dict)
    detection: Detection | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> RawTable:
        """A table that comes from no file: rows are numbered anew; ``sha256`` is that of names, types and values.

        Raises
        ------
        DataError
            Columns without a name of their own.
        """
        names = [str(name) for name in frame.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice or frame.columns.nlevels > 1:
            raise DataError(
                "duplicate-column",
                "every column of a DataFrame needs a name of its own",
                where="DataFrame",
                got=f"more than one {', '.join(twice[:5])}" if twice else f"{frame.columns.nlevels} levels of names",
                hint="rename the columns, or drop the copies",
            )
        plain = frame.set_axis(names, axis="columns").reset_index(drop=True)
        return cls(plain, "DataFrame", _content_hash(plain), "frame")

    @property
    def n_rows(self) -> int:
        """Number of respondents."""
        return len(self.frame)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the file's order."""
        return tuple(str(name) for name in self.frame.columns)

    def column(self, name: str) -> pd.Series[Any]:
        """One column as written.

        Raises
        ------
        DataError
            When there is none of that name.
        """
        if name not in self.frame.columns:
            raise DataError(
                "unknown-column",
                f"there is no column '{name}'",
                where=self.source,
                hint=did_you_mean(name, self.columns),
            )
        return self.frame[name]

    def answers(self) -> pd.DataFrame:
        """The rows with every code that the *file* declares missing set to missing.

        For files that declare none (csv, xlsx, parquet) this is the frame itself: a -99 stays a -99 until
        an instrument says what it means.
        """
        if not self.missing_codes:
            return self.frame
        changed = {name: self._without_missing(name, ranges) for name, ranges in self.missing_codes.items()}
        return self.frame.assign(**changed)

    def _without_missing(self, name: str, ranges: tuple[MissingRange, ...]) -> pd.Series[Any]:
        column = self.frame[name]
        for missing in ranges:
            column = column.mask(column.between(missing.low, missing.high))
        return column

    def __repr__(self) -> str:
        """File, size and kind: never a respondent's answer."""
        return (
            f"RawTable({self.source}: {self.n_rows} rows, {len(self.columns)} columns, {self.file_format}"
            f"{', ' + self.encoding if self.encoding else ''}, sha256 {self.sha256[:12]})"
        )


def _content_hash(frame: pd.DataFrame) -> str:
    """SHA-256 of the names, types and values of a table, the same in every process."""
    import pandas as pd

    digest = hashlib.sha256()
    for name in frame.columns:
        column = frame[name]
        digest.update(f"{name}\0{column.dtype}\0".encode("utf-8", "surrogatepass"))
        try:
            hashes = pd.util.hash_pandas_object(column, index=False)
        except (TypeError, UnicodeEncodeError):  # values that have no hash, such as lists; half a character
            hashes = pd.util.hash_pandas_object(column.map(ascii), index=False)
        digest.update(hashes.to_numpy().tobytes())
    return digest.hexdigest()

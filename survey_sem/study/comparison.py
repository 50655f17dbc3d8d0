"""Two runs side by side, number by number."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey_sem.exports import read_export

TOLERANCE = 1e-6
"""Largest difference that another machine or version may make, relative to max(1, |stored value|)."""

_ROW_NAMES = ("lhs", "op", "rhs")
_IGNORED = ("provenance", "optimum")  # where it ran, and how the search went: no numbers of the result


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a run and its replay disagree.

    Parameters
    ----------
    kind : str
        ``tampered missing data plan instrument cells number text bytes replay``: what was changed after the run
        (the first five), what the replay gives otherwise, or that there could be none.
    file : str
        File of the run directory.
    key : str
        Place in it.
    stored, refitted : str
        What the run holds and what the replay gives.
    size : float
        Of a moved number: difference relative to max(1, |stored|).
    what : str
        One sentence.
    """

    kind: str
    file: str
    key: str
    stored: str
    refitted: str
    what: str
    size: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The difference as plain data."""
        return {
            "kind": self.kind,
            "file": self.file,
            "key": self.key,
            "stored": self.stored,
            "refitted": self.refitted,
            "size": self.size,
            "what": self.what,
        }

    def __str__(self) -> str:
        return f"{self.file}{': ' + self.key if self.key else ''}: {self.what}"


@dataclass(frozen=True, slots=True)
class FileComparison:
    """All differences of one file, and how many values were compared."""

    n_compared: int
    differences: tuple[Difference, ...]


def compare_json(stored: Path, refitted: Path, name: str) -> FileComparison:
    """Every value of two JSON files; provenance and the course of the search, which differ by machine, are left out."""
    return compare_records(json.loads(stored.read_bytes()), json.loads(refitted.read_bytes()), name)


def compare_records(stored: Any, refitted: Any, name: str) -> FileComparison:
    """As :func:`compare_json`, from plain data."""
    return _compare(dict(_leaves(stored)), dict(_leaves(refitted)), name, lambda _: TOLERANCE)


def compare_csv(stored: Path, refitted: Path, name: str) -> FileComparison:
    """Every cell of two csv tables; a number may differ in the last digit that is printed."""
    left, right = (dict(_cells(path.read_text("utf-8-sig"))) for path in (stored, refitted))
    return _compare(left, right, name, _printed_step)


def compare_parquet(stored: Path, refitted: Path, name: str) -> FileComparison:
    """Every cell of two samples; one difference tells how many moved and where the first is, not what it held."""
    left, right = read_export(stored).frame, read_export(refitted).frame
    if left.shape != right.shape or list(left.columns) != list(right.columns):
        here, there = (f"{rows} rows, {columns} columns" for rows, columns in (left.shape, right.shape))
        return FileComparison(left.size, (Difference("text", name, "", here, there, f"stored {here}, now {there}"),))
    rows, columns = ((left != right) & ~(left.isna() & right.isna())).to_numpy().nonzero()
    if not len(rows):
        return FileComparison(left.size, ())
    place = f"row {rows[0] + 1}, column {left.columns[columns[0]]}"
    what = f"{len(rows)} cell{'s' if len(rows) > 1 else ''} of the sample changed, the first at {place}"
    return FileComparison(left.size, (Difference("cells", name, place, "", "", what),))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if key not in _IGNORED:
                yield from _leaves(entry, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            yield from _leaves(entry, f"{path}[{_row_name(entry, position)}]")
    else:
        yield path, value


def _row_name(entry: Any, position: int) -> str:
    """A parameter row is named ``3: F =~ x1``, any other by its position."""
    if isinstance(entry, Mapping) and all(name in entry for name in _ROW_NAMES):
        words = " ".join(str(entry[name]) for name in _ROW_NAMES).strip()
        return f"{position}: {words}"
    return str(position)


def _cells(text: str) -> Iterator[tuple[str, Any]]:
    rows = list(csv.reader(io.StringIO(text)))
    header = rows[0] if rows else []
    for number, row in enumerate(rows, start=1):
        for position, cell in enumerate(row):
            column = header[position] if position < len(header) else str(position + 1)
            yield f"row {number}, column {position + 1} ({column})", _number_or_text(cell)


def _number_or_text(cell: str) -> Any:
    try:
        return PrintedNumber(cell)
    except ValueError:
        return cell


class PrintedNumber(float):
    """A number that remembers how it was printed."""

    def __new__(cls, text: str) -> PrintedNumber:
        """Read `text`; it must be a finite number."""
        number = super().__new__(cls, text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def step(self) -> float:
        """One unit of the last printed digit."""
        mantissa, _, exponent = self.text.lower().partition("e")
        decimals = len(mantissa.partition(".")[2])
        return float(10.0 ** (int(exponent or 0) - decimals))


def _printed_step(value: Any) -> float:
    step = value.step if isinstance(value, PrintedNumber) else TOLERANCE
    return 1.01 * float(step) / max(1.0, abs(value)) if step < 1 else TOLERANCE


def _compare(left: Mapping[str, Any], right: Mapping[str, Any], name: str, tolerance: Any) -> FileComparison:
    found = []
    for key in left.keys() | right.keys():
        if key not in left or key not in right:
            found.append(_one_sided(name, key, left, right))
        elif (difference := _differs(name, key, left[key], right[key], tolerance)) is not None:
            found.append(difference)
    order = {key: position for position, key in enumerate((*left, *right))}
    return FileComparison(len(left), tuple(sorted(found, key=lambda each: order[each.key])))


def _one_sided(name: str, key: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> Difference:
    here, there = (str(side.get(key, "")) for side in (left, right))
    what = "only in the stored run" if key in left else "only in the replay"
    return Difference("text", name, key, here, there, what)


def _differs(name: str, key: str, stored: Any, refitted: Any, tolerance: Any) -> Difference | None:
    if _is_number(stored) and _is_number(refitted):
        size = abs(stored - refitted) / max(1.0, abs(stored))
        if size <= tolerance(stored):
            return None
        what = f"stored {stored:.10g}, refitted {refitted:.10g}"
        return Difference("number", name, key, repr(float(stored)), repr(float(refitted)), what, size)
    if stored == refitted:
        return None
    return Difference("text", name, key, str(stored), str(refitted), f"stored {stored!r}, refitted {refitted!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

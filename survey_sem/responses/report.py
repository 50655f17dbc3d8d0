"""What validation found: counts and a few row numbers, never the answers of a respondent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from survey_sem.provenance import plain_data

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken by one item: one record, however many cells.

    Parameters
    ----------
    rule : str
        ``missing-column``, ``unknown-column``, ``wrong-type``, ``illegal-code``, ``out-of-range``, ``all-missing``.
    item : str
        The item, or the column where it belongs to none.
    severity : str
        ``error`` breaks the instrument; ``warning`` is worth a look.
    expected, got : str
        What the instrument allows, and what was there.
    count : int
        Rows concerned.
    rows : tuple of int
        The first of them, counted from 1 below the header.
    hint : str
        What to do about it.
    """

    rule: str
    item: str
    severity: Severity
    expected: str
    got: str
    count: int = 0
    rows: tuple[int, ...] = ()
    hint: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain data."""
        return {
            "rule": self.rule,
            "item": self.item,
            "severity": self.severity,
            "expected": self.expected,
            "got": self.got,
            "count": self.count,
            "first_rows": list(self.rows),
            "hint": self.hint,
        }

    def __str__(self) -> str:
        place = f" in {self.count} row{'s' if self.count != 1 else ''}" if self.count else ""
        first = f" (first: {', '.join(str(row) for row in self.rows)})" if self.rows else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.severity} {self.rule}: {self.item}: expected {self.expected}, got {self.got}{place}{first}{hint}"


@dataclass(frozen=True, slots=True)
class MissingCount:
    """How often an item has no answer, and in which way.

    Parameters
    ----------
    item : str
        The item.
    blank : int
        Empty cells.
    by_code : mapping
        Declared missing code (as text) -> rows.
    """

    item: str
    blank: int
    by_code: Mapping[str, int]

    @property
    def total(self) -> int:
        """Rows without an answer."""
        return self.blank + sum(self.by_code.values())

    def to_dict(self) -> dict[str, Any]:
        """The counts as plain data."""
        return {"item": self.item, "blank": self.blank, "by_code": dict(self.by_code), "total": self.total}


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """All findings of one export against one instrument.

    Parameters
    ----------
    source, source_sha256 : str
        The export and its hash.
    instrument, instrument_sha256 : str
        Id with version of the instrument, and its canonical hash.
    n_rows, n_columns : int
        Size of the export.
    findings : tuple of Finding
        Errors first, then in the order of the questionnaire.
    missing : tuple of MissingCount
        One per item that is there.
    """

    source: str
    source_sha256: str
    instrument: str
    instrument_sha256: str
    n_rows: int
    n_columns: int
    findings: tuple[Finding, ...]
    missing: tuple[MissingCount, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that break the instrument."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def ok(self) -> bool:
        """Whether the data keep to the instrument (warnings allowed)."""
        return not self.errors

    @property
    def broken(self) -> str:
        """How many rules are broken, in words."""
        count = len(self.errors)
        return "1 rule broken" if count == 1 else f"{count} rules broken"

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data (schema ``survey-sem/validation/1``)."""
        return {
            "schema": "survey-sem/validation/1",
            "ok": self.ok,
            "source": self.source,
            "source_sha256": self.source_sha256,
            "instrument": self.instrument,
            "instrument_sha256": self.instrument_sha256,
            "n_rows": self.n_rows,
            "n_columns": self.n_columns,
            "findings": [finding.to_dict() for finding in self.findings],
            "missing": [count.to_dict() for count in self.missing],
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> ValidationReport:
        """A report from its plain data."""
        return cls(
            source=record["source"],
            source_sha256=record["source_sha256"],
            instrument=record["instrument"],
            instrument_sha256=record["instrument_sha256"],
            n_rows=record["n_rows"],
            n_columns=record["n_columns"],
            findings=tuple(_finding(entry) for entry in record["findings"]),
            missing=tuple(MissingCount(each["item"], each["blank"], each["by_code"]) for each in record["missing"]),
        )

    def to_json(self) -> str:
        """The report as one JSON document."""
        return json.dumps(plain_data(self.to_dict()), ensure_ascii=False, indent=2, allow_nan=False)

    def __str__(self) -> str:
        head = f"{self.source}: {self.n_rows} rows, {self.n_columns} columns, against {self.instrument}"
        verdict = "the data keep to the instrument" if self.ok else self.broken
        lines = [head, *(f"  {finding}" for finding in self.findings), *self._missing_lines(), verdict]
        return "\n".join(lines)

    def _missing_lines(self) -> list[str]:
        rows = [count for count in self.missing if count.total]
        if not rows:
            return ["  no missing answers"]
        worst = sorted(rows, key=lambda count: -count.total)[:3]
        named = ", ".join(f"{count.item} {count.total}" for count in worst)
        return [f"  missing answers in {len(rows)} of {len(self.missing)} items; most: {named}"]


def _finding(record: Mapping[str, Any]) -> Finding:
    rest = {key: value for key, value in record.items() if key != "first_rows"}
    return Finding(rows=tuple(record["first_rows"]), **rest)

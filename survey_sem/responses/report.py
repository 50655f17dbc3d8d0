"""What validation found: counts and a few row numbers, never the answers of a respondent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal
from unicodedata import east_asian_width

from survey_sem.errors import harmless
from survey_sem.provenance import plain_data

Severity = Literal["error", "warning"]
RULES: Mapping[str, Severity] = {
    "missing-column": "error",
    "unknown-column": "warning",
    "wrong-type": "error",
    "illegal-code": "error",
    "out-of-range": "error",
    "not-whole": "error",
    "bad-date": "error",
    "encoding-damage": "error",
    "exclusive-choice": "error",
    "too-many-choices": "error",
    "too-few-choices": "error",
    "bad-ranking": "error",
    "answered-though-routed-out": "error",
    "blank-though-required": "error",
    "label-mismatch": "error",
    "reversed-labels": "error",
    "duplicate-id": "error",
    "missing-id": "error",
    "outside-field-period": "error",
    "impossible-duration": "error",
    "quota-exceeded": "error",
    "quota-missed": "warning",
    "attention-failed": "warning",
    "all-missing": "warning",
    "personal-data": "warning",
}
"""Every rule: an error breaks the instrument, a warning is worth a look."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken by one item: one record, however many cells.

    Parameters
    ----------
    rule : str
        Its name (`RULES`).
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

    @property
    def place(self) -> str:
        """In how many rows, and in which ones first; empty for findings about a whole column."""
        if not self.count:
            return ""
        first = f" (first: {', '.join(str(row) for row in self.rows)})" if self.rows else ""
        return f"{self.count} row{'s' if self.count != 1 else ''}{first}"

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
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.severity} {self.rule}: {self.item}: {self.told}{hint}"

    @property
    def told(self) -> str:
        """What was expected, what was there, and where."""
        place = f" in {self.place}" if self.place else ""
        return f"expected {self.expected}, got {self.got}{place}"


@dataclass(frozen=True, slots=True)
class MissingCount:
    """How often an item was answered, and in which ways it was not.

    Parameters
    ----------
    item : str
        The item.
    blank : int
        Empty cells.
    by_code : mapping
        Code that stands for no answer (as text) -> rows.
    answered : int
        Rows with an answer, legal or not.
    routed, nonresponse, dontknow, refused : int
        Rows without: not asked; asked, or perhaps asked, and no answer (or one that cannot be read); the respondent
        does not know; the respondent refuses.
    """

    item: str
    blank: int
    by_code: Mapping[str, int]
    answered: int = 0
    routed: int = 0
    nonresponse: int = 0
    dontknow: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        """Rows that are empty or hold a code for no answer."""
        return self.blank + sum(self.by_code.values())

    def to_dict(self) -> dict[str, Any]:
        """The counts as plain data."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**plain, "by_code": dict(self.by_code), "total": self.total}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> MissingCount:
        """Counts from their plain data; kinds that an older record does not have are 0."""
        return cls(**{each.name: record[each.name] for each in fields(cls) if each.name in record})


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
    dialect : str
        As whose export the file was read, and why; empty where nobody said.
    """

    source: str
    source_sha256: str
    instrument: str
    instrument_sha256: str
    n_rows: int
    n_columns: int
    findings: tuple[Finding, ...]
    missing: tuple[MissingCount, ...]
    dialect: str = ""

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
        """How many findings break the instrument, in words."""
        count = len(self.errors)
        return _many(count, "error")

    @property
    def by_rule(self) -> Mapping[str, int]:
        """Rows concerned per rule, in the order of `RULES`; a finding about a whole column counts as 0 rows."""
        rules = {finding.rule for finding in self.findings}
        return {rule: sum(each.count for each in self.findings if each.rule == rule) for rule in RULES if rule in rules}

    @property
    def ranked(self) -> tuple[Finding, ...]:
        """The findings, those that concern a whole column first, then those with most rows; errors before warnings."""
        whole = 1 + max((finding.count for finding in self.findings), default=0)
        return tuple(sorted(self.findings, key=lambda found: (found.severity != "error", -(found.count or whole))))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data (schema ``survey-sem/validation/1``)."""
        return {
            "schema": "survey-sem/validation/1",
            "ok": self.ok,
            "source": self.source,
            "source_sha256": self.source_sha256,
            "dialect": self.dialect,
            "instrument": self.instrument,
            "instrument_sha256": self.instrument_sha256,
            "n_rows": self.n_rows,
            "n_columns": self.n_columns,
            "by_rule": dict(self.by_rule),
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
            missing=tuple(MissingCount.from_dict(each) for each in record["missing"]),
            dialect=record.get("dialect", ""),
        )

    def to_json(self) -> str:
        """The report as one JSON document."""
        return json.dumps(plain_data(self.to_dict()), ensure_ascii=False, indent=2, allow_nan=False)

    def to_csv(self) -> str:
        """The findings as comma-separated text with a header, ranked as when printed.

        A text that a spreadsheet program would take for a formula gets an apostrophe before it.
        """
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["severity", "rule", "item", "count", "first_rows", "expected", "got", "hint"])
        for one in self.ranked:
            rows = " ".join(map(str, one.rows))
            texts = [_inert(text) for text in (one.expected, one.got, one.hint)]
            writer.writerow([one.severity, one.rule, _inert(one.item), one.count, rows, *texts])
        return stream.getvalue()

    @property
    def head(self) -> str:
        """What was held against what, in one line; a second one where most items have no column."""
        read = f", read as {self.dialect.partition(' (')[0]}" if self.dialect else ""
        size = f"{_many(self.n_rows, 'row')}, {_many(self.n_columns, 'column')}"
        return f"{self.source}: {size}{read}, against {self.instrument}{self._wrong_file()}"

    def _wrong_file(self) -> str:
        """What a file without most of the columns may be: one cause, told before its many effects."""
        absent = {finding.item for finding in self.findings if finding.rule == "missing-column"}
        n_expected = len(absent) + len(self.missing)
        if 2 * len(absent) <= n_expected:
            return ""
        return (
            f"\n{len(absent)} of the {n_expected} columns that the questionnaire expects are not there: is this an "
            "export of another platform, in another encoding, or of another questionnaire?"
        )

    @property
    def verdict(self) -> str:
        """The last line: how many answers are missing, and whether the data keep to the instrument."""
        verdict = "the data keep to the instrument" if self.ok else self.broken
        n_warnings = len(self.findings) - len(self.errors)
        warnings = f", {_many(n_warnings, 'warning')}" if n_warnings else ""
        return f"{self._missing_line()}\n{verdict}{warnings}"

    def __str__(self) -> str:
        cells = [(each.severity, each.rule, each.item) for each in self.ranked]
        lines = [
            f"  {start}  {one.told}{f'; {one.hint}' if one.hint else ''}"
            for start, one in zip(_aligned(cells), self.ranked, strict=True)
        ]
        return harmless("\n".join([self.head, *lines, self.verdict]))

    def _missing_line(self) -> str:
        rows = [count for count in self.missing if count.total]
        if not rows:
            return "no missing answers"
        worst = sorted(rows, key=lambda count: -count.total)[:3]
        named = ", ".join(f"{count.item} {count.total}" for count in worst)
        n_routed = sum(count.routed for count in self.missing)
        routed = f"; {n_routed} answer{'s were' if n_routed != 1 else ' was'} not asked for" if n_routed else ""
        return f"missing answers in {len(rows)} of {len(self.missing)} items; most: {named}{routed}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Cells padded to columns as a terminal shows them: a Chinese character takes two places."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)) for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _inert(text: str) -> str:
    is_formula = text[:1] in ("=", "+", "@", "\t", "\r") or (text[:1] == "-" and not text[1:2].isdigit())
    return f"'{text}" if is_formula else text


def _finding(record: Mapping[str, Any]) -> Finding:
    rest = {key: value for key, value in record.items() if key != "first_rows"}
    return Finding(rows=tuple(record["first_rows"]), **rest)

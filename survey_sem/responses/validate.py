"""RawTable + Instrument -> Responses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey_sem.errors import did_you_mean
from survey_sem.exports import RawTable
from survey_sem.instrument import Instrument
from survey_sem.responses.report import Finding, ValidationReport
from survey_sem.responses.rules import CheckedColumn, check_column

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Responses:
    """Answers that were held against an instrument.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_items)
        One column per item that the export has, by item id, in the order of the questionnaire; declared
        missing codes are missing, numbers are numeric. Columns that the instrument does not know are gone.
    instrument : Instrument
        What was asked.
    report : ValidationReport
        What was found; ``report.ok`` says whether the data keep to the instrument.
    """

    frame: pd.DataFrame
    instrument: Instrument
    report: ValidationReport

    def __repr__(self) -> str:
        """Size and verdict: never a respondent's answer."""
        verdict = "ok" if self.report.ok else self.report.broken
        return f"Responses({self.report.source}: {len(self.frame)} rows, {self.frame.shape[1]} items, {verdict})"


def validate_responses(raw: RawTable, instrument: Instrument) -> Responses:
    """Hold every column against the instrument, collecting all findings.

    Broken data give Responses too, with ``report.ok`` False; preparing a sample then refuses them.
    """
    import pandas as pd

    answers = raw.answers()
    present = [item for item in instrument.items if item.column in answers.columns]
    checked = {item.id: check_column(answers[item.column], item, instrument.missing) for item in present}
    frame = pd.DataFrame({name: column.values for name, column in checked.items()}, index=answers.index)
    return Responses(frame, instrument, _report(raw, instrument, checked))


def _report(raw: RawTable, instrument: Instrument, checked: dict[str, CheckedColumn]) -> ValidationReport:
    findings = [*_absent(raw, instrument), *(found for column in checked.values() for found in column.findings)]
    findings += _unknown(raw, instrument)
    return ValidationReport(
        source=raw.source,
        source_sha256=raw.sha256,
        instrument=f"{instrument.id} {instrument.version}",
        instrument_sha256=instrument.sha256,
        n_rows=raw.n_rows,
        n_columns=len(raw.columns),
        findings=tuple(sorted(findings, key=lambda found: found.severity != "error")),
        missing=tuple(column.missing for column in checked.values()),
    )


def _absent(raw: RawTable, instrument: Instrument) -> list[Finding]:
    return [
        Finding(
            "missing-column",
            item.id,
            "error",
            f"a column '{item.column}'",
            "none of that name",
            hint=did_you_mean(item.column, raw.columns) or "",
        )
        for item in instrument.items
        if item.column not in raw.columns
    ]


def _unknown(raw: RawTable, instrument: Instrument) -> list[Finding]:
    known = {item.column for item in instrument.items}
    return [
        Finding(
            "unknown-column",
            name,
            "warning",
            "a column of the instrument",
            "a column that it does not know",
            hint="left out; describe it under `items:` to keep it",
        )
        for name in raw.columns
        if name not in known
    ]

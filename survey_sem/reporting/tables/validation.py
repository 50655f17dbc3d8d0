"""Tables about the check of the data against the questionnaire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survey_sem.reporting.contents import Cell, Content, Count, Joined, Name, Said, said
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.wording import has_phrase
from survey_sem.responses.report import Finding, ValidationReport

_ABSENT = ("routed", "nonresponse", "dontknow", "refused")
NAMED = 6
"""Items that a row names; more are counted."""


def findings_table(report: ValidationReport, treatments: Mapping[str, str]) -> Table | None:
    """What was found, rule by rule, and what was done about it; None where nothing was found.

    Parameters
    ----------
    report : ValidationReport
    treatments : mapping
        Rule -> ``missing drop first last accept``, as the study declares; ``keep`` where its conditions on who stays
        say it.
    """
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.findings:
        groups.setdefault((finding.severity, finding.rule), []).append(finding)
    if not groups:
        return None
    columns = (
        Column("rule"),
        Column("severity"),
        Column("places"),
        Column("n_found", "count"),
        Column("treatment"),
    )
    rows = tuple(
        (
            _worded("rule", rule),
            said(f"severity.{severity}"),
            _places(found),
            sum(finding.count for finding in found) or None,
            _treatment(severity, treatments.get(rule)),
        )
        for (severity, rule), found in groups.items()
    )
    return Table("findings", columns, rows, (said("note.findings"),))


def availability_table(report: ValidationReport) -> Table | None:
    """How many answered each item, were not asked, or gave no answer; None where everybody answered everything.

    Items that everybody answered are left out.
    """
    rows = [count for count in report.missing if count.answered < report.n_rows]
    if not rows:
        return None
    kinds = [kind for kind in _ABSENT if any(getattr(count, kind) for count in rows)]
    columns = (
        Column("item", is_code=True),
        Column("answered", "count"),
        *(Column(kind, "count") for kind in kinds),
    )
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (Name(count.item), *(Count(getattr(count, kind), report.n_rows) for kind in ("answered", *kinds)))
        for count in rows
    )
    left_out = len(report.missing) - len(rows)
    notes = [said("note.availability", n=report.n_rows)]
    if left_out:
        notes.append(said("note.availability.rest", n=left_out))
    return Table("availability", columns, cells, tuple(notes))


def _worded(kind: str, code: str) -> Content:
    key = f"{kind}.{code.replace('-', '_')}"
    return Said(key, code=code) if has_phrase(key) else code


def _treatment(severity: str, action: str | None) -> Cell:
    if action is not None:
        return _worded("treatment", action)
    return said("treatment.none") if severity == "warning" else None


def _places(findings: Sequence[Finding]) -> Content:
    items = tuple(dict.fromkeys(finding.item for finding in findings))
    named: tuple[Content, ...] = tuple(Name(item) for item in items[:NAMED])
    if len(items) > NAMED:
        return said("places.more", named=Joined(named), n=len(items) - NAMED)
    return Joined(named)

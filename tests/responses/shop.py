"""An instrument with an item of every type, and an export of it without a fault."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from survey_sem.exports import RawTable
from survey_sem.instrument import Instrument, load_instrument
from survey_sem.responses import Finding, ValidationReport

YAML = """\
schema: survey-sem/instrument/1
instrument: {id: shop, version: "1", title: Shop}
missing:
  - {code: -99, kind: nonresponse}
  - {code: -3, kind: routed}
  - {code: 98, kind: dontknow}
  - {code: 97, kind: refused}
scales:
  agree:
    min: 1
    max: 5
    labels:
      en: {1: Not at all, 2: A little, 3: Partly, 4: Mostly, 5: "Entirely"}
      zh: {1: 完全不同意, 2: 不太同意, 3: 一般, 4: 比较同意, 5: 完全同意}
  yes_no: {labels: {en: {1: "Yes", 2: "No"}, zh: {1: 是, 2: 否}}}
  sex: {labels: {en: {f: Female, m: Male}}}
  shops: {labels: {en: {1: Market, 2: Online, 3: "Mall, big", 9: None of these}}}
  drivers: {labels: {en: {1: Price, 2: Quality, 3: Service}}}
items:
  - {id: bought, scale: yes_no, required: true, text: Bought?}
  - {id: sex, scale: sex, text: Sex}
  - {id: age, type: number, min: 18, max: 99, whole: true, text: Age}
  - {id: sat, scale: agree, relevant: bought = 1, required: true, text: Satisfied}
  - {id: att, scale: agree, text: Please choose 4}
  - {id: shops, type: multi, scale: shops, exclusive: [9], min: 1, max: 2, text: Where}
  - {id: ranks, type: rank, scale: drivers, min: 2, max: 3, text: Why}
  - {id: visit, type: date, min: 2026-05-01, max: 2026-05-31, text: When}
  - {id: why, type: text, text: Why}
partitions:
  - id: cohort
    label: Cohort
    of: age
    parts: [{id: young, label: Young, to: 39}, {id: old, label: Old, from: 40}]
quality: {attention: [{item: att, answer: 4}]}
paradata:
  id: sheet
  started: begun
  submitted: sent
  duration: seconds
  field_period: {from: 2026-05-01, to: 2026-06-30}
  shortest_seconds: 30
  longest_seconds: 3600
quotas:
  - {of: cohort, cells: {young: {min: 2, max: 4}, old: {min: 1}}}
"""

COLUMNS: dict[str, list[object]] = {
    "bought": [1, 1, 2, 1, 2, 1],
    "sex": ["f", "m", "f", "m", "f", "m"],
    "age": [18, 30, 45, 50, 39, 99],
    "sat": [5, 4, None, 1, None, 3],
    "att": [4, 4, 4, 4, 4, 4],
    "shops": ["1", "1┋2", "9", "2|3", "1,2", "Mall, big"],
    "ranks": ["1→2→3", "3→1", "2→1", "1→3", "2→3→1", "3→2"],
    "visit": ["2026-05-01", "2026/5/2", "2026-05-31", "2026/5/9", "2026-05-10", "2026-05-11 12:00"],
    "why": ["cheap", "near", None, "好", "???", "x"],
    "sheet": [101, 102, 103, 104, 105, 106],
    "begun": ["2026-05-01 10:00:00"] * 6,
    "sent": ["2026/5/1 12:30:00", "2026-05-02 01:00", "2026-06-30 23:59:59"] * 2,
    "seconds": [30, 31, 200, 3600, 400, 500],
}


def export(**changes: object) -> RawTable:
    """The faultless export, with these columns changed; a column that is None is left out."""
    columns = {name: values for name, values in {**COLUMNS, **changes}.items() if values is not None}
    return RawTable(pd.DataFrame(columns), "d.csv", "0" * 64, "csv")


def changed(name: str, **cells: object) -> dict[str, object]:
    """A column of the faultless export with cells replaced: ``changed("age", r2=17)`` is row 2."""
    values: list[object] = list(COLUMNS[name])
    for row, value in cells.items():
        values[int(row[1:]) - 1] = value
    return {name: values}


def instrument_from_text(path: Path, text: str) -> Instrument:
    path.write_text(text, encoding="utf-8")
    return load_instrument(path)


def only(report: ValidationReport) -> Finding:
    """The only finding of a report."""
    (finding,) = report.findings
    return finding

"""Validation: every rule, all findings, counts instead of copies."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from survey_sem.exports import MissingRange, RawTable
from survey_sem.instrument import Instrument, load_instrument
from survey_sem.responses import Finding, validate_responses

YAML = """\
schema: survey-sem/instrument/1
instrument: {id: demo, version: "1", title: Demo}
missing:
  - {code: -99, kind: nonresponse}
  - {code: (跳过), kind: routed}
scales:
  agree: {min: 1, max: 5}
  word: {labels: {en: {yes: Yes, no: No}}}
items:
  - {id: q1, column: Q1, scale: agree, text: One}
  - {id: word, scale: word, text: Word}
  - {id: age, type: number, min: 18, max: 99, text: Age}
  - {id: why, type: text, text: Why}
"""


@pytest.fixture
def asked(tmp_path: Path) -> Instrument:
    """An instrument with one item of each type."""
    path = tmp_path / "i.yaml"
    path.write_text(YAML, encoding="utf-8")
    return load_instrument(path)


def table(**changes: object) -> RawTable:
    columns: dict[str, object] = {
        "Q1": [1, 5, -99, 3],
        "word": ["yes", "no", "yes", None],
        "age": [18, 99, 40, 50],
        "why": ["a", "b", "c", "d"],
    }
    return RawTable(pd.DataFrame({**columns, **changes}), "d.csv", "0" * 64, "csv")


def only(found: tuple[Finding, ...]) -> Finding:
    (finding,) = found
    return finding


def test_clean_data(asked: Instrument) -> None:
    responses = validate_responses(table(), asked)
    assert responses.report.ok
    assert responses.report.findings == ()
    assert responses.frame.columns.tolist() == ["q1", "word", "age", "why"]
    assert responses.frame["q1"].isna().tolist() == [False, False, True, False]
    counts = {count.item: count for count in responses.report.missing}
    assert counts["q1"].by_code == {"-99": 1}
    assert counts["word"].blank == 1
    assert "ok" in repr(responses)


@pytest.mark.parametrize(
    ("changes", "rule", "item", "count", "rows", "got"),
    [
        ({"Q1": [1, 7, 7, 3]}, "illegal-code", "q1", 2, (2, 3), "7"),
        ({"Q1": [1.5, 2, 3, 4]}, "illegal-code", "q1", 1, (1,), "1.5"),
        ({"Q1": ["1", "(跳过)", "agree", "3"]}, "wrong-type", "q1", 1, (3,), "1 text that is not shown"),
        ({"word": ["yes", "maybe", "no", "no"]}, "illegal-code", "word", 1, (2,), "1 text that is not shown"),
        ({"age": [17, 18, 20, 101]}, "out-of-range", "age", 2, (1, 4), "17, 101"),
        ({"age": [float("inf"), 18, 20, 30]}, "out-of-range", "age", 1, (1,), "inf"),
    ],
)
def test_rules(
    asked: Instrument, changes: dict[str, object], rule: str, item: str, count: int, rows: tuple[int, ...], got: str
) -> None:
    report = validate_responses(table(**changes), asked).report
    finding = only(report.errors)
    assert not report.ok
    assert (finding.rule, finding.item, finding.count, finding.rows) == (rule, item, count, rows)
    assert set(finding.got.split(", ")) == set(got.split(", "))


def test_columns_that_are_missing_or_unknown(asked: Instrument) -> None:
    raw = table()
    renamed = RawTable(raw.frame.rename(columns={"Q1": "Q_1"}), "d.csv", "0" * 64, "csv")
    report = validate_responses(renamed, asked).report
    missing = only(report.errors)
    assert (missing.rule, missing.item, missing.hint) == ("missing-column", "q1", "did you mean 'Q_1'?")
    assert [finding.rule for finding in report.findings] == ["missing-column", "unknown-column"]


def test_all_missing_is_a_warning(asked: Instrument) -> None:
    report = validate_responses(table(age=[None] * 4), asked).report
    assert report.ok
    assert only(report.findings).rule == "all-missing"


def test_codes_that_the_file_declares_missing(asked: Instrument) -> None:
    raw = table(Q1=[1, 98, 3, 4])
    declared = RawTable(raw.frame, "d.sav", "0" * 64, "sav", missing_codes={"Q1": (MissingRange(97, 99),)})
    assert validate_responses(declared, asked).report.ok


def test_many_bad_cells_are_one_line(asked: Instrument) -> None:
    frame = pd.DataFrame({"Q1": [9] * 80_000, "word": "yes", "age": 30, "why": "x"})
    report = validate_responses(RawTable(frame, "d.csv", "0" * 64, "csv"), asked).report
    assert str(only(report.errors)) == (
        "error illegal-code: q1: expected 1-5, got 9 in 80000 rows (first: 1, 2, 3); "
        "recode it, or declare the code under `missing:`"
    )


def test_report_as_json(asked: Instrument) -> None:
    record = json.loads(validate_responses(table(age=[1, 20, 20, 20]), asked).report.to_json())
    assert record["schema"] == "survey-sem/validation/1"
    assert record["ok"] is False
    assert record["findings"][0]["first_rows"] == [1]


def test_one_rule_is_one_rule(asked: Instrument) -> None:
    one = validate_responses(table(Q1=[1, 5, 9, 3]), asked).report
    assert str(one).endswith("\n1 error")
    both = validate_responses(table(Q1=[1, 5, 9, 3], age=[7, 20, 20, 20]), asked).report
    assert both.broken == "2 errors"

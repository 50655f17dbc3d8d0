"""Laws of validation: legal tables have no errors, planted errors are found exactly, the order of rows is nothing."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_sem.exports import RawTable
from survey_sem.instrument import Instrument
from survey_sem.responses import validate_responses
from tests.responses.shop import COLUMNS, export

N = 12
CHOICES = ["1", "2", "3", "1┋2", "2┋3", "1|3", "9", "Market", "Mall, big┋Online"]
RANKS = ["1→2", "3→1→2", "Price→Service", "2|1|3"]


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """One legal answer sheet."""
    bought = draw(st.sampled_from([1, 2]))
    return {
        "bought": bought,
        "sex": draw(st.sampled_from(["f", "m", "Male", None])),
        "age": draw(st.integers(18, 99)),
        "sat": draw(st.integers(1, 5)) if bought == 1 else draw(st.sampled_from([None, -3, -99])),
        "att": 4,
        "shops": draw(st.sampled_from([*CHOICES, None])),
        "ranks": draw(st.sampled_from([*RANKS, None])),
        "visit": draw(st.dates(pd.Timestamp("2026-05-01").date(), pd.Timestamp("2026-05-31").date()).map(str)),
        "why": draw(st.sampled_from(["cheap", "好", None, "near by"])),
        "begun": "2026-05-01 10:00:00",
        "sent": "2026-05-03 10:00:00",
        "seconds": draw(st.integers(30, 3600)),
    }


tables = st.lists(answers(), min_size=N, max_size=N).map(
    lambda rows: pd.DataFrame(rows, dtype=object).assign(sheet=range(1, N + 1))
)
IGNORED = {"quota-exceeded", "quota-missed", "all-missing"}


def found(frame: pd.DataFrame, asked: Instrument) -> dict[tuple[str, str], int]:
    """Rows per rule and item; quotas depend on all rows together and are left out."""
    report = validate_responses(RawTable(frame, "d.csv", "0" * 64, "csv"), asked).report
    return {(one.rule, one.item): one.count for one in report.findings if one.rule not in IGNORED}


@given(table=tables)
@settings(max_examples=30, deadline=None)
def test_a_legal_table_has_no_errors(shop: Instrument, table: pd.DataFrame) -> None:
    assert found(table, shop) == {}


PLANTED: list[tuple[str, Any, str]] = [
    ("sex", 3, "illegal-code"),
    ("age", 17, "out-of-range"),
    ("age", "1O", "wrong-type"),
    ("age", 20.25, "not-whole"),
    ("att", 2, "attention-failed"),
    ("shops", "1┋9", "exclusive-choice"),
    ("shops", "1┋2┋3", "too-many-choices"),
    ("shops", "1┋17", "illegal-code"),
    ("ranks", "2→2", "bad-ranking"),
    ("ranks", "2", "too-few-choices"),
    ("visit", "2026-06-01", "out-of-range"),
    ("visit", "tomorrow", "bad-date"),
    ("why", "锟斤拷", "encoding-damage"),
    ("why", "me@example.org", "personal-data"),
    ("sheet", None, "missing-id"),
    ("sent", "2026-07-01", "outside-field-period"),
    ("seconds", 1, "impossible-duration"),
]


@given(table=tables, planted=st.lists(st.sampled_from(PLANTED), unique_by=lambda each: each[0]), data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_planted_is_found(
    shop: Instrument, table: pd.DataFrame, planted: list[tuple[str, Any, str]], data: st.DataObject
) -> None:
    expected = {}
    for name, value, rule in planted:
        rows = data.draw(st.lists(st.integers(0, N - 2), min_size=1, max_size=4, unique=True))
        table[name] = table[name].astype(object)
        table.loc[rows, name] = value
        expected[rule, name] = len(rows)
    assert found(table, shop) == expected


@given(table=tables, planted=st.lists(st.sampled_from(PLANTED), max_size=6), order=st.permutations(range(N)))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_does_not_count(
    shop: Instrument, table: pd.DataFrame, planted: list[tuple[str, Any, str]], order: list[int]
) -> None:
    for at, (name, value, _) in enumerate(planted):
        table[name] = table[name].astype(object)
        table.loc[at, name] = value
    one, other = (
        validate_responses(RawTable(frame, "d.csv", "0" * 64, "csv"), shop)
        for frame in (table, table.iloc[order].reset_index(drop=True))
    )
    told = [[{**each.to_dict(), "first_rows": []} for each in each_.report.findings] for each_ in (one, other)]
    assert told[0] == told[1]
    assert one.report.missing == other.report.missing
    pd.testing.assert_frame_equal(one.frame.iloc[order].reset_index(drop=True), other.frame)
    pd.testing.assert_frame_equal(one.absent.iloc[order].reset_index(drop=True), other.absent)
    positions = {(each.rule, each.item): set(each.rows.tolist()) for each in one.broken}
    for each in other.broken:
        if each.rule != "quota-exceeded":  # the surplus is what came last
            assert {order[row] for row in each.rows.tolist()} == positions[each.rule, each.item]


@given(table=tables)
@settings(max_examples=20, deadline=None)
def test_absence_is_where_no_answer_is(shop: Instrument, table: pd.DataFrame) -> None:
    responses = validate_responses(RawTable(table, "d.csv", "0" * 64, "csv"), shop)
    for item in shop.items:
        has_answer = responses.frame[list(item.variables)].notna().any(axis=1)
        assert (has_answer == responses.absent[item.id].eq(0)).all()
    routed = responses.absent["sat"].eq(1)
    assert (routed == responses.frame["bought"].eq(2)).all()


@given(
    name=st.sampled_from([*COLUMNS]),
    words=st.lists(
        st.text(st.characters(categories=["L"]), min_size=4, max_size=12), min_size=1, max_size=4, unique=True
    ),
)
@settings(max_examples=60, deadline=None)
def test_what_one_person_wrote_is_never_quoted(shop: Instrument, name: str, words: list[str]) -> None:
    """Nor are long numbers, which may be telephone numbers."""
    secrets = [f"{word}-{at}x" for at, word in enumerate(words)] + ["13912345678", "19900101"]
    raw = export(**{name: [*secrets, *COLUMNS[name]][: len(COLUMNS[name])]})
    report = validate_responses(raw, shop).report
    told = report.to_json() + str(report) + report.to_csv()
    assert not [secret for secret in secrets if secret in told]

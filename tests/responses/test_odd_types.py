"""A DataFrame may hold anything: findings, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_sem.errors import DataError
from survey_sem.instrument import Instrument
from survey_sem.responses import validate_responses
from tests.responses.shop import COLUMNS, export

CAST: dict[str, Callable[[pd.Series[Any]], pd.Series[Any]]] = {
    "nullable integers": lambda column: column.astype("Int64"),
    "nullable floats": lambda column: column.astype("Float64"),
    "float32": lambda column: column.astype("float32"),
    "int8": lambda column: column.astype("int8"),
    "unsigned": lambda column: column.astype("uint8"),
    "categories of numbers": lambda column: column.astype("category"),
    "ordered categories of texts": lambda column: column.astype(str).astype("category").cat.as_ordered(),
    "arrow integers": lambda column: column.astype("int64[pyarrow]"),
    "arrow texts": lambda column: column.astype(str).astype("string[pyarrow]"),
    "python texts": lambda column: column.astype(str).astype("string[python]"),
    "objects": lambda column: column.astype(object),
    "mixed objects": lambda column: pd.Series([*column[:3], *map(str, column[3:])], dtype=object),
    "numpy scalars": lambda column: pd.Series([np.int16(value) for value in column], dtype=object),
    "decimals": lambda column: pd.Series([Decimal(int(value)) for value in column], dtype=object),
    "sparse": lambda column: column.astype(pd.SparseDtype("int64", 0)),
    "complex": lambda column: column.astype(complex),
}


@pytest.mark.parametrize("kind", [kind for kind in CAST if kind != "complex"])
def test_numbers_of_any_type(shop: Instrument, kind: str) -> None:
    cast = CAST[kind]
    frame = export().frame.assign(att=cast(pd.Series(COLUMNS["att"])), age=cast(pd.Series(COLUMNS["age"])))
    responses = validate_responses(frame, shop)
    assert responses.report.findings == ()
    assert responses.frame["age"].tolist() == COLUMNS["age"]
    assert responses.frame["att"].dtype == "int64"


@pytest.mark.parametrize(
    "values",
    [
        [True, False] * 3,
        pd.array([True, None, False] * 2, dtype="boolean"),
        [datetime(2026, 5, day, tzinfo=UTC) for day in range(1, 7)],
        pd.to_datetime(["2026-05-01", None] * 3),
        pd.to_datetime(["2026-05-01", None] * 3).tz_localize("Asia/Shanghai"),
        [date(2026, 5, 1), None, "x", 3, 2.5, True],
        [[1], {"a": 1}, (1, 2), {3}, None, "1"],
        [np.nan] * 6,
        [pd.NA] * 6,
        [None] * 6,
        ["", "  ", "\t", None, np.nan, pd.NA],
        [float("inf"), float("-inf"), np.nan, 1e308, -0.0, 5e-324],
        pd.to_timedelta([1, 2, None, 4, 5, 6], unit="s"),
        pd.period_range("2026-05", periods=6, freq="M"),
        pd.interval_range(0, 6),
        pd.Categorical([None] * 6, categories=[]),
        [1 + 2j] * 6,
        [b"1", b"\xff", b"", b"2", None, b"x"],
        [10**30, -(10**30), 2**63, 1, 2, 3],
        pd.Series(["\x00", "\ud800", "\u202e", "1\x00", "=cmd()", "١"], dtype=object),
        [object()] * 6,
    ],
    ids=lambda values: str(getattr(values, "dtype", values)).partition(" at 0x")[0][:30],
)
@pytest.mark.parametrize("names", [list(COLUMNS), ["bought", "age", "sheet"]], ids=["all", "some"])
def test_anything_in_any_column(shop: Instrument, names: list[str], values: Any) -> None:
    frame = pd.DataFrame({name: values if name in names else COLUMNS[name] for name in COLUMNS})
    responses = validate_responses(frame, shop)
    assert str(responses.report)
    assert responses.report.to_json()
    assert responses.report.to_csv()
    assert len(responses.frame) == len(responses.absent) == len(responses.paradata) == 6
    for item in shop.items:
        has_answer = responses.frame[list(item.variables)].notna().any(axis=1)
        assert (has_answer == responses.absent[item.id].eq(0)).all()


def test_dates_are_dates_in_any_type(shop: Instrument) -> None:
    days = pd.to_datetime(["2026-05-01", "2026-05-02", None, "2026-05-09", "2026-05-10", "2026-05-11"])
    series = pd.Series(days)
    types = ("date32[pyarrow]", "timestamp[us][pyarrow]", "timestamp[s, tz=UTC][pyarrow]", "datetime64[s]")
    in_all_types = [days, days.tz_localize("Asia/Shanghai"), days.date, *(series.astype(name) for name in types)]
    for values in in_all_types:
        responses = validate_responses(export().frame.assign(visit=values), shop)
        assert responses.report.findings == ()
        assert responses.frame["visit"].dt.day.fillna(0).tolist() == [1, 2, 0, 9, 10, 11]


def test_a_frame_without_rows(shop: Instrument) -> None:
    responses = validate_responses(pd.DataFrame(COLUMNS).iloc[:0], shop)
    assert [finding.rule for finding in responses.report.findings] == ["quota-missed"]
    assert responses.frame.shape == (0, len(shop.variables))
    assert not validate_responses(pd.DataFrame(), shop).report.ok


def test_columns_without_names_of_their_own(shop: Instrument) -> None:
    for frame in (
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])),
    ):
        with pytest.raises(DataError) as caught:
            validate_responses(frame, shop)
        assert caught.value.code == "duplicate-column"
    assert not validate_responses(pd.DataFrame([[1, 2]]), shop).report.ok

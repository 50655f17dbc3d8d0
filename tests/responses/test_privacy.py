"""Pseudonyms, coarser values and masked texts."""

from __future__ import annotations

import hashlib
import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_sem.errors import OptionError
from survey_sem.instrument.model import Generalised
from survey_sem.responses.personal_data import KINDS, Place, personal_content, personal_places
from survey_sem.responses.privacy import generalised, masked_text, pseudonyms

NAN = float("nan")
KEY = bytes(range(32))


def shown(column: pd.Series) -> list[object]:
    return [None if pd.isna(value) else value for value in column]


# --- pseudonyms ---


def test_a_keyed_hash_is_that_of_the_standard_library() -> None:
    found = pseudonyms(pd.Series(["1.2.3.4", None, "1.2.3.4", "5.6.7.8"]), KEY)
    expected = hashlib.blake2b(b"1.2.3.4", key=KEY, digest_size=8).hexdigest()
    assert shown(found)[:3] == [expected, None, expected]
    assert found[3] != expected and re.fullmatch("[0-9a-f]{16}", str(found[3]))


def test_another_key_gives_other_pseudonyms_and_a_long_key_counts_whole() -> None:
    column = pd.Series(["a"])
    long = bytes(100)
    assert len({str(pseudonyms(column, key)[0]) for key in (KEY, b"x", long, long[:-1] + b"x")}) == 4


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(OptionError, match="key of the pseudonyms is empty"):
        pseudonyms(pd.Series(["a"]), b"")


def test_without_a_key_numbers_in_the_order_of_appearance() -> None:
    assert shown(pseudonyms(pd.Series(["b", None, "a", "b"]), None)) == ["p1", None, "p2", "p1"]


@pytest.mark.parametrize("key", [KEY, None])
def test_numbers_and_texts_are_the_same_value(key: bytes | None) -> None:
    mixed = pd.Series([5, "5", 5.0, "5.0", " 5 ", "5.00"], dtype=object)
    assert len(set(pseudonyms(mixed, key))) == 1
    columns = [pd.Series([5.0, NAN]), pd.Series(["5", None]), pd.Series([5, None], dtype="Int64")]
    assert len({tuple(shown(pseudonyms(column, key))) for column in columns}) == 1
    distinct = pd.Series(["007", "7", "7.5", "0.70", ".0", "v1.0", "1.0.0"])
    assert len(set(pseudonyms(distinct, key))) == 7


def test_blank_texts_are_missing_and_the_index_stays() -> None:
    found = pseudonyms(pd.Series(["", "  ", None, "x"], index=[3, 5, 7, 9], name="ip"), None)
    assert (shown(found), list(found.index), found.name) == ([None, None, None, "p1"], [3, 5, 7, 9], "ip")
    assert pseudonyms(pd.Series([NAN, NAN]), KEY).isna().all()
    assert len(pseudonyms(pd.Series([], dtype=float), KEY)) == 0


@given(st.lists(st.one_of(st.none(), st.text(max_size=5), st.integers(-5, 5), st.floats(-2, 2)), max_size=20))
def test_equal_values_and_only_these_have_equal_pseudonyms(values: list[object]) -> None:
    column = pd.Series(values, dtype=object)
    keyed, numbered = (pseudonyms(column, key) for key in (KEY, None))
    assert [pd.isna(value) for value in keyed] == [pd.isna(value) for value in numbered]
    pairs = {(one, other) for one, other in zip(keyed.dropna(), numbered.dropna(), strict=True)}
    assert len(pairs) == keyed.nunique() == numbered.nunique()


# --- coarser values ---


def test_years_and_months_of_texts() -> None:
    written = ["1995/3/12", "1995年3月", "19950312", "1995", 19950312.0, "1995-03-12T10:00", "12.03.1995", "?", None,
               "1995-13-01", 45000, "0995-01-01"]  # fmt: skip
    column = pd.Series(written, dtype=object)
    years = generalised(column, Generalised("born", "year"))
    assert shown(years) == [1995, 1995, 1995, 1995, 1995, 1995, None, None, None, None, None, None]
    assert pd.api.types.is_numeric_dtype(years.dtype)
    months = generalised(column, Generalised("born", "month"))
    assert shown(months)[:6] == ["1995-03", "1995-03", "1995-03", None, "1995-03", "1995-03"]
    assert months[6:].isna().all()


@pytest.mark.parametrize("zone", [None, "Asia/Shanghai"])
def test_years_and_months_of_datetimes(zone: str | None) -> None:
    column = pd.Series(pd.to_datetime(["1995-12-31 23:30", None])).dt.tz_localize(zone)
    assert shown(generalised(column, Generalised("born", "year"))) == [1995, None]
    assert shown(generalised(column, Generalised("born", "month"))) == ["1995-12", None]


def test_bands() -> None:
    five = Generalised("age", "band", 5)
    found = generalised(pd.Series([20, 24, 25, NAN, -3, np.inf], name="age"), five)
    assert shown(found) == ["20-24", "20-24", "25-29", None, "-5 to -1", None]
    assert found.name == "age"
    assert shown(generalised(pd.Series(["22", "x", None]), five)) == ["20-24", None, None]
    assert shown(generalised(pd.Series([20, 22.5]), five)) == ["20 to <25", "20 to <25"]
    assert shown(generalised(pd.Series([0.3, 0.1]), Generalised("x", "band", 0.1))) == ["0.3 to <0.4", "0.1 to <0.2"]
    assert shown(generalised(pd.Series([3, 4], dtype="Int64"), Generalised("x", "band", 1))) == ["3", "4"]
    assert generalised(pd.Series([NAN]), five).isna().all()


def test_bands_that_mean_nothing_are_refused() -> None:
    dates = pd.Series(pd.to_datetime(["1995-12-31"]))
    for column, width in ((dates, 5), (pd.Series([1]), None), (pd.Series([1]), 0)):
        with pytest.raises(OptionError, match="cannot be kept in bands"):
            generalised(column, Generalised("born", "band", width))


@given(st.lists(st.integers(-1000, 1000), min_size=1), st.integers(2, 30))
def test_every_number_lies_in_its_band(numbers: list[int], width: int) -> None:
    found = generalised(pd.Series(numbers), Generalised("x", "band", width))
    for number, band in zip(numbers, found, strict=True):
        low, high = map(int, re.fullmatch(r"(-?\d+)(?:-| to )(-?\d+)", band).groups())  # type: ignore[union-attr]
        assert low <= number <= high == low + width - 1 and low % width == 0


# --- personal data in texts ---


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("打我13812345678吧", "打我[phone]吧"),
        ("138 1234 5678/138-1234-5678/1381 234 5678", "[phone]/[phone]/[phone]"),
        ("+86 13812345678 008613812345678", "[phone] [phone]"),
        ("１３８１２３４５６７８", "[phone]"),
        ("010-87654321（0571）8765 4321", "[phone][phone]"),
        ("+1 415-555-2671", "[phone]"),
        ("写信 Me.X+y@Mail.Example.com。", "写信 [email]。"),
        ("证11010519491231002X 110105194912310021", "证[id number] 110105194912310021"),
        ("11010519491231002x", "[id number]"),
        ("110105 19491231 002X", "[id number]"),
        ("卡6222021234567890128", "卡[card]"),
        ("4111 1111-1111 1111", "[card]"),
        ("微信号：abc_123", "微信号：[account]"),
        ("加vx abc12345, wxid_9a8b7c", "加vx [account], [account]"),
        ("WeChat ID: Wonderful", "WeChat ID: [account]"),
        ("wechat someone.x@qq.com", "wechat [email]"),
        ("QQ:12345678,qq群号87654321", "QQ:[account],qq群号[account]"),
        ("抖音号:zhubo.88", "抖音号:[account]"),
        ("İİ Me@Mail.cn ＱＱ：12345678", "İİ [email] ＱＱ：[account]"),
        ("看https://t.cn/abc?id=1 好 www.a.cn", "看[link] 好 [link]"),
    ],
)
def test_masked(text: str, masked: str) -> None:
    column, counts = masked_text(pd.Series([text, None]))
    assert shown(column) == [masked, None]
    assert sum(counts.values()) == masked.count("[") and set(counts) <= set(KINDS)
    again, none = masked_text(column)
    assert shown(again) == [masked, None] and not none


@pytest.mark.parametrize(
    "text",
    [
        "", "很好", "微信支付很方便", "wechat payment works", "订单123456789012345678", "价格 1234567890123 元",
        "5 4 3 2 1 5 4 3 2 1 5 4 3 2", "2026-05-01 12:30:00", "12345678901", "138123456789", "qq音乐 100", "a @ b.c",
        "4111 1111 1111 1112", "110105199902310021", "1.2.3.4", "2019 2020 2021 2022", "3.1415926535",
    ],
)  # fmt: skip
def test_left_alone(text: str) -> None:
    column = pd.Series([text])
    found, counts = masked_text(column)
    assert found is column and not counts


def test_counts_are_those_of_rows() -> None:
    column = pd.Series(["13812345678 a@b.cn", "13812345678 a@b.cn", "x", None, "a@b.cn a@b.cn"])
    assert masked_text(column)[1] == {"email": 4, "phone": 2}


def test_numbers_in_a_text_column() -> None:
    found, counts = masked_text(pd.Series([13812345678.0, 7.0, NAN]))
    assert (shown(found), counts) == (["[phone]", "7", None], {"phone": 1})


pieces = st.sampled_from(
    ["1", "13", "138", "4111 ", "86", "+", "a@", "a.", "微信", "wx", "qq", ":", "：", " ", "-", "https://", "www.",
     "(0571)",
     "0571-", "X", "@", "b.cn", "抖音", "号", "wxid_", "_", "６", "abcde", "\n"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(pieces).map("".join)))
def test_places_are_in_order_within_the_text(text: str) -> None:
    places = list(personal_places(text))
    ends = [0, *itertools.chain.from_iterable((place.start, place.end) for place in places), len(text)]
    assert ends == sorted(ends)
    assert all(place.kind in KINDS and place.end > place.start for place in places)


@settings(max_examples=40)
@given(st.lists(pieces, min_size=1, max_size=3).map("".join))
def test_any_text_is_read_once(piece: str) -> None:
    """Patterns that can be read in several ways would take hours."""
    list(personal_places(piece * (30_000 // len(piece))))


@pytest.mark.parametrize(
    "piece", ["1", "a@", "a.", "138 ", "微信a1", "4111 ", "(0571)", "a@b.", "微信abcde", "+1 ", "0571-"]
)
def test_a_megabyte(piece: str) -> None:
    list(personal_places(piece * (1_000_000 // len(piece))))


def test_places_name_kind_and_position() -> None:
    assert list(personal_places("微信：abc_123,13812345678")) == [Place(3, 10, "account"), Place(11, 22, "phone")]


# --- columns that consist of personal data ---


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([13812345678.0, NAN, 13912345678.0], "phone"),
        (["13812345678", "没有", "无"], "phone"),
        (["a@b.cn", "c@d.cn", None], "email"),
        (["11010519491231002X"], "id-number"),
        (["手机 13812345678 打不通,主播也不回消息", "很好"], None),
        (["13812345678", "a", "b", "c"], None),
        ([1.0, 2.0, 7.0], None),
        ([NAN], None),
        ([], None),
    ],
)
def test_content(values: list[object], kind: str | None) -> None:
    assert personal_content(pd.Series(values, dtype=None if values else float)) == kind


def test_a_long_column() -> None:
    column = pd.Series(np.where(np.arange(80_000) % 3 == 0, "13812345678", "主播很好"))
    assert personal_content(column) == "phone"

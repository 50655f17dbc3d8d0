"""Personal data inside answers: mobile and landline numbers, e-mail addresses, accounts, ID and card numbers, links.

Found are patterns of mainland China and what is written alike everywhere. Names of people and street addresses have no
pattern and are not found. Time is linear in the length of a text: no pattern can be read in more than one way.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

KINDS = ("phone", "email", "id-number", "card", "account", "link")
MAX_CELLS = 2_000
_SHARE = 0.3
_COVERED = 0.8

_HALF_WIDTH = str.maketrans({chr(0xFF01 + i): chr(0x21 + i).lower() for i in range(94)} | {"\u3000": " "})
_ASCII_LOWER = str.maketrans({letter: letter.lower() for letter in string.ascii_uppercase})
_FULL_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ＠＿．－＋：／＝（）\u3000]")
_WORTH_LOOKING = re.compile(r"[0-9A-Za-z@_.０-９Ａ-Ｚａ-ｚ＠＿．-]{4}|[+＋]")  # part of everything below
_PERSONAL = re.compile(
    r"""(?=[0-9a-z+(._%@微薇扣抖快小支旺-])(?:
    (?P<link>(?<![a-z0-9])(?:https?://|www\.)[!-~]++)
  | (?P<email>(?<![a-z0-9._%+-])[a-z0-9._%+-]++@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})
  | (?P<phone>(?<!\d)(?:(?:\+|00)?86[ -]?)?1[3-9](?:\d[ .-]?\d{4}[ .-]?|\d{2}[ .-]\d{3}[ .-])\d{4}(?!\d)
             |(?:\(0\d{2,3}\)|(?<!\d)0\d{2,3})[ -]?[2-9]\d{3}[ -]?\d{3,4}(?!\d)
             |\+[1-9](?:[ -]?\d){8,14}(?!\d))
  | (?P<number>(?<!\d)[1-9]\d{5}[ ]\d{8}[ ]\d{3}[\dx](?![\da-z])
              |(?<!\d)(?<!\d[ -])\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?(?!\d)
              |(?<!\d)\d{13,19}x?(?!\d))
  | (?<![a-z0-9])(?P<wxid>wxid_[a-z0-9]{4,30})
  | (?:微信|薇信|v信|wechat|weixin|(?<![a-z])[vw]x)(?P<marked>(?:号码?|[ ]?id)?[ ]?[:=是为]?)[ ]?
    (?P<wechat>[a-z0-9][a-z0-9_-]{4,19})(?![a-z0-9_@-])
  | (?:(?<![a-z])qq|扣扣)(?:号码?|群号?)?[ ]?[:=是为]?[ ]?(?P<qq>[1-9]\d{4,10})(?!\d)
  | (?:抖音|快手|小红书|微博|支付宝|旺旺|telegram|whatsapp)(?:账?号|[ ]?id)?[ ]?:[ ]?(?P<other>@?[a-z0-9_.-]{4,30})
    )""",
    re.VERBOSE | re.ASCII,
)
_MANY_DIGITS = re.compile(r"[0-9](?:[ .()-]{0,2}[0-9]){6}")
_MARKS = (
    "@", "http", "www.", "微信", "薇信", "v信", "wechat", "weixin", "wx", "vx", "qq", "扣扣", "抖音", "快手", "小红书",
    "微博", "支付宝", "旺旺", "telegram", "whatsapp",
)  # fmt: skip
"""What the patterns above need besides digits: to look for these first is ten times as fast."""
_ACCOUNTS = ("wechat", "wxid", "qq", "other")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Place:
    """Where personal data stands in a text: from `start` up to but not including `end`; `kind` is one of `KINDS`."""

    start: int
    end: int
    kind: str


def personal_places(text: str) -> Iterator[Place]:
    """Personal data in a text, from left to right, without overlaps.

    An ID number is told by its birth date and check digit, a card number by Luhn's check digit, so that order numbers
    are left alone; an account of WeChat, QQ and others by the word before it. Full-width characters count as their
    half-width forms.
    """
    if not _WORTH_LOOKING.search(text):
        return
    plain, position = _plain(text), 0
    if not _MANY_DIGITS.search(plain) and not any(mark in plain for mark in _MARKS):
        return
    while found := _PERSONAL.search(plain, position):
        group = str(found.lastgroup)
        kind = _kind(group, found)
        if kind is None:
            position = found.start() + 1  # what else begins inside it is looked at again
        else:
            yield Place(found.start(group), found.end(group), kind)
            position = found.end()


def personal_content(column: Column) -> str | None:
    """The kind of personal data that more than 30% of the answers of a column consist of; None where there is none.

    At most 2,000 answers, evenly spaced, are looked at.

    Parameters
    ----------
    column : Series
        Texts or numbers.
    """
    present = column.dropna()
    cells = present.iloc[:: max(1, -(-len(present) // MAX_CELLS))].tolist()
    kinds = Counter(kind for cell in cells if (kind := _all_personal(written(cell))) is not None)
    if sum(kinds.values()) <= _SHARE * len(cells):
        return None
    return kinds.most_common(1)[0][0]


def written(value: object) -> str:
    """A value as its text without blanks around it: 5, 5.0, "5" and "5.0" are the same."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    if text.endswith("0") and "." in text:
        whole, _, decimals = text.partition(".")
        if not decimals.strip("0") and whole.removeprefix("-").isdecimal():
            return whole
    return text


def _plain(text: str) -> str:
    """The text in small, half-width letters: one character for one, so that places stay."""
    small = text.lower()
    if len(small) != len(text):  # as of the Turkish capital İ
        small = text.translate(_ASCII_LOWER)
    return small.translate(_HALF_WIDTH) if _FULL_WIDTH.search(small) else small


def _all_personal(text: str) -> str | None:
    places = list(personal_places(text))
    covered = sum(place.end - place.start for place in places)
    return places[0].kind if places and covered >= _COVERED * len(text) else None


def _kind(group: str, found: re.Match[str]) -> str | None:
    """The kind of a match; None where its check digits or its surroundings say that it is none."""
    if group == "number":
        return _kind_of_number(re.sub("[ -]", "", found.group(group)).upper())
    if group == "wechat":
        has_digit = any(letter.isdigit() or letter == "_" for letter in found.group(group))
        return "account" if has_digit or found.group("marked").strip() else None
    return "account" if group in _ACCOUNTS else group


def _kind_of_number(digits: str) -> str | None:
    if len(digits) == 18 and _is_id_number(digits):
        return "id-number"
    if digits.isdecimal() and digits[0] in "34569" and _luhn(digits):
        return "card"
    return None


def _is_id_number(digits: str) -> bool:
    """Whether 18 characters are a resident identity number (GB 11643-1999): a birth date and a check digit mod 11."""
    if not digits[:17].isdecimal():
        return False
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits[:17], strict=True))
    return "10X98765432"[total % 11] == digits[17]


def _luhn(digits: str) -> bool:
    """Whether the check digit of a card number fits (ISO/IEC 7812-1)."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)) % 10 == 0

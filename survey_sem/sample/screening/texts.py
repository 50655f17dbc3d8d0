"""Free texts: the same words on several sheets, and keys hit at random."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.linalg import Array

if TYPE_CHECKING:
    import pandas as pd

_REPEATED = re.compile(r"([^\d])\1{3,}|^(.{2,3})\2{2,}$")
_ROWS_OF_KEYS = re.compile("qwer|wert|asdf|sdfg|dfgh|zxcv|xcvb|hjkl|uiop|1234|4321|qaz|wsx")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}")
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")


def repeated_text(column: pd.Series[Any], least_length: int) -> Array:
    """How many other sheets have the same text; 0 for texts under `least_length` characters, NaN without one.

    Width, case, blanks and punctuation do not count.
    """
    codes, texts = _distinct(column)
    plain = [_plain(text) for text in texts]
    numbers = {text: number for number, text in enumerate(dict.fromkeys(plain))}
    merged = np.array([numbers[text] for text in plain], dtype=np.intp)
    is_long = np.array([len(text) >= least_length for text in plain], dtype=bool)
    found = np.full(len(codes), np.nan)
    there = codes >= 0
    own = merged[codes[there]]
    found[there] = np.where(is_long[codes[there]], np.bincount(own, minlength=1)[own] - 1.0, 0.0)
    return found


def gibberish(column: pd.Series[Any]) -> Array:
    """1 where a text looks like keys hit at random, 0 where it does not, NaN without one."""
    codes, texts = _distinct(column)
    looks = np.array([is_gibberish(text) for text in texts], dtype=np.float64)
    found = np.full(len(codes), np.nan)
    found[codes >= 0] = looks[codes[codes >= 0]]
    return found


def is_gibberish(text: str) -> bool:
    """Whether a text is signs only, one character over and over, a row of keys, or Latin letters without a vowel.

    A crude rule that knows no language: it finds what nobody would write, and not everything that is empty of sense.
    """
    plain = _plain(text)
    if not plain:
        return True
    if _REPEATED.search(plain):
        return True
    if _IDEOGRAPH.search(plain):
        return False
    return bool(_ROWS_OF_KEYS.search(plain) or _CONSONANTS.search(plain))


def _distinct(column: pd.Series[Any]) -> tuple[Any, list[str]]:
    codes, texts = column.factorize()
    shown = [str(text) for text in texts]
    is_blank = np.array([not text.strip() for text in shown] or [False], dtype=bool)
    codes = np.asarray(codes)
    return np.where((codes >= 0) & ~is_blank[np.maximum(codes, 0)], codes, -1), shown


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())

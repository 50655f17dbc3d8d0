"""Texts whose characters were destroyed by a wrong encoding on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable

_REPLACED = "\N{REPLACEMENT CHARACTER}"
_MARKS = ("锟斤拷", "烫烫烫", "屯屯屯")
"""What U+FFFD in utf-8, and fresh memory, look like when read as GBK."""
_CONTINUED = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_LATIN = re.compile(f"[ÂÃ]{_CONTINUED}|(?:[Ä-ß]{_CONTINUED}){{2,}}|[à-ï]{_CONTINUED}{{2}}|[ð-ô]{_CONTINUED}{{3}}")
"""Bytes of utf-8 that were read as Latin-1 or Windows-1252."""
_QUESTION_MARKS = re.compile("[?？]{2,}")


def _gbk(leads: range, trails: range) -> str:
    """Every character that GBK writes with such a pair of bytes."""
    pairs = (bytes((lead, trail)) for lead in leads for trail in trails if trail != 0x7F)
    return re.escape("".join(pair.decode("gb18030", "ignore") for pair in pairs))


_FIRST = _gbk(range(0xE4, 0xEA), range(0x80, 0xC0))
"""What the first two bytes of a Chinese character in utf-8 look like when read as GBK: rare characters."""
_SUSPECT = re.compile(f"[Â-ô{_REPLACED}锟烫屯{_FIRST}]|[?？]{{2}}")


def suspects(texts: Iterable[str]) -> list[int]:
    """Positions of the texts that `damaged` must look at: the others are sound."""
    search = _SUSPECT.search
    return [at for at, text in enumerate(texts) if search(text)]


def damaged(text: str, *, labels: bool = True) -> str:
    """What shows that the characters of a text were destroyed, in words; empty where nothing does.

    Parameters
    ----------
    text : str
        A cell or a label.
    labels : bool
        Whether the text should be one that the questionnaire offers: nothing but question marks is then a sign,
        while a respondent may well write "???".
    """
    if labels and _QUESTION_MARKS.fullmatch(text):
        return "question marks instead of characters"
    if text.isascii():
        return ""
    if _REPLACED in text:
        return "replacement characters (U+FFFD)"
    if any(mark in text for mark in _MARKS):
        return "characters of a wrong decoding (such as 锟斤拷)"
    if _is_latin(text):
        return "utf-8 that was read as Latin-1 (such as Ã©)"
    return "utf-8 that was read as GBK (such as 涓枃)" if _is_gbk(text) else ""


def _is_latin(text: str) -> bool:
    found = _LATIN.search(text)
    if found is None:
        return False
    try:
        bytes(map(_byte, found[0])).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _byte(letter: str) -> int:
    """The byte that Windows-1252 reads so; those that it does not know, it leaves as they are."""
    return ord(letter) if ord(letter) < 0x100 else letter.encode("cp1252")[0]


def _is_gbk(text: str) -> bool:
    """Whether the bytes that GBK would write are sensible utf-8: of ordinary Chinese they are not."""
    if len(text) < 3:
        return False
    try:
        back = text.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return False
    return sum("\u4e00" <= letter <= "\u9fff" for letter in back) >= 2

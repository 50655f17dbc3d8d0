"""Names that SPSS takes."""

from __future__ import annotations

from collections.abc import Iterable

NAME_BYTES = 64
RESERVED = frozenset({"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"})


def spss_names(names: Iterable[str]) -> dict[str, str]:
    """Every name as SPSS can have it: the same where it is allowed already.

    SPSS wants a letter first, then letters (of any script), digits and ``. _ $ # @``, no full stop at the end, at most
    64 bytes, none of its thirteen reserved words, and no two names that differ in capitals only.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        allowed = _allowed(name)
        new, at = allowed, 1
        while new.upper() in taken or new.upper() in RESERVED:
            at += 1
            new = f"{_cut(allowed, NAME_BYTES - 4)}_{'' if allowed.upper() in RESERVED and at == 2 else at}"
        taken.add(new.upper())
        found[name] = new
    return found


def _allowed(name: str) -> str:
    letters = "".join(letter if letter.isalnum() or letter in "._$#@" else "_" for letter in name)
    if not letters[:1].isalpha():
        letters = f"v{letters}"
    letters = _cut(letters, NAME_BYTES)
    return f"{letters[:-1]}_" if letters.endswith(".") else letters


def _cut(text: str, n_bytes: int) -> str:
    return text.encode("utf-8")[:n_bytes].decode("utf-8", errors="ignore")

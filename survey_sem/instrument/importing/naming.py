"""Names for what a foreign file calls otherwise: legal in models, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable

_START = re.compile(r"[^\W\d]|\.(?![0-9])")
_RESERVED = frozenset(("and", "or", "not", "in", "has", "answered"))
"""Words of the routing language: an item of that name could not be asked about."""
MAX_NAME = 64


def model_word(text: str, default: str = "item") -> str:
    """A legal name as near to the text as possible: other characters become ``_``, a digit gets a letter before it."""
    kept = "".join(character if _may_follow(character) else "_" for character in text.strip()[:MAX_NAME])
    word = re.sub(r"__+", "_", kept).strip("_") or default
    if not _START.match(word):
        word = f"Q{word}" if word[0].isdigit() else f"{default}_{word.lstrip('.')}"
    return f"{word}_" if word.lower() in _RESERVED else word


def _may_follow(character: str) -> bool:
    return character in "._" or (re.match(r"\w", character) is not None and f"a{character}".isidentifier())


class Names:
    """Gives every name once: a second ``Q1`` becomes ``Q1_b``, ``Q1_c``, ..."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = {}

    def claim(self, wanted: str, others: Iterable[str] = ()) -> str:
        """`wanted`, or the first of its variants that is free.

        Parameters
        ----------
        wanted : str
            The name.
        others : iterable of str
            Endings: ``name_ending`` must be free as well, and is then taken.
        """
        endings = tuple(others)
        name = wanted
        while not self._is_free(name, endings):
            self._counts[wanted] = self._counts.get(wanted, 0) + 1
            name = f"{wanted}_{_letters(self._counts[wanted])}"
        self._taken |= {name, *(f"{name}_{ending}" for ending in endings)}
        return name

    def _is_free(self, name: str, endings: tuple[str, ...]) -> bool:
        return name not in self._taken and not any(f"{name}_{ending}" in self._taken for ending in endings)


def _letters(count: int) -> str:
    """1 -> b, 2 -> c, ..., 25 -> z, 26 -> aa, ..."""
    letters = ""
    while count:
        count, rest = divmod(count, 26)
        letters = chr(ord("a") + rest) + letters
    return letters

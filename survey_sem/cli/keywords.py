"""``--option KEY=VALUE`` to keywords."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from survey_sem.errors import OptionError

_ARGUMENTS = ("model", "data", "function")


def fit_keywords(named: Mapping[str, Any], pairs: Iterable[str]) -> dict[str, Any]:
    """Keywords of a fit: the named options that were given, and the KEY=VALUE pairs.

    Raises
    ------
    OptionError
        A pair without ``=``; a keyword given twice; one that has an option of its own and is no keyword.
    """
    keywords = {name: value for name, value in named.items() if value is not None}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        name = key.strip().replace(".", "_").replace("-", "_")
        if not equals or not name:
            raise OptionError("bad-option", f"--option takes KEY=VALUE, not '{pair}'", where="--option")
        if name in _ARGUMENTS:
            what = f"--option cannot set '{name}'"
            raise OptionError("bad-option", what, where=f"--option {pair}", hint=f"use --{name}")
        if name in keywords:
            raise OptionError("given-twice", f"the option '{name}' is given twice", where=f"--option {pair}")
        keywords[name] = option_value(value.strip())
    return keywords


def option_value(text: str) -> Any:
    """True, false, a number, a list (with commas) or text."""
    if "," in text:
        return [option_value(part.strip()) for part in text.split(",") if part.strip()]
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text

"""How numbers are shown: APA habits in English, GB/T 15835 in Chinese; the value itself is never changed.

English drops the zero before the decimal point of statistics that lie between -1 and 1 by their nature
(p, correlations, standardised coefficients, reliabilities); the Chinese standard for numbers in print keeps it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

Format = Literal[
    "text",
    "count",
    "estimate",
    "difference",
    "statistic",
    "score",
    "bounded",
    "correlation",
    "p",
    "p_relation",
    "percent",
    "whole_percent",
    "df",
    "index",
    "quantity",
    "points",
    "exact",
]

MINUS = "\N{MINUS SIGN}"
ABSENT = "\N{EM DASH}"
_NEGLIGIBLE = 1e-9
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def show_number(value: float | None, form: Format, language: Language) -> str:
    """A number as a reader of `language` expects it; an em dash where there is none.

    Parameters
    ----------
    value : float or None
        NaN and infinity count as absent.
    form : Format
        ``estimate`` three decimals in the data's units, fewer of large numbers, powers of ten of tiny ones;
        ``difference`` three decimals, enough where a standard error stands beside it; ``statistic score`` two;
        ``bounded`` three and ``correlation`` two, for what lies between -1 and 1; ``p`` as ``.012`` or ``< .001`` and
        ``p_relation`` with its ``=``; ``percent`` of a share; ``index`` one decimal; ``quantity`` up to two, fewer
        for large numbers, which are not grouped (they may be years); ``points`` one with its sign; ``df`` whole where
        it is;
        ``exact`` every digit.
    language : {"en", "zh"}
    """
    if value is None or not math.isfinite(value):
        return ABSENT
    return _SHOW[form](float(value), language).replace("-", MINUS)


def _count(value: float, language: Language) -> str:
    return f"{value:,.0f}" if language == "en" else f"{value:.0f}"


def _estimate(value: float, language: Language) -> str:
    size = abs(value)
    if size >= 1e7 or _NEGLIGIBLE < size < 0.0005:
        return _scientific(value)
    decimals = 3 if size < 100 else 2 if size < 1000 else 1
    return _fixed(value, decimals)


def _scientific(value: float) -> str:
    digits, _, exponent = f"{value:.1e}".partition("e")
    return f"{digits} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def _bounded(value: float, language: Language, decimals: int = 3) -> str:
    text = _fixed(value, decimals)
    return text.replace("0.", ".", 1) if language == "en" and abs(float(text)) < 1 else text


def _p(value: float, language: Language) -> str:
    if value < 0.001:
        return f"< {_bounded(0.001, language)}"
    return _bounded(value, language)


def _p_relation(value: float, language: Language) -> str:
    shown = _p(value, language)
    return shown if shown.startswith("<") else f"= {shown}"


def _quantity(value: float, language: Language) -> str:
    size = abs(value)
    text = _fixed(value, 0 if size >= 1000 else 1 if size >= 100 else 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _points(value: float, language: Language) -> str:
    text = _fixed(value, 1)
    return f"+{text}" if float(text) > 0 else text


def _df(value: float, language: Language) -> str:
    return f"{value:.0f}" if value == round(value) else _fixed(value, 2)


def _fixed(value: float, decimals: int) -> str:
    """Rounded to that many decimals; what rounds to zero has no sign."""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


_SHOW: dict[Format, Callable[[float, Language], str]] = {
    "text": lambda value, _: f"{value:g}",
    "count": _count,
    "estimate": _estimate,
    "difference": lambda value, _: _fixed(value, 3),
    "statistic": lambda value, _: _fixed(value, 2),
    "score": lambda value, _: _fixed(value, 2),
    "bounded": _bounded,
    "correlation": lambda value, language: _bounded(value, language, 2),
    "p": _p,
    "p_relation": _p_relation,
    "percent": lambda value, _: f"{100 * value:.1f}%",
    "whole_percent": lambda value, _: f"{100 * value:.0f}%",
    "df": _df,
    "index": lambda value, _: _fixed(value, 1),
    "quantity": _quantity,
    "points": _points,
    "exact": lambda value, _: repr(value),
}

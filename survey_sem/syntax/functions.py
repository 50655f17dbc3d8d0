"""The functions that constraints and definitions may call, in the standard library's mathematics."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

_NORMAL = NormalDist()


def _sign(value: float) -> float:
    return float((value > 0) - (value < 0))


MATH_FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "exp": math.exp,
        "log": math.log,
        "log10": math.log10,
        "log2": math.log2,
        "log1p": math.log1p,
        "expm1": math.expm1,
        "sqrt": math.sqrt,
        "abs": abs,
        "sign": _sign,
        "sin": math.sin,
        "cos": math.cos,
        "tan": math.tan,
        "asin": math.asin,
        "acos": math.acos,
        "atan": math.atan,
        "sinh": math.sinh,
        "cosh": math.cosh,
        "tanh": math.tanh,
        "min": min,
        "max": max,
        "pnorm": _NORMAL.cdf,
        "qnorm": _NORMAL.inv_cdf,
        "dnorm": _NORMAL.pdf,
    }
)
"""Name -> function of floats. Evaluation takes any mapping with these names, e.g. one of numpy's functions."""

MANY_ARGUMENTS = frozenset({"min", "max"})
"""Functions of one or more arguments; the others take exactly one."""

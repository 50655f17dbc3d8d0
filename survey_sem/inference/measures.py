"""A collection of fit measures under construction, and the constants that they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

RMSEA_LEVEL = 0.9
RMSEA_CLOSE = 0.05
RMSEA_NOT_CLOSE = 0.08
WIDER = "the baseline model has fewer degrees of freedom than the model"
SATURATED = "df = 0: the model is saturated"


@dataclass
class FitMeasures:
    """Values by name in lavaan's spelling (dots as underscores), and reasons for those that do not apply."""

    values: dict[str, float] = field(default_factory=dict)
    not_applicable: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, compute: Callable[[], float], reason: str | None = None) -> None:
        """Add a measure; where there is a `reason`, or its value is not finite, note that it does not apply."""
        if reason is not None:
            self.not_applicable[name] = reason
            return
        try:
            value = float(compute())
        except ZeroDivisionError:
            value = float("nan")
        if np.isfinite(value):
            self.values[name] = value
        else:
            self.not_applicable[name] = "its formula divides by zero here"

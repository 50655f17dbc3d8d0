"""Colours and strokes of a diagram: blue, orange and grey, told apart by every common colour vision."""

from __future__ import annotations

from survey_sem.reporting.diagram.model import PathEdge, Values

CARD = "#ffffff"
INK = "#1b2733"
MUTED = "#5c6b7a"
LATENT_FILL = "#e7f0f9"
LATENT_LINE = "#1f5f99"
OBSERVED_FILL = "#ffffff"
OBSERVED_LINE = "#6b7886"
ARROW = {"loading": "#8592a0", "composite": "#8592a0", "regression": "#1f5f99", "covariance": "#b8590b"}
LABEL = {"loading": "#44525f", "composite": "#44525f", "regression": "#123f68", "covariance": "#8f4306"}
DASHES = (5.0, 3.5)
ALPHA = 0.05


def arrow_width(edge: PathEdge, values: Values) -> float:
    """Structural arrows grow with a standardised coefficient; all others have one width."""
    if edge.kind != "regression":
        return 1.1
    if edge.value is None or values not in ("std_all", "std_lv", "std_nox"):
        return 1.6
    return round(1.3 + 1.7 * min(abs(edge.value), 1.0), 2)


def is_dashed(edge: PathEdge) -> bool:
    """Whether the estimate cannot be told from zero at the 5 per cent level."""
    return edge.p is not None and edge.p >= ALPHA

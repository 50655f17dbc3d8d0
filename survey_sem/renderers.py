"""The one way from data and results up to their presentation: a registry that the reporting room fills.

What is shown knows no presentation; a renderer is found by name, and the room that registers them is imported on first
use. The registry lies below all rooms, so that every room can ask.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

PROVIDER = "survey_sem.reporting.renderers"

_RENDERERS: dict[str, Callable[..., Any]] = {}


def register(name: str, renderer: Callable[..., Any]) -> None:
    """Make `renderer` answer to `name`; called by the provider when it is imported."""
    _RENDERERS[name] = renderer


def render(name: str, shown: Any, **options: Any) -> Any:
    """What the renderer of that name makes of a thing."""
    if name not in _RENDERERS:
        import_module(PROVIDER)
    return _RENDERERS[name](shown, **options)

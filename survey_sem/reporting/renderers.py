"""Registers what a result shows itself with: text summary, notebook HTML, path diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survey_sem import renderers

if TYPE_CHECKING:
    from survey_sem.reporting.diagram import Diagram
    from survey_sem.reporting.summary import Summary
    from survey_sem.results import SemResult


def _summary(result: SemResult, **options: Any) -> Summary:
    from survey_sem.reporting.summary import Summary

    return Summary(result, **options)


def _html(result: SemResult, **options: Any) -> str:
    from survey_sem.reporting.notebook import notebook_html

    return notebook_html(result, **options)


def _diagram(result: SemResult, **options: Any) -> Diagram:
    from survey_sem.reporting.diagram import draw

    return draw(result, **options)


renderers.register("summary", _summary)
renderers.register("html", _html)
renderers.register("diagram", _diagram)

"""Registers what data and results show themselves with: text summary, notebook HTML, diagrams, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survey_sem import renderers

if TYPE_CHECKING:
    from survey_sem.reporting.diagram import Diagram
    from survey_sem.reporting.figure_sheet import Picture
    from survey_sem.reporting.summary import Summary
    from survey_sem.results import SemResult
    from survey_sem.sample.imputation import Imputed
    from survey_sem.sample.missingness import Missingness
    from survey_sem.sample.screening import Screening
    from survey_sem.sample.weighting.result import Weighting


def _summary(result: SemResult, **options: Any) -> Summary:
    from survey_sem.reporting.summary import Summary

    return Summary(result, **options)


def _html(result: SemResult, **options: Any) -> str:
    from survey_sem.reporting.notebook import notebook_html

    return notebook_html(result, **options)


def _diagram(result: SemResult, **options: Any) -> Diagram:
    from survey_sem.reporting.diagram import draw

    return draw(result, **options)


def _missing_rates(found: Missingness, **options: Any) -> Picture:
    from survey_sem.reporting.missing_figures import missing_rates

    return missing_rates(found, **options)


def _missing_patterns(found: Missingness, **options: Any) -> Picture:
    from survey_sem.reporting.missing_figures import missing_patterns

    return missing_patterns(found, **options)


def _imputation_traces(found: Imputed, **options: Any) -> Picture:
    from survey_sem.reporting.missing_figures import imputation_traces

    return imputation_traces(found, **options)


def _weighting(shown: Weighting, **options: Any) -> Picture:
    from survey_sem.reporting.weighting_figure import draw_weighting

    return draw_weighting(shown, **options)


def _screening(shown: Screening, **options: Any) -> Picture:
    from survey_sem.reporting.screening_figure import draw_screening

    return draw_screening(shown, **options)


renderers.register("summary", _summary)
renderers.register("html", _html)
renderers.register("diagram", _diagram)
renderers.register("missing_rates", _missing_rates)
renderers.register("missing_patterns", _missing_patterns)
renderers.register("imputation_traces", _imputation_traces)
renderers.register("weighting", _weighting)
renderers.register("screening", _screening)

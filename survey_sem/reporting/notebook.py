"""A result as a fragment of HTML for notebooks: no scripts, colours of the surrounding theme."""

from __future__ import annotations

from survey_sem.errors import Warned
from survey_sem.inference.measures import RMSEA_LEVEL
from survey_sem.reporting.contents import Absent, Content, Foreign, said, spoken
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.tables.fit import fit_measure
from survey_sem.reporting.tables.parameters import grouped_parameters
from survey_sem.reporting.tables.reading import as_percent
from survey_sem.reporting.templates import render
from survey_sem.results import SemResult

_FINDINGS = ("converged", "identified", "admissible")
_ADJUSTED = ("chisq_scaled", "pvalue_scaled", "cfi_robust", "tli_robust", "rmsea_robust")
_FIT = ("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "rmsea_ci", "srmr", "aic", "bic")


def notebook_html(result: SemResult, *, language: Language = "en") -> str:
    """The findings, warnings, fit and estimates of a result.

    Parameters
    ----------
    result : SemResult
        What to show.
    language : {"en", "zh"}
        Of headings and numbers.
    """
    fit = [(_short(name), fit_measure(result, name)) for name in (*_FIT, *_ADJUSTED)]
    return render(
        "notebook.html.j2",
        language=language,
        title=spoken(_title(result), language),
        findings=[_finding(result, name, language) for name in _FINDINGS],
        warnings=[_warning(warning, language) for warning in result.warnings],
        fit=[(name, value) for name, value in fit if not isinstance(value, Absent)],
        tables=grouped_parameters(result),
    )


def _title(result: SemResult) -> Content:
    return said("notebook.title", estimator=str(result.options["estimator"]), n=result.n_obs, npar=result.n_par)


def _finding(result: SemResult, name: str, language: Language) -> tuple[Content, bool, str]:
    evidence = spoken(Foreign(result.findings.get(name, "")), language)
    return said(f"finding.{name}"), bool(getattr(result, name)), evidence


def _warning(warning: Warned, language: Language) -> dict[str, str]:
    texts = {"what": warning.what, "where": warning.where or "", "hint": warning.hint or ""}
    return {name: spoken(Foreign(text), language) for name, text in texts.items()}


def _short(name: str) -> Content:
    """Short name of a fit measure, for a line of them."""
    return said("short.rmsea_ci", level=as_percent(RMSEA_LEVEL)) if name == "rmsea_ci" else said(f"short.{name}")

"""From a solution and what was found about it to a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from survey_sem.errors import Warned
from survey_sem.inference.bootstrap import Bootstrap
from survey_sem.inference.findings import Findings
from survey_sem.inference.fit import fit_measures
from survey_sem.inference.indices import worse_than_baseline
from survey_sem.inference.measures import FitMeasures
from survey_sem.inference.solution import Solution
from survey_sem.results.bootstrap import bootstrap_warnings
from survey_sem.results.sem_result import SemResult


def make_result(
    model: str,
    options: Mapping[str, Any],
    solution: Solution,
    findings: Findings,
    provenance: Mapping[str, Any] | None = None,
    bootstrap: Bootstrap | None = None,
) -> SemResult:
    """A result with its fit measures; they are withheld where the search did not converge."""
    fit = FitMeasures()
    warnings = findings.warnings + _undefined_warnings(solution)
    if findings.converged and options["test"] != "none":
        fit = fit_measures(solution)
        warnings += _baseline_warnings(fit.values)
    elif findings.converged:
        fit.not_applicable["chisq"] = 'test="none"'
    else:
        fit.not_applicable["chisq"] = "the search did not converge"
    if bootstrap is not None and bootstrap.bollen_stine is not None:
        fit.add("pvalue_bollen_stine", partial(float, bootstrap.bollen_stine.p_value))
    result = SemResult(
        model=model,
        options=options,
        solution=solution,
        measures=fit.values,
        reasons=fit.not_applicable,
        converged=findings.converged,
        identified=findings.identified,
        admissible=findings.admissible,
        findings=findings.evidence,
        warnings=warnings,
        provenance=provenance or {},
        resampled=bootstrap,
    )
    return result if bootstrap is None else _with_bootstrap(result, bootstrap)


def _with_bootstrap(result: SemResult, found: Bootstrap) -> SemResult:
    """The result with accelerations, where intervals want them, and with warnings about the draws."""
    if result.options["ci"] == "bca" and found.theta is not None:
        found = replace(found, accelerations=result.accelerations())
        result = replace(result, resampled=found)
    drawn = result.bootstrap_intervals("est")
    is_extreme = drawn is not None and bool(drawn.is_extreme.any())
    told = bootstrap_warnings(found, result.options["ci"], is_extreme)
    return replace(result, warnings=result.warnings + told)


def _baseline_warnings(values: Mapping[str, float]) -> tuple[Warned, ...]:
    if not worse_than_baseline(*(values[name] for name in ("chisq", "df", "baseline_chisq", "baseline_df"))):
        return ()
    return (
        Warned(
            "worse-than-baseline",
            "per degree of freedom the model fits worse than the model without any relation",
            hint="RFI is 1 here by convention; do not read it, nor TLI, as fit",
        ),
    )


def _undefined_warnings(solution: Solution) -> tuple[Warned, ...]:
    """A warning that names the definitions without a finite value."""
    values = solution.definitions.values(solution.estimates.theta)
    rows = solution.estimates.table.definitions
    names = [row.row.lhs for row, value in zip(rows, values, strict=True) if not np.isfinite(value)]
    if not names:
        return ()
    what = f"no finite value at the estimates: {', '.join(names)}"
    return (Warned("definition-undefined", what, hint="look at its divisions, logarithms and square roots"),)

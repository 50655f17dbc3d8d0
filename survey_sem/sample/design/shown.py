"""A design in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from survey_sem.sample.design.survey_design import SurveyDesign


def described(design: SurveyDesign) -> str:
    """Rows, weights, stages or replicates, degrees of freedom."""
    n_inside = int(design.inside.sum())
    outside = f", {design.n_rows - n_inside} outside the domain" if n_inside < design.n_rows else ""
    parts = [f"{n_inside} rows{outside}", _weights(design)]
    sampling = design.sampling
    if sampling is not None:
        strata = f" in {sampling.n_strata} strata{_named(design, 'strata')}" if sampling.n_strata > 1 else ""
        parts.append(f"{sampling.n_units} sampling units{_named(design, 'psu')}{strata}")
        if len(sampling.levels) > 1:
            parts.append(f"{len(sampling.levels)} stages")
        corrected = design.described.get("fpc") is not None
        parts.append(f"population sizes{_named(design, 'fpc')}" if corrected else "with replacement")
        if sampling.lonely_strata():
            parts.append(f"lonely units: {sampling.lonely}")
    if design.replicates is not None:
        parts.append(f"{design.replicates.n_replicates} replicates ({design.replicates.kind})")
    if design.adjustments:
        parts.append(f"variances from residuals of {len(design.adjustments)} calibrations")
    parts.append(f"{design.degrees_of_freedom} degrees of freedom")
    return "SurveyDesign(" + "; ".join(parts) + ")"


def _weights(design: SurveyDesign) -> str:
    named = _named(design, "weights") or (" from fpc" if design.described.get("fpc") is not None else " (all 1)")
    changed = f", changed by {design.weighting.method}" if design.weighting is not None else ""
    return f"weights{named}{changed}, sum {design.weights.sum():,.6g}"


def _named(design: SurveyDesign, what: str) -> str:
    value: Any = design.described.get(what)
    if value is None:
        return ""
    return " " + (value if isinstance(value, str) else " > ".join(map(str, value)))

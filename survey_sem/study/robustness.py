"""The full model under other justified choices, one at a time: how far the paths move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from survey_sem.errors import SurveySemError
from survey_sem.fitting import fit_model
from survey_sem.results import SemResult
from survey_sem.sample import Sample, SamplePlan, prepare_sample
from survey_sem.sample.imputation import Imputed
from survey_sem.study.imputation import impute_study
from survey_sem.study.records import StudyData
from survey_sem.study.study import FitPlan, Study

_MISSING = ("listwise", "fiml")


def robustness(study: Study, data: StudyData, fits: Mapping[str, SemResult]) -> dict[str, Any]:
    """Standardised paths and effects of the main fit and of every variant; a variant that fails says why.

    Variants that change nothing here (a sample without weights is unweighted already) are left out.
    """
    plan = study.fits()[-1]
    main = fits[plan.name]
    variants = [{"name": "main", **_told(main)}]
    for name in study.robustness:
        task = _variant(name, study, data, plan)
        if task is None:
            continue
        rows, changed = task
        try:
            fit = fit_model(changed.function, changed.model, rows, changed.options)
        except SurveySemError as problem:
            variants.append({"name": name, "failed": problem.what})
        else:
            variants.append({"name": name, **_told(fit)})
    return {"schema": "survey-sem/robustness/1", "model": plan.name, "variants": variants}


def _variant(name: str, study: Study, data: StudyData, plan: FitPlan) -> tuple[Sample | Imputed, FitPlan] | None:
    """Rows and plan of a variant; None where it is what the study does anyway."""
    sample = data.sample
    if name in _MISSING:
        return None if name == study.missing else (sample, _with_missing(plan, name))
    if name == "everybody":
        if not study.sample.keep and sample.screening is None:
            return None
        return _others(replace(study.sample, keep=(), screening=None), study, data), plan
    if name == "unweighted":
        if sample.weighting is None:
            return None
        return _others(replace(study.sample, weighting=None), study, data), plan
    if name == "independent":
        return None if sample.design is None else (replace(data.rows, design=None), plan)
    same = str(plan.options.get("estimator", "ML")) == name
    return None if same else (data.rows, replace(plan, options={**plan.options, "estimator": name}))


def _others(plan: SamplePlan, study: Study, data: StudyData) -> Sample | Imputed:
    """The rows of another sample plan, imputed where the study imputes."""
    sample = prepare_sample(data.responses, plan)
    return impute_study(study, sample, data.instrument) or sample


def _with_missing(plan: FitPlan, missing: str) -> FitPlan:
    """The plan under another treatment of missing answers, without what only the first one knows."""
    left = ("imputations", "cycles", "pool_test", "pool_vcov") + (("auxiliary",) if missing == "listwise" else ())
    options = {name: value for name, value in plan.options.items() if name not in left}
    return replace(plan, options={**options, "missing": missing})


def _told(fit: SemResult) -> dict[str, Any]:
    """Paths and effects: standardised value with its interval; fit; how many respondents."""
    standardised = {} if not fit.converged else _standardised(fit)
    names = ("chisq", "df", "cfi", "tli", "rmsea", "srmr")
    return {
        "n_obs": fit.n_obs,
        "estimator": str(fit.options["estimator"]),
        "se": str(fit.options["se"]),
        "missing": str(fit.options["missing"]),
        "converged": fit.converged,
        "admissible": fit.admissible,
        "fit": {name: fit.fit_measures[name] for name in names if name in fit.fit_measures},
        "rows": list(standardised.values()),
    }


def _standardised(fit: SemResult) -> dict[tuple[str, str, str], dict[str, Any]]:
    frame = fit.standardized("std_all")
    chosen = frame[frame["op"].isin(["~", ":="])]
    return {
        (row["lhs"], row["op"], row["rhs"]): {
            name: row[name] for name in ("lhs", "op", "rhs", "est_std", "se", "ci_lower", "ci_upper")
        }
        for row in chosen.to_dict("records")
    }

"""What was done in sentences that can stand in a paper: sample, weights, missing answers, models, software."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from survey_sem.reporting.contents import Amount, Content, Foreign, Joined, Said, Sentences, said
from survey_sem.reporting.document import Block, Paragraph, Section
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.sections.model import fit_note
from survey_sem.reporting.statements import missing_name
from survey_sem.reporting.tables.groups import variable_content
from survey_sem.reporting.tables.measurement import estimator_name
from survey_sem.reporting.tables.reading import level
from survey_sem.reporting.tables.screening import rule_words

Record = Mapping[str, Any]
_NAMED = ("numpy", "scipy", "pandas", "statsmodels", "formulaic", "pingouin", "scikit-learn")
"""Packages whose versions can matter to a number; the whole list is with how to repeat the run."""


def methods_section(inputs: ReportInputs) -> Section | None:
    """Paragraphs of methods; None for a model without a study around it."""
    if not inputs.flow.stages:
        return None
    parts = (_sample, _weights, _missing, _models, _others, _software)
    paragraphs = [tuple(part(inputs)) for part in parts]
    blocks: list[Block] = [Paragraph(Sentences(sentences)) for sentences in paragraphs if sentences]
    return Section("methods", (Paragraph(said("text.methods")), *blocks))


def _sample(inputs: ReportInputs) -> Iterator[Said]:
    stages = {stage.stage: stage for stage in inputs.flow.stages}
    if "received" in stages:
        yield said("methods.received", received=stages["received"].n, n=inputs.main.n_obs)
    record = inputs.records.get("screening")
    if record is None or not record["rules"]:
        return
    yield said("methods.rules", rules=Joined(tuple(rule_words(rule) for rule in record["rules"])))
    exclude = record["plan"]["exclude"]
    alone = Joined(tuple(rule_words(rule) for rule in record["rules"] if rule["index"] in exclude["or"]))
    if exclude["at_least"] is not None:
        key = "methods.excluded.or" if exclude["or"] else "methods.excluded"
        yield said(key, flags=exclude["at_least"], alone=alone)
    elif exclude["or"]:
        yield said("methods.excluded.alone", alone=alone)
    if record["n_excluded"] is not None and (exclude["or"] or exclude["at_least"] is not None):
        yield said("methods.n_excluded", n=record["n_excluded"])


def _weights(inputs: ReportInputs) -> Iterator[Said]:
    weighting, design = inputs.records.get("weighting"), inputs.records.get("design")
    if weighting is not None:
        yield from _weighting(weighting, inputs)
    if design is None:
        yield said("methods.no_design")
        return
    if inputs.is_weighted:
        deff, n_eff = Amount(design["deff_weights"], "statistic"), Amount(design["n_eff"], "count")
        yield said("methods.deff", deff=deff, n_eff=n_eff)
    if design["n_units"] is None:
        yield said("methods.replicates", df=int(design["degrees_of_freedom"]))
    elif design["units_are_rows"]:
        yield said("methods.rows", df=int(design["degrees_of_freedom"]))
    else:
        yield said(
            "methods.design" if design["n_strata"] > 1 else "methods.design.unstratified",
            n_units=int(design["n_units"]),
            units=Joined(tuple(design["columns"].get("psu", ()))),
            n_strata=int(design["n_strata"]),
            df=int(design["degrees_of_freedom"]),
        )


def _weighting(record: Record, inputs: ReportInputs) -> Iterator[Said]:
    low, high = (Amount(end, "statistic") for end in record["range"])
    variables = dict.fromkeys(row["variable"] for row in record["margins"])
    steps = [name for name in record["method"].split("+") if name != "base"] or ["base"]
    methods = Joined(tuple(said(f"methods.weights.{name}") for name in steps))
    yield said("methods.weights", methods=methods, low=low, high=high)
    if variables:
        names = Joined(tuple(variable_content(name, inputs) for name in variables))
        sources = dict.fromkeys(row["source"] for row in record["margins"] if row["source"])
        key = "methods.margins" if sources else "methods.margins.bare"
        yield said(key, variables=names, sources=Joined(tuple(map(Foreign, sources))))


def _missing(inputs: ReportInputs) -> Iterator[Said]:
    record, options = inputs.records.get("missing"), inputs.main.options
    if record is None:
        return
    treated = missing_name(str(options["missing"]))
    yield said("methods.missing", rate=Amount(record["rate"], "percent"), treated=treated)
    imputed = inputs.records.get("imputation")
    if imputed is not None:
        yield said("methods.imputed", **{name: str(imputed[name]) for name in ("m", "cycles", "donors", "seed")})


def _models(inputs: ReportInputs) -> Iterator[Said]:
    result = inputs.main
    yield said("methods.models", estimator=estimator_name(result), level=level(result))
    yield fit_note(result, inputs)
    test = result.solution.rules.adjusted_test
    if test is not None:
        yield said("methods.test", test=said(f"test.{test}"))
    if result.resampled is not None:
        yield said("methods.bootstrap", n=str(result.options["bootstrap"]), seed=str(result.resampled.seed))


def _others(inputs: ReportInputs) -> Iterator[Said]:
    records = inputs.records
    if "invariance" in records:
        found = records["invariance"]
        levels = Joined(tuple(said(f"level.{name}") for name in found["levels"]))
        yield said("methods.invariance", of=variable_content(found["group"], inputs), levels=levels)
    if "regressions" in records:
        is_imputed = any("n_imputations" in model for model in records["regressions"]["models"])
        yield said("methods.regressions.imputed" if is_imputed else "methods.regressions")
    for found in records.get("comparisons", {}).get("comparisons", ()):
        words = {"test": said(f"between.{found['test']}"), "pairs": said(f"pairwise.{found['pair_test']}")}
        yield said("methods.comparisons", by=variable_content(found["by"], inputs), **words)
    if "robustness" in records:
        others = [variant["name"] for variant in records["robustness"]["variants"][1:]]
        if others:
            yield said("methods.robustness", variants=Joined(tuple(said(f"variant.{name}") for name in others)))


def _software(inputs: ReportInputs) -> Iterator[Said]:
    software = inputs.repetition.software
    if "survey-sem" not in software:
        return
    named: list[Content] = [f"Python {inputs.repetition.platform.get('python', '')}".strip()]
    named += [f"{name} {software[name]}" for name in _NAMED if name in software]
    yield said("methods.software", version=software["survey-sem"], packages=Joined(tuple(named)))

"""Weighted answers, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from survey_sem.reporting.contents import Amount, Content, Foreign, Joined, Name, said, spoken
from survey_sem.reporting.document import Block, Notice, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.sections.figures import ROWS, drawn_pictures, item_label
from survey_sem.reporting.statements import missing_name
from survey_sem.reporting.tables.answers import (
    differences_table,
    imputation_table,
    missing_items_table,
    patterns_table,
    weighted_table,
)
from survey_sem.reporting.tables.sample import by_scale, category_heading

Record = Mapping[str, Any]


def weighted_blocks(inputs: ReportInputs, language: Language) -> list[Block]:
    """Weighted means and diverging bars of weighted shares; none without a design."""
    record = inputs.records.get("weighted_answers")
    if record is None or not record["items"]:
        return []
    return [Tabled(weighted_table(record, inputs)), *_bars(record, inputs, language)]


def _bars(record: Record, inputs: ReportInputs, language: Language) -> list[Block]:
    from survey_sem.reporting.figures import likert_bars

    shares = {row["item"]: row["shares"] for row in record["items"] if row["shares"]}
    pictures = []
    for items in (group for group in by_scale(inputs.items) if len(group) > 1):
        shown = [item for item in items if item.name in shares]
        categories = [spoken(category_heading(count, items), language) for count in items[0].counts]
        for start in range(0, len(shown), ROWS):
            part = shown[start : start + ROWS]
            rows = [item_label(item, language) for item in part]
            pictures.append(likert_bars([shares[item.name] for item in part], rows, categories, lang=language))
    return drawn_pictures("weighted_answers", said("figure.weighted_answers"), pictures)


def missing_section(inputs: ReportInputs, language: Language) -> Section | None:
    """Rates, patterns, Little's test with its effect size, and what was done; None where nothing is missing."""
    record = inputs.records.get("missing")
    if record is None:
        return None
    treated = missing_name(str(inputs.main.options["missing"]))
    rate = Amount(record["rate"], "percent")
    blocks: list[Block] = [
        Paragraph(said("text.missing_rate", rate=rate, complete=record["complete"], n=record["n"], treated=treated)),
        Paragraph(_little(record["little"])),
    ]
    tables = (missing_items_table(record), patterns_table(record), differences_table(record, inputs))
    blocks += [Tabled(table) for table in tables if table is not None]
    return Section("missing", (*blocks, *_imputation(inputs, language)))


def _imputation(inputs: ReportInputs, language: Language) -> list[Block]:
    """How answers were imputed, and what they are like beside those that were given."""
    record = inputs.records.get("imputation")
    if record is None:
        return []
    settings = {name: str(record[name]) for name in ("m", "cycles", "donors", "seed")}
    told = [said("text.imputation", cells=record["n_imputed"], **settings)]
    if record["auxiliary"]:
        names = Joined(tuple(Name(name) for name in record["auxiliary"]))
        told.append(said("text.imputation.auxiliary", names=names))
    if kinds := dict.fromkeys(_of_design(name) for name in record["design"]):
        told.append(said("text.imputation.design", names=Joined(tuple(said(kind) for kind in kinds))))
    if record["by"] is not None:
        told.append(said("text.imputation.by", by=Name(record["by"])))
    warnings = [Notice("warning", Foreign(warning["what"])) for warning in record["warnings"]]
    return [
        *(Paragraph(each) for each in told),
        *warnings,
        Tabled(imputation_table(record)),
        *_traces(record, language),
    ]


def _traces(record: Record, language: Language) -> list[Block]:
    """Chains of the imputation: they should mix, and no longer rise or fall."""
    from survey_sem.reporting.missing_figures import draw_traces

    traces = record.get("traces", ())
    if not traces:
        return []
    means, sds = (np.stack([np.array(each[name]) for each in traces], axis=-1) for name in ("means", "sds"))
    picture = draw_traces([each["item"] for each in traces], means, sds, lang=language)
    return drawn_pictures("imputation", said("figure.imputation"), [picture])


def _of_design(name: str) -> str:
    """The phrase for a predictor that the design made."""
    kinds = {"(log weight)": "log_weight", "(strata)": "strata"}
    return f"imputation.{kinds.get(name) or ('unit' if name.startswith('(unit') else 'stratum')}"


def _little(test: Record) -> Content:
    if "reason" in test:
        return said("text.little.none", reason=Foreign(test["reason"]))
    return said(
        "text.little",
        chisq=Amount(test["chisq"], "statistic"),
        df=Amount(float(test["df"]), "df"),
        p=Amount(test["p_value"], "p_relation"),
        rmsea=Amount(test["rmsea"], "bounded"),
    )

"""Screening and response rates of a run, as plain data without a respondent's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_sem.sample import Sample, response_rates
from survey_sem.sample.describe import SMALLEST_CELL, withheld_beside
from survey_sem.sample.screening import Screening
from survey_sem.study.design_record import safe_counts
from survey_sem.study.study import Study


def respondent_records(study: Study, sample: Sample) -> dict[str, Mapping[str, Any]]:
    """``response_rates`` and ``screening``, those that there are."""
    found: dict[str, Mapping[str, Any]] = {}
    plan = study.sample
    if (plan.distributed, plan.opened, plan.completed, plan.dispositions) != (None,) * 4:
        rates = response_rates(sample.flow, probability=plan.probability, dispositions=plan.dispositions)
        found["response_rates"] = {
            "schema": "survey-sem/response-rates/1",
            "probability": plan.probability,
            "dispositions": None if plan.dispositions is None else plan.dispositions.to_dict(),
            "rates": [
                {"name": rate.name, "numerator": rate.numerator, "denominator": rate.denominator, "value": rate.value}
                for rate in rates
            ],
        }
    if sample.screening is not None:
        found["screening"] = describe_screening(sample.screening)
    return found


def describe_screening(screening: Screening) -> dict[str, Any]:
    """Counts by rule, overlap, cut-offs and distributions; counts from 1 to 9 are None, and whatever tells them."""
    rules = screening.to_frame().to_dict("records")
    overlap = screening.overlap.to_numpy()
    return {
        "schema": "survey-sem/screening/1",
        "n": screening.n_rows,
        "n_items": screening.n_items,
        "n_excluded": _safe(int(screening.excluded.sum()), screening.n_rows),
        "plan": screening.plan.to_dict(),
        "rules": rule_counts(rules, screening.n_rows),
        "by_number": safe_counts(screening.by_number.tolist()),
        "overlap": [
            [
                _pair(int(overlap[row, row]), int(overlap[column, column]), int(both))
                for column, both in enumerate(counts)
            ]
            for row, counts in enumerate(overlap)
        ],
        "histograms": [{**each, "counts": safe_counts(each["counts"])} for each in screening.histograms()],
        "notes": [note.what for note in screening.notes],
    }


def rule_counts(rules: Sequence[Mapping[Any, Any]], n: int) -> list[dict[str, Any]]:
    """Counts of every rule; those flagged by one rule only sum to a number that is told, so none is hidden alone."""
    flagged = [_safe(int(rule["flagged"]), n) for rule in rules]
    only = [int(rule["only"]) for rule in rules]
    hidden = {
        at
        for at, (all_of_rule, count) in enumerate(zip(flagged, only, strict=True))
        if count and (all_of_rule is None or _safe(count, all_of_rule) is None)
    }
    shown = [at for at, count in enumerate(only) if count and at not in hidden]
    beside = withheld_beside([only[at] for at in shown], len(hidden), sum(only[at] for at in hidden))
    hidden |= {shown[at] for at in beside}
    return [
        {
            "index": rule["index"],
            "relation": rule["relation"],
            "cut_off": rule["cut_off"],
            "flagged": flagged[at],
            "only": None if at in hidden or flagged[at] is None else only[at],
            "unknown": _safe(int(rule["unknown"]), n),
        }
        for at, rule in enumerate(rules)
    ]


def _safe(count: int, total: int) -> int | None:
    """A count beside its total, None where it or what is left of the total is from 1 to 9."""
    is_small = 0 < count < SMALLEST_CELL or 0 < total - count < SMALLEST_CELL
    return None if is_small else count


def _pair(first: int, second: int, both: int) -> int | None:
    """A count that two totals hold."""
    return None if None in (_safe(both, first), _safe(both, second)) else both

"""All indices that the data allow, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from survey_sem.linalg import Array, one_blas_thread
from survey_sem.sample.screening.consistency import (
    correlated_pairs,
    even_odd,
    mahalanobis,
    pair_correlation,
    person_total,
)
from survey_sem.sample.screening.plan import INDICES, ScreeningPlan
from survey_sem.sample.screening.resemblance import burst_size, near_duplicates, others_alike
from survey_sem.sample.screening.sheets import Sheets
from survey_sem.sample.screening.strings import (
    flat_pages,
    long_pattern,
    long_string,
    response_variability,
    zigzag_pages,
)
from survey_sem.sample.screening.texts import gibberish, repeated_text

P_VALUE = "mahalanobis_p"


def compute_indices(sheets: Sheets, plan: ScreeningPlan) -> dict[str, Array]:
    """Index -> values (n,), in the order of `INDICES`; ``mahalanobis_p`` behind its distance.

    What the data have no columns for is left out.
    """
    found: dict[str, Array] = {}
    with one_blas_thread():
        found |= _of_answers(sheets, plan)
        found |= _of_time(sheets)
        found |= _of_keys(sheets, plan)
        found |= _of_texts(sheets, plan)
    order = [name for index in INDICES for name in (index, P_VALUE if index == "mahalanobis" else index)]
    return {name: found[name] for name in dict.fromkeys(order) if name in found}


def _of_answers(sheets: Sheets, plan: ScreeningPlan) -> dict[str, Array]:
    given, keyed = sheets.given, sheets.keyed
    distance, p_value = mahalanobis(given)
    found = {
        "long_string": long_string(given),
        "pattern": long_pattern(given, plan.longest_period),
        "irv": response_variability(given),
        "mahalanobis": distance,
        P_VALUE: p_value,
        "person_total": person_total(keyed),
        "synonyms": pair_correlation(keyed, correlated_pairs(keyed, plan.synonyms_from)),
        "antonyms": pair_correlation(given, correlated_pairs(given, plan.antonyms_to)),
        "near_duplicate": near_duplicates(given, plan.similar_from),
    }
    if any(len(page) >= 3 for page in sheets.pages):
        found["flat_pages"] = flat_pages(given, sheets.pages)
        found["zigzag_pages"] = zigzag_pages(given, sheets.pages)
    if len(sheets.scales):
        found["even_odd"] = even_odd(keyed, sheets.scales)
    if sheets.failed is not None:
        found["attention"] = sheets.failed
    return {name: values for name, values in found.items() if not np.isnan(values).all()}


def _of_time(sheets: Sheets) -> dict[str, Array]:
    if sheets.seconds is None or sheets.asked is None or np.isnan(sheets.seconds).all():
        return {}
    per_item = np.where(sheets.asked > 0, sheets.seconds / np.maximum(sheets.asked, 1), np.nan)
    median = float(np.nanmedian(sheets.seconds))
    relative = {"relative_time": sheets.seconds / median} if median > 0 else {}
    return {"seconds_per_item": per_item, **relative}


def _of_keys(sheets: Sheets, plan: ScreeningPlan) -> dict[str, Array]:
    names = {"id": "duplicate_id", "ip": "same_ip", "device": "same_device"}
    found = {names[role]: others_alike(codes) for role, codes in sheets.keys.items()}
    sources = [sheets.keys[role] for role in ("ip", "device") if role in sheets.keys]
    if sheets.submitted is not None and sources:
        sizes = [burst_size(codes, sheets.submitted, 60.0 * plan.burst_minutes) for codes in sources]
        found["burst"] = np.fmax.reduce(sizes)
    return found


def _of_texts(sheets: Sheets, plan: ScreeningPlan) -> dict[str, Array]:
    if not sheets.texts:
        return {}
    columns = sheets.texts.values()
    repeated = np.fmax.reduce([repeated_text(column, plan.text_length) for column in columns])
    looks = [gibberish(column) for column in columns]
    counts = np.nansum(looks, axis=0)
    known = ~np.isnan(looks).all(axis=0)
    return {"text_repeated": repeated, "text_gibberish": np.where(known, counts, np.nan)}


RULE_TESTS: Mapping[str, Callable[[Array, float], NDArray[np.bool_]]] = {
    "above": lambda values, cut: values > cut,
    "below": lambda values, cut: values < cut,
    "at_least": lambda values, cut: values >= cut,
    "at_most": lambda values, cut: values <= cut,
    "p": lambda values, cut: values < cut,
    "failed": lambda values, cut: values >= cut,
}
"""Relation -> which rows are flagged; an index that is not known (NaN) flags nobody."""

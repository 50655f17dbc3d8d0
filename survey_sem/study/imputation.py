"""The imputation of a study: once, for all of its models and regressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from survey_sem.fitting.data_sets import N_IMPUTATIONS, refuse_not_asked
from survey_sem.instrument import Instrument
from survey_sem.sample import Sample
from survey_sem.sample.describe import SMALLEST_CELL
from survey_sem.sample.design.columns import is_numeric
from survey_sem.sample.imputation import Imputed, impute
from survey_sem.study.regressions import regression_variables
from survey_sem.study.study import Study
from survey_sem.syntax import parse_model

CYCLES = 10
MOST_TRACES = 8


def impute_study(study: Study, sample: Sample, instrument: Instrument) -> Imputed | None:
    """The sample imputed for everything that the study fits; None where it does not impute, or nothing is missing.

    Modelled variables and those of the regressions are imputed together, from each other, from the auxiliary variables
    of the study and from the design of the sample; the groups of the study, where everybody has one, apart from each
    other.

    Raises
    ------
    DataError
        Modelled variables that some were not asked; auxiliary variables that are not there or cannot predict.
    """
    if study.missing != "mi":
        return None
    frame = sample.data
    modelled = [part for name in parse_model(study.model).names("ov") for part in _factors(name, frame)]
    wanted = [*modelled, *regression_variables(study, sample)]
    by = None if study.groups is None else study.groups.of
    if by is not None and (by not in frame.columns or frame[by].isna().any()):
        by = None
    nominal = {item.id for item in instrument.items if item.type == "nominal"}
    nominal |= {partition.id for partition in instrument.partitions}
    items = [name for name in dict.fromkeys(wanted) if name != by and name in frame.columns and _usable(frame[name])]
    if not frame[items].isna().any(axis=None):
        return None
    auxiliary = _auxiliary(study)
    found = impute(
        sample,
        int(study.options.get("imputations", N_IMPUTATIONS)),  # type: ignore[arg-type]
        cycles=int(study.options.get("cycles", CYCLES)),  # type: ignore[arg-type]
        seed=study.seed,
        items=items,
        auxiliary=[name for name in auxiliary if name not in items],
        nominal=[name for name in (*items, *auxiliary) if name in nominal and name in frame.columns],
        by=by,
    )
    refuse_not_asked(found, [name for name in dict.fromkeys(modelled) if name in frame.columns])
    return found


def _factors(name: str, frame: Any) -> list[str]:
    """The columns behind a name, which may be a product."""
    return [name] if ":" not in name or name in frame.columns else name.split(":")


def _usable(column: Any) -> bool:
    """Whether a column can be imputed, or is complete and can predict as a category."""
    return is_numeric(column) or hasattr(column.dtype, "categories")


def _auxiliary(study: Study) -> Sequence[str]:
    told = study.options.get("auxiliary", ())
    return told if isinstance(told, tuple) else (str(told),)


def describe_imputation(found: Imputed) -> dict[str, Any]:
    """How the data were imputed and what came of it, as plain data: counts below ten and their means are withheld."""
    settings = found.settings
    used = [name for names in settings["predictors"].values() for name in names]
    rows = []
    for name, cells in found.cells.items():
        is_told = len(cells.rows) >= SMALLEST_CELL and cells.method not in ("logistic", "multinomial")
        column = found.original[name]
        is_told = is_told and is_numeric(column)
        rows.append(
            {
                "item": name,
                "n": len(cells.rows) if len(cells.rows) >= SMALLEST_CELL else None,
                "method": cells.method,
                "mean_observed": float(column.mean()) if is_told else None,
                "mean_imputed": float(np.mean(cells.values)) if is_told else None,
            }
        )
    return {
        "schema": "survey-sem/imputation/1",
        "n_obs": found.n_obs,
        **{name: settings[name] for name in ("m", "cycles", "seed", "donors", "by", "design")},
        "n_imputed": found.n_imputed,
        "auxiliary": [
            name for name in dict.fromkeys(used) if name not in found.cells and name not in settings["design"]
        ],
        "items": rows,
        "traces": _traces(found),
        "warnings": [warning.to_dict() for warning in found.warnings],
    }


def _traces(found: Imputed) -> list[dict[str, Any]]:
    """Mean and standard deviation of imputed values, by chain and cycle, of the items with the most of them."""
    sizes = {name: len(found.cells[name].rows) for name in found.traces.names if name in found.cells}
    shown = sorted((name for name, n in sizes.items() if n >= SMALLEST_CELL), key=lambda name: -sizes[name])
    places = {name: found.traces.names.index(name) for name in shown[:MOST_TRACES]}
    return [
        {"item": name, "means": found.traces.means[:, :, at].tolist(), "sds": found.traces.sds[:, :, at].tolist()}
        for name, at in places.items()
    ]

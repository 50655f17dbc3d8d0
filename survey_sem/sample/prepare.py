"""Responses -> Sample, by a declared plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError, OptionError, did_you_mean
from survey_sem.instrument import Item
from survey_sem.instrument.model import Design
from survey_sem.provenance import Step
from survey_sem.responses import Responses
from survey_sem.sample.constructs import items_of_constructs
from survey_sem.sample.declared_design import declared_design, design_columns, weighting_columns
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.response_rates import check_dispositions
from survey_sem.sample.sample import RELATIONS, Condition, Flow, Sample, SamplePlan, in_english
from survey_sem.sample.screening import Screening, screen_rows
from survey_sem.sample.treatment import treat_broken

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

Rows = NDArray[np.bool_]

_LOST: Mapping[str, str] = {
    "distributed": "",
    "opened": "not opened",
    "completed": "broken off",
    "received": "not returned",
    "exported": "not in the export",
}
"""Why rows are lost on the way to a stage."""


def prepare_sample(responses: Responses, plan: SamplePlan | None = None) -> Sample:
    """Keep the rows and turn the items that a plan names.

    Answers that break the questionnaire are treated first, as `SamplePlan.broken` says. Conditions are checked on
    answers as given, before anything is reversed. Missing answers stay: how they are treated is decided where a model
    is fitted.

    Parameters
    ----------
    responses : Responses
        Validated answers.
    plan : SamplePlan, optional
        Without one: reverse as the instrument says, keep every row.

    Raises
    ------
    DataError
        The answers break the instrument in a way that the plan does not treat; a condition names an unknown item;
        nobody is left.
    OptionError
        An unknown rule, treatment or relation; answers that were not validated.
    """
    if not isinstance(responses, Responses):
        what = f"a sample is prepared from validated answers, not from a {type(responses).__name__}"
        raise OptionError("wrong-type", what, where="responses", expected="survey_sem.validate(raw, instrument)")
    plan = plan or SamplePlan()
    treated = treat_broken(responses, plan.broken, _start(responses, plan))
    responses = treated.responses
    kept, flow, steps = _keep_rows(responses, treated.kept, treated.flow, plan)
    kept, flow, screening, screened = _keep_careful(responses, kept, flow, plan)
    kept, flow, placed = _keep_placed(responses, kept, flow, plan)
    if plan.dispositions is not None:
        check_dispositions(flow, plan.dispositions)
    turned = _reversed_items(responses) if plan.reverse else ()
    data = responses.frame[kept]
    data = data.assign(**{item.id: _turned(data[item.id], item) for item in turned}).reset_index(drop=True)
    design = _design(responses, data, kept, plan)
    weighting = () if design is None or design.weighting is None else design.weighting.steps
    return Sample(
        data=data,
        flow=flow,
        steps=(*treated.steps, *steps, *screened, *placed, *(_reverse_step(item) for item in turned), *weighting),
        reversed_items=tuple(item.id for item in turned),
        provenance={
            "data_sha256": responses.report.source_sha256,
            "instrument_sha256": responses.report.instrument_sha256,
        },
        absent=responses.absent[kept].reset_index(drop=True),
        design=design,
        constructs=items_of_constructs(responses.instrument),
        screening=screening,
    )


def _keep_careful(
    responses: Responses, kept: Rows, flow: Flow, plan: SamplePlan
) -> tuple[Rows, Flow, Screening | None, tuple[Step, ...]]:
    """Leave out whom the declared rule excludes, among those who met all conditions."""
    if plan.screening is None:
        return kept, flow, None, ()
    found = screen_rows(responses, plan.screening, kept)
    careful = kept.copy()
    careful[np.flatnonzero(kept)[found.excluded.to_numpy()]] = False
    n = int(careful.sum())
    if not n:
        raise DataError("nobody-left", "the screening excludes everybody", where="screening", got=str(found))
    if not plan.screening.excludes:
        return kept, flow, found, ()
    step = Step("screen", plan.screening.reason, {**plan.screening.to_dict(), "n": n})
    return careful, flow.then("screened", plan.screening.reasons, n), found, (step,)


def _keep_placed(responses: Responses, kept: Rows, flow: Flow, plan: SamplePlan) -> tuple[Rows, Flow, tuple[Step, ...]]:
    """Leave out respondents who have no place in the design or the margins: nobody knows whom they stand for."""
    instrument = responses.instrument
    needed = dict.fromkeys(design_columns(instrument), "sampling design") if plan.design else {}
    if plan.weighting is not None:
        needed = dict.fromkeys(weighting_columns(instrument, plan.weighting), "weighting") | needed
    steps = []
    for name, what in needed.items():
        placed = kept & _column(responses, name, what).notna().to_numpy(dtype=bool)
        if (n := int(placed.sum())) == int(kept.sum()):
            continue
        kept, reason = placed, f"no value of '{name}', which the {what} needs"
        flow = flow.then("kept", reason, n)
        steps.append(Step("keep-rows", reason, {"item": name, "relation": "answered", "n": n}))
    return kept, flow, tuple(steps)


def _design(responses: Responses, data: pd.DataFrame, kept: Rows, plan: SamplePlan) -> SurveyDesign | None:
    instrument = responses.instrument if plan.design else replace(responses.instrument, design=Design())
    others = responses.paradata[kept].reset_index(drop=True)
    return declared_design(instrument, data, others, plan.weighting)


def _start(responses: Responses, plan: SamplePlan) -> Flow:
    received = len(responses.frame)
    flow = Flow()
    told = [(stage, n) for stage, n in _told(plan).items() if n is not None]
    for at, (stage, n) in enumerate(told):
        later, fewer = (*told, ("received", received))[at + 1]
        if n < fewer:
            verb = "came back" if later == "received" else f"were {later}"
            raise DataError(
                "impossible-flow",
                f"{fewer} questionnaires {verb}, but only {n} were {stage}",
                where=f"sample: {stage}",
            )
        flow = flow.then(stage, _LOST[stage], n)
    return flow.then("received", _LOST["received" if plan.completed is None else "exported"], received)


def _told(plan: SamplePlan) -> dict[str, int | None]:
    return {"distributed": plan.distributed, "opened": plan.opened, "completed": plan.completed}


def _keep_rows(responses: Responses, kept: Rows, flow: Flow, plan: SamplePlan) -> tuple[Rows, Flow, tuple[Step, ...]]:
    steps = []
    for condition in plan.keep:
        kept = kept & _meets(responses, condition)
        n = int(kept.sum())
        flow = flow.then("kept", condition.reason, n)
        steps.append(Step("keep-rows", in_english(condition.reason), {**condition.to_dict(), "n": n}))
    if not kept.any():
        raise DataError("nobody-left", "no respondent meets all conditions", where="sample: keep", got=str(flow))
    return kept, flow, tuple(steps)


def _meets(responses: Responses, condition: Condition) -> Rows:
    column = _column(responses, condition.item, "sample: keep")
    return _related(column, condition).to_numpy(dtype=bool)


def _column(responses: Responses, name: str, where: str) -> Column:
    """A variable, or a role of the paradata."""
    for frame in (responses.frame, responses.paradata):
        if name in frame.columns:
            return frame[name]
    names = [str(known) for frame in (responses.frame, responses.paradata) for known in frame.columns]
    hint = did_you_mean(name, names)
    raise DataError("unknown-item", f"there is no item '{name}'", where=where, hint=hint)


def _related(column: Column, condition: Condition) -> Column:
    relation, value = condition.relation, condition.value
    if isinstance(value, date):
        value = value.isoformat()  # a column of points in time compares with a text, not with a day
    if relation == "answered":
        return column.notna()
    if relation == "in":
        return column.isin(list(value))
    if relation not in RELATIONS:
        raise OptionError("unknown-relation", f"'{relation}' is no relation", expected=" ".join(RELATIONS))
    compared = {"==": column.eq, "!=": column.ne, "<": column.lt, "<=": column.le, ">": column.gt, ">=": column.ge}
    try:
        return column.notna() & compared[relation](value)
    except TypeError:
        raise DataError(
            "incomparable",
            f"item '{condition.item}' cannot be compared with {value!r}",
            where=f"condition {condition.item} {relation} {value!r}",
        ) from None


def _reversed_items(responses: Responses) -> tuple[Item, ...]:
    return tuple(item for item in responses.instrument.items if item.reverse and item.id in responses.frame.columns)


def _turned(column: Column, item: Item) -> Column:
    low, high = _ends(item)
    return low + high - column


def _ends(item: Item) -> tuple[int, int]:
    scale = item.scale
    if scale is None or scale.min is None or scale.max is None:
        raise DataError("irreversible", f"item '{item.id}' has no scale with two ends", where=item.id)
    return scale.min, scale.max


def _reverse_step(item: Item) -> Step:
    low, high = _ends(item)
    return Step("reverse-key", f"{item.id} becomes {low + high} - {item.id}", {"item": item.id, "sum": low + high})

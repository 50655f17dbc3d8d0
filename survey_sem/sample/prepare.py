"""Responses -> Sample, by a declared plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survey_sem.errors import DataError, OptionError, did_you_mean
from survey_sem.instrument import Item
from survey_sem.provenance import Step
from survey_sem.responses import Responses
from survey_sem.sample.sample import RELATIONS, Condition, Flow, Sample, SamplePlan

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]


def prepare_sample(responses: Responses, plan: SamplePlan | None = None) -> Sample:
    """Keep the rows and turn the items that a plan names.

    Conditions are checked on answers as given, before anything is reversed. Missing answers stay: how they
    are treated is decided where a model is fitted.

    Parameters
    ----------
    responses : Responses
        Validated answers.
    plan : SamplePlan, optional
        Without one: reverse as the instrument says, keep every row.

    Raises
    ------
    DataError
        The answers break the instrument; a condition names an unknown item; nobody is left.
    """
    plan = plan or SamplePlan()
    _refuse_broken(responses)
    kept, flow, steps = _keep_rows(responses.frame, _start(responses, plan), plan)
    turned = _reversed_items(responses) if plan.reverse else ()
    data = kept.assign(**{item.id: _turned(kept[item.id], item) for item in turned}).reset_index(drop=True)
    return Sample(
        data=data,
        flow=flow,
        steps=(*steps, *(_reverse_step(item) for item in turned)),
        reversed_items=tuple(item.id for item in turned),
        provenance={
            "data_sha256": responses.report.source_sha256,
            "instrument_sha256": responses.report.instrument_sha256,
        },
    )


def _refuse_broken(responses: Responses) -> None:
    errors = responses.report.errors
    if errors:
        shown = "\n".join(str(error) for error in errors[:10])
        more = f"\n… and {len(errors) - 10} more" if len(errors) > 10 else ""
        raise DataError(
            "invalid-responses",
            f"the data break the instrument in {len(errors)} place{'s' if len(errors) != 1 else ''}",
            where=responses.report.source,
            got=shown + more,
            hint="`survey-sem validate` shows all findings; correct the data or the instrument",
        )


def _start(responses: Responses, plan: SamplePlan) -> Flow:
    received = len(responses.frame)
    flow = Flow()
    if plan.distributed is not None:
        if plan.distributed < received:
            raise DataError(
                "impossible-flow",
                f"{received} questionnaires came back, but only {plan.distributed} were distributed",
                where="distributed",
            )
        flow = flow.then("distributed", "", plan.distributed)
    return flow.then("received", "not returned", received)


def _keep_rows(frame: pd.DataFrame, flow: Flow, plan: SamplePlan) -> tuple[pd.DataFrame, Flow, tuple[Step, ...]]:
    steps = []
    for condition in plan.keep:
        frame = frame[_meets(frame, condition)]
        flow = flow.then("kept", condition.reason, len(frame))
        steps.append(Step("keep-rows", condition.reason, {**condition.to_dict(), "n": len(frame)}))
    if frame.empty:
        raise DataError("nobody-left", "no respondent meets all conditions", got=str(flow))
    return frame, flow, tuple(steps)


def _meets(frame: pd.DataFrame, condition: Condition) -> Column:
    if condition.item not in frame.columns:
        names = [str(name) for name in frame.columns]
        hint = did_you_mean(condition.item, names)
        raise DataError("unknown-item", f"there is no item '{condition.item}' to keep rows by", hint=hint)
    column, relation, value = frame[condition.item], condition.relation, condition.value
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
    return tuple(item for item in responses.instrument.items if item.reverse)


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

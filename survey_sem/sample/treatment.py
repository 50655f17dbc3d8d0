"""What is done with answers that break the questionnaire, as declared before they are seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, OptionError, did_you_mean
from survey_sem.instrument import Instrument
from survey_sem.provenance import Step
from survey_sem.responses import ABSENT_KINDS, BrokenCells, Responses
from survey_sem.sample.sample import Flow

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CELLS = ("missing", "drop", "accept")
_ROWS = ("drop", "accept")
_COPIES = ("first", "last", "drop", "accept")
_COLUMN = ("accept",)
TREATMENTS: Mapping[str, tuple[str, ...]] = {
    "wrong-type": _CELLS,
    "illegal-code": _CELLS,
    "out-of-range": _CELLS,
    "not-whole": _CELLS,
    "bad-date": _CELLS,
    "encoding-damage": _CELLS,
    "exclusive-choice": _CELLS,
    "too-many-choices": _CELLS,
    "too-few-choices": _CELLS,
    "bad-ranking": _CELLS,
    "answered-though-routed-out": _CELLS,
    "impossible-duration": _CELLS,
    "blank-though-required": _ROWS,
    "missing-id": _ROWS,
    "outside-field-period": _ROWS,
    "quota-exceeded": _ROWS,
    "attention-failed": _ROWS,
    "duplicate-id": _COPIES,
    "missing-column": _COLUMN,
    "label-mismatch": _COLUMN,
    "reversed-labels": _COLUMN,
}
"""Rule -> actions: ``missing`` (these cells become missing), ``drop`` (these rows leave), ``first`` and ``last`` (of
rows with the same id one stays), ``accept`` (they stay as they are)."""

_REASONS: Mapping[str, str] = {
    "wrong-type": "text where a number or code was asked for",
    "illegal-code": "a code that the questionnaire does not offer",
    "out-of-range": "an answer out of range",
    "not-whole": "a number that is not whole",
    "bad-date": "a date that cannot be read",
    "encoding-damage": "characters destroyed by a wrong encoding",
    "exclusive-choice": "an exclusive option chosen together with others",
    "too-many-choices": "more options than allowed",
    "too-few-choices": "fewer options than required",
    "bad-ranking": "ranks repeated or left out",
    "answered-though-routed-out": "an answer to a question that was not to be asked",
    "impossible-duration": "an impossible duration",
    "blank-though-required": "no answer to a required question",
    "missing-id": "no id",
    "outside-field-period": "answered outside the field period",
    "quota-exceeded": "beyond the quota",
    "attention-failed": "failed an attention check",
    "duplicate-id": "the same answer sheet again",
}


def check_treatments(broken: Mapping[str, str]) -> None:
    """Refuse a rule that there is not, and an action that the rule does not know.

    Raises
    ------
    OptionError
        With the nearest rule, or the actions of the rule.
    """
    for rule, action in broken.items():
        if rule not in TREATMENTS:
            known = ", ".join(TREATMENTS)
            raise OptionError(
                "unknown-rule",
                f"there is no rule '{rule}' whose findings could be treated",
                where="broken",
                expected=known,
                hint=did_you_mean(rule, TREATMENTS),
            )
        if action not in TREATMENTS[rule]:
            raise OptionError(
                "unknown-action",
                f"'{action}' is no treatment of {rule}",
                where=f"broken, {rule}",
                expected=" or ".join(TREATMENTS[rule]),
                hint=did_you_mean(action, TREATMENTS[rule]),
            )


@dataclass(frozen=True, slots=True)
class Treated:
    """Responses after the treatment.

    Parameters
    ----------
    responses : Responses
        With cells made missing; all rows.
    kept : bool array, shape (n_rows,)
        Rows that stay.
    flow : Flow
        With a stage per rule that rows were lost by.
    steps : tuple of Step
        One per rule that had findings.
    """

    responses: Responses
    kept: NDArray[np.bool_]
    flow: Flow
    steps: tuple[Step, ...]


def treat_broken(responses: Responses, broken: Mapping[str, str], flow: Flow) -> Treated:
    """Carry out the declared treatments, in the order in which they are declared.

    Parameters
    ----------
    responses : Responses
        Validated answers.
    broken : mapping
        Rule -> action (`TREATMENTS`).
    flow : Flow
        Up to here.

    Raises
    ------
    OptionError
        An unknown rule or action.
    DataError
        An error finding whose rule has no treatment.
    """
    check_treatments(broken)
    _refuse_undeclared(responses, broken)
    kept = np.ones(len(responses.frame), dtype=bool)
    steps = []
    for rule, action in broken.items():
        cells = [each for each in responses.broken if each.rule == rule]
        if not cells:
            continue
        n_before = int(kept.sum())
        if action == "missing":
            responses = _without(responses, cells)
        elif action in ("drop", "first", "last"):
            kept &= ~_leaving(cells, action, kept)
        n_left = int(kept.sum())
        if n_left < n_before:
            flow = flow.then("kept", f"{_REASONS[rule]} ({rule})", n_left)
        steps.append(_step(rule, action, cells, n_before - n_left))
    return Treated(responses, kept, flow, tuple(steps))


def _refuse_undeclared(responses: Responses, broken: Mapping[str, str]) -> None:
    errors = [error for error in responses.report.errors if error.rule not in broken]
    if not errors:
        return
    shown = "\n".join(str(error) for error in errors[:10])
    more = f"\n… and {len(errors) - 10} more" if len(errors) > 10 else ""
    rules = dict.fromkeys(error.rule for error in errors)
    raise DataError(
        "invalid-responses",
        f"the data break the instrument in {len(errors)} place{'s' if len(errors) != 1 else ''}",
        where=responses.report.source,
        got=shown + more,
        hint="`survey-sem validate` shows all findings; correct the data or the instrument, or declare what is done: "
        f"sample: {{broken: {{{_example(rules)}}}}}",
    )


def _example(rules: Iterable[str]) -> str:
    return ", ".join(f"{rule}: {TREATMENTS[rule][0]}" for rule in list(rules)[:3] if rule in TREATMENTS)


def _leaving(cells: list[BrokenCells], action: str, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows that leave: all of them, or all but one of those that share an id."""
    leaving = np.zeros(len(kept), dtype=bool)
    for each in cells:
        if action == "drop" or each.groups is None:
            leaving[each.rows] = True
            continue
        there = kept[each.rows]
        rows, groups = each.rows[there], each.groups[there]
        if action == "last":
            rows, groups = rows[::-1], groups[::-1]
        one_of_each = np.unique(groups, return_index=True)[1]
        leaving[np.delete(rows, one_of_each)] = True
    return leaving


def _without(responses: Responses, cells: list[BrokenCells]) -> Responses:
    """The responses with these cells missing: of a question that was not to be asked as routed, else as nonresponse."""
    frame, absent, paradata = responses.frame.copy(), responses.absent.copy(), responses.paradata
    for each in cells:
        names = _variables(responses.instrument, each.item)
        for name in names:
            if name in frame.columns:
                frame[name] = _masked(frame[name], each.rows)
        if each.item in absent.columns:
            kind = "routed" if each.rule == "answered-though-routed-out" else "nonresponse"
            values = absent[each.item].to_numpy().copy()
            values[each.rows] = ABSENT_KINDS.index(kind)
            absent[each.item] = values
        elif (role := _role(responses.instrument, each.item)) in paradata.columns:
            paradata = paradata.assign(**{role: _masked(paradata[role], each.rows)})
    return replace(responses, frame=frame, absent=absent, paradata=paradata)


def _variables(instrument: Instrument, item: str) -> list[str]:
    """The variables of an item, and the partitions that are made of it."""
    own = [name for each in instrument.items if each.id == item for name in each.variables]
    return [*own, *(each.id for each in instrument.partitions if each.of == item)]


def _role(instrument: Instrument, column: str) -> str:
    return next((role for role, name in instrument.paradata.columns.items() if name == column), column)


def _masked(column: Any, rows: NDArray[np.int32]) -> Any:
    where = np.zeros(len(column), dtype=bool)
    where[rows] = True
    return column.mask(where)


def _step(rule: str, action: str, cells: list[BrokenCells], n_lost: int) -> Step:
    n_cells = sum(len(each.rows) for each in cells)
    places = ", ".join(dict.fromkeys(each.item for each in cells))
    what = {
        "missing": f"{n_cells} answers became missing",
        "drop": f"{n_lost} respondents were left out",
        "first": f"{n_lost} respondents were left out: of each id the first answer sheet stays",
        "last": f"{n_lost} respondents were left out: of each id the last answer sheet stays",
        "accept": f"{n_cells} answers stay as they are" if n_cells else "left as it is",
    }[action]
    items = {each.item: len(each.rows) for each in cells}
    details = {"rule": rule, "action": action, "items": items, "n_cells": n_cells, "n_lost": n_lost}
    return Step("treat-broken", f"{rule} in {places}: {what}", details)

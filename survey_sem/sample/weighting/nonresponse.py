"""``ss.adjust_nonresponse``: those who answered stand for those like them who did not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError, OptionError, Warned
from survey_sem.linalg import Array, Indices
from survey_sem.sample.design.columns import column, is_numeric, names_of, values_of
from survey_sem.sample.weighting.classes import class_codes, rows_of
from survey_sem.sample.weighting.result import Weighting, total_step
from survey_sem.sampling.response_cells import COLLAPSE_RULES, CellLimits, CollapseRule, ResponseCells, response_factors

if TYPE_CHECKING:
    import pandas as pd

Form = Literal["classes", "inverse"]
FORMS: tuple[Form, ...] = get_args(Form)
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class NonresponsePlan:
    """How non-response is made up for; see :func:`adjust_nonresponse`."""

    responded: str
    cells: tuple[str, ...] = ()
    propensity: tuple[str, ...] = ()
    form: Form = "classes"
    n_classes: int = 5
    weighted: bool = True
    penalty: float = 0.0
    least_respondents: int = 1
    greatest_factor: float | None = None
    collapse: CollapseRule | None = None

    @property
    def limits(self) -> CellLimits:
        """When cells are joined."""
        factor = math.inf if self.greatest_factor is None else self.greatest_factor
        return CellLimits(self.least_respondents, factor, self.collapse)


def adjust_nonresponse(
    data: Any,
    responded: str,
    weights: Any = None,
    *,
    cells: str | Sequence[str] = (),
    propensity: str | Sequence[str] = (),
    form: Form = "classes",
    n_classes: int = 5,
    weighted: bool = True,
    penalty: float = 0.0,
    least_respondents: int = 1,
    greatest_factor: float | None = None,
    collapse: CollapseRule | None = None,
) -> Weighting:
    """Weights of the respondents that also stand for the non-respondents, whose weights become 0.

    Parameters
    ----------
    data : DataFrame, Sample or SurveyDesign
        One row for everybody who was asked, with what is known of all.
    responded : str
        Column of 0/1 or truth values: who answered.
    weights : str, Series or array, optional
        Base weights; without them all are 1.
    cells : str or list of str
        Adjust within the cells of these variables: a respondent's weight is multiplied by the weight of all in the cell
        over that of its respondents.
    propensity : str or list of str
        Instead of cells: a logistic regression of the response on these variables.
    form : {"classes", "inverse"}
        With a propensity: cells of about equally many rows by its value (more stable), or the inverse of the propensity
        itself, scaled so that the sum of the weights is kept.
    n_classes : int
        Number of classes of the propensity.
    weighted : bool
        Whether the regression uses the base weights.
    penalty : float
        Ridge penalty of the regression on standardised columns; 0: none.
    least_respondents : int
        Respondents that a cell needs.
    greatest_factor : float, optional
        Factor by which a cell may multiply weights.
    collapse : {"adjacent", "similar"}, optional
        What happens to a cell that breaks these limits: it is joined with its neighbour in the order of the classes
        (within the same class of the variables before the last, where there is one) whose response rate is nearer, or
        with the cell whose response rate is nearest; every join is a note of the result. Without it: an error.

    Raises
    ------
    DataError
        Cells that are too small; missing values; nobody answered; a propensity near 0.
    OptionError
        Both or neither of `cells` and `propensity`; an unknown option.

    Examples
    --------
    >>> import pandas as pd
    >>> import survey_sem as ss
    >>> rows = pd.DataFrame({"city": list("aaaabb"), "answered": [1, 1, 0, 0, 1, 1]})
    >>> ss.adjust_nonresponse(rows, "answered", cells="city").weights.tolist()
    [2.0, 2.0, 0.0, 0.0, 1.0, 1.0]
    """
    plan = nonresponse_plan(
        responded,
        cells=cells,
        propensity=propensity,
        form=form,
        n_classes=n_classes,
        weighted=weighted,
        penalty=penalty,
        least_respondents=least_respondents,
        greatest_factor=greatest_factor,
        collapse=collapse,
    )
    return adjusted(*rows_of(data, weights), plan).weighting


def nonresponse_plan(
    responded: str, *, cells: str | Sequence[str], propensity: str | Sequence[str], **options: Any
) -> NonresponsePlan:
    """A plan from what a user types: a name is taken where a list is meant."""
    return NonresponsePlan(responded, _names(cells), _names(propensity), **options)


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """Weights after non-response, and what replicates need to repeat the adjustment.

    Parameters
    ----------
    weighting : Weighting
        The weights and their report.
    inside : array of int (n_asked,)
        Rows of those who were asked.
    answered : array of bool (n_asked,)
        Who answered.
    group : array of int (n_asked,), or None
        Group of cells in which the adjustment was made; None: by the inverse propensity.
    """

    weighting: Weighting
    inside: Indices
    answered: NDArray[np.bool_]
    group: Indices | None


def adjusted(frame: pd.DataFrame, given: Array | None, plan: NonresponsePlan) -> Adjusted:
    """Carry out a plan; see :func:`adjust_nonresponse`."""
    import pandas as pd

    check_plan(plan)
    base = np.ones(len(frame)) if given is None else given
    inside = np.flatnonzero(base > 0)
    rows = frame.iloc[inside]
    answered = _answered(rows, plan.responded)
    found = (_by_cells if plan.cells else _by_propensity)(rows, base[inside], answered, plan)
    details = found.details
    new = np.zeros(len(frame))
    new[inside] = base[inside] * found.factor * answered
    series = pd.Series(new, index=frame.index, name="weight")
    rate = float(base[inside] @ answered / base.sum())
    details |= {"responded": plan.responded, "n_asked": len(rows), "n_answered": int(answered.sum()), "rate": rate}
    by = ", ".join(plan.cells or plan.propensity)
    what = f"{int(answered.sum())} respondents stand for {len(rows)} (weighted rate {rate:.4f}), by {by}"
    step = total_step("adjust-nonresponse", what, details, series)
    start = pd.Series(base, index=frame.index, name="base_weight")
    method = "nonresponse-cells" if plan.cells else "nonresponse-propensity"
    weighting = Weighting(series, start, method, steps=(step,), notes=found.notes)
    return Adjusted(weighting, inside, answered, found.group)


def check_plan(plan: NonresponsePlan) -> None:
    """Refuse a plan that cannot be carried out.

    Raises
    ------
    OptionError
        See :func:`adjust_nonresponse`.
    """
    if bool(plan.cells) == bool(plan.propensity):
        what = "non-response is adjusted by cells or by a propensity" + (", not by both" if plan.cells else "")
        raise OptionError("missing-option", what, where="cells, propensity", expected="one of them")
    for name, value, known in (("form", plan.form, FORMS), ("collapse", plan.collapse, (None, *COLLAPSE_RULES))):
        if value not in known:
            expected = ", ".join(str(each) for each in known if each)
            raise OptionError("unknown-option", f"{name} cannot be {value!r}", where=name, expected=expected)
    for name, count, least in (("n_classes", plan.n_classes, 2), ("least_respondents", plan.least_respondents, 1)):
        if not isinstance(count, int) or count < least:
            raise OptionError("wrong-value", f"{name} cannot be {count!r}", where=name, expected=f"{least} or more")
    if plan.greatest_factor is not None and not plan.greatest_factor > 1:
        what = f"greatest_factor cannot be {plan.greatest_factor!r}"
        raise OptionError("wrong-value", what, where="greatest_factor", expected="above 1")


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """Factor of every row's weight, group of cells of every row, what to record, and notes."""

    factor: Array
    group: Indices | None
    details: dict[str, Any]
    notes: tuple[Warned, ...] = ()


def _by_cells(rows: pd.DataFrame, base: Array, answered: NDArray[np.bool_], plan: NonresponsePlan) -> _Outcome:
    cell, labels, block = _cells(rows, plan.cells)
    return _in_cells(base, answered, cell, labels, block, plan)


def _in_cells(
    base: Array,
    answered: NDArray[np.bool_],
    cell: Indices,
    labels: list[str],
    block: list[int],
    plan: NonresponsePlan,
) -> _Outcome:
    found = response_factors(base, answered, cell, block, plan.limits)
    _check_cells(found, labels, np.bincount(cell[answered], minlength=len(labels)), plan)
    names = [
        " + ".join(labels[at] for at in np.flatnonzero(found.group == group)) for group in range(len(found.factor))
    ]
    notes = tuple(
        Warned(
            "cells-joined",
            f"{_joined(labels, merge.small)} ({merge.n_respondents} respondents) joined with "
            f"{_joined(labels, merge.into)}",
        )
        for merge in found.merges
    )
    details = {"factors": dict(zip(names, found.factor.tolist(), strict=True)), "joined": [note.what for note in notes]}
    group = found.group[cell]
    return _Outcome(found.factor[group], group, details, notes)


def _joined(labels: list[str], cells: tuple[int, ...]) -> str:
    return " + ".join(labels[at] for at in cells)


def _check_cells(found: ResponseCells, labels: list[str], count: Indices, plan: NonresponsePlan) -> None:
    if not found.too_small:
        return
    shown = [
        f"{labels[at]} ({int(count[at])} respondents, factor {found.factor[found.group[at]]:.3g})"
        for at in np.flatnonzero(np.isin(found.group, found.too_small))[:_SHOWN]
    ]
    limit = f", factor at most {plan.greatest_factor:g}" if plan.greatest_factor is not None else ""
    raise DataError(
        "small-cells",
        f"{len(found.too_small)} cells have too few respondents to stand for those who did not answer",
        where=f"cells of {', '.join(plan.cells or plan.propensity)}",
        expected=f"at least {plan.least_respondents} respondents{limit}",
        got="; ".join(shown),
        hint='join classes, or let them be joined: collapse="adjacent" or "similar"',
    )


def _by_propensity(rows: pd.DataFrame, base: Array, answered: NDArray[np.bool_], plan: NonresponsePlan) -> _Outcome:
    from survey_sem.sample.weighting.propensity import response_propensity

    found = response_propensity(rows, plan.propensity, answered, base if plan.weighted else None, plan.penalty)
    details: dict[str, Any] = {"form": plan.form, "range": [float(found.min()), float(found.max())]}
    if plan.form == "inverse":
        factor = 1.0 / found
        factor *= base.sum() / float((base * factor) @ answered)
        return _Outcome(factor, None, details)
    edges = np.quantile(found, np.linspace(0, 1, plan.n_classes + 1)[1:-1])
    found_class = np.searchsorted(np.unique(edges), found, side="right")
    used, cell = np.unique(found_class, return_inverse=True)
    labels = [f"propensity class {at + 1}" for at in range(len(used))]
    inside = _in_cells(base, answered, cell.astype(np.intp), labels, [0] * len(labels), plan)
    return replace(inside, details=details | inside.details)


def _cells(rows: pd.DataFrame, names: tuple[str, ...]) -> tuple[Indices, list[str], list[int]]:
    """Cell of each row, the cells' labels in order, and the block of each: the classes of all names but the last."""
    everybody = np.arange(len(rows))
    combined, sizes, labels = np.zeros(len(rows), dtype=np.intp), [], []
    for name in names:
        codes, own = _ordered(column(rows, name, "cells"), everybody)
        combined = combined * len(own) + codes
        sizes.append(len(own))
        labels.append(own)
    found, cell = np.unique(combined, return_inverse=True)
    parts = np.stack(np.unravel_index(found, sizes), axis=1)
    texts = [
        ", ".join(f"{name} = {labels[at][part]}" for at, (name, part) in enumerate(zip(names, row, strict=True)))
        for row in parts
    ]
    return cell.astype(np.intp), texts, (found // sizes[-1]).tolist()


def _ordered(series: pd.Series[Any], everybody: Indices) -> tuple[Indices, list[str]]:
    """Codes of a column's classes in their order: that of a Categorical, or ascending."""
    import pandas as pd

    codes, labels = class_codes(series, everybody, "cells")
    if isinstance(series.dtype, pd.CategoricalDtype):
        place = {str(value): at for at, value in enumerate(series.cat.categories)}
        order = sorted(range(len(labels)), key=lambda at: place.get(labels[at], at))
    else:
        order = sorted(range(len(labels)), key=lambda at: _sortable(labels[at]))
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return rank[codes], [labels[at] for at in order]


def _sortable(label: str) -> tuple[int, float, str]:
    try:
        return 0, float(label), ""
    except ValueError:
        return 1, 0.0, label


def _answered(rows: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    series = column(rows, name, "responded")
    values = values_of(series, "responded") if is_numeric(series) else np.full(len(rows), np.nan)
    if not np.isin(values, (0.0, 1.0)).all():
        what = f"'{name}' does not say of everybody whether there is an answer"
        raise DataError("wrong-codes", what, where="responded", expected="0 and 1, or False and True, in every row")
    answered = values == 1.0
    if not answered.any():
        raise DataError("nobody-left", "nobody answered", where=f"responded: {name}")
    return np.asarray(answered)


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return () if isinstance(given, list | tuple) and not given else tuple(names_of(given, "cells, propensity"))

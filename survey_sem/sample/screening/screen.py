"""``survey_sem.screen``: indices of careless answers, held against declared rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError, OptionError, Warned
from survey_sem.linalg import Array
from survey_sem.responses import Responses
from survey_sem.sample.screening.indices import P_VALUE, RULE_TESTS, compute_indices
from survey_sem.sample.screening.plan import INDICES, SETTINGS, Rule, ScreeningPlan, plan_of
from survey_sem.sample.screening.result import Screening
from survey_sem.sample.screening.sheets import FrameRoles, Sheets, sheets_of_frame, sheets_of_responses

if TYPE_CHECKING:
    import pandas as pd

Rules = Mapping[str, Mapping[str, float]] | Sequence[Rule]
_ROLES = tuple(name for name in FrameRoles.__slots__ if name != "items")
_NEEDS = {
    "flat_pages": "items that stood together (a matrix, pages=)",
    "zigzag_pages": "items that stood together (a matrix, pages=)",
    "even_odd": "three or more scales of two items (constructs, scales=)",
    "synonyms": "three or more pairs of items that correlate so highly (synonyms_from)",
    "antonyms": "three or more pairs of items that exclude each other (antonyms_to)",
    "mahalanobis": "a covariance matrix that can be inverted",
    "seconds_per_item": "the time taken (paradata: duration, duration=)",
    "relative_time": "the time taken (paradata: duration, duration=)",
    "attention": "items with a right answer (quality: attention, attention=)",
    "duplicate_id": "ids of the answer sheets (paradata: id, id=)",
    "same_ip": "addresses (paradata: ip, ip=)",
    "same_device": "devices (paradata: device, device=)",
    "burst": "a clock time and an address or device (paradata: submitted, ip)",
    "text_repeated": "free texts (items of type text, texts=)",
    "text_gibberish": "free texts (items of type text, texts=)",
}


def screen(
    data: Responses | pd.DataFrame,
    items: str | Sequence[str] | None = None,
    rules: Rules | None = None,
    exclude: Mapping[str, Any] | None = None,
    *,
    plan: ScreeningPlan | None = None,
    **options: Any,
) -> Screening:
    """Look for careless, copied and bought answers. Nobody is deleted: see `Screening.excluded`.

    Indices of the order of answers (``long_string pattern flat_pages zigzag_pages irv
    near_duplicate``) use answers as they were
    given, in the order of presentation; ``mahalanobis`` does not care; indices of consistency (``person_total synonyms
    even_odd``) use answers after reversed items were turned, ``antonyms`` those before, for turning removes what
    excludes each other. No index finds every kind of carelessness: declare several.

    Parameters
    ----------
    data : Responses or DataFrame
        Validated answers, which know their scales, pages, attention checks and paradata; or a data frame whose columns
        `options` tell.
    items : names, optional
        Items or constructs that are looked at, of a data frame in the order of presentation; of responses without it
        the items of all constructs.
    rules : mapping, optional
        Index -> ``{relation: cut-off}`` with the relations ``above below at_least at_most``, ``p`` for
        ``mahalanobis``, ``failed`` for ``attention``. Without rules there are indices and no flags.
    exclude : mapping, optional
        ``{"at_least": 2, "or": ["attention"]}``: two flags, or this one alone. Without it nobody is excluded.
    plan : ScreeningPlan, optional
        All of this as one, as a study declares it.
    **options
        ``synonyms_from antonyms_to longest_period burst_minutes text_length`` (see `ScreeningPlan`); of a data frame
        also ``scales`` (name -> items), ``pages`` (lists of items that stood together), ``reverse`` (items) with
        ``scale_range``, ``attention`` (item -> right answer or answers), ``duration`` (a column of seconds, divided by
        the number of items), ``id ip device submitted`` (columns), ``texts`` (columns).

    Returns
    -------
    Screening

    Raises
    ------
    OptionError
        An unknown index, relation, option; a rule that excludes and is not declared.
    DataError
        A column is not there; a rule asks for an index that these data do not have.

    Examples
    --------
    >>> import pandas as pd, survey_sem as ss
    >>> answers = pd.DataFrame([[5, 2, 4, 3, 5], [4, 4, 4, 4, 4], [1, 3, 2, 5, 4]], columns=list("abcde"))
    >>> found = ss.screen(answers, items=list("abcde"), rules={"long_string": {"above": 4}}, exclude={"at_least": 1})
    >>> found.excluded.tolist()
    [False, True, False]
    """
    unknown = [name for name in options if name not in SETTINGS and name not in _ROLES]
    if unknown:
        raise OptionError(
            "unknown-option", f"screen has no option '{unknown[0]}'", expected=", ".join(SETTINGS + _ROLES)
        )
    settings = {name: options[name] for name in SETTINGS if name in options}
    if plan is None:
        plan = plan_of(rules, exclude, **settings)
    elif not isinstance(plan, ScreeningPlan):
        raise OptionError("wrong-type", f"a plan is a ScreeningPlan, not a {type(plan).__name__}", where="plan")
    elif rules is not None or exclude is not None or settings:
        what = "rules, exclude and settings belong to the plan, and a plan is given"
        raise OptionError("given-twice", what, where="plan", expected="one of them")
    wanted = _named(items)
    if isinstance(data, Responses):
        roles = [name for name in _ROLES if name in options]
        if roles:
            what = f"'{roles[0]}' is for data frames; responses know it from their instrument"
            raise OptionError("needless-option", what, where=roles[0])
        return screen_rows(data, replace(plan, items=wanted or plan.items), np.ones(len(data.frame), dtype=bool))
    if not hasattr(data, "columns") or not hasattr(data, "set_axis"):
        got = type(data).__name__
        raise OptionError("bad-data", "data must be Responses or a pandas DataFrame", where="data", got=got)
    if wanted is None and plan.items != "all":
        wanted = tuple(plan.items)
    roles_given = {name: options[name] for name in _ROLES if name in options}
    return _screened(sheets_of_frame(data, FrameRoles(items=wanted, **roles_given)), plan)


def _named(items: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if items is None or (isinstance(items, str) and items == "all"):
        return None
    return (items,) if isinstance(items, str) else tuple(str(name) for name in items)


def screen_rows(responses: Responses, plan: ScreeningPlan, rows: NDArray[np.bool_]) -> Screening:
    """Screen some rows of responses against each other, by a plan."""
    wanted = None if isinstance(plan.items, str) else plan.items
    return _screened(sheets_of_responses(responses, wanted, rows), plan)


def _screened(sheets: Sheets, plan: ScreeningPlan) -> Screening:
    import pandas as pd

    if len(sheets.given) < 2:
        what = "screening compares answers with those of others"
        raise DataError("too-few", what, expected="two or more rows", got=f"{len(sheets.given)}")
    values = compute_indices(sheets, plan)
    for rule in plan.rules:
        if rule.index not in values:
            needs = _NEEDS.get(rule.index, "answers")
            what = f"the rule of '{rule.index}' asks for an index that these data do not have"
            raise DataError("no-index", what, where="screening: rules", hint=f"it needs {needs}")
    flags = {rule.index: _flag(rule, values) for rule in plan.rules}
    frame = pd.DataFrame(flags, index=sheets.labels, columns=[rule.index for rule in plan.rules], dtype=bool)
    excluded = np.zeros(len(sheets.labels), dtype=bool)
    if plan.at_least is not None:
        excluded |= frame.to_numpy().sum(axis=1) >= plan.at_least
    for name in plan.alone:
        excluded |= frame[name].to_numpy()
    return Screening(
        indices=pd.DataFrame(values, index=sheets.labels),
        flags=frame,
        excluded=pd.Series(excluded, index=sheets.labels, name="excluded"),
        plan=plan,
        n_items=len(sheets.names),
        notes=_notes(sheets, plan, values),
    )


def _flag(rule: Rule, values: Mapping[str, Array]) -> NDArray[np.bool_]:
    name = P_VALUE if rule.relation == "p" else rule.index
    return np.asarray(RULE_TESTS[rule.relation](values[name], rule.value), dtype=bool)


def _notes(sheets: Sheets, plan: ScreeningPlan, values: Mapping[str, Array]) -> tuple[Warned, ...]:
    found = []
    needed = ("mahalanobis", *(["even_odd"] if len(sheets.scales) else []))
    for name in needed:
        if name not in values:
            found.append(Warned("no-index", f"there is no {name}: {INDICES[name]}", hint=f"it needs {_NEEDS[name]}"))
    declared = next((rule.value for rule in plan.rules if rule.index == "seconds_per_item"), None)
    if declared is not None and sheets.least_seconds is not None and declared != sheets.least_seconds:
        what = f"the rule says {declared:g} seconds an item, the instrument {sheets.least_seconds:g}"
        found.append(Warned("other-seconds", what, where="screening: rules: seconds_per_item"))
    return tuple(found)

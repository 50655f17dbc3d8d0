"""Rules against careless answers, declared before the data are seen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from survey_sem.errors import OptionError, did_you_mean

Relation = Literal["above", "below", "at_least", "at_most", "p", "failed"]
RELATIONS: tuple[Relation, ...] = ("above", "below", "at_least", "at_most", "p", "failed")
SIGNS: Mapping[str, str] = {"above": ">", "below": "<", "at_least": ">=", "at_most": "<=", "p": "p <", "failed": ">="}

INDICES: Mapping[str, str] = {
    "long_string": "longest run of one answer, items",
    "pattern": "longest repeated pattern such as 3-4-5-4, items",
    "flat_pages": "share of pages with one answer throughout",
    "zigzag_pages": "share of pages in steps of one code up and down",
    "irv": "standard deviation of the answers of one person",
    "mahalanobis": "squared distance from the centre of all answers",
    "person_total": "correlation with the item means of all others",
    "synonyms": "correlation within a person over pairs of items that go together",
    "antonyms": "correlation within a person over pairs of items that exclude each other",
    "even_odd": "even-odd consistency, Spearman-Brown corrected",
    "seconds_per_item": "seconds per item that was asked",
    "relative_time": "time as a share of the median time",
    "attention": "attention checks failed",
    "duplicate_id": "other sheets with the same id",
    "same_ip": "other sheets from the same address",
    "same_device": "other sheets from the same device",
    "near_duplicate": "share of equal answers with the most similar other sheet",
    "burst": "sheets from one address or device within the window, this one among them",
    "text_repeated": "other sheets with the same free text",
    "text_gibberish": "free texts that look like keys hit at random",
}
"""Index -> what it is. Of `antonyms` and the counts a high value is suspicious, of the correlations a low one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A cut-off of one index.

    Parameters
    ----------
    index : str
        One of `INDICES`.
    relation : str
        ``above below at_least at_most``; ``p`` (below that p-value, of ``mahalanobis``); ``failed`` (at least so many,
        of ``attention``).
    value : float
        The cut-off.
    """

    index: str
    relation: Relation
    value: float

    def __str__(self) -> str:
        if self.relation == "p":
            return f"{self.index}: p < {self.value:g}"
        return f"{self.index} {SIGNS[self.relation]} {self.value:g}"


@dataclass(frozen=True, slots=True)
class ScreeningPlan:
    """What counts as careless, and what follows from it.

    Parameters
    ----------
    items : "all" or tuple of str
        Items or constructs whose answers are looked at; all items of constructs (without constructs: all ordinal ones).
    rules : tuple of Rule
        Cut-offs, one per index.
    at_least : int or None
        Respondents with so many flags are excluded; None: the number of flags excludes nobody.
    alone : tuple of str
        Rules of which one is enough.
    synonyms_from, antonyms_to : float
        Pairs of items count as synonyms from this correlation on, as antonyms up to this one.
    longest_period : int
        The longest pattern that is looked for.
    burst_minutes : float
        The window of ``burst``.
    text_length : int
        Shorter texts may repeat.
    """

    items: Literal["all"] | tuple[str, ...] = "all"
    rules: tuple[Rule, ...] = ()
    at_least: int | None = None
    alone: tuple[str, ...] = ()
    synonyms_from: float = 0.6
    antonyms_to: float = -0.6
    longest_period: int = 5
    burst_minutes: float = 10.0
    text_length: int = 10

    @property
    def similar_from(self) -> float:
        """The share of equal answers from which two sheets are looked for."""
        return next((rule.value for rule in self.rules if rule.index == "near_duplicate"), 0.95)

    @property
    def excludes(self) -> bool:
        """Whether anybody can be excluded."""
        return self.at_least is not None or bool(self.alone)

    @property
    def reasons(self) -> dict[str, str]:
        """The rule of exclusion by language, for the flow of respondents."""
        parts = [] if self.at_least is None else [f"{len(self.rules)} 条规则中触发 {self.at_least} 条及以上"]
        parts += [str(rule) for rule in self.rules if rule.index in self.alone]
        return {"zh": "不认真作答：" + "，或 ".join(parts), "en": f"careless answers: {self.reason}"}

    @property
    def reason(self) -> str:
        """The rule of exclusion in words."""
        parts = []
        if self.at_least is not None:
            parts.append(f"{self.at_least} or more of {len(self.rules)} signs of careless answers")
        parts += [str(rule) for rule in self.rules if rule.index in self.alone]
        return " or ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain data."""
        return {
            "items": self.items if isinstance(self.items, str) else list(self.items),
            "rules": {rule.index: {rule.relation: rule.value} for rule in self.rules},
            "exclude": {"at_least": self.at_least, "or": list(self.alone)},
            **{name: getattr(self, name) for name in SETTINGS},
        }


SETTINGS = ("synonyms_from", "antonyms_to", "longest_period", "burst_minutes", "text_length")
WHOLE = ("longest_period", "text_length")


@dataclass(frozen=True, slots=True)
class _Problem:
    """What is wrong with a rule; `place` says where in the rules."""

    code: str
    what: str
    expected: str | None = None
    hint: str | None = None
    place: tuple[str, ...] = field(default=())


def plan_of(
    rules: Mapping[str, Mapping[str, float]] | Sequence[Rule] | None, exclude: Mapping[str, Any] | None, **settings: Any
) -> ScreeningPlan:
    """A plan from what a caller gives.

    Raises
    ------
    OptionError
        An unknown index or relation, a cut-off that is no number, an exclusion by a rule that is not declared.
    """
    made = []
    for index, told in _pairs(rules):
        if not isinstance(told, Mapping) or len(told) != 1:
            what = f"the rule of '{index}' is one relation and its cut-off"
            raise OptionError("bad-rule", what, where="rules", expected='such as {"above": 12}')
        ((relation, value),) = told.items()
        problem = rule_problem(index, relation, value)
        if problem is not None:
            raise OptionError(problem.code, problem.what, where="rules", expected=problem.expected, hint=problem.hint)
        made.append(Rule(index, cast("Relation", relation), float(value)))
    exclude = {} if exclude is None else exclude
    if not isinstance(exclude, Mapping) or set(exclude) - {"at_least", "or"}:
        raise OptionError("bad-exclude", "who is excluded is told by at_least and or", where="exclude",
                          expected='such as {"at_least": 2, "or": ["attention"]}', got=repr(exclude))  # fmt: skip
    alone = exclude.get("or", ())
    alone = (alone,) if isinstance(alone, str) else tuple(alone)
    plan = ScreeningPlan(rules=tuple(made), at_least=exclude.get("at_least"), alone=alone, **settings)
    problem = plan_problem(plan)
    if problem is not None:
        raise OptionError(
            problem.code, problem.what, where=".".join(problem.place), expected=problem.expected, hint=problem.hint
        )
    return plan


def _pairs(rules: Any) -> list[tuple[str, Any]]:
    if rules is None:
        return []
    if isinstance(rules, Mapping):
        return [(str(index), told) for index, told in rules.items()]
    if not all(isinstance(rule, Rule) for rule in rules):
        raise OptionError("bad-rule", "rules are a mapping of index -> {relation: cut-off}", where="rules",
                          expected='such as {"long_string": {"above": 12}}')  # fmt: skip
    return [(rule.index, {rule.relation: rule.value}) for rule in rules]


def rule_problem(index: str, relation: Any, value: Any) -> _Problem | None:
    """What is wrong with a rule, or None."""
    if index not in INDICES:
        return _Problem(
            "unknown-index", f"there is no index '{index}'", ", ".join(INDICES), did_you_mean(index, INDICES)
        )
    if relation not in RELATIONS:
        hint = did_you_mean(str(relation), RELATIONS)
        return _Problem("unknown-relation", f"'{relation}' is no relation of a rule", ", ".join(RELATIONS), hint)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return _Problem("bad-cut-off", f"the cut-off of '{index}' is no number", "a number")
    if (relation == "p") and index != "mahalanobis":
        return _Problem("bad-relation", f"'{index}' has no p-value", "above or below")
    if (relation == "failed") and index != "attention":
        return _Problem("bad-relation", f"'failed' is for attention checks, not for '{index}'", "above or below")
    if relation == "p" and not 0 < value < 1:
        return _Problem("bad-cut-off", "a p-value lies between 0 and 1", "such as 0.001")
    if index == "near_duplicate" and not 0.5 <= value <= 1:
        return _Problem("bad-cut-off", "the share of equal answers is looked for from 0.5 to 1", "such as 0.95")
    return None


def plan_problem(plan: ScreeningPlan) -> _Problem | None:
    """What is wrong with a plan as a whole, or None."""
    declared = [rule.index for rule in plan.rules]
    if plan.at_least is not None:
        if isinstance(plan.at_least, bool) or not isinstance(plan.at_least, int) or plan.at_least < 1:
            return _Problem("bad-exclude", "at_least is a number of flags", "1 or more", place=("exclude", "at_least"))
        if plan.at_least > len(declared):
            what = f"{plan.at_least} flags are asked for, and {len(declared)} rules are declared: nobody can have them"
            return _Problem("bad-exclude", what, place=("exclude", "at_least"))
    for name in plan.alone:
        if name not in declared:
            what = f"'{name}' excludes, but it is not among the rules"
            return _Problem("bad-exclude", what, ", ".join(declared), did_you_mean(name, declared), ("exclude", "or"))
    for name in SETTINGS:
        value, kinds = getattr(plan, name), int if name in WHOLE else int | float
        if isinstance(value, bool) or not isinstance(value, kinds):
            return _Problem(
                "bad-setting",
                f"'{name}' cannot be {value!r}",
                "a whole number" if name in WHOLE else "a number",
                place=(name,),
            )
    bounds = {
        "synonyms_from": 0 < plan.synonyms_from < 1,
        "antonyms_to": -1 < plan.antonyms_to < 0,
        "longest_period": plan.longest_period >= 2,
        "burst_minutes": plan.burst_minutes > 0,
        "text_length": plan.text_length >= 1,
    }
    for name, is_good in bounds.items():
        if not is_good:
            return _Problem("bad-setting", f"'{name}' cannot be {getattr(plan, name)!r}", place=(name,))
    return None

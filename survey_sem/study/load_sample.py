"""The section ``sample`` of a study file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from survey_sem.errors import OptionError
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.section import Section, fail, integer, kind_of, number
from survey_sem.instrument.strict_yaml import Node
from survey_sem.sample import Condition, Dispositions, SamplePlan
from survey_sem.sample.outcome_rates import DISPOSITIONS
from survey_sem.sample.sample import RELATIONS, Relation
from survey_sem.sample.treatment import TREATMENTS
from survey_sem.study import keys


def read_sample(section: Section | None, problems: Problems) -> SamplePlan:
    """The plan of a study file's section ``sample``; without one everybody stays."""
    if section is None:
        return SamplePlan()
    plan = SamplePlan(
        reverse=section.flag("reverse", True),
        keep=section.each("keep", lambda node: _condition(node, problems)),
        distributed=section.optional("distributed", _count, None),
        opened=section.optional("opened", _count, None),
        completed=section.optional("completed", _count, None),
        probability=section.flag("probability", False),
        broken=_broken(section.optional_section("broken", TREATMENTS)),
    )
    return _with_dispositions(plan, section, problems)


def _count(node: Node) -> int:
    if integer(node) < 0:
        fail(node, "wrong-value", f"a number of questionnaires cannot be {kind_of(node)}", expected="0 or more")
    return integer(node)


def _with_dispositions(plan: SamplePlan, section: Section, problems: Problems) -> SamplePlan:
    """The plan with what became of all cases, which only a probability sample may tell."""
    told = section.optional("dispositions", lambda node: _dispositions(node, problems), None)
    try:
        return replace(plan, dispositions=told)
    except OptionError as problem:
        problems.note(section["dispositions"], problem.code, problem.what, hint=problem.hint)
        return plan


def _dispositions(node: Node, problems: Problems) -> Dispositions | None:
    section = Section(node, keys.DISPOSITIONS, problems)
    counts = {name: section.integer(name) for name in DISPOSITIONS if name in section}
    share = section.optional("e", number, None)
    source = section.texts("e_source") if share is not None else {}
    if share is None and "e_source" in section:
        fail(section["e_source"], "needless-value", "'e_source' tells where e comes from, and there is no e")
    if not section.is_sound:
        return None
    try:
        return Dispositions(counts, share, source)
    except OptionError as problem:
        fail(node, problem.code, problem.what, expected=problem.expected)


def _broken(section: Section | None) -> dict[str, str]:
    """Rule -> treatment, in the order in which they are carried out."""
    if section is None:
        return {}
    return {rule: section.choice(rule, TREATMENTS[rule]) for rule in section.nodes if rule in TREATMENTS}


def _condition(node: Node, problems: Problems) -> Condition:
    section = Section(node, keys.CONDITION, problems)
    relation = cast("Relation", section.choice("relation", RELATIONS))
    value: Any = None
    if not section.is_sound:
        return Condition("", "answered", None, "")
    if relation == "answered":
        if "value" in section:
            fail(section["value"], "needless-value", "'answered' compares with nothing")
    else:
        value = section["value"].plain()
        if isinstance(value, dict) or isinstance(value, list) != (relation == "in"):
            expected = "a list" if relation == "in" else "one value"
            fail(
                section["value"],
                "wrong-type",
                f"'{relation}' does not go with {kind_of(section['value'])}",
                expected=expected,
            )
        value = tuple(value) if isinstance(value, list) else value
    by_language = isinstance(section["reason"].value, dict)
    reason = section.texts("reason") if by_language else section.text("reason")
    return Condition(section.text("item"), relation, value, reason)

"""The section ``screening`` of a study file."""

from __future__ import annotations

from typing import Any, cast

from survey_sem.instrument.problems import Problems
from survey_sem.instrument.section import Section, fail, integer, kind_of, mapping, number
from survey_sem.instrument.strict_yaml import Node
from survey_sem.sample.screening.plan import SETTINGS, WHOLE, Relation, Rule, ScreeningPlan, plan_problem, rule_problem

KEYS = ("items", "rules", "exclude", *SETTINGS)
EXCLUDE_KEYS = ("at_least", "or")


def read_screening_plan(node: Node, problems: Problems | None = None) -> ScreeningPlan:
    """The plan of a study file's section ``screening``.

    Raises
    ------
    StudyError
        Unknown keys, indices or relations, wrong values, contradictions, with file, line and key; given `problems`,
        noted there.
    """
    section = Section(node, KEYS, problems)
    nothing: tuple[Rule, ...] = ()
    rules = section.read("rules", _rules, nothing)
    exclude = section.optional_section("exclude", EXCLUDE_KEYS)
    settings: dict[str, Any] = {
        name: section.integer(name) if name in WHOLE else section.number(name) for name in SETTINGS if name in section
    }
    plan = ScreeningPlan(
        items=_items(section),
        rules=rules,
        at_least=exclude.optional("at_least", integer, None) if exclude else None,
        alone=exclude.words("or") if exclude else (),
        **settings,
    )
    if section.is_sound:
        _check(plan, section)
    return plan


def _items(section: Section) -> Any:
    if "items" not in section or section["items"].value == "all":
        return "all"
    return section.words("items")


def _rules(node: Node) -> tuple[Rule, ...]:
    return tuple(_rule(index, entry) for index, entry in mapping(node).items())


def _rule(index: str, node: Node) -> Rule:
    told = node.value if isinstance(node.value, dict) else {}
    if len(told) != 1:
        what = f"the rule of '{index}' is one relation and its cut-off, not {kind_of(node)}"
        fail(node, "bad-rule", what, expected="such as {above: 12}")
    ((relation, entry),) = told.items()
    problem = rule_problem(index, relation, entry.value)
    if problem is not None:
        fail(entry, problem.code, problem.what, expected=problem.expected, hint=problem.hint)
    return Rule(index, cast("Relation", relation), float(number(entry)))


def _check(plan: ScreeningPlan, section: Section) -> None:
    problem = plan_problem(plan)
    if problem is None:
        return

    def refuse(node: Node) -> None:
        fail(node, problem.code, problem.what, expected=problem.expected, hint=problem.hint)

    section.read(problem.place[0], refuse, None)

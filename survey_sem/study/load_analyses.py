"""The analyses beside the main models, as a study file names them: groups and regressions."""

from __future__ import annotations

import re

from survey_sem.instrument.problems import Problems
from survey_sem.instrument.section import Section, fail, kind_of, number, one_of, text, written_names
from survey_sem.instrument.strict_yaml import Node
from survey_sem.measurement.groups.compare import PAIRS, PAIRS_OF
from survey_sem.measurement.verdicts import LEVELS
from survey_sem.regression.families import LINKS
from survey_sem.study import keys
from survey_sem.study.study import VARIANTS, ComparisonPlan, GroupPlan, RegressionPlan

_USUAL_LEVELS = ("configural", "metric", "scalar")


def read_groups(section: Section | None) -> GroupPlan | None:
    """The ``groups`` section."""
    if section is None:
        return None
    levels = section.each("levels", lambda node: one_of(node, LEVELS)) if "levels" in section else _USUAL_LEVELS
    return GroupPlan(
        of=section.text("of"),
        levels=tuple(dict.fromkeys(level for level in LEVELS if level in levels)),
        equal=section.words("equal") if "equal" in section else ("loadings",),
        partial=section.words("partial") if "partial" in section else (),
    )


def read_comparisons(top: Section, problems: Problems) -> tuple[ComparisonPlan, ...]:
    """The ``comparisons`` list."""
    return problems.each(top.entries("comparisons"), lambda node: _comparison(node, problems))


def _comparison(node: Node, problems: Problems) -> ComparisonPlan:
    section = Section(node, keys.COMPARISON, problems)
    options = {}
    for key, known in (("test", tuple(PAIRS_OF)), ("pairs", PAIRS)):
        if key in section:
            options[key] = section.choice(key, known, known[0])
    of = section.words("of")
    if not of:
        problems.note(
            node, "missing-key", "'of' is required", hint="name the variables or constructs that are compared"
        )
    return ComparisonPlan(of=of, by=section.text("by"), options=options)


def read_regressions(top: Section, problems: Problems) -> tuple[RegressionPlan, ...]:
    """The ``regressions`` list."""
    nodes = top.entries("regressions")
    first = written_names(nodes, "name")
    for node in nodes:
        (name,) = written_names((node,), "name") or ("",)
        if name and first[name] is not node:
            problems.note(node, "duplicate-id", f"the regression '{name}' is told twice")
    return problems.each(nodes, lambda node: _regression(node, problems))


def _regression(node: Node, problems: Problems) -> RegressionPlan:
    section = Section(node, keys.REGRESSION, problems)
    options: dict[str, str | float] = {key: section.text(key) for key in ("family", "link", "vcov") if key in section}
    if "family" in section:
        options["family"] = section.read("family", lambda each: one_of(each, LINKS), "")
    if "quantile" in section:
        options["quantile"] = section.read("quantile", _share, 0.5)
    return RegressionPlan(
        name=section.read("name", _file_name, ""),
        formula=section.read("formula", _formula, ""),
        label=section.optional_texts("label"),
        options=options,
        equivalence=section.read("equivalence", _above_zero, 0.0) if "equivalence" in section else None,
    )


def _file_name(node: Node) -> str:
    """A name that files can bear, each its own."""
    name = text(node)
    if not re.fullmatch(r"[\w-]{1,60}", name):
        fail(node, "bad-name", f"a regression cannot be called {kind_of(node)}", expected="letters, digits, _ and -")
    return name


def _formula(node: Node) -> str:
    formula = text(node).strip()
    if "~" not in formula:
        fail(node, "bad-formula", "a formula has a ~ between the response and its predictors", expected="y ~ x + z")
    return formula


def _share(node: Node) -> float:
    value = number(node)
    if not 0 < value < 1:
        fail(node, "wrong-value", "a quantile lies between 0 and 1")
    return value


def _above_zero(node: Node) -> float:
    value = number(node)
    if not value > 0:
        fail(node, "wrong-value", "the smallest effect of interest is above 0")
    return value


def read_robustness(top: Section) -> tuple[str, ...]:
    """The ``robustness`` list."""
    given = top.each("robustness", lambda node: one_of(node, VARIANTS)) if "robustness" in top else ()
    return tuple(dict.fromkeys(given))

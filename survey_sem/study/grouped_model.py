"""The model of a study in groups: every label and every effect once per group.

A label that stands once in a model holds its parameter equal over the groups; what a study labels for its effects is
meant to differ. The label ``b`` becomes ``b.1``, ``b.2`` ... in the order of the groups, and so do effects.
"""

from __future__ import annotations

import re

from survey_sem.measurement.second_order import with_pinned_means
from survey_sem.study.study import Study
from survey_sem.syntax import parse_model

_RESTRICTION = re.compile(r":=|==|<(?!~)|>")


def grouped_model(study: Study, n_groups: int) -> str:
    """Measurement, structural part and effects for `n_groups` groups; see `with_pinned_means`."""
    rows = parse_model("\n".join(text for name, text in study.model_parts if name != "effects")).rows
    labels = sorted({row.label for row in rows if row.label}, key=len, reverse=True)
    lines = [
        line
        for name, text in study.model_parts
        if name != "effects"
        for statement in text.splitlines()
        for line in _in_groups(statement, labels, n_groups)
    ]
    effects = [
        f"{effect.name}.{group} := {_suffixed(effect.definition, [*labels, *_names(study)], group)}"
        for effect in study.effects
        for group in range(1, n_groups + 1)
    ]
    return with_pinned_means("\n".join([*lines, *effects]))


def _names(study: Study) -> list[str]:
    return [effect.name for effect in study.effects]


def _in_groups(line: str, labels: list[str], n_groups: int) -> list[str]:
    """A line of the model: restrictions of labels once per group, labels of parameters as a list."""
    code = line.partition("#")[0]
    if _RESTRICTION.search(code):
        return [_suffixed(code, labels, group) for group in range(1, n_groups + 1)]
    for label in labels:
        several = ", ".join(f"{label}.{group}" for group in range(1, n_groups + 1))
        code = re.sub(rf"(?<![\w.]){re.escape(label)}\s*\*", f"c({several})*", code)
    return [code]


def _suffixed(text: str, names: list[str], group: int) -> str:
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", f"{name}.{group}", text)
    return text

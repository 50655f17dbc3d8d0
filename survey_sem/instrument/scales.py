"""The answers that are allowed, and the codes that stand for none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import cast

from survey_sem.instrument import keys
from survey_sem.instrument.model import MISSING_KINDS, MissingCode, MissingKind, Scale
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.routing import Code
from survey_sem.instrument.section import Section, check_language, fail, integer, kind_of, mapping, text
from survey_sem.instrument.strict_yaml import Node, shortened

MAX_CODES = 1000
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,8})")

Labels = dict[Code, str]


def key_code(key: str) -> Code:
    """The code that a key of a mapping names: ``3`` is a number, ``007`` and ``a`` are texts."""
    return int(key) if _WHOLE.fullmatch(key) else key


def code_of(node: Node) -> Code:
    """The code that a value names; ``3``, ``3.0`` and ``"3"`` are one code, as they are to `key_code`."""
    code = raw_code(node)
    if isinstance(code, str):
        return key_code(code)
    return int(code) if code == int(code) else code


def raw_code(node: Node) -> Code:
    """A code as it is written."""
    if isinstance(node.value, bool) or not isinstance(node.value, (int, float, str)):
        fail(node, "wrong-type", f"a code must be a number or a text, not {kind_of(node)}")
    return node.value


def code_among(node: Node, scale: Scale) -> Code:
    """A code that must be one of a scale's."""
    code = code_of(node)
    if code not in scale.codes:
        what = f"{kind_of(node)} is not a code of scale '{scale.id}'"
        fail(node, "unknown-code", what, expected=shortened(scale.describe()))
    return code


def read_scales(nodes: Mapping[str, Node], problems: Problems) -> dict[str, Scale]:
    """Scales by their names; one with a problem is left out."""
    sound: dict[str, Scale] = {}
    for name, node in nodes.items():
        for scale in problems.each([node], partial(_scale, name, problems)):
            sound[name] = scale
    return sound


def _scale(name: str, problems: Problems, node: Node) -> Scale:
    entry = Section(node, keys.SCALE, problems)
    nodes = entry.mapping("labels")
    labels = {language: _labels(language, inner, problems) for language, inner in nodes.items()}
    if ("min" in entry) != ("max" in entry):
        fail(node, "incomplete-scale", f"scale '{name}' has one end only", expected="both min and max, or neither")
    if "min" not in entry:
        ordinal = entry.flag("ordinal", False)
        return Scale(name, ordinal, None, None, _listed(name, node, labels) if entry.is_sound else labels)
    low, high = (entry.read(key, integer, 0) for key in ("min", "max"))
    ordinal = entry.flag("ordinal", True)
    if entry.is_sound:
        _check_ends(name, low, high, entry["max"])
        _check_labels_within(nodes, low, high)
    return Scale(name, ordinal, low, high, labels)


def _check_ends(name: str, low: int, high: int, node: Node) -> None:
    if high <= low:
        fail(node, "empty-scale", f"scale '{name}' ends at {high}, before it begins at {low}")
    if high - low >= MAX_CODES:
        n_codes = high - low + 1
        fail(node, "wide-scale", f"scale '{name}' has {n_codes} codes", hint="use an item of type number")


def _listed(name: str, node: Node, labels: dict[str, Labels]) -> dict[str, Labels]:
    """Labels of a scale whose codes are those labelled: every language must list the same ones."""
    if not any(labels.values()):
        fail(node, "empty-scale", f"scale '{name}' has neither min and max nor labels")
    first, *others = labels.items()
    for language, other in others:
        different = set(other) ^ set(first[1])
        if different:
            codes = shortened(", ".join(sorted(str(code) for code in different)))
            fail(node, "unequal-labels", f"languages '{first[0]}' and '{language}' label different codes: {codes}")
    if len(first[1]) > MAX_CODES:
        fail(node, "wide-scale", f"scale '{name}' has {len(first[1])} codes", hint="use an item of type text")
    return labels


def _labels(language: str, node: Node, problems: Problems) -> Labels:
    labels: Labels = {}
    with problems.kept():
        check_language(language, node)
        for key, entry in mapping(node).items():
            with problems.kept():
                labels[key_code(key)] = text(entry)
    return labels


def _check_labels_within(labels: Mapping[str, Node], low: int, high: int) -> None:
    for by_code in labels.values():
        for key, entry in mapping(by_code).items():
            code = key_code(key)
            if not isinstance(code, int) or not low <= code <= high:
                what = f"the label of code {shortened(key)} is outside the scale {low}-{high}"
                fail(entry, "label-outside-scale", what)


def read_missing(nodes: Iterable[Node], scales: Mapping[str, Scale], problems: Problems) -> tuple[MissingCode, ...]:
    """Codes that stand for no answer; none of them may be an answer, which would be deleted wherever it was given."""
    answers = {_written(code): scale for scale in scales.values() for code in scale.codes}
    seen: dict[str, Node] = {}

    def missing_code(node: Node) -> MissingCode:
        entry = Section(node, keys.MISSING, problems)
        kind = cast("MissingKind", entry.choice("kind", MISSING_KINDS))
        stand_in: Code = 0
        code = entry.read("code", raw_code, stand_in)
        if entry.is_sound:
            _check_missing_code(node, code, answers, seen)
        return MissingCode(code, kind, entry.optional_texts("text"))

    return problems.each(nodes, missing_code)


def _check_missing_code(node: Node, code: Code, answers: Mapping[str, Scale], seen: dict[str, Node]) -> None:
    written = _written(code)
    if written in seen:
        what = f"missing code '{shortened(written)}' is used twice (first in line {seen[written].line})"
        fail(node, "duplicate-id", what)
    seen[written] = node
    if written in answers:
        scale = answers[written]
        what = f"the missing code {shortened(written)} is an answer of scale '{scale.id}'"
        hint = "give the missing answer a code outside every scale"
        fail(node, "missing-code-is-answer", what, expected=f"none of {shortened(scale.describe())}", hint=hint)


def _written(code: Code) -> str:
    """A code as a file would show it: 9, 9.0 and "9" are the same."""
    return format(code, ".17g") if isinstance(code, (int, float)) else code.strip()

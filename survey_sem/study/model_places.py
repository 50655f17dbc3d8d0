"""Errors about what a study asks for, told by the place in the study file where the user wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from survey_sem.errors import SurveySemError
from survey_sem.instrument.strict_yaml import Node, read_yaml
from survey_sem.study.study import Study

_LINE = re.compile(r"\bline (\d+)")
_ASKED = re.compile(r"(\w+)(?=$|[:,])(?:: (?:entry (\d+)|([\w-]+)))?")
"""A key of a study file, as errors name it, and which of its entries: ``comparisons: entry 2``, ``sample: keep``."""


@contextmanager
def errors_in_the_study(study: Study) -> Iterator[None]:
    """Restate errors: a line of the joined model text as that of the part that holds it, a key with file and line."""
    try:
        yield
    except SurveySemError as problem:
        if problem.where is not None and _LINE.match(problem.where):
            raise _restated(problem, study) from None
        if (node := _asked_for(problem.where or "", study)) is not None:
            problem.where = f"{node.file}:{node.line}: {problem.where}"
        raise


def _asked_for(where: str, study: Study) -> Node | None:
    """What the study file says at the key that an error names; None where there is neither."""
    asked = _ASKED.match(where)
    if asked is None:
        return None
    try:
        top = read_yaml(study.path)
    except SurveySemError:  # a run is verified where its study file is not
        return None
    key, entry, name = asked.groups()
    keys = _entries(top)
    node = keys.get(key) or _entries(keys.get("fit")).get(key)
    if node is None or not isinstance(node.value, list):
        return _entries(node).get(name or "", node)
    if entry is not None and 0 < int(entry) <= len(node.value):
        return node.value[int(entry) - 1]
    return next((each for each in node.value if name and _entries(each)["name"].value == name), node)


def _entries(node: Node | None) -> dict[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _restated(problem: SurveySemError, study: Study) -> SurveySemError:
    place, newline, excerpt = str(problem.where).partition("\n")
    line, _, rest = place.removeprefix("line ").partition(",")
    part, inside = part_of_line(study, int(line))
    where = f"{study.path.name}, {part}, line {inside}{',' if rest else ''}{rest}{newline}{excerpt}"
    what = _LINE.sub(lambda found: "line {1} of {0}".format(*part_of_line(study, int(found[1]))), problem.what)
    return type(problem)(problem.code, what, where=where, expected=problem.expected, got=problem.got, hint=problem.hint)


def part_of_line(study: Study, line: int) -> tuple[str, int]:
    """Which part of the study holds a line of `Study.model`, and its line there; both count from 1."""
    *others, last = study.model_parts
    for name, text in others:
        length = text.count("\n") + 1
        if line <= length:
            return name, line
        line -= length
    return last[0], line

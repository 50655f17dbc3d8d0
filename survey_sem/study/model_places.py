"""Errors about the model of a study, told by the place in the study file where the user wrote the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from survey_sem.errors import SurveySemError
from survey_sem.study.study import Study

_LINE = re.compile(r"\bline (\d+)")


@contextmanager
def errors_in_the_study(study: Study) -> Iterator[None]:
    """Restate errors that name a line of the joined model text as lines of the part that holds it."""
    try:
        yield
    except SurveySemError as problem:
        if problem.where is None or not _LINE.match(problem.where):
            raise
        raise _restated(problem, study) from None


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

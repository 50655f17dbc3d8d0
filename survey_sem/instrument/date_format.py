"""How dates and clock times are written in a file: the directives of `datetime.strptime` that are safe to use."""

from __future__ import annotations

import re

from survey_sem.instrument.section import fail, kind_of, text
from survey_sem.instrument.strict_yaml import Node

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_KNOWN = frozenset("YymdbBjHIMSpfzAa%")  # those that depend on nothing but the text (%c and the like: on the machine)
_DAY = ({"Y", "y"}, {"m", "b", "B", "j"}, {"d", "j"})
MAX_LENGTH = 60


def date_format(node: Node) -> str:
    """A format with a year, a month and a day (or the day of the year), such as ``%Y/%m/%d %H:%M:%S``.

    Raises
    ------
    StudyError
        ``bad-format``: a directive that is not known or is there twice, or no complete date.
    """
    pattern = text(node)
    directives = _DIRECTIVE.findall(pattern)
    used = [directive for directive in directives if directive != "%"]
    wrong = [f"%{directive}" for directive in used if directive not in _KNOWN]
    wrong += [f"%{directive} twice" for directive in dict.fromkeys(used) if used.count(directive) > 1]
    is_day = all(set(used) & wanted for wanted in _DAY)
    if wrong or not is_day or len(pattern) > MAX_LENGTH:
        reason = f": {', '.join(wrong)}"[:MAX_LENGTH] if wrong else ""
        what = f"{kind_of(node)} is no format of dates{reason}"
        fail(node, "bad-format", what, expected="year, month and day, such as %Y-%m-%d or %Y/%m/%d %H:%M:%S")
    return pattern

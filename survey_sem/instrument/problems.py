"""All problems of a file at once: a list to work through, not one refusal after another.

How a loader uses it::

    def study_from(node: Node) -> Study:
        check_schema(node, SCHEMA)                      # another kind of file: nothing else is worth saying
        problems = Problems(node.file)
        top = Section(node, _TOP, problems)             # unknown keys are noted, reading goes on
        title = top.texts("title")                      # a wrong value is noted and a stand-in returned
        groups = problems.each(top.entries("groups"), lambda entry: _group(entry, problems))
        with problems.kept():                           # a check of its own that may `fail(node, ...)`
            _check_groups(groups)
        problems.raise_all()                            # nothing made of stand-ins gets past this line
        return Study(title, groups)

    def _group(node: Node, problems: Problems) -> Group:
        entry = Section(node, _GROUP, problems)
        low = entry.read("from", number, 0.0)           # any reader of a node; the last argument is the stand-in
        high = entry.read("to", number, 0.0)
        if entry.is_sound and low > high:               # never check stand-ins against each other
            problems.note(entry["to"], "empty-group", "...")
        return Group(low, high)

An entry with a problem is left out of what `each` returns; the problem itself is already noted. Take the names that
other sections may refer to from the nodes (`written_names`), not from the entries that could be read: else one wrong
entry makes every mention of it wrong too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from survey_sem.errors import StudyError
from survey_sem.instrument.strict_yaml import Node

MAX_PROBLEMS = 100
"""Reading ends here: whoever has that many problems has one problem of another kind."""

_Read = TypeVar("_Read")


class SeveralProblemsError(StudyError):
    """A file breaks its schema in several places.

    Parameters
    ----------
    file : str
        The file, as the user named it.
    problems : tuple of StudyError
        In the order of the file.
    is_cut : bool
        Whether reading ended before the end of the file because there were so many.

    Attributes
    ----------
    problems : tuple of StudyError
        As given; `got` shows one line for each.
    """

    def __init__(self, file: str, problems: tuple[StudyError, ...], is_cut: bool = False) -> None:
        more = "more than " if is_cut else ""
        super().__init__(
            "several-problems",
            f"{more}{len(problems)} problems in {file}",
            where=file,
            got="\n".join(one_line(problem) for problem in problems),
        )
        self.file = file
        self.problems = problems
        self.is_cut = is_cut

    def __reduce__(self) -> tuple[object, ...]:
        return SeveralProblemsError, (self.file, self.problems, self.is_cut)


def one_line(problem: StudyError) -> str:
    """A problem as an editor lists it: ``file:line: key: what; expected ... (hint)``."""
    expected = f"; expected {problem.expected}" if problem.expected else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    place = f"{problem.where}: " if problem.where else ""
    return " ".join(f"{place}{problem.what}{expected}{hint}".split())


class Problems:
    """Problems of one file, noted while it is read; see the module for how it is used.

    Parameters
    ----------
    file : str
        The file, as the user named it (`Node.file`).
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0
        """How often something was noted, the same problem too: whoever compares two counts sees that there was one."""
        self._noted: dict[tuple[str | None, ...], StudyError] = {}

    def add(self, problem: StudyError) -> None:
        """Keep a problem (of one with several, each) for :meth:`raise_all`; the same problem counts once.

        Raises
        ------
        SeveralProblemsError
            There are so many that reading on makes no sense.
        """
        for each in problem.problems if isinstance(problem, SeveralProblemsError) else (problem,):
            if len(self._noted) >= MAX_PROBLEMS:
                raise SeveralProblemsError(self.file, self._in_order(), is_cut=True)
            self._noted.setdefault((each.code, each.where, each.what), each)
            self.count += 1

    def note(self, node: Node, code: str, what: str, *, expected: str | None = None, hint: str | None = None) -> None:
        """Keep a problem at the place of `node`."""
        self.add(StudyError(code, what, where=node.where, expected=expected, hint=hint))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the StudyError that the block raises, and go on after the block."""
        try:
            yield
        except StudyError as problem:
            self.add(problem)

    def each(self, nodes: Iterable[Node], read: Callable[[Node], _Read]) -> tuple[_Read, ...]:
        """What `read` makes of every node, without those that had a problem."""
        sound = []
        for node in nodes:
            before = self.count
            with self.kept():
                made = read(node)
                if self.count == before:
                    sound.append(made)
        return tuple(sound)

    def raise_all(self) -> None:
        """Raise what was noted, if anything.

        Raises
        ------
        StudyError
            The only problem.
        SeveralProblemsError
            There are several; they are in the order of the file.
        """
        if len(self._noted) > 1:
            raise SeveralProblemsError(self.file, self._in_order())
        for problem in self._noted.values():
            raise problem

    def _in_order(self) -> tuple[StudyError, ...]:
        return tuple(sorted(self._noted.values(), key=self._line))

    def _line(self, problem: StudyError) -> int:
        found = re.match(r":(\d+)", (problem.where or "").removeprefix(self.file))
        return int(found[1]) if found else 0

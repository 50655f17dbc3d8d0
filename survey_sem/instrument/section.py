"""Typed access to a mapping of a YAML file: every wrong key or value is an error with file, line and key.

A `Section` raises at the first one; given a `Problems`, it notes each and reads on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import NoReturn, TypeVar

from survey_sem.errors import StudyError, did_you_mean, nearest
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.strict_yaml import Node, shortened

_Read = TypeVar("_Read")

Texts = Mapping[str, str]
"""A text by language code; a text given without a language is under ``"und"``."""

ANY_LANGUAGE = "und"
MANY_NAMES = 2000
"""Among more names than this the nearest is not looked for: it would take seconds."""

_NAME = re.compile(r"(?:[^\W\d]|\.(?![0-9]))[\w.]*")  # as the tokens of the model language, combining marks follow
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")


def in_language(texts: Texts, language: str, default: str = "") -> str:
    """The text in `language`; without it the one for any language, else the first that there is."""
    for wanted in (language, ANY_LANGUAGE):
        if wanted in texts:
            return texts[wanted]
    return next(iter(texts.values()), default)


def fail(node: Node, code: str, what: str, *, expected: str | None = None, hint: str | None = None) -> NoReturn:
    """Raise StudyError at the place of `node`."""
    raise StudyError(code, what, where=node.where, expected=expected, hint=hint)


def restated(problem: StudyError, node: Node) -> StudyError:
    """A problem that was found inside the text of `node`, at its place; an excerpt with a caret becomes `got`."""
    inside, _, excerpt = (problem.where or "").partition("\n")
    return StudyError(
        problem.code,
        problem.what,
        where=f"{node.where}, {inside}" if inside else node.where,
        expected=problem.expected,
        got=problem.got or (f"\n{excerpt}" if excerpt else None),
        hint=problem.hint,
    )


def kind_of(node: Node) -> str:
    """What was written, in words; a long text is cut."""
    value = node.value
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else repr(shortened(value) if isinstance(value, str) else value)


def check_schema(node: Node, schema: str) -> None:
    """Refuse a document of another kind before its keys are looked at."""
    if not isinstance(node.value, dict):
        what = "a mapping (key: value lines) is expected here, and the file holds none"
        fail(node, "wrong-type", what, expected=f"a file of schema {schema}", hint="data are given with --data")
    entries = mapping(node)
    if "schema" not in entries:
        place = Node(None, node.file, node.line, "schema")
        fail(place, "missing-key", "the file does not say its schema", expected=f"a line 'schema: {schema}'")
    if entries["schema"].value != schema:
        what = f"this is a file of schema {kind_of(entries['schema'])}"
        fail(entries["schema"], "wrong-schema", what, expected=f"a file of schema {schema}")


class Section:
    """A mapping whose keys are known.

    Parameters
    ----------
    node : Node
        The mapping.
    known : iterable of str
        Keys that may occur.
    problems : Problems, optional
        Where problems are noted. With it nothing below raises but ``[key]``: a wrong value is noted and its reader
        returns a stand-in. Without it the first problem is raised.

    Raises
    ------
    StudyError
        No mapping; a key that is not known (the nearest known one is suggested).
    """

    def __init__(self, node: Node, known: Iterable[str], problems: Problems | None = None) -> None:
        self.node = node
        self._known = tuple(known)
        self._problems = problems
        self._before = problems.count if problems else 0
        self._is_mapping = True
        self._misspelt: set[str] = set()
        self.nodes = self._mapping_of(node)
        for key, entry in self.nodes.items():
            if key not in self._known:
                self._note(self._unknown(key, entry))

    def _mapping_of(self, node: Node) -> dict[str, Node]:
        try:
            return mapping(node)
        except StudyError as problem:
            self._is_mapping = False
            self._note(problem)
            return {}

    def _note(self, problem: StudyError) -> None:
        if self._problems is None:
            raise problem
        self._problems.add(problem)

    def _unknown(self, key: str, entry: Node) -> StudyError:
        known = "keys here: " + ", ".join(self._known)
        suggestion = did_you_mean(key, self._known)
        self._misspelt.update(nearest(key, self._known))
        hint = f"{suggestion} {known}" if suggestion else known
        return StudyError("unknown-key", f"unknown key '{shortened(key)}'", where=entry.where, hint=hint)

    @property
    def is_sound(self) -> bool:
        """Whether nothing wrong was noted since this section was opened."""
        return self._problems is None or self._problems.count == self._before

    @property
    def is_mapping(self) -> bool:
        """Whether there is a mapping at all: where there is none, that is the one problem."""
        return self._is_mapping

    def __contains__(self, key: str) -> bool:
        """Whether the key is there and not blank."""
        return key in self.nodes and not is_blank(self.nodes[key])

    def __getitem__(self, key: str) -> Node:
        """The node of a required key; raises where it is absent or blank."""
        if key not in self.nodes:
            inside = f"{self.node.path}.{key}" if self.node.path else key
            place = Node(None, self.node.file, self.node.line, inside)
            fail(place, "missing-key", f"the key '{key}' is required here")
        node = self.nodes[key]
        if is_blank(node):
            fail(node, "blank-value", f"'{key}' is blank, but required", hint="say why where there is nothing to say")
        return node

    def read(self, key: str, reader: Callable[[Node], _Read], stand_in: _Read) -> _Read:
        """What `reader` makes of a required key; `stand_in` where that is noted as a problem."""
        try:
            return reader(self[key])
        except StudyError as problem:
            is_told = not self._is_mapping or (problem.code == "missing-key" and key in self._misspelt)
            if not is_told:
                self._note(problem)
            return stand_in

    def optional(self, key: str, reader: Callable[[Node], _Read], default: _Read) -> _Read:
        """As :meth:`read`; `default` also where the key is absent or blank."""
        return self.read(key, reader, default) if key in self else default

    def text(self, key: str) -> str:
        """A required text (a number is taken as it is written)."""
        return self.read(key, text, "")

    def optional_text(self, key: str) -> str | None:
        """A text, or None when the key is absent or blank."""
        return self.text(key) if key in self else None

    def texts(self, key: str) -> Texts:
        """A required text, for all languages or by language code."""
        return self.read(key, texts, {})

    def optional_texts(self, key: str) -> Texts:
        """As :meth:`texts`, empty when the key is absent or blank."""
        return self.texts(key) if key in self else {}

    def number(self, key: str) -> float:
        """A required number."""
        return self.read(key, number, 0.0)

    def integer(self, key: str) -> int:
        """A required whole number."""
        return self.read(key, integer, 0)

    def flag(self, key: str, default: bool) -> bool:
        """``true`` or ``false``."""
        return self.optional(key, flag, default)

    def choice(self, key: str, options: Iterable[str], default: str | None = None) -> str:
        """One of `options`; required where no default is given."""
        if key not in self and default is not None:
            return default
        known = tuple(options)
        return self.read(key, lambda node: one_of(node, known), known[0])

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one; empty when absent or blank."""
        return self.each(key, text)

    def each(self, key: str, reader: Callable[[Node], _Read]) -> tuple[_Read, ...]:
        """What `reader` makes of every entry of a list, as :meth:`entries` gives them."""
        if self._problems is None:
            return tuple(reader(node) for node in self.entries(key))
        return self._problems.each(self.entries(key), reader)

    def entries(self, key: str) -> tuple[Node, ...]:
        """The nodes of a list; a single value counts as a list of one; empty when absent or blank."""
        if key not in self:
            return ()
        node = self.nodes[key]
        return tuple(node.value) if isinstance(node.value, list) else (node,)

    def section(self, key: str, known: Iterable[str]) -> Section:
        """A required mapping with known keys."""
        nothing = Node(None, self.node.file, self.node.line, key)
        node = self.read(key, lambda found: found, nothing)
        if node is nothing:
            empty = Section(Node({}, node.file, node.line, key), known, self._problems)
            empty._is_mapping = False
            return empty
        return Section(node, known, self._problems)

    def optional_section(self, key: str, known: Iterable[str]) -> Section | None:
        """A mapping with known keys, or None when absent or blank."""
        return Section(self.nodes[key], known, self._problems) if key in self else None

    def mapping(self, key: str) -> dict[str, Node]:
        """A mapping with free keys, empty when absent or blank."""
        return self.optional(key, mapping, {})


def is_blank(node: Node) -> bool:
    """Whether nothing was written: no value, or blanks only."""
    return node.value is None or (isinstance(node.value, str) and not node.value.strip())


def mapping(node: Node) -> dict[str, Node]:
    """The entries of a mapping node."""
    if not isinstance(node.value, dict):
        fail(node, "wrong-type", f"a mapping (key: value lines) is expected here, not {kind_of(node)}")
    return node.value


def model_name(node: Node) -> str:
    """A name that the model language can use: letters of any script, digits, ``_`` and ``.``, no digit first."""
    word = text(node)
    start = _NAME.match(word)
    if start is None or not all(
        character == "." or f"a{character}".isidentifier() for character in word[start.end() :]
    ):
        what = f"{kind_of(node)} cannot be used as a name in a model"
        fail(node, "bad-name", what, expected="letters, digits, _ and . without blanks; first a letter")
    return word


def text(node: Node) -> str:
    """The text of a scalar node; a number only where none of what is written gets lost: ``1.10`` is no ``1.1``."""
    if isinstance(node.value, (bool, list, dict)) or node.value is None:
        fail(node, "wrong-type", f"a text is expected here, not {kind_of(node)}")
    shown = str(node.value)
    if isinstance(node.value, (int, float)) and node.written not in (None, shown):
        what = f"{node.written} is a number here, and would be read as {shown}"
        fail(node, "unquoted-number", what, hint=f'put it in quotes: "{node.written}"')
    return shown


def number(node: Node) -> float:
    """The number of a scalar node."""
    if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
        fail(node, "wrong-type", f"a number is expected here, not {kind_of(node)}")
    return node.value


def integer(node: Node) -> int:
    """The whole number of a scalar node."""
    if isinstance(node.value, bool) or not isinstance(node.value, int):
        fail(node, "wrong-type", f"{named(node)} must be a whole number, not {kind_of(node)}")
    return node.value


def flag(node: Node) -> bool:
    """``true`` or ``false``."""
    if not isinstance(node.value, bool):
        fail(node, "wrong-type", f"{named(node)} must be true or false, not {kind_of(node)}")
    return node.value


def iso_date(node: Node) -> date:
    """A day, written as ``2026-05-01``."""
    written = text(node)
    try:
        if _DATE.fullmatch(written):  # fromisoformat takes other forms as well, such as 2026-W18-5
            return date.fromisoformat(written)
    except ValueError:
        pass
    fail(node, "wrong-type", f"{named(node)} must be a date, not {kind_of(node)}", expected="such as 2026-05-01")


def one_of(node: Node, known: Collection[str]) -> str:
    """One of a few words."""
    if not isinstance(node.value, str) or node.value not in known:
        hint = did_you_mean(str(node.value), known)
        expected = " or ".join(known)
        fail(node, "unknown-value", f"{named(node)} cannot be {kind_of(node)}", expected=expected, hint=hint)
    return node.value


def reference(node: Node, known: Collection[str], kind: str) -> str:
    """A name that must be one of `known`; `kind` says of what, for the error: ``item``, ``scale``.

    Raises
    ------
    StudyError
        There is no such name (``unknown-<kind>``); the nearest is suggested.
    """
    name = text(node)
    if name not in known:
        near = did_you_mean(name, known) if len(known) <= MANY_NAMES else None
        few = f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}" if 0 < len(known) <= 10 else None
        hint = near or few or (f"this file has no {kind}s" if not known else None)
        fail(node, f"unknown-{kind.split()[0]}", f"there is no {kind} {kind_of(node)}", hint=hint)
    return name


def written_names(nodes: Iterable[Node], key: str = "id") -> dict[str, Node]:
    """Names that entries of a list give themselves, whatever else is wrong with them: name -> its first entry."""
    names: dict[str, Node] = {}
    for node in nodes:
        name = node.value.get(key) if isinstance(node.value, dict) else None
        if name is not None and isinstance(name.value, (str, int, float)) and not isinstance(name.value, bool):
            names.setdefault(str(name.value), node)
    return names


def named(node: Node) -> str:
    """The key of a node in quotes, or "this value" for an entry of a list."""
    key = node.path.rpartition(".")[2]
    return "this value" if not key or key.endswith("]") else f"'{shortened(key)}'"


def texts(node: Node) -> Texts:
    """Texts by language code of a mapping, or one text for any language."""
    if not isinstance(node.value, dict):
        return {ANY_LANGUAGE: text(node)}
    if not node.value:
        fail(node, "blank-value", "there is no text in any language here", expected="such as {zh: ..., en: ...}")
    for language, entry in node.value.items():
        check_language(language, entry)
        if is_blank(entry):
            fail(entry, "blank-value", f"the text in language '{language}' is blank")
    return {language: text(entry) for language, entry in node.value.items()}


def check_language(language: str, node: Node) -> None:
    """Refuse a key that is no language code."""
    if not _LANGUAGE.fullmatch(language):
        what = f"'{shortened(language)}' is no language code"
        fail(node, "unknown-language", what, expected="a code such as zh or en")

"""Strict, safe YAML whose every value knows its line.

Built on PyYAML's event stream, not on its constructors: no object is ever made from a tag. Scalars follow
the YAML 1.2 core schema, so ``no``, ``on``, ``12:30`` and ``2024-05-01`` stay text. Refused with their line:
repeated keys, anchors and aliases (the way to a "billion laughs"), tags, more than one document, nesting
deeper than 50, files over 5 MB.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from survey_sem.errors import FileError, StudyError
from survey_sem.exports.read import file_content
from survey_sem.exports.signatures import binary_kind

MAX_BYTES = 5_000_000
MAX_DEPTH = 50
MAX_QUOTED = 60

Scalar = str | int | float | bool | None
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]*\.[0-9]+|[0-9]+\.?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file: a scalar, a list of nodes or a mapping from text to nodes.

    Parameters
    ----------
    value : scalar, list or dict
        What was written.
    file : str
        The file, as the user named it.
    line : int
        1-based line of its key, or of the value where it has none.
    path : str
        Keys from the top, joined by dots, positions in brackets: ``scales.agree.labels``, ``items[3].id``.
    written : str or None
        A scalar as it stands in the file, where that is known: ``1.10`` is the number 1.1.
    """

    value: Scalar | list[Node] | dict[str, Node]
    file: str
    line: int
    path: str
    written: str | None = None

    @property
    def where(self) -> str:
        """Place for an error: ``file:line: path``."""
        line = f":{self.line}" if self.line else ""
        return f"{self.file}{line}: {shortened(self.path, 2 * MAX_QUOTED) or '(top level)'}"

    def plain(self) -> Any:
        """The value without places: dict, list and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read_yaml(path: Path) -> Node:
    """The one document of a YAML file.

    Raises
    ------
    FileError
        No such file, a directory, empty, larger than 5 MB, not utf-8, a table of data.
    StudyError
        Not YAML, or YAML that is refused (see the module).
    """
    content = file_content(path)
    refuse_data(content, path, "a YAML file")
    if len(content) > MAX_BYTES:
        raise FileError("file-too-large", f"{path.name} is larger than 5 MB", where=str(path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise FileError(
            "undecodable-text",
            f"{path.name} is not utf-8 text",
            where=str(path),
            got=f"byte 0x{content[problem.start]:02x} at offset {problem.start}",
            hint="save the file as utf-8",
        ) from None
    return parse_yaml(text, str(path))


def refuse_data(content: bytes, path: Path, wanted: str) -> None:
    """Raise FileError where a file is binary or a delimited table, without quoting any of it.

    Parameters
    ----------
    content : bytes
        Of the file.
    path : Path
        Its name, for the error.
    wanted : str
        What should have been given, e.g. ``"a YAML file"``.
    """
    kind = binary_kind(content) or ("a binary file" if b"\x00" in content[:4096] else None)
    lines = content[:100_000].decode("utf-8-sig", errors="replace").splitlines()
    if kind is None and _are_rows(lines):
        kind = "a table"
    if kind is not None:
        raise FileError(
            "looks-like-data",
            f"{path.name} is {kind}, not {wanted}",
            where=str(path),
            hint="this looks like data: give it with --data",
        )


def _are_rows(lines: list[str]) -> bool:
    """Whether the first two lines hold the same number of cells and neither YAML nor a model."""
    first, second = [*lines[:2], "", ""][:2]
    if any(mark in first + second for mark in (": ", "~", ":=", "#", "[", "{")) or first.rstrip().endswith(":"):
        return False
    return any(first.count(separator) == second.count(separator) > 0 for separator in ",;\t|")


def shortened(text: str, length: int = MAX_QUOTED) -> str:
    """The first line of a text, printable, cut to `length` characters: what an error may quote of a file."""
    line = printable(next(iter(text.splitlines()), ""))
    return line if line == text and len(text) <= length else line[: length - 1].rstrip() + "…"


def printable(text: str) -> str:
    """A text without characters that a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def parse_yaml(text: str, file: str = "(text)") -> Node:
    """As :func:`read_yaml`, from text; `file` is named in errors."""
    try:
        events = yaml.parse(text, Loader=_LOADER)
        return _Composer(events, file).document()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise StudyError(
            "invalid-yaml",
            f"this is not valid YAML: {problem.problem or problem.context}",
            where=place,
            hint="indent with blanks, not tabs; put a text that contains ': ' or starts with a sign in quotes",
        ) from None
    except yaml.YAMLError as problem:
        reason = str(problem).splitlines()[0]
        raise StudyError("invalid-yaml", f"this is not valid YAML: {reason}", where=file) from None


def node_from_plain(value: Any, file: str, path: str = "") -> Node:
    """Nodes from plain data (of a JSON document, say), without lines."""
    if isinstance(value, Mapping):
        inner = {str(key): node_from_plain(entry, file, f"{path}.{key}".lstrip(".")) for key, entry in value.items()}
        return Node(inner, file, 0, path)
    if isinstance(value, (list, tuple)):
        return Node([node_from_plain(entry, file, f"{path}[{i}]") for i, entry in enumerate(value)], file, 0, path)
    return Node(value, file, 0, path)


class _Composer:
    """Nodes from the events of one document."""

    def __init__(self, events: Iterator[Any], file: str) -> None:
        self._events = events
        self._file = file

    def document(self) -> Node:
        """The single document; an empty one is an error."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._refuse("more-than-one-document", "a second document ('---') starts here", event, "")
                root = self._node(next(self._events), "", 0)
        if root is None:
            raise StudyError("empty-document", "there is nothing in this file but comments", where=self._file)
        return root

    def _node(self, event: Any, path: str, depth: int, line: int | None = None) -> Node:
        self._check(event, path, depth)
        place = line or _line(event)
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._mapping(path, depth), self._file, place, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self._sequence(path, depth), self._file, place, path)
        value = _plain_scalar(event.value) if event.implicit[0] else event.value
        return Node(value, self._file, place, path, event.value)

    def _check(self, event: Any, path: str, depth: int) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            what = "anchors (&name) and aliases (*name) are not used here: write the value out"
            self._refuse("yaml-alias", what, event, path)
        if getattr(event, "tag", None) not in (None, "!"):
            self._refuse(
                "yaml-tag", f"the tag {shortened(event.tag)} is not used here: write plain values", event, path
            )
        if depth > MAX_DEPTH:
            self._refuse("too-deep", f"nested deeper than {MAX_DEPTH} levels", event, path)

    def _sequence(self, path: str, depth: int) -> list[Node]:
        nodes: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            nodes.append(self._node(event, f"{path}[{len(nodes)}]", depth + 1))
        return nodes

    def _mapping(self, path: str, depth: int) -> dict[str, Node]:
        nodes: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._check(event, path, depth)
                self._refuse("key-not-text", "a key must be a single word or text", event, path)
            key, line = event.value, _line(event)
            inside = f"{path}.{key}" if path else key
            if key in nodes:
                what = f"the key '{shortened(key)}' is given twice (first in line {nodes[key].line})"
                self._refuse("duplicate-key", what, event, inside)
            nodes[key] = self._node(next(self._events), inside, depth + 1, line)
        return nodes

    def _refuse(self, code: str, what: str, event: Any, path: str) -> NoReturn:
        raise StudyError(code, what, where=Node(None, self._file, _line(event), path).where)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _plain_scalar(text: str) -> Scalar:
    """A scalar without quotes by the YAML 1.2 core schema; numbers that would lose digits (``007``) stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 20 else text
    if _FLOAT.fullmatch(text) and not text.isdigit() and math.isfinite(float(text)):
        return float(text)
    return text

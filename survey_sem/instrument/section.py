"""Typed access to a mapping of a YAML file: every wrong key or value is an error with file, line and key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NoReturn

from survey_sem.errors import StudyError, did_you_mean
from survey_sem.instrument.strict_yaml import Node, shortened

Texts = Mapping[str, str]
"""A text by language code; a text given without a language is under ``"und"``."""

ANY_LANGUAGE = "und"
_NAME = re.compile(r"(?:[^\W\d]|\.(?![0-9]))[\w.]*")  # as the tokens of the model language, combining marks follow
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
        fail(node, "wrong-type", what, expected=f"a file of schema {schema}", hint="for data, use --model and --data")
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

    Raises
    ------
    StudyError
        No mapping; a key that is not known (the nearest known one is suggested).
    """

    def __init__(self, node: Node, known: Iterable[str]) -> None:
        self.node = node
        self._known = tuple(known)
        self.nodes = mapping(node)
        for key, entry in self.nodes.items():
            if key not in self._known:
                self._unknown(key, entry)

    def _unknown(self, key: str, entry: Node) -> NoReturn:
        known = "keys here: " + ", ".join(self._known)
        suggestion = did_you_mean(key, self._known)
        fail(
            entry,
            "unknown-key",
            f"unknown key '{shortened(key)}'",
            hint=f"{suggestion} ({known})" if suggestion else known,
        )

    def __contains__(self, key: str) -> bool:
        """Whether the key is there and not blank."""
        return key in self.nodes and not is_blank(self.nodes[key])

    def __getitem__(self, key: str) -> Node:
        """The node of a required key."""
        if key not in self.nodes:
            inside = f"{self.node.path}.{key}" if self.node.path else key
            place = Node(None, self.node.file, self.node.line, inside)
            fail(place, "missing-key", f"the key '{key}' is required here")
        node = self.nodes[key]
        if is_blank(node):
            fail(node, "blank-value", f"'{key}' is blank, but required", hint="say why where there is nothing to say")
        return node

    def text(self, key: str) -> str:
        """A required text (a number is taken as it is written)."""
        return text(self[key])

    def optional_text(self, key: str) -> str | None:
        """A text, or None when the key is absent or blank."""
        return self.text(key) if key in self else None

    def texts(self, key: str) -> Texts:
        """A required text, for all languages or by language code."""
        return texts(self[key])

    def optional_texts(self, key: str) -> Texts:
        """As :meth:`texts`, empty when the key is absent or blank."""
        return self.texts(key) if key in self else {}

    def number(self, key: str) -> float:
        """A required number."""
        return number(self[key])

    def integer(self, key: str) -> int:
        """A required whole number."""
        node = self[key]
        if isinstance(node.value, bool) or not isinstance(node.value, int):
            fail(node, "wrong-type", f"'{key}' must be a whole number, not {kind_of(node)}")
        return node.value

    def flag(self, key: str, default: bool) -> bool:
        """``true`` or ``false``."""
        if key not in self:
            return default
        node = self[key]
        if not isinstance(node.value, bool):
            fail(node, "wrong-type", f"'{key}' must be true or false, not {kind_of(node)}")
        return node.value

    def choice(self, key: str, options: Iterable[str], default: str | None = None) -> str:
        """One of `options`; required where no default is given."""
        if key not in self and default is not None:
            return default
        known = tuple(options)
        node = self[key]
        if node.value not in known:
            hint = did_you_mean(str(node.value), known)
            fail(node, "unknown-value", f"'{key}' cannot be {kind_of(node)}", expected=" or ".join(known), hint=hint)
        return str(node.value)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one; empty when absent or blank."""
        return tuple(text(node) for node in self.entries(key))

    def entries(self, key: str) -> tuple[Node, ...]:
        """The nodes of a list; a single value counts as a list of one; empty when absent or blank."""
        if key not in self:
            return ()
        node = self.nodes[key]
        return tuple(node.value) if isinstance(node.value, list) else (node,)

    def section(self, key: str, known: Iterable[str]) -> Section:
        """A required mapping with known keys."""
        return Section(self[key], known)

    def optional_section(self, key: str, known: Iterable[str]) -> Section | None:
        """A mapping with known keys, or None when absent or blank."""
        return Section(self.nodes[key], known) if key in self else None

    def mapping(self, key: str) -> dict[str, Node]:
        """A mapping with free keys, empty when absent or blank."""
        return mapping(self.nodes[key]) if key in self else {}


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
    """The text of a scalar node; numbers are taken as written."""
    if isinstance(node.value, (bool, list, dict)) or node.value is None:
        fail(node, "wrong-type", f"a text is expected here, not {kind_of(node)}")
    return str(node.value)


def number(node: Node) -> float:
    """The number of a scalar node."""
    if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
        fail(node, "wrong-type", f"a number is expected here, not {kind_of(node)}")
    return node.value


def texts(node: Node) -> Texts:
    """Texts by language code of a mapping, or one text for any language."""
    if not isinstance(node.value, dict):
        return {ANY_LANGUAGE: text(node)}
    for language, entry in node.value.items():
        if not _LANGUAGE.fullmatch(language):
            fail(
                entry,
                "unknown-language",
                f"'{shortened(language)}' is no language code",
                expected="a code such as zh or en",
            )
        if is_blank(entry):
            fail(entry, "blank-value", f"the text in language '{language}' is blank")
    return {language: text(entry) for language, entry in node.value.items()}

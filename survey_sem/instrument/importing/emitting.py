"""Text of YAML: quoting that any reader takes back to the same value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date

from survey_sem.instrument.importing.wording import one_line
from survey_sem.instrument.section import ANY_LANGUAGE, Texts

Value = str | int | float | bool | date
_PLAIN = re.compile(r"[^\W\d_](?:[\w .()/%，。？！；、“”（）《》…-]*[\w.()%，。？！；、“”（）《》…])?")
_SPECIAL = re.compile(r"(?:null|none|true|false|yes|no|on|off|y|n|nan|inf|~)", re.IGNORECASE)
_ESCAPED = re.compile("[^ !#-\\[\\]-~\xa1-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def scalar(value: Value) -> str:
    """A value as one YAML scalar, fit for block and flow style; texts are quoted unless plainly harmless."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else json.dumps(value)
    if isinstance(value, int):
        return str(value)
    return value if _PLAIN.fullmatch(value) and not _SPECIAL.fullmatch(value) else quoted(value)


def quoted(text: str) -> str:
    """The text in double quotes; whatever does not show in an editor is escaped, half characters are replaced."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _SHORT:
        return _SHORT[character]
    number = ord(character)
    if 0xD800 <= number <= 0xDFFF:
        return "\ufffd"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def flow(values: Iterable[Value]) -> str:
    """A list on one line."""
    return f"[{', '.join(map(scalar, values))}]"


def flow_mapping(entries: Mapping[str, Value] | Mapping[str | int | float, Value]) -> str:
    """A mapping on one line."""
    return f"{{{', '.join(f'{scalar(key)}: {scalar(value)}' for key, value in entries.items())}}}"


def texts(by_language: Texts) -> str:
    """Texts by language on one line; a text for any language stands alone."""
    if set(by_language) == {ANY_LANGUAGE}:
        return scalar(by_language[ANY_LANGUAGE])
    return flow_mapping(by_language)


def comment(text: str, indent: int = 0, todo: bool = False) -> str:
    """One line of comment."""
    return f"{' ' * indent}# {'TODO: ' if todo else ''}{one_line(text)}"

"""Words of foreign files: markup taken off, languages named, answers and personal data recognised."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence

from survey_sem.instrument.model import MissingKind, Scale
from survey_sem.instrument.routing import Code
from survey_sem.instrument.scales import key_code
from survey_sem.instrument.section import ANY_LANGUAGE, Texts

MAX_TEXT = 5_000
"""Longer texts are cut: a question of more is a page, and the instrument has a limit of its own."""
MAX_CODE = 60
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HIDDEN = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))
_BREAK = re.compile(r"</?(?:br|p|div|li|tr|h[1-6])(?:[ /][^<>]*)?>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>")

_LIKERT = re.compile(
    r"agree|satisf|important|likely|often|never|always|rarely|sometimes|frequent|excellent|good|poor|very|extremely|"
    r"not at all|somewhat|neutral|trust|easy|difficult|"
    r"同意|满意|重要|可能|经常|从不|总是|偶尔|有时|非常|符合|一般|认同|信任|容易|困难",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\bphones?\b|\bmobile\b|telephone|\bcell ?phone|e-?mail|"
    r"\bsurname\b|\b(your|full|first|last|family|user) ?_?name\b|"
    r"\bip ?_?address|\bpostal address|\bstreet\b|\bhome address|latitude|longitude|passport|social security|\bssn\b|"
    r"wechat|whatsapp|手机|电话|姓名|名字|邮箱|邮件地址|微信|身份证|通讯地址|家庭住址|详细地址|收货地址|经度|纬度|联系方式|QQ号",
    re.IGNORECASE,
)
_PERSONAL_NAMES = re.compile(
    r"(.*_)?(phone(_?number)?|mobile|tel|telephone|e_?mail|name|surname|(first|last|full)_?name|ip|ip_?address|wechat|"
    r"address|latitude|longitude|lat|lon|lng|qq|passport|ssn)[0-9]*",
    re.IGNORECASE,
)
_ATTENTION = re.compile(
    r"attention|to show (that )?you|please (select|choose|tick|mark) ['\"“]|请选择[“\"'「]|本题请|此题请|为确认您",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[MissingKind, re.Pattern[str]], ...] = (
    (
        "routed",
        re.compile(r"skip|not applicable|\bn/?a\b|inapplicable|filter|not asked|跳过|不适用|未询问", re.IGNORECASE),
    ),
    (
        "dontknow",
        re.compile(r"don.?t know|do not know|\bdk\b|not sure|unsure|不知道|不清楚|不了解|说不清", re.IGNORECASE),
    ),
    ("refused", re.compile(r"refus|prefer not|rather not|拒|不愿", re.IGNORECASE)),
    ("nonresponse", re.compile(r"no (answer|response)|non.?response|^missing|空|未答|未回答|缺失", re.IGNORECASE)),
)


def cleaned(text: str) -> str:
    """A text without control characters and half characters, lines trimmed, at most `MAX_TEXT` long."""
    plain = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))
    plain = _CONTROL.sub("", plain).replace("\u2028", "\n").replace("\u2029", "\n").replace("\xa0", " ")
    lines = (" ".join(line.split()) for line in plain.split("\n"))
    joined = "\n".join(line for line in lines if line)
    return joined if len(joined) <= MAX_TEXT else joined[: MAX_TEXT - 1].rstrip() + "…"


def one_line(text: str) -> str:
    """As :func:`cleaned`, on one line."""
    return " ".join(cleaned(text).split())


def without_markup(text: str) -> str:
    """The text of HTML: tags, comments, scripts and styles off, entities read.

    Not by a parser of HTML: a reader wants the words, and broken markup must not take time.
    """
    if "<" not in text and "&" not in text:
        return cleaned(text)
    seen = text[: 20 * MAX_TEXT]
    for begin, end in _HIDDEN:
        seen = _without(seen, begin, end)
    return cleaned(html.unescape(_TAG.sub("", _BREAK.sub("\n", seen))))


def _without(text: str, begin: str, end: str) -> str:
    """The text without what stands between two marks; where the second is not there, up to the end."""
    parts = []
    lower = text.lower()
    if len(lower) != len(text):  # a letter that has two small ones: places would not fit
        lower = text
    place = 0
    while (found := lower.find(begin, place)) >= 0:
        parts.append(text[place:found])
        closed = lower.find(end, found + len(begin))
        place = len(text) if closed < 0 else closed + len(end)
    return "".join((*parts, text[place:]))


def code_of(text: str) -> Code:
    """A code as the loader reads it: whole numbers are numbers, everything else is text."""
    return key_code(one_line(text))


def language_code(name: str) -> str:
    """The code of a language as instruments write it: ``ZH-S`` -> ``zh``, ``EN-GB`` -> ``en-GB``; blank: ``und``."""
    word = name.strip().replace("_", "-")
    known = {"zh-s": "zh", "zh-cn": "zh", "zh-hans": "zh", "zh-t": "zh-Hant", "zh-tw": "zh-Hant", "zh-hant": "zh-Hant"}
    if word.lower() in known:
        return known[word.lower()]
    match = re.fullmatch(r"([A-Za-z]{2,3})(?:-([A-Za-z]{2,4}))?", word)
    if match is None:
        return ANY_LANGUAGE
    region = f"-{match[2].upper()}" if match[2] and len(match[2]) == 2 else f"-{match[2].title()}" if match[2] else ""
    return match[1].lower() + region


def is_ordinal(labels: Mapping[Code, str], *, in_matrix: bool = False) -> bool:
    """Whether answers look like steps: consecutive whole numbers whose labels speak of more and less."""
    codes = [code for code in labels if isinstance(code, int)]
    if len(codes) != len(labels) or len(codes) < 3 or not are_consecutive(codes):
        return False
    return in_matrix or sum(bool(_LIKERT.search(label)) for label in labels.values()) >= 2


def are_consecutive(codes: Iterable[Code]) -> bool:
    """Whether the codes are whole numbers without a gap."""
    numbers = sorted(code for code in codes if isinstance(code, int))
    return bool(numbers) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def scale_of(labels: Mapping[str, Mapping[Code, str]], *, ordinal: bool, name: str = "") -> Scale | None:
    """A scale of labelled codes, or None where they cannot be codes (too long, none).

    Languages that do not label every code are left out: the loader wants the same codes in every language. Codes
    without a gap become `min` and `max` where the answers are ordered.
    """
    codes = tuple(dict.fromkeys(code for by_code in labels.values() for code in by_code))
    if not codes or any(isinstance(code, str) and not 0 < len(code) <= MAX_CODE for code in codes):
        return None
    whole = {lang: _named(by_code, codes) for lang, by_code in labels.items() if set(by_code) == set(codes)}
    if not whole:
        return None
    if ordinal and len(codes) > 1 and are_consecutive(codes):
        numbers = sorted(code for code in codes if isinstance(code, int))
        return Scale(name, True, numbers[0], numbers[-1], whole)
    return Scale(name, ordinal and len(codes) > 1, None, None, whole)


def _named(labels: Mapping[Code, str], codes: Sequence[Code]) -> dict[Code, str]:
    """Labels in the order of the codes; a blank one shows its code."""
    return {code: labels[code] or str(code) for code in codes}


def filled(texts: Mapping[str, str], fallback: str) -> Texts:
    """Texts without the blank ones; the fallback, in the first language, where nothing is left."""
    kept = {language: text for language, text in texts.items() if text.strip()}
    return kept or {next(iter(texts), ANY_LANGUAGE): one_line(fallback) or "(no text)"}


def is_personal(name: str, texts: Iterable[str]) -> bool:
    """Whether a question that is answered in words asks who or where somebody is."""
    return bool(_PERSONAL_NAMES.fullmatch(name)) or any(_PERSONAL.search(text) for text in texts)


def is_attention_check(texts: Iterable[str]) -> bool:
    """Whether the wording tells the respondent what to answer."""
    return any(_ATTENTION.search(text) for text in texts)


def missing_kind(label: str) -> MissingKind | None:
    """The kind of a missing answer by its label; None where it does not say."""
    return next((kind for kind, pattern in _KINDS if pattern.search(label)), None)

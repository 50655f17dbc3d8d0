"""Columns that ask for personal data, told by their names and headers alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MAX_HEADER = 100
"""Longer headers are questions about something, not the labels of a field."""


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column that looks personal.

    Parameters
    ----------
    name : str
        Of the column.
    kind : str
        ``name phone email account id-number card address position network``.
    told_by : str
        The name or header that says so.
    """

    name: str
    kind: str
    told_by: str


_ENGLISH = {
    "name": r"(?:(?:first|last|full|family|given|middle|real|nick) ?)?names?|surname",
    "phone": r"(?:(?:mobile|cell|tele|home|work|office) ?)?phone|mobile|tel|whatsapp",
    "email": r"e ?mail(?: address)?",
    "account": r"we ?chat(?: id)?|weixin|qq|open ?id|union ?id|user ?name",
    "id-number": r"(?:national|identity|id) ?(?:card|document)|national id|identity|passport|ssn|social security",
    "card": r"(?:bank|credit|debit) ?card",
    "address": r"(?:(?:home|street|postal|mailing|shipping|delivery) ?)?address|street",
    "position": r"latitude|longitude|lat|lng|lon|gps|coordinates",
    "network": r"ip(?: address)?",
}
_CHINESE = {
    "name": "姓名|名字|昵称|收货人|联系人",
    "phone": "手机|电话|座机|联系方式",
    "email": "电子邮箱|电子邮件|邮箱|e-?mail",
    "account": "微信|qq|支付宝",
    "id-number": "身份证|证件|护照",
    "card": "银行卡|信用卡",
    "address": "(?:家庭|详细|通讯|联系|收货|居住|邮寄)?(?:地址|住址)",
    "position": "经度|纬度|经纬度",
    "network": "ip",
}
_FILLERS = (
    r"(?:q?[0-9]+|q|what|is|are|your|the|my|please|enter|provide|leave|of|respondent|participant|recipient|customer|user|"
    r"contact|location|number|numbers|no|nr|num)"
)
_BEFORE = (
    "(?:请问|请|麻烦|留下|填写|输入|提供|写下|您|你|的|本人|联系|个人|真实|常用|有效|受访者|被访者|用户|来自|注册)*"
)
_AFTER = r"(?:号码|号|账号|地址|是|为|什么|多少|哪里|[?:。*\s]|\([^()]*\))*"
_NUMBERED = r"(?:[q第]?[0-9]+题?[、.:_\s]*)?"


def _alternatives(kinds: Mapping[str, str]) -> str:
    return "|".join(f"(?P<{kind.replace('-', '_')}>{pattern})" for kind, pattern in kinds.items())


_ENGLISH_LABEL = re.compile(rf"(?:{_FILLERS} )*(?:{_alternatives(_ENGLISH)})(?: {_FILLERS})*")
_CHINESE_LABEL = re.compile(f"{_NUMBERED}{_BEFORE}(?:{_alternatives(_CHINESE)}){_AFTER}")
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def personal_columns(names: Iterable[str], headers: Mapping[str, str] | None = None) -> tuple[PersonalColumn, ...]:
    """Columns whose name or header is the label of a field for personal data.

    The whole label counts, not a word in it: ``phone``, ``Q3_Phone``, ``Your e-mail address``, ``您的手机号码`` are
    found; ``brand_name``, ``phone_use`` and ``您用手机看直播吗`` are not. A column that is not found may be personal
    all the same.

    Parameters
    ----------
    names : iterable of str
        Names of columns.
    headers : mapping, optional
        Name -> header or question text, where the file has one besides.
    """
    found = []
    for name in names:
        for label in dict.fromkeys((name, (headers or {}).get(name, name))):
            if kind := _kind(label):
                found.append(PersonalColumn(name, kind, label))
                break
    return tuple(found)


def _kind(label: str) -> str | None:
    if len(label) > MAX_HEADER:
        return None
    plain = unicodedata.normalize("NFKC", label).strip()
    words = " ".join(re.findall(r"[a-z]+|[0-9]+", _WORD_START.sub(" ", plain).lower())) if plain.isascii() else ""
    match = _ENGLISH_LABEL.fullmatch(words) or _CHINESE_LABEL.fullmatch(plain.lower())
    return match.lastgroup.replace("_", "-") if match and match.lastgroup else None

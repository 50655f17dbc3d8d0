"""Whatever is written is read back as it was, and comments stay comments."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_sem.instrument.importing.emitting import comment, flow, flow_mapping, quoted, scalar, texts
from survey_sem.instrument.importing.naming import Names, model_word
from survey_sem.instrument.importing.wording import cleaned, language_code, without_markup
from survey_sem.instrument.section import model_name
from survey_sem.instrument.strict_yaml import Node, parse_yaml

TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)
TRICKY = (
    *("", " ", "yes", "No", "null", "~", "1", "1.5", "0x1f", "1e3", "12:30"),
    *("a: b", "a #b", "#a", "- a", "? a", "'a'", '"a"', "{a}", "[a", "=cmd()", "@x"),
    *("`x", "*a", "&a", "!a", "%a", "|", ">", "a\nb", "\ta", "a ", "\x00"),
    *("\x85", "\u2028", "\ufeff", "中文：好，", "👍", "\\", "...", "---", "2026-05-01", "NaN", ".inf"),
)


@settings(max_examples=300, deadline=None)
@given(TEXT | st.sampled_from(TRICKY))
def test_texts_come_back_in_every_position(text: str) -> None:
    written = (
        f"a: {scalar(text)}\nb: {flow([text, text])}\nc: {flow_mapping({'k': text})}\n{quoted(text)}: {quoted(text)}\n"
    )
    if text in ("a", "b", "c"):
        return
    expected = {"a": text, "b": [text, text], "c": {"k": text}, text: text}
    assert parse_yaml(written).plain() == expected
    assert yaml.safe_load(written) == expected


@settings(max_examples=100, deadline=None)
@given(st.integers(-(10**9), 10**9) | st.floats(-1e12, 1e12) | st.booleans())
def test_numbers_come_back(value: float) -> None:
    assert parse_yaml(f"a: {scalar(value)}").plain() == {"a": value}


def test_half_characters_are_replaced() -> None:
    assert parse_yaml(f"a: {scalar(chr(0xD800))}").plain() == {"a": "\ufffd"}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.sampled_from(TRICKY))
def test_comments_stay_on_their_line(text: str) -> None:
    assert parse_yaml(f"{comment(text, 2, todo=True)}\na: 1\n").plain() == {"a": 1}


def test_texts_without_a_language_stand_alone() -> None:
    assert (texts({"und": "Hi"}), texts({"en": "Hi", "zh": "好"})) == ("Hi", "{en: Hi, zh: 好}")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_every_text_becomes_a_legal_name(text: str) -> None:
    word = model_word(text)
    assert model_name(Node(word, "f", 1, "id")) == word


def test_names_are_given_once() -> None:
    names = Names()
    assert names.claim("Q1", ["1", "2"]) == "Q1"
    assert [names.claim(each) for each in ("Q1", "Q1_1", "Q1", "Q2")] == ["Q1_b", "Q1_1_b", "Q1_c", "Q2"]
    assert names.claim("Q2", ["1"]) == "Q2_b"
    many = Names()
    assert len({many.claim("x") for _ in range(2000)}) == 2000


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("EN", "en"),
        ("ZH-S", "zh"),
        ("zh_CN", "zh"),
        ("ZH-T", "zh-Hant"),
        ("pt-br", "pt-BR"),
        ("", "und"),
        ("klingon", "und"),
    ],
)
def test_language_codes(name: str, code: str) -> None:
    assert language_code(name) == code


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>a</p><p>b &lt; c</p>", "a\nb < c"),
        ("a<br>b", "a\nb"),
        ("<style>x{}</style>a &amp; b<!-- c -->", "a & b"),
        ("3 < 4", "3 < 4"),
        ("a\r\n\r\n  b\x00", "a\nb"),
    ],
)
def test_markup(markup: str, text: str) -> None:
    assert without_markup(markup) == text


@pytest.mark.parametrize("piece", ["<", "<a ", "<!--", "<script", "&", "&#x"])
def test_broken_markup_is_read_once(piece: str) -> None:
    """A pattern that goes back over it would take hours."""
    assert len(without_markup(piece * 1_000_000)) <= 1_000_000 * len(piece)


def test_long_texts_are_cut() -> None:
    assert len(cleaned("x" * 10_000)) == 5_000

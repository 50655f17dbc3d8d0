"""Whatever is typed gives a table or an error with a place: no hang, no recursion limit, no foreign exception."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_sem.errors import SurveySemError
from survey_sem.syntax import parse_model, parse_statements

WORDS = """f g x1 x2 y 主播 lat.var a b t1 t2 efa start equal lower c NA 1 0 2.5 1e-3 =~ ~ ~~ ~*~ <~ := == < > | + - * /
^ ** ( ) , ? : ; # ! ' " group level group:1 level:2 exp log min ＋ ～ . .. _ @ % = <-"""
PIECES = [*WORDS.split(), "\n", "\t", " \r\n", "\x00", "\ufeff", "\u200b"]


def read(text: str) -> None:
    try:
        table = parse_model(text)
    except SurveySemError as error:
        assert error.code
        assert str(error)
        assert error.where is None or error.where.startswith("line ")
    else:
        assert table.rows
        assert table.to_text()


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    read(text)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from(["", " "]))
def test_any_sequence_of_words(pieces: list[str], blank: str) -> None:
    read(blank.join(pieces))


VALID = "f =~ x1 + c(a,b)*x2 + start(0.5)*x3\ny ~ f + 1\nx1 ~~ x2; a == b^2\nd := exp(a) - (b + 1)/2\n"


@settings(max_examples=200)
@given(st.integers(0, len(VALID) - 1), st.sampled_from([*PIECES, ""]))
def test_a_valid_model_with_one_character_replaced(position: int, piece: str) -> None:
    read(VALID[:position] + piece + VALID[position + 1 :])


@given(st.binary(max_size=300))
def test_bytes_of_another_file(data: bytes) -> None:
    read(data.decode("latin-1"))


BIG = 300_000
LARGE = {
    "one character": "x" * BIG,
    "one operator": "~" * BIG,
    "parentheses": "a == " + "(" * 28_000 + "a" + ")" * 28_000,
    "unclosed parentheses": "y ~ " + "(" * 58_000,
    "powers": "a == " + "2^" * 28_000 + "2",
    "signs": "a == " + "-" * 58_000 + "1",
    "a long sum": "y ~ a*x\na == " + "a+" * 28_000 + "a",
    "a long formula": "y ~ " + "x+" * 28_000 + "x",
    "calls": "a := " + "exp(" * 11_000 + "1" + ")" * 11_000,
    "vectors": "y ~ " + "c(" * 28_000 + "1",
    "vectors within vectors": "y ~ " + "start(c(" * 1000 + "1" + "))" * 1000 + "*x",
    "vectors of vectors": "y ~ " + "c(" * 2_000 + "1" + ")" * 2_000 + "*x",
    "modifiers": "y ~ " + "a*" * 28_000 + "x",
    "lines": "\n" * BIG,
    "semicolons": ";" * BIG,
    "comments": "# a\n" * 14_000,
    "strings": "'a' " * 14_000,
    "NUL": "\x00" * BIG,
    "lines that continue": "y ~ x" + "\n+ x" * 14_000,
    "empty lines before a continuation": "y ~ x" + "\n" * 56_000 + "+ z",
    "many empty lines between many formulas": "\n\n\n".join(f"y ~ x{i}" for i in range(3_000)),
    "minus lines": "a := b" + "\n-b" * 18_000,
    "many groups": "\n".join(f"group: {i}\ny ~ x" for i in range(3_000)),
    "a vector of many groups": "y ~ c(" + ",".join(["a"] * 28_000) + ")*x",
    "many definitions": "y ~ a*x\n" + "\n".join(f"d{i + 1} := d{i}" for i in range(3_000)),
    "many factors": "\n".join(f"f{i} =~ x{i}" for i in range(3_000)),
    "many predictors": "y ~ " + "+".join(f"x{i}" for i in range(3_000)),
    "many variables": "\n".join(f"y{i} ~~ z{i}" for i in range(3_000)),
    "a megabyte": "x1 + " * 200_000,
    "a megabyte of lines": "y ~ x\n" * 170_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE.keys())
def test_a_large_text(text: str) -> None:
    """Whatever grew with the square of the length would take hours."""
    read(text)


@pytest.mark.slow
def test_a_large_text_of_junk() -> None:
    draw = random.Random(1)
    words = [*PIECES, "x1", "+", "~", " ", "\n"]
    read("".join(draw.choices(words, k=120_000))[:BIG])


def test_a_formula_of_many_terms_is_quick() -> None:
    assert len(parse_statements("f =~ " + " + ".join(f"x{i}" for i in range(5_000))).rows) == 5_000

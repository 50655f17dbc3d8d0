"""Formulas as written: terms, modifiers, continued lines, comments, blocks."""

from __future__ import annotations

import math

import pytest

from survey_sem.syntax import parse_statements
from survey_sem.syntax.modifiers import Modifiers


def elements(text: str) -> list[str]:
    return [f"{row.lhs} {row.op} {row.rhs}".rstrip() for row in parse_statements(text).rows]


def modifiers(term: str) -> Modifiers:
    (row,) = parse_statements(f"f =~ {term}").rows
    return row.modifiers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f =~ x1 + x2; y ~ f", ["f =~ x1", "f =~ x2", "y ~ f"]),
        ("f =~ x1 +\n  x2\n  + x3", ["f =~ x1", "f =~ x2", "f =~ x3"]),
        ("f =~\n\nx1", ["f =~ x1"]),
        ("f\n=~ x1", ["f =~ x1"]),
        ("f =~ c(a,\n  b)*x1", ["f =~ x1"]),
        ("f =~ x1 + # first\n# nothing\n x2 ! second", ["f =~ x1", "f =~ x2"]),
        ("f =~ x1\r\ny ~ f\ry ~~ z", ["f =~ x1", "y ~ f", "y ~~ z"]),
        ("\ufeffy ~ x", ["y ~ x"]),
        ("y\u3000~\u00a0x", ["y ~ x"]),
        ("f + g =~ x1 + x2", ["f =~ x1", "f =~ x2", "g =~ x1", "g =~ x2"]),
        ("y ~ 1 + x", ["y ~1", "y ~ x"]),
        ("y ~ x + y:z + z:w", ["y ~ x", "y ~ y:z", "y ~ z:w"]),
        ("y ~ + x", ["y ~ x"]),
        ("主播信任 =~ a_1 + a.2 + É3", ["主播信任 =~ a_1", "主播信任 =~ a.2", "主播信任 =~ É3"]),
        ("ความ =~ हिन्दी + x", ["ความ =~ हिन्दी", "ความ =~ x"]),
        ("y | t1 + t2\ny ~*~ y\nf <~ x", ["y | t1", "y | t2", "y ~*~ y", "f <~ x"]),
        ("Group: 1\ny ~ x\nGROUP : 'b c'\ny ~ x", ["group : 1", "y ~ x", "group : b c", "y ~ x"]),
        ("f =~ x1 + x2 + x3 + x2", ["f =~ x1", "f =~ x2", "f =~ x3"]),
    ],
)
def test_elements(text: str, expected: list[str]) -> None:
    assert elements(text) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("1*x", Modifiers(fixed=(1.0,))),
        ("-1*x", Modifiers(fixed=(-1.0,))),
        ("1e-3*x", Modifiers(fixed=(0.001,))),
        (".5*x", Modifiers(fixed=(0.5,))),
        ("(1/3)*x", Modifiers(fixed=(1 / 3,))),
        ("1/4*x", Modifiers(fixed=(0.25,))),
        ("sqrt(2)*x", Modifiers(fixed=(math.sqrt(2),))),
        ("NA*x", Modifiers(fixed=(None,))),
        ("c(1, NA)*x", Modifiers(fixed=(1.0, None))),
        ("c(-1, 2e2)*x", Modifiers(fixed=(-1.0, 200.0))),
        ("a*x", Modifiers(label=("a",))),
        ('"a"*x', Modifiers(label=("a",))),
        ("c(a, b)*x", Modifiers(label=("a", "b"))),
        ("c('l1', 'l2')*x", Modifiers(label=("l1", "l2"))),
        ("c(a, NA)*x", Modifiers(label=("a", ""))),
        ("label('a')*x", Modifiers(label=("a",))),
        ("label(c('a', 'b'))*x", Modifiers(label=("a", "b"))),
        ("start(0.8)*x", Modifiers(start=(0.8,))),
        ("start(1, 2)*x", Modifiers(start=(1.0, 2.0))),
        ("start(c(1, NA))*x", Modifiers(start=(1.0, None))),
        ("0.7?x", Modifiers(start=(0.7,))),
        ("c(.1, .2)?x", Modifiers(start=(0.1, 0.2))),
        ("lower(0)*upper(2)*x", Modifiers(lower=(0.0,), upper=(2.0,))),
        ("lower(-Inf)*upper(Inf)*x", Modifiers(lower=(-math.inf,), upper=(math.inf,))),
        ("lower(c(0, 1))*x", Modifiers(lower=(0.0, 1.0))),
        ('equal("f =~ x2")*x', Modifiers(equal=("f =~ x2",))),
        ("equal(c('', 'f=~x3'))*x", Modifiers(equal=("", "f=~x3"))),
        ("rv('s')*x", Modifiers(rv=("s",))),
        ("a*start(.5)*x", Modifiers(label=("a",), start=(0.5,))),
        ("c(a,b)*c(1,NA)*start(c(2,3))*x", Modifiers(label=("a", "b"), fixed=(1.0, None), start=(2.0, 3.0))),
        ("a*x + start(0.5)*x", Modifiers(label=("a",), start=(0.5,))),
        ("2*x + x + a*x", Modifiers(fixed=(2.0,), label=("a",))),
        ("NA*x + NA*x", Modifiers(fixed=(None,))),
        ("start*x", Modifiers(label=("start",))),
    ],
)
def test_modifiers(term: str, expected: Modifiers) -> None:
    assert modifiers(term) == expected


def test_zero_right_of_a_regression_fixes_the_intercept() -> None:
    intercept, slope = parse_statements("y ~ 0 + x").rows
    assert (intercept.op, intercept.modifiers) == ("~1", Modifiers(fixed=(0.0,)))
    assert slope.modifiers == Modifiers()


def test_rotated_blocks_stand_left() -> None:
    rows = parse_statements('efa("b")*f1 + efa("b")*f2 =~ x1 + a*x2').rows
    assert {row.modifiers.efa for row in rows} == {"b"}
    assert [row.modifiers.label for row in rows] == [(), ("a",), (), ("a",)]


def test_constraints_keep_their_text_and_place() -> None:
    constraint, definition = parse_statements("y ~ b1*x\n b1 == (b2 + 2) ** 2\nd :=\n b1 * b2").constraints
    assert (constraint.op, constraint.lhs_text, constraint.rhs_text) == ("==", "b1", "(b2+2)^2")
    assert (definition.op, definition.lhs_text, definition.rhs_text) == (":=", "d", "b1*b2")
    assert str(constraint.place) == "line 2, column 2"
    assert {name: str(place) for name, place in constraint.names.items()} == {
        "b1": "line 2, column 2",
        "b2": "line 2, column 9",
    }
    assert set(definition.names) == {"b1", "b2"}


@pytest.mark.parametrize(
    ("text", "constraints"),
    [
        ("y ~ a*x\nk := a\n - 1", [":= a-1"]),
        ("y ~ a*x\na > 0\n-a > -2", ["> 0", "> -2"]),
        ("y ~ a*x\n(a) > 0\n(a) < 2", ["> 0", "< 2"]),
        ("y ~ a*x\na <-1", ["< -1"]),
        ("y ~ a*x + b*z\na < -b", ["< -b"]),
    ],
)
def test_lines_that_begin_with_a_sign(text: str, constraints: list[str]) -> None:
    assert [f"{item.op} {item.rhs_text}" for item in parse_statements(text).constraints] == constraints


@pytest.mark.parametrize(
    ("text", "n_groups"),
    [
        ("y ~ x", 1),
        ("y ~ c(a,b)*x", 2),
        ("y ~ c(a,b,c)*x + start(c(1,2,3))*z", 3),
        ("group: 1\ny ~ x\ngroup: 2\ny ~ x", 2),
        ("level: 1\ny ~ x\nlevel: 2\ny ~ x", 1),
    ],
)
def test_number_of_groups_that_the_text_speaks_of(text: str, n_groups: int) -> None:
    assert parse_statements(text).n_groups == n_groups


def test_blocks_are_counted() -> None:
    text = "group: 1\nlevel: 1\ny ~ x\nlevel: 2\ny ~ z\ngroup: 2\nlevel: 1\ny ~ x"
    assert [row.block for row in parse_statements(text).rows] == [1, 2, 2, 3, 3, 4, 5, 5]

"""Everything unknown is an error that names the place, what was expected, and the nearest thing that exists."""

from __future__ import annotations

import pytest

from survey_sem.errors import ModelError, ModelSyntaxError, OptionError
from survey_sem.syntax import parse_model, parse_statements

# text, code, line, column
ERRORS = [
    # characters
    ("f =~ x1 ～ x2", "full-width-character", 1, 9),
    ("主播信任 =~ a1 ＋ a2", "full-width-character", 1, 12),
    ("f =~ c(a，b)*x", "full-width-character", 1, 9),
    ("f =~ x1；y ~ f", "full-width-character", 1, 8),
    ("y ~ “a”*x", "full-width-character", 1, 5),
    ("y ~ ２*x", "full-width-character", 1, 5),
    ("a − 1 == 0", "full-width-character", 1, 3),
    ("y ~ x\x00", "unknown-character", 1, 6),
    ("y ~ \u200bx", "unknown-character", 1, 5),
    ("y ~ `x 1`", "unknown-character", 1, 5),
    ("y ~ x[1]", "unknown-character", 1, 6),
    ("y ~ 'a*x", "unclosed-string", 1, 5),
    ("y ~ 2x", "number-in-name", 1, 5),
    ("y ~ 1.2.3*x", "number-in-name", 1, 5),
    # statements
    ("", "empty-model", 1, 1),
    ("# only a comment", "empty-model", 1, 1),
    ("a := 2", "empty-model", 1, 1),
    ("group: 1", "empty-model", 1, 1),
    ("y + z + y ~ x", "duplicate-element", 1, 9),
    ("x + y ~~ x + y", "duplicate-element", 1, 10),
    ("f =~ x1 + x2\ng x3", "missing-operator", 2, 1),
    ("f = x1", "unknown-operator", 1, 3),
    ("f -> x1", "unknown-operator", 1, 3),
    ("y <- x1", "unknown-operator", 1, 3),
    ("y ~ a*x\na >= 0", "unknown-operator", 2, 3),
    ("f =~ x1 + x2 +\ny ~ f", "second-operator", 2, 3),
    ("f =~ x1 =~ x2", "second-operator", 1, 9),
    ("0 < a < 1", "second-operator", 1, 7),
    ("group % c(a, b)*w", "unsupported-operator", 1, 7),
    # formulas
    ("y ~", "empty-formula", 1, 3),
    ("~ x", "empty-formula", 1, 1),
    ("y ~ x +", "missing-variable", 1, 8),
    ("y ~ x + + ", "missing-variable", 1, 9),
    ("y ~ x - z", "missing-variable", 1, 7),
    ("y ~ 2*", "missing-variable", 1, 6),
    ('y ~ "x"', "missing-variable", 1, 5),
    ("y ~ x z", "missing-operator", 1, 7),
    ("f =~ x1, x2", "missing-operator", 1, 8),
    ("y ~ x^2", "missing-operator", 1, 6),
    ("y ~ x(2)", "missing-operator", 1, 6),
    ("y ~ (x + z", "unbalanced-parenthesis", 1, 5),
    ("y ~ x)", "unbalanced-parenthesis", 1, 6),
    ("y ~ 2", "bad-number", 1, 5),
    ("f =~ 1", "bad-number", 1, 6),
    ("y ~ x:z:w", "bad-product", 1, 8),
    ("y ~ x:", "bad-product", 1, 6),
    ("x:z ~ y", "bad-left-side", 1, 1),
    ("1 ~ x", "bad-left-side", 1, 1),
    ("a*y ~ x", "bad-left-side", 1, 1),
    ("y ~ TRUE", "reserved-word", 1, 5),
    ("NA =~ x", "reserved-word", 1, 1),
    ("y ~ x\nz ~ y\ny ~ 1 + x", "duplicate-element", 3, 9),
    ("x ~~ y\ny ~~ x", "duplicate-element", 2, 6),
    ("f =~ x1\nf =~ x1", "duplicate-element", 2, 6),
    # modifiers
    ("y ~ foo(2)*x", "unknown-modifier", 1, 5),
    ("y ~ strat(2)*x", "unknown-modifier", 1, 5),
    ('y ~ prior("normal(0,1)")*x', "unknown-modifier", 1, 5),
    ("y ~ *x", "missing-modifier", 1, 5),
    ("y ~ a b*x", "missing-operator", 1, 7),
    ("y ~ start()*x", "missing-argument", 1, 11),
    ("y ~ c(1,)*x", "missing-argument", 1, 9),
    ("y ~ c(1,a)*x", "mixed-vector", 1, 7),
    ("y ~ start(a)*x", "not-a-number", 1, 11),
    ("y ~ a?x", "not-a-number", 1, 5),
    ("y ~ (1/0)*x", "not-a-number", 1, 5),
    ("y ~ (-8)^(1/3)*x", "not-a-number", 1, 5),
    ("y ~ label(2)*x", "not-a-text", 1, 11),
    ('y ~ "my label"*x', "bad-label", 1, 5),
    ("y ~ a*x + b*x", "conflicting-modifiers", 1, 13),
    ("y ~ 1*x + 2*x", "conflicting-modifiers", 1, 13),
    ("y ~ c(1,2)(3)*x", "missing-operator", 1, 11),
    ('f =~ efa("b")*x', "bad-modifier", 1, 6),
    ('efa("b")*y ~ x', "bad-left-side", 1, 1),
    ("y ~ lower(2)*upper(1)*x", "empty-bounds", 1, 5),
    ("y ~ c(a,b)*x + c(1,2,3)*z", "wrong-group-count", 1, 5),
    ("group: 1\ny ~ c(1,2)*x\ngroup: 2\ny ~ x", "wrong-group-count", 2, 5),
    # blocks
    ("grup: 1\ny ~ x", "unknown-block", 1, 1),
    ("a : b\ny ~ x", "unknown-block", 1, 1),
    ("group: 1 2\ny ~ x", "bad-block", 1, 10),
    ("group:\ny ~ x", "bad-block", 1, 6),
    ("y ~ x\ngroup: 1\ny ~ z\ngroup: 2\ny ~ z", "formula-before-block", 1, 5),
    ("y ~ x\ngroup: 1", "empty-block", 2, 1),
    ("group: 1\ngroup: 2\ny ~ x", "empty-block", 1, 1),
    ("level: 1\ny ~ x\nlevel: 2\ny ~ z\nlevel: 1\ny ~ w", "duplicate-block", 5, 1),
    # what the lines say together
    ("y ~ y", "self-reference", 1, 5),
    ("f =~ x + f", "self-reference", 1, 10),
    ("f <~ f", "self-reference", 1, 6),
    ("y | th1", "bad-threshold", 1, 5),
    ("y ~*~ x", "bad-scale", 1, 7),
    ('f =~ x1 + equal("f=~x9")*x2', "unknown-element", 1, 11),
    # constraints
    ("y ~ a*x\na ==", "empty-constraint", 2, 3),
    ("y ~ a*x\n== a", "second-operator", 2, 1),
    ("y ~ alpha*x\nt := alhpa^2", "unknown-label", 2, 6),
    ("y ~ a*x\n1 == 2", "constant-constraint", 2, 1),
    ("y ~ a*x\nu := v\nv := u", "circular-definition", 2, 6),
    ("y ~ a*x\nu := u + 1", "circular-definition", 2, 6),
    ("y ~ a*x\nu := v\nv := a", "used-before-definition", 2, 6),
    ("y ~ a*x\nu := a\nu := 2*a", "duplicate-definition", 3, 1),
    ("y ~ a*x\na := 2", "name-in-use", 2, 1),
    ("y ~ a*x\na + 1 := 2", "bad-definition", 2, 1),
    ("y ~ a*x\nt := lgo(a)", "unknown-function", 2, 6),
    ("y ~ a*x\nt := log(a", "unbalanced-parenthesis", 2, 9),
    ("y ~ a*x\nt := a +* 2", "missing-operand", 2, 9),
    ("y ~ a*x\nt := a 2", "unexpected-token", 2, 8),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), ERRORS)
def test_error_points_at_the_place(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(ModelSyntaxError) as caught:
        parse_model(text)
    error = caught.value
    assert error.code == code
    assert error.where is not None
    where, shown, caret = error.where.split("\n")
    assert where == f"line {line}, column {column}"
    assert shown == "".join(
        " " if c.isspace() else c if c.isprintable() else "\ufffd" for c in text.split("\n")[line - 1]
    )
    assert caret.strip("^ ") == ""
    assert "^" in caret
    assert error.expected or error.hint or code in ("unknown-character", "empty-model", "number-too-large")


def test_the_caret_stands_under_the_token() -> None:
    with pytest.raises(ModelSyntaxError) as caught:
        parse_model("visual =~ x1 + strat(0.8)*x2")
    assert str(caught.value) == (
        "there is no modifier 'strat()' [unknown-modifier]\n"
        "  at: line 1, column 16\n"
        "    visual =~ x1 + strat(0.8)*x2\n"
        "                   ^^^^^\n"
        "  expected: a number, NA, a label, or one of c() start() equal() label() lower() upper() rv() efa()\n"
        "  hint: did you mean 'start'?"
    )


def test_the_caret_counts_wide_characters_twice() -> None:
    with pytest.raises(ModelSyntaxError) as caught:
        parse_model("主播 =~ 信任 满意")
    assert caught.value.where == "line 1, column 10\n主播 =~ 信任 满意\n             ^^^^"


def test_a_long_line_is_clipped_around_the_place() -> None:
    with pytest.raises(ModelSyntaxError) as caught:
        parse_model("y ~ " + " + ".join(f"x{number}" for number in range(500)) + " + $ + z")
    assert caught.value.where is not None
    _, shown, caret = caught.value.where.split("\n")
    assert len(shown) < 120
    assert shown[caret.index("^")] == "$"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("f = x1", "did you mean '=~' or '=='?"),
        ("y ~ a*x\nt := lgo(a)", "did you mean 'log'?"),
        ("y ~ alpha*x\nt := alhpa", "did you mean 'alpha'?"),
        ("y ~ a*x\nt := zzzzz", "give a parameter this label, e.g. y ~ zzzzz*x"),
        ("f =~ x1 + equal('f=~x11')*x2", "did you mean 'f=~x1'?"),
        ("grup: 1\ny ~ x", "did you mean 'group:'?"),
        ("y ~ x\n\n+ z; y ~ 2x", "for a fixed value write 2*x; rename a column that begins with a digit"),
        ("y ～ x", "switch the input method to half-width (English) punctuation and type it again"),
    ],
)
def test_hint(text: str, hint: str) -> None:
    with pytest.raises(ModelSyntaxError) as caught:
        parse_model(text)
    assert caught.value.hint == hint


def test_both_lines_of_a_duplicate_are_named() -> None:
    with pytest.raises(ModelSyntaxError, match="on line 1 and on line 4") as caught:
        parse_statements("f =~ x1 + x2\n\ng =~ x3\nf =~ x4 + x2")
    assert caught.value.hint is not None
    assert "first at line 1, column 11" in caught.value.hint


def test_a_circle_of_definitions_is_shown() -> None:
    with pytest.raises(ModelSyntaxError, match="the definitions w -> v -> u -> w go round in a circle"):
        parse_model("y ~ a*x\nu := w + 1\nv := 2*u\nw := v")


def test_one_label_at_two_fixed_values() -> None:
    with pytest.raises(ModelError, match=r"'a' are fixed at different values: f =~ x2 at 1\.0, f =~ x3 at 2\.0"):
        parse_model("f =~ x1 + 1*x2 + a*x2 + 2*x3 + a*x3")


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("y ~ x", {"function": "smm"}, "bad-option"),
        ("y ~ x", {"group_equal": ("loading",)}, "bad-option"),
        ("y ~ x", {"parameterization": "gamma"}, "bad-option"),
        ("y ~ x", {"effect_coding": ("means",)}, "bad-option"),
        ("y ~ x", {"n_groups": 0}, "bad-option"),
        ("y ~ x", {"ordered": (1, 2)}, "bad-option"),
        ("y ~ x", {"ordered": True}, "bad-option"),
        ("y ~ x", {"conditional_x": True, "fixed_x": False}, "bad-option"),
        ("y ~ x", {"standard_lv": True}, "unknown-option"),
    ],
)
def test_wrong_options(text: str, options: dict[str, object], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_model(text, **options)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_data_in_place_of_a_model() -> None:
    with pytest.raises(ModelSyntaxError, match="the model is a dict, not a text"):
        parse_model({"x": 1})  # type: ignore[arg-type]


def test_an_option_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(OptionError, match="did you mean 'orthogonal'"):
        parse_model("y ~ x", orthognal=True)


def test_group_partial_must_name_a_parameter() -> None:
    with pytest.raises(ModelError, match="did you mean 'f=~x2'"):
        parse_model("f =~ x1 + x2 + x3", n_groups=2, group_equal=("loadings",), group_partial=("f=~x22",))


def test_group_blocks_must_be_as_many_as_groups() -> None:
    with pytest.raises(ModelError, match="the model text describes 2 groups"):
        parse_model("group: 1\ny ~ x\ngroup: 2\ny ~ x", n_groups=3)


def test_a_group_block_must_name_a_group() -> None:
    with pytest.raises(ModelSyntaxError, match="did you mean 'Pasteur'"):
        parse_model("group: Paster\ny ~ x\ngroup: GW\ny ~ x", n_groups=2, group_labels=("Pasteur", "GW"))


def test_names_knows_its_kinds() -> None:
    with pytest.raises(OptionError, match="did you mean 'ov_x'"):
        parse_model("y ~ x").names("ov.x")


def test_errors_of_the_model_text_are_usage_errors() -> None:
    assert issubclass(ModelSyntaxError, ValueError) is False
    with pytest.raises(ModelSyntaxError) as caught:
        parse_model("y ~")
    assert set(caught.value.to_dict()) == {"code", "what", "where", "expected", "got", "hint"}

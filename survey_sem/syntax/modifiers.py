"""What stands before `*` or `?` in a term: fixed values, starting values, labels, bounds, blocks.

A modifier holds one value for all groups or one per group (`c(...)`); None among fixed values and "" among labels
stand for NA.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from survey_sem.errors import ModelSyntaxError, did_you_mean
from survey_sem.syntax.expression_parser import parse_tokens
from survey_sem.syntax.functions import MATH_FUNCTIONS
from survey_sem.syntax.places import syntax_error
from survey_sem.syntax.tokens import Token

Numbers = tuple[float | None, ...]

FUNCTIONS = ("c", "start", "equal", "label", "lower", "upper", "rv", "efa")
_NUMERIC = ("start", "lower", "upper")
_KINDS = ("fixed", "start", "lower", "upper", "label", "equal", "rv", "efa")


@dataclass(frozen=True, slots=True)
class Modifiers:
    """The modifiers of one term; an empty tuple (or "") where there is none.

    fixed, start, lower, upper : numbers, None for NA (a fixed NA frees the parameter)
    label : labels; equal : elements such as "f=~x2" that the parameter equals
    rv : labels of random slopes; efa : name of a rotated block
    """

    fixed: Numbers = ()
    start: Numbers = ()
    lower: Numbers = ()
    upper: Numbers = ()
    label: tuple[str, ...] = ()
    equal: tuple[str, ...] = ()
    rv: tuple[str, ...] = ()
    efa: str = ""

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the modifiers that are present."""
        return tuple(name for name in _KINDS if getattr(self, name))

    @property
    def n_groups(self) -> int:
        """The length of the longest vector of group values (0 without modifiers)."""
        return max((len(getattr(self, name)) for name in self.given if name != "efa"), default=0)

    def merged(self, other: Modifiers, token: Token) -> Modifiers:
        """Both together; the same kind of modifier twice with different values is an error at `token`."""
        if not self.given or not other.given:
            return other if other.given else self
        for name in other.given:
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine and mine != theirs:
                raise syntax_error(
                    "conflicting-modifiers",
                    f"two different modifiers '{name}' for one parameter",
                    token.place,
                    expected=f"one {name}",
                    got=f"{_shown(mine)} and {_shown(theirs)}",
                )
        return replace(self, **{name: getattr(other, name) for name in other.given})


NO_MODIFIERS = Modifiers()
"""The absence of modifiers."""


def parse_modifier(tokens: Sequence[Token], separator: Token) -> Modifiers:
    """Read one modifier; `separator` is the `*` or `?` behind it.

    Raises
    ------
    ModelSyntaxError
        An unknown function, a value of the wrong kind, an empty modifier.
    """
    if not tokens:
        raise syntax_error(
            "missing-modifier",
            f"nothing stands before '{separator.text}'",
            separator.place,
            expected="a number or label",
        )
    first = tokens[0]
    if separator.text == "?":
        return Modifiers(start=_numbers(tokens, separator, "a starting value"))
    if first.kind == "name" and len(tokens) > 1 and tokens[1].is_operator("(") and first.text in FUNCTIONS:
        return _call(first, tokens)
    if first.kind in ("string", "name") and len(tokens) == 1 and first.text != "NA":
        return Modifiers(label=(_label(first),))
    if first.kind == "name" and first.text != "NA" and first.text not in MATH_FUNCTIONS:
        raise _unknown_function(first, tokens)
    return Modifiers(fixed=_numbers(tokens, separator, "a value"))


def _call(name: Token, tokens: Sequence[Token]) -> Modifiers:
    arguments = _arguments(tokens[1:], unpack=name.text != "c")
    if name.text == "c":
        return _vector(arguments, name)
    if name.text in _NUMERIC:
        return _numeric(name.text, tuple(_number(argument, name.text + "()") for argument in arguments))
    texts = tuple(_text(argument, name.text) for argument in arguments)
    match name.text:
        case "efa":
            return Modifiers(efa=texts[0])
        case "equal":
            return Modifiers(equal=texts)
        case "rv":
            return Modifiers(rv=texts)
        case _:
            return Modifiers(label=texts)


def _numeric(function: str, numbers: Numbers) -> Modifiers:
    match function:
        case "start":
            return Modifiers(start=numbers)
        case "lower":
            return Modifiers(lower=numbers)
        case _:
            return Modifiers(upper=numbers)


def _arguments(tokens: Sequence[Token], *, unpack: bool = True) -> list[list[Token]]:
    """The comma-separated arguments of `( ... )`, each with the token that ends it; a single `c(...)` is unpacked."""
    depth = 0
    arguments: list[list[Token]] = [[]]
    for position, token in enumerate(tokens):
        depth += token.is_operator("(") - token.is_operator(")")
        if position:
            arguments[-1].append(token)
        if depth == 0:
            if position < len(tokens) - 1:
                extra = tokens[position + 1]
                raise syntax_error("missing-operator", f"{extra.shown} follows a modifier", extra.place, expected="'*'")
            break
        if depth == 1 and token.is_operator(","):
            arguments.append([])
    for argument in arguments:
        if len(argument) < 2:
            raise syntax_error("missing-argument", "an argument is missing", argument[-1].place, expected="a value")
    single = arguments[0]
    if unpack and len(arguments) == 1 and single[0].text == "c" and single[1].is_operator("("):
        return _arguments(single[1:-1], unpack=False)
    return arguments


def _vector(arguments: list[list[Token]], name: Token) -> Modifiers:
    """`c(...)`: labels when one element is a name or string, else fixed values."""
    texts = [argument[0] for argument in arguments if len(argument) == 2 and _is_text(argument[0])]
    if not texts:
        return Modifiers(fixed=tuple(_number(argument, "c()") for argument in arguments))
    mixed = next(
        (argument[0] for argument in arguments if not (len(argument) == 2 and _is_text_or_na(argument[0]))), None
    )
    if mixed is not None:
        raise syntax_error(
            "mixed-vector",
            "c() holds labels and numbers together",
            mixed.place,
            expected="only labels (and NA) or only numbers (and NA)",
            hint="write two vectors for one term: c(a,b)*c(1,NA)*x",
        )
    return Modifiers(label=tuple("" if _is_na(argument[0]) else _label(argument[0]) for argument in arguments))


def _numbers(tokens: Sequence[Token], separator: Token, wanted: str) -> Numbers:
    if tokens[0].kind == "name" and tokens[0].text == "c" and len(tokens) > 1 and tokens[1].is_operator("("):
        return tuple(_number(argument, "c()") for argument in _arguments(tokens[1:], unpack=False))
    return (_number([*tokens, Token("end", "", separator.place)], wanted),)


def _number(tokens: Sequence[Token], wanted: str) -> float | None:
    """A constant (None for NA) from tokens that end in a marker."""
    first = tokens[0]
    if len(tokens) == 2 and _is_na(first):
        return None
    sign = -1.0 if first.is_operator("-") else 1.0
    if tokens[-2].kind == "name" and tokens[-2].text == "Inf" and len(tokens) <= 3:
        return sign * math.inf
    expression = parse_tokens(tokens)
    if expression.names:
        culprit = next(token for token in tokens if token.text in expression.names)
        raise syntax_error(
            "not-a-number", f"{culprit.shown} is not a number", culprit.place, expected=f"a number for {wanted}"
        )
    try:
        value = expression.evaluate({}, MATH_FUNCTIONS)
    except (ArithmeticError, ValueError) as error:
        raise syntax_error(
            "not-a-number", f"this value cannot be computed: {error}", first.place, expected="a finite number"
        ) from error
    if isinstance(value, complex) or not math.isfinite(value):
        raise syntax_error(
            "not-a-number", "this value is not finite", first.place, expected="a finite number", got=str(value)
        )
    return float(value)


def _text(argument: list[Token], function: str) -> str:
    if len(argument) == 2 and _is_text(argument[0]):
        return argument[0].value if function in ("equal", "efa") else _label(argument[0])
    raise syntax_error(
        "not-a-text", f"{argument[0].shown} is not a text", argument[0].place, expected=f'{function}("...")'
    )


def _label(token: Token) -> str:
    """A label that constraints can refer to: a name, given plainly or as a string."""
    label = token.value
    if label and (not label.replace(".", "_").isidentifier() or label == "NA"):
        raise syntax_error(
            "bad-label",
            f"'{label}' cannot be a label",
            token.place,
            expected="letters, digits, '.' and '_', beginning with a letter",
        )
    return label


def _is_text(token: Token) -> bool:
    return token.kind == "string" or (token.kind == "name" and token.text not in ("NA", "Inf"))


def _is_na(token: Token) -> bool:
    return token.kind == "name" and token.text == "NA"


def _is_text_or_na(token: Token) -> bool:
    return _is_text(token) or _is_na(token)


def _unknown_function(first: Token, tokens: Sequence[Token]) -> ModelSyntaxError:
    second = tokens[1]
    if second.is_operator("("):
        hint = did_you_mean(first.text, FUNCTIONS)
        if first.text == "prior":
            hint = "priors belong to Bayesian estimation, which is not offered"
        return syntax_error(
            "unknown-modifier",
            f"there is no modifier '{first.text}()'",
            first.place,
            expected="a number, NA, a label, or one of " + " ".join(f"{name}()" for name in FUNCTIONS),
            hint=hint,
        )
    return syntax_error("missing-operator", f"{second.shown} is not expected here", second.place, expected="'*' or '+'")


def _shown(values: object) -> str:
    if isinstance(values, tuple):
        return ";".join("NA" if value in (None, "") else str(value) for value in values)
    return str(values)

"""The two sides of a formula: terms joined by `+`, each a variable with its modifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey_sem.errors import ModelSyntaxError
from survey_sem.syntax.modifiers import NO_MODIFIERS, Modifiers, parse_modifier
from survey_sem.syntax.places import Place, syntax_error
from survey_sem.syntax.tokens import Token

FORMULA_OPERATORS = ("=~", "<~", "~", "~~", "~*~", "|")
RESERVED = (
    "NA", "Inf", "NaN", "NULL", "TRUE", "FALSE", "if", "else", "for", "while", "function", "in", "next", "break",
    "repeat",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """A variable (or a product `x:z`, or "1" for the intercept) with its modifiers; `token` is the variable's."""

    variable: str
    modifiers: Modifiers
    token: Token
    place: Place

    @property
    def is_intercept(self) -> bool:
        """Whether the term is the intercept of a regression."""
        return self.token.kind == "number"


def parse_left(tokens: Sequence[Token], operator: Token) -> list[Term]:
    """The variables left of the operator; only `efa("...")*` may modify them."""
    if not tokens:
        raise syntax_error(
            "empty-formula", f"nothing stands left of '{operator.text}'", operator.place, expected="a variable"
        )
    terms = [_term(piece, end, operator) for piece, end in _pieces(tokens, operator)]
    for term in terms:
        if term.token.kind != "name":
            raise syntax_error(
                "bad-left-side",
                f"{term.token.shown} cannot stand left of '{operator.text}'",
                term.place,
                expected="a name",
            )
        if ":" in term.variable:
            raise syntax_error(
                "bad-left-side",
                f"the product '{term.variable}' cannot stand on the left",
                term.place,
                expected="a name",
            )
        given = term.modifiers.given
        if given and (given != ("efa",) or operator.text != "=~"):
            raise syntax_error(
                "bad-left-side",
                f"a modifier cannot stand left of '{operator.text}'",
                term.place,
                expected='a variable (or efa("...")*factor left of =~)',
            )
    _refuse_repeated(terms)
    return terms


def _refuse_repeated(terms: Sequence[Term]) -> None:
    seen: set[str] = set()
    for term in terms:
        if term.variable in seen:
            raise syntax_error(
                "duplicate-element",
                f"'{term.variable}' stands twice on the left",
                term.place,
                expected="each variable once",
            )
        seen.add(term.variable)


def parse_right(tokens: Sequence[Token], operator: Token, end: Token) -> list[Term]:
    """The terms right of the operator, one per variable: modifiers of a repeated variable are put together."""
    if not tokens:
        raise syntax_error(
            "empty-formula", f"nothing stands right of '{operator.text}'", operator.place, expected="a variable"
        )
    terms = [_term(piece, stop, operator) for piece, stop in _pieces(tokens, end)]
    for term in terms:
        _check_right(term, operator)
    return _merged(terms)


def _pieces(tokens: Sequence[Token], end: Token) -> list[tuple[list[Token], Token]]:
    """Cut at each `+` outside of parentheses that is no sign; with each piece the token that ended it."""
    pieces: list[tuple[list[Token], Token]] = []
    piece: list[Token] = []
    depth = 0
    for token in tokens:
        depth += token.is_operator("(") - token.is_operator(")")
        if token.is_operator("+") and depth == 0 and piece and not piece[-1].is_operator("*", "?", "/", "-", "^", "**"):
            pieces.append((piece, token))
            piece = []
        else:
            piece.append(token)
    pieces.append((piece, end))
    for piece, stop in pieces:
        if not piece or (len(piece) == 1 and piece[0].is_operator("+", "-")):
            place = piece[0].place if piece else stop.place
            raise syntax_error("missing-variable", "a variable is missing here", place, expected="a variable after '+'")
    return pieces


def _term(piece: list[Token], end: Token, operator: Token) -> Term:
    """Modifiers separated by `*` or `?` at depth 0, then the variable."""
    modifiers, part, depth = NO_MODIFIERS, [], 0  # type: tuple[Modifiers, list[Token], int]
    for token in piece:
        depth += token.is_operator("(") - token.is_operator(")")
        if token.is_operator("*", "?") and depth == 0:
            modifiers = modifiers.merged(parse_modifier(part, token), part[0] if part else token)
            part = []
        else:
            part.append(token)
    if not part:
        raise syntax_error(
            "missing-variable",
            f"no variable follows the modifier, but {end.shown}",
            piece[-1].place,
            expected="a variable",
        )
    if part[0].is_operator("+") and len(part) > 1:
        part = part[1:]
    if part[0].kind == "number" and part[0].text == "0" and len(part) == 1 and operator.text == "~":
        modifiers = modifiers.merged(Modifiers(fixed=(0.0,)), part[0])
    return Term(_variable(part), modifiers, part[0], piece[0].place)


def _variable(part: list[Token]) -> str:
    first = part[0]
    if first.kind == "number" and len(part) == 1:
        return "1"
    if first.kind != "name":
        raise _no_variable(first)
    if first.text in RESERVED:
        raise syntax_error(
            "reserved-word", f"'{first.text}' cannot name a variable", first.place, expected="another name"
        )
    if len(part) == 3 and part[1].is_operator(":") and part[2].kind == "name":
        return f"{first.text}:{part[2].text}"
    if len(part) > 1:
        raise _after_variable(part)
    return first.text


def _check_right(term: Term, operator: Token) -> None:
    if term.is_intercept and (operator.text != "~" or term.token.text not in ("0", "1")):
        raise syntax_error(
            "bad-number",
            f"the number {term.token.text} stands where '{operator.text}' needs a variable",
            term.token.place,
            expected="a variable; an intercept is written y ~ 1",
            hint=f"for a fixed value write {term.token.text}*variable",
        )
    if term.modifiers.efa:
        raise syntax_error(
            "bad-modifier", "efa() stands right of the operator", term.place, expected='efa("...")*factor =~ indicators'
        )


def _merged(terms: list[Term]) -> list[Term]:
    """One term per variable, at its first position, with all its modifiers."""
    merged: dict[str, Term] = {}
    for term in terms:
        known = merged.get(term.variable)
        if known is None:
            merged[term.variable] = term
        else:
            together = known.modifiers.merged(term.modifiers, term.token)
            merged[term.variable] = Term(known.variable, together, known.token, known.place)
    return list(merged.values())


def _no_variable(token: Token) -> ModelSyntaxError:
    if token.is_operator("-"):
        hint = "terms are joined by '+'; leave a term out instead of subtracting it"
    elif token.kind == "string":
        hint = "names are written without quotes"
    else:
        hint = None
    return syntax_error(
        "missing-variable",
        f"{token.shown} stands where a variable must be",
        token.place,
        expected="a variable",
        hint=hint,
    )


def _after_variable(part: list[Token]) -> ModelSyntaxError:
    second = part[1]
    if second.is_operator("-"):
        return _no_variable(second)
    if second.is_operator(":"):
        return syntax_error(
            "bad-product",
            "this product cannot be read",
            (part[3] if len(part) > 3 else second).place,
            expected="a product of two variables, x:z",
            hint="make products of three or more variables a column of the data",
        )
    return syntax_error(
        "missing-operator",
        f"{second.shown} follows '{part[0].text}' without an operator",
        second.place,
        expected="'+' between variables, '*' after a modifier, or a new line",
    )

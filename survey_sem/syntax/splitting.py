"""Tokens -> statements: where one formula ends and the next begins, and which operator makes it a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey_sem.errors import ModelSyntaxError
from survey_sem.syntax.places import syntax_error
from survey_sem.syntax.tokens import Token

STATEMENT_OPERATORS = ("=~", "~", "~~", "~*~", "<~", "|", ":=", "==", "<", ">", "%")
_MAY_BEGIN = ("(", "-")
_NEVER_CONTINUES = (")", ":")
_BLOCK_HINT = "a block line is written group: 1 or level: within"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: the tokens left and right of its operator, and the token that ends it."""

    left: tuple[Token, ...]
    operator: Token
    right: tuple[Token, ...]
    end: Token


def split_statements(tokens: Sequence[Token]) -> list[Statement]:
    """Cut the tokens into statements.

    A line is continued inside parentheses, after an operator, and by a next line that begins with an operator.
    """
    statements: list[Statement] = []
    line: list[Token] = []
    opened: list[Token] = []
    for position, token in enumerate(tokens):
        if token.kind not in ("newline", "end"):
            _track_parentheses(opened, token)
            line.append(token)
        elif token.kind == "end" or (line and not opened and not _continues(line[-1], token, tokens, position)):
            if opened:
                raise syntax_error(
                    "unbalanced-parenthesis", "this parenthesis does not close", opened[-1].place, expected="')'"
                )
            if line:
                statements.append(_statement(line, token))
            line = []
    return statements


def _track_parentheses(opened: list[Token], token: Token) -> None:
    if token.is_operator("("):
        opened.append(token)
    elif token.is_operator(")"):
        if not opened:
            raise syntax_error(
                "unbalanced-parenthesis", "this parenthesis was not opened", token.place, expected="a '(' before it"
            )
        opened.pop()


def _continues(last: Token, line_end: Token, tokens: Sequence[Token], position: int) -> bool:
    if line_end.text == ";":
        return False
    if last.kind == "operator" and last.text not in _NEVER_CONTINUES:
        return True
    first = tokens[position + 1]
    if first.kind != "operator" or first.text == "(":
        return False
    return not (first.text in _MAY_BEGIN and _has_operator(tokens, position + 1))


def _has_operator(tokens: Sequence[Token], position: int) -> bool:
    """Whether the line that begins at `position` is a statement of its own."""
    while tokens[position].kind not in ("newline", "end"):
        if tokens[position].is_operator(*STATEMENT_OPERATORS):
            return True
        position += 1
    return False


def _statement(line: list[Token], end: Token) -> Statement:
    depth, found = 0, []
    for position, token in enumerate(line):
        depth += token.is_operator("(") - token.is_operator(")")
        if token.is_operator(*STATEMENT_OPERATORS) and depth == 0:
            found.append(position)
    if not found:
        return _block(line, end)
    if len(found) > 1:
        raise _second_operator(line[found[0]], line[found[1]])
    at = found[0]
    _refuse_arrow(line, at)
    if line[at].text == "%":
        raise syntax_error(
            "unsupported-operator", "group weights ('%') are not offered", line[at].place, expected="a model formula"
        )
    return Statement(tuple(line[:at]), line[at], tuple(line[at + 1 :]), end)


def _refuse_arrow(line: list[Token], at: int) -> None:
    """`y <- x` is read as an arrow, `a < -x` and `a <-1` as a constraint."""
    arrow = line[at : at + 3]
    if len(arrow) == 3 and arrow[0].text == "<" and arrow[1].text == "-":
        left, minus, right = (token.place for token in arrow)
        if minus.column == left.column + 1 and right.column > minus.column + 1:
            raise syntax_error(
                "unknown-operator",
                "'<-' is not an operator of the model language",
                left,
                expected="y ~ x for a regression, a < -b for a constraint",
            )


def _second_operator(first: Token, second: Token) -> ModelSyntaxError:
    if first.place.line == second.place.line:
        hint = "separate two statements by a new line or ';'"
    else:
        hint = (
            f"the formula of line {first.place.line} goes on, because an operator ends a line of it or begins the next"
        )
    return syntax_error(
        "second-operator",
        f"a second operator '{second.text}' in the formula with '{first.text}' of line {first.place.line}",
        second.place,
        expected="one operator in each formula",
        hint=hint,
    )


def _block(line: list[Token], end: Token) -> Statement:
    colon = next((position for position, token in enumerate(line) if token.is_operator(":")), None)
    if colon is None or line[0].kind != "name" or colon != 1:
        raise _no_operator(line)
    if len(line) != 3 or line[2].kind not in ("name", "number", "string"):
        wrong = line[3] if len(line) > 3 else line[-1]
        raise syntax_error(
            "bad-block", "this block line cannot be read", wrong.place, expected="one value", hint=_BLOCK_HINT
        )
    return Statement((line[0],), line[1], (line[2],), end)


def _no_operator(line: list[Token]) -> ModelSyntaxError:
    equals = next((token for token in line if token.is_operator("=")), None)
    if equals is not None:
        return syntax_error(
            "unknown-operator",
            "'=' is not an operator of the model language",
            equals.place,
            expected="=~ (measured by), ~ (regressed on), ~~ (covaries with), == (equals) or := (is defined as)",
            hint="did you mean '=~' or '=='?",
        )
    return syntax_error(
        "missing-operator",
        "this line has no operator",
        line[0].place,
        expected="a formula with one of " + "  ".join(STATEMENT_OPERATORS[:-1]),
        hint="join a long formula by ending the line in '+'",
    )

"""Factors that are indicators of other factors, where the means of groups are compared."""

from __future__ import annotations

from survey_sem.syntax import parse_model


def with_pinned_means(model: str) -> str:
    """The model with the means of factors that are indicators of another factor fixed at 0.

    Where intercepts are equal over groups the means of all factors are set free, and those of a factor and of its own
    indicators cannot both be told. Factors whose mean the model mentions itself are left alone.
    """
    rows = parse_model(model).rows
    latent = {row.lhs for row in rows if row.op == "=~"}
    told = {row.lhs for row in rows if row.op == "~1" and row.user == 1}
    lower = dict.fromkeys(row.rhs for row in rows if row.op == "=~" and row.rhs in latent and row.rhs not in told)
    return "\n".join([model, *(f"{name} ~ 0*1" for name in lower)])

"""`parse_model`: the whole way from text to table."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from survey_sem.errors import OptionError, did_you_mean
from survey_sem.syntax.build import build_table
from survey_sem.syntax.options import TableOptions
from survey_sem.syntax.statements import parse_statements
from survey_sem.syntax.table import ParameterTable


def parse_model(
    text: str, *, function: str = "sem", fixed_x: bool = False, n_groups: int | None = None, **options: Any
) -> ParameterTable:
    """Read a model text and make its parameter table.

    Parameters
    ----------
    text : str
        The model, in lavaan's language.
    function : {"sem", "cfa", "growth", "lavaan"}
        Whose defaults add parameters.
    fixed_x : bool
        Whether the moments of exogenous observed variables are taken from the data.
    n_groups : int, optional
        Number of groups; None: as many as the text speaks of.
    **options
        The other fields of `TableOptions`.

    Raises
    ------
    ModelSyntaxError, ModelError, OptionError
    """
    known = [option.name for option in fields(TableOptions)]
    for name in options:
        if name not in known:
            raise OptionError(
                "unknown-option",
                f"there is no option '{name}'",
                expected=" ".join(known),
                hint=did_you_mean(name, known),
            )
    return build_table(
        parse_statements(text), TableOptions(function=function, fixed_x=fixed_x, n_groups=n_groups, **options)
    )

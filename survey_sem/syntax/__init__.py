"""The model language: text -> tokens -> `ModelSyntax` -> `ParameterTable`. No data, no arrays."""

from survey_sem.syntax.api import parse_model
from survey_sem.syntax.build import build_table
from survey_sem.syntax.expression_parser import parse_expression
from survey_sem.syntax.expressions import Expr
from survey_sem.syntax.functions import MATH_FUNCTIONS
from survey_sem.syntax.options import TableOptions
from survey_sem.syntax.statements import ModelSyntax, parse_statements
from survey_sem.syntax.table import AUXILIARY, Constraint, Parameter, ParameterTable

__all__ = [
    "AUXILIARY",
    "MATH_FUNCTIONS",
    "Constraint",
    "Expr",
    "ModelSyntax",
    "Parameter",
    "ParameterTable",
    "TableOptions",
    "build_table",
    "parse_expression",
    "parse_model",
    "parse_statements",
]

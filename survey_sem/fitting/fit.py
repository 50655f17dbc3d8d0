"""One fit with the native engine, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from survey_sem.errors import OptionError, UsageError
from survey_sem.estimation.build import Likelihood, build_model
from survey_sem.estimation.estimate import estimate
from survey_sem.fitting.data import model_moments
from survey_sem.fitting.options import FitOptions, Function, fit_options
from survey_sem.inference.findings import examine
from survey_sem.inference.solution import solve
from survey_sem.linalg import one_blas_thread
from survey_sem.results.sem_result import SemResult, make_result
from survey_sem.statistics import Moments
from survey_sem.syntax import ParameterTable, TableOptions, build_table, parse_statements


def fit_model(function: Function, model: str, data: Any, keywords: Mapping[str, Any]) -> SemResult:
    """Fit a model with lavaan's defaults for `function` ("sem", "cfa", "growth" or "lavaan").

    Parameters
    ----------
    function : str
        Whose defaults hold.
    model : str
        Model text.
    data : DataFrame or Moments
        Rows or published moments.
    keywords : mapping
        The options, by keyword.
    """
    options = fit_options(function, keywords)
    with one_blas_thread():
        return _fit(model, data, options)


def _fit(model: str, data: Any, options: FitOptions) -> SemResult:
    table = _table(model, options, data)
    moments, warnings = model_moments(data, table.names("ov"), options.missing)
    likelihood = cast(Likelihood, options.likelihood)
    built = build_model(table, [moments], likelihood, rescale=options.sample_cov_rescale)
    estimates = estimate(built, options.max_iterations)
    solution = solve(estimates, [moments], options.information, likelihood)
    findings = examine(solution)
    findings = replace(findings, warnings=(*table.warnings, *warnings, *built.warnings, *findings.warnings))
    return make_result(model, _resolved(options, table), solution, findings)


def _table(model: str, options: FitOptions, data: Any) -> ParameterTable:
    if not isinstance(model, str):
        raise UsageError("bad-model", "the model must be a text", got=type(model).__name__)
    if options.switches.get("std_lv") and "loadings" in options.effect_coding:
        raise OptionError(
            "options-contradict",
            "std_lv and effect_coding of loadings both give the factors their scale",
            where="std_lv, effect_coding",
            hint="choose one",
        )
    has_means = isinstance(data, Moments) and data.mean is not None
    wanted = TableOptions(
        function=options.function,
        meanstructure=True if options.meanstructure is None and has_means else options.meanstructure,
        fixed_x=options.fixed_x if options.fixed_x is not None else options.function != "lavaan",
        effect_coding=options.effect_coding,
        **options.switches,  # type: ignore[arg-type]
    )
    table = build_table(parse_statements(model), wanted)
    _refuse_blocks(table)
    _refuse_latent_products(table)
    return _with_bounds(table, options.bounds)


def _refuse_blocks(table: ParameterTable) -> None:
    """Groups and levels are read by the model language, but not fitted yet."""
    asked = "levels" if table.level_labels else "groups" if table.group_labels or table.n_groups > 1 else ""
    if asked:
        raise OptionError(
            "not-supported",
            f"{asked} are not supported by this version, and the model has them",
            hint="fit one group's rows at a time; leave out 'group:' and 'level:' lines and c(...) modifiers",
        )


def _refuse_latent_products(table: ParameterTable) -> None:
    products = table.names("lv_interaction")
    if products:
        raise OptionError(
            "not-supported",
            f"products of latent variables are not supported by this version: {', '.join(products)}",
            hint="build product indicators (double mean centred) and measure a factor with them",
        )


def _with_bounds(table: ParameterTable, bounds: str) -> ParameterTable:
    """The table with variances bounded at zero where the option `bounds` says so."""
    if bounds == "none":
        return table
    latent = set(table.names("lv"))
    rows = []
    for row in table.rows:
        is_variance = row.op == "~~" and row.lhs == row.rhs and row.free > 0
        if is_variance and (bounds == "pos.var" or (bounds == "pos.lv.var") == (row.lhs in latent)):
            row = replace(row, lower=max(row.lower, 0.0))
        rows.append(row)
    return table.replace_rows(rows)


def _resolved(options: FitOptions, table: ParameterTable) -> dict[str, Any]:
    """The options with every default said."""
    plain = options.to_dict()
    plain |= {name: value for name, value in table.options.items() if name in plain or name in ("std_lv", "orthogonal")}
    plain["meanstructure"] = table.meanstructure
    plain["fixed_x"] = table.fixed_x
    plain["missing"] = options.missing or "complete"
    return plain

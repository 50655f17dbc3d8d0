"""One fit with the native engine, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from survey_sem.errors import OptionError, UsageError, Warned
from survey_sem.estimation.build import Likelihood, Weighting, build_model, fitted_moments, plain_samples, weights_of
from survey_sem.estimation.estimate import estimate
from survey_sem.fitting.auxiliary import with_auxiliary
from survey_sem.fitting.bounds import with_bounds
from survey_sem.fitting.data import GroupData, group_data, model_moments
from survey_sem.fitting.data_sets import DataSets, data_sets, imputed_for
from survey_sem.fitting.draws import check_rows, drawn, with_draws
from survey_sem.fitting.estimators import (
    ESTIMATORS,
    check_conditional,
    check_estimator,
    check_incomplete,
    rules_of,
    uncorrected,
)
from survey_sem.fitting.imputed import SolvedModel, check_imputed, fit_pooled
from survey_sem.fitting.options import FitOptions, Function, fit_options
from survey_sem.fitting.switches import with_design
from survey_sem.fitting.weighting import (
    RowDesign,
    check_clusters,
    normalised,
    resampling_warnings,
    unit_warnings,
    with_survey,
    zero_weights,
)
from survey_sem.inference.bootstrap import Bootstrap
from survey_sem.inference.findings import Findings, examine
from survey_sem.inference.replicates import with_replicates
from survey_sem.inference.sandwich import Gammas, whole_gammas
from survey_sem.inference.solution import Solution, solve
from survey_sem.linalg import one_blas_thread
from survey_sem.results.make import make_result
from survey_sem.results.sem_result import SemResult
from survey_sem.sample import Sample
from survey_sem.sample.design import design
from survey_sem.statistics import Moments
from survey_sem.syntax import ModelSyntax, ParameterTable, TableOptions, build_table, parse_statements


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
    with one_blas_thread():
        known = data_sets(data)
        first = data if known is None else known.one()
        rows, options, sampled = with_survey(first, fit_options(function, keywords))
        check_estimator(options)
        options, warnings = with_design(options, has_weights=sampled.weights is not None, units=sampled.units)
        options = with_draws(options)
        check_incomplete(options)
        check_conditional(options)
        warnings = (*warnings, *uncorrected(options))
        if options.missing == "mi" or known is not None:
            asked = _sampled(data, rows, sampled, options) if known is None else rows
            return _fit_imputed(model, rows, asked, known, options, sampled, warnings)
        return _fit(model, rows, options, sampled, warnings)


def _sampled(data: Any, rows: Any, sampled: RowDesign, options: FitOptions) -> Any:
    """The data as an imputation should know them: with their design, and of a sample with what was not asked."""
    survey = sampled.survey
    if survey is None and (sampled.weights is not None or sampled.clusters is not None) and hasattr(rows, "columns"):
        survey = design(rows, options.weights, psu=list(options.cluster) or None)
    if isinstance(data, Sample):
        return replace(data, design=survey)
    return rows if survey is None else survey


def _fit_imputed(
    model: str,
    rows: Any,
    asked: Any,
    known: DataSets | None,
    options: FitOptions,
    sampled: RowDesign,
    told_before: tuple[Warned, ...],
) -> SemResult:
    """The model fitted to every imputed data set, imputed here where the data are not, and pooled."""
    check_imputed(options)
    each = replace(options, missing=None, auxiliary=())
    if known is None:
        groups, _ = group_data(rows, each, sampled)
        imputed = imputed_for(asked, _table(model, each, groups).names("ov"), options)
        known = data_sets(imputed)
        if known is None:  # nothing is missing
            return _fit(model, rows, each, sampled, told_before)

    def solver(frame: Any) -> SolvedModel:
        sampled.check_rows(len(frame))
        table, solution, findings, _ = _solved(model, frame, each, sampled, told_before)
        return SolvedModel(table, solution, findings)

    return fit_pooled(model, known, options, solver, lambda table: _resolved(options, table))


def _fit(model: str, data: Any, options: FitOptions, sampled: RowDesign, told_before: tuple[Warned, ...]) -> SemResult:
    table, solution, findings, resampled = _solved(model, data, options, sampled, told_before)
    return make_result(model, _resolved(options, table), solution, findings, bootstrap=resampled)


def _solved(
    model: str, data: Any, options: FitOptions, sampled: RowDesign, told_before: tuple[Warned, ...]
) -> tuple[ParameterTable, Solution, Findings, Bootstrap | None]:
    """Table, solution, what was found about it, and draws."""
    groups, warnings = group_data(data, options, sampled)
    warnings = (*told_before, *warnings)
    table = _table(model, options, groups)
    moments = []
    for block, group in enumerate(groups, 1):
        found, told = model_moments(group, table.names("ov", block), options.missing, _given(table, block))
        moments.append(found)
        warnings += told
    moments = normalised(moments, options.sampling_weights_normalization)
    warnings += (*check_clusters(moments, options.se), *zero_weights(moments))
    warnings += unit_warnings(moments, sampled, table.n_free)
    warnings += resampling_warnings(sampled) if options.bootstrap else ()
    check_rows(options, moments)
    likelihood = cast(Likelihood, options.likelihood)
    weighting, rescale = ESTIMATORS[options.estimator].weighting, options.sample_cov_rescale
    fitted = fitted_moments(moments, likelihood, rescale=rescale, weighting=weighting)
    table = with_bounds(table, fitted, options.bounds)
    gammas = _weight_gammas(table, moments, weighting)
    known = gammas.own if gammas is not None else ()
    weights = [weights_of(gamma, weighting, own) for gamma, own in zip(known, moments, strict=False)]
    built = build_model(table, moments, likelihood, rescale=rescale, weighting=weighting, weights=weights)
    estimates = estimate(built, options.max_iterations)
    solution = solve(estimates, moments, rules_of(options), gammas)
    solution, resampled = drawn(options, with_replicates(solution))
    findings = examine(solution)
    findings = replace(findings, warnings=(*table.warnings, *warnings, *built.warnings, *findings.warnings))
    return table, solution, findings, resampled


def _given(table: ParameterTable, block: int) -> tuple[str, ...]:
    """Exogenous observed variables of one group whose distribution is not modelled."""
    rows = (row for row in table.parameters if row.block == block and row.exo)
    return tuple(row.lhs for row in rows if row.op == "~~" and row.lhs == row.rhs)


def _weight_gammas(table: ParameterTable, moments: list[Moments], weighting: Weighting) -> Gammas | None:
    """Gamma of all groups where weights are made of it."""
    if weighting not in ("DWLS", "WLS"):
        return None
    return whole_gammas(moments, plain_samples(table, moments))


def _table(model: str, options: FitOptions, groups: tuple[GroupData, ...]) -> ParameterTable:
    if not isinstance(model, str):
        raise UsageError("bad-model", "the model must be a text", got=type(model).__name__)
    if options.switches.get("std_lv") and "loadings" in options.effect_coding:
        raise OptionError(
            "options-contradict",
            "std_lv and effect_coding of loadings both give the factors their scale",
            where="std_lv, effect_coding",
            hint="choose one",
        )
    labels = tuple(group.label for group in groups) if len(groups) > 1 else ()
    wanted = TableOptions(
        function=options.function,
        meanstructure=True if options.meanstructure is None and _has_means(options, groups) else options.meanstructure,
        fixed_x=_fixes_exogenous(options),
        conditional_x=options.conditional_x,
        effect_coding=options.effect_coding,
        n_groups=len(groups),
        group_labels=labels,
        group_equal=options.group_equal,
        group_partial=options.group_partial,
        **options.switches,  # type: ignore[arg-type]
    )
    statements = parse_statements(model)
    _check_groups_asked(statements, options, groups)
    table = build_table(statements, wanted)
    _refuse_levels(table)
    _refuse_latent_products(table)
    return with_auxiliary(table, options.auxiliary)


def _check_groups_asked(statements: ModelSyntax, options: FitOptions, groups: tuple[GroupData, ...]) -> None:
    """Whatever speaks of groups needs data that have them."""
    if len(groups) > 1:
        return
    spoken = [name for name in ("group_equal", "group_partial", "group_label") if getattr(options, name)]
    if any(row.op == ":" and row.lhs == "group" for row in statements.rows):
        spoken.append("the model text ('group:')")
    elif statements.n_groups > 1:
        spoken.append("the model text (c(...))")
    if spoken:
        raise OptionError(
            "no-groups",
            f"{' and '.join(spoken)} speak of groups, and the data are one group",
            where="group",
            hint='name the column that tells the groups apart: group="..."',
        )


def _fixes_exogenous(options: FitOptions) -> bool:
    """lavaan's default: moments of exogenous variables are fixed under maximum likelihood only."""
    if options.fixed_x is not None or options.conditional_x:
        return options.fixed_x is not False
    return options.function != "lavaan" and ESTIMATORS[options.estimator].weighting == "ML"


def _has_means(options: FitOptions, groups: tuple[GroupData, ...]) -> bool:
    """Whether the model gets a mean structure by itself: several groups, incomplete rows, or moments with means."""
    if options.uses_incomplete_rows:
        return True
    sources = [group.source for group in groups]
    if isinstance(sources[0], Moments):
        return all(source.mean is not None for source in sources)
    return len(groups) > 1


def _refuse_levels(table: ParameterTable) -> None:
    if table.level_labels:
        raise OptionError(
            "not-supported",
            "levels are not supported by this version, and the model has them",
            hint="leave out the 'level:' lines",
        )


def _refuse_latent_products(table: ParameterTable) -> None:
    products = table.names("lv_interaction")
    if products:
        raise OptionError(
            "not-supported",
            f"products of latent variables are not supported by this version: {', '.join(products)}",
            hint="build product indicators (double mean centred) and measure a factor with them",
        )


def _resolved(options: FitOptions, table: ParameterTable) -> dict[str, Any]:
    """The options with every default said."""
    plain = options.to_dict()
    plain |= {name: value for name, value in table.options.items() if name in plain or name in ("std_lv", "orthogonal")}
    plain["meanstructure"] = table.meanstructure
    plain["fixed_x"] = table.fixed_x
    plain["conditional_x"] = table.conditional_x
    plain["missing"] = options.missing or "complete"
    rules = rules_of(options)
    plain |= {
        "information": rules.information,
        "h1_information": rules.h1_information,
        "se": rules.se,
        "test": rules.tests[0] if len(rules.tests) == 1 else list(rules.tests),
    }
    return plain

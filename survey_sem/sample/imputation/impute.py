"""Multiple imputation by chained equations, from a data frame to :class:`Imputed`.

Sources: van Buuren & Groothuis-Oudshoorn (2011), doi:10.18637/jss.v045.i03; Little (1988), predictive mean matching,
doi:10.1080/07350015.1988.10509663.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, MissingChoiceError, OptionError
from survey_sem.linalg import Indices, one_blas_thread
from survey_sem.sample.design.columns import coded
from survey_sem.sample.imputation.chains import Chain, Equations, run_chain
from survey_sem.sample.imputation.columns import Column, Table, as_table, check_known, usable_column
from survey_sem.sample.imputation.findings import Part, data_warnings, fit_warnings
from survey_sem.sample.imputation.imputed import Cells, Imputed, Traces, compact
from survey_sem.sample.imputation.options import ImputationPlan, checked_plan
from survey_sem.sample.imputation.predictors import chosen_predictors
from survey_sem.sample.imputation.sampling_columns import SamplingColumn, sampling_columns
from survey_sem.sample.imputation.variables import NOMINAL, Variable

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.responses import Responses
    from survey_sem.sample.design import SurveyDesign
    from survey_sem.sample.sample import Sample

FEW_ROWS = 30
"""With fewer rows than this, numbers that all differ are no sign of an identifier."""


def impute(
    data: pd.DataFrame | Sample | Responses | SurveyDesign,
    m: int = 20,
    *,
    cycles: int = 10,
    seed: int | None = None,
    items: str | Sequence[str] | None = None,
    auxiliary: str | Sequence[str] | None = None,
    predictors: str | Mapping[str, Sequence[str]] = "auto",
    minimum_correlation: float | None = None,
    methods: Mapping[str, str] | None = None,
    donors: int = 5,
    delta: Mapping[str, float] | None = None,
    by: str | None = None,
    nominal: str | Sequence[str] | None = None,
    with_design: bool = True,
    not_asked: Any = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Imputed:
    """Fill missing answers m times, each time as they could have been (multiple imputation by chained equations).

    Every variable with missing answers is imputed from the others in turn, `cycles` times over, in m independent
    chains. By predictive mean matching an imputed answer is one that somebody gave whose prediction is near, so that
    it stays on the scale. Answers that are missing because nobody asked (routing) are never imputed, nor do they
    predict anything but through having been asked.

    Parameters
    ----------
    data : DataFrame, Sample, Responses or SurveyDesign
        Numbers, and categories (ordered ones as numbers). Other columns are left alone. A design goes on into models,
        and says what belongs among the predictors (`with_design`).
    m : int
        Completed data sets, 2 or more; 20 or more for standard errors that would be the same again.
    cycles : int
        Passes through all variables before a chain is used.
    seed : int, optional
        The same seed gives the same bits, whatever `workers` is; without one, one is drawn and kept in the settings.
    items : names, optional
        Variables of the analysis; all usable columns where not given. Those with missing answers are imputed.
    auxiliary : names, optional
        Further variables that help to predict (and are imputed where missing). Without `items` every usable column
        helps already.
    predictors : {"auto", "all"} or mapping
        ``"all"`` others predict each variable; ``"auto"`` the same while they are few, else the 60 that correlate most
        with the variable or with its being missing. A mapping names the predictors of some items; the rest is
        ``"auto"``.
    minimum_correlation : float, optional
        Under ``"auto"`` a predictor needs at least this correlation (in absolute value), with the variable or with its
        being missing.
    methods : mapping, optional
        Item -> ``"pmm"`` (default of numbers and ordered categories), ``"normal"`` (linear regression: leaves the
        scale), ``"logistic"`` or ``"multinomial"`` (default of unordered categories), ``"sample"`` (random answers).
    donors : int
        How many nearest donors predictive mean matching draws from.
    delta : mapping, optional
        Item -> shift of its imputed values, for a sensitivity analysis: those who did not answer are taken to lie that
        much higher or lower than what the others let expect. Whole numbers stay whole (rounded at random, so that the
        shift holds on average) and within what was observed.
    by : name, optional
        Column of groups that are imputed apart from each other, so that relations may differ between them.
    nominal : names, optional
        Columns whose numbers, or texts, are categories without an order. Texts predict, and are not imputed.
    with_design : bool
        Of a sample with a design: let the logarithm of the weights, the strata and the means of the sampling units
        predict (see Notes).
    not_asked : DataFrame of bool, or mapping of column -> bools, optional
        True where nobody asked; a `Sample` and `Responses` know it themselves.
    workers : int
        Threads; each holds one chain.
    progress : function, optional
        Called with the number of finished chains, and of how many.

    Returns
    -------
    Imputed
        Iterates over the completed data sets; `survey_sem.sem` and `survey_sem.regress` take it as data.

    Raises
    ------
    DataError
        No such column; nothing to impute; a variable without any answer; rows without a group.
    OptionError
        An unknown option, or a method that does not suit its variable.

    Notes
    -----
    Without the design the imputed answers of different strata and clusters are too much alike, and what is estimated
    from them with weights is biased (Reiter, Raghunathan & Kinney 2006, Survey Methodology 32(2), 143-149). The design
    adds to the predictors: the logarithm of the weight where it varies within strata; the stratum as a category (of
    more than 50 strata the mean answer); and for every incomplete item the mean answer of the others in the sampling
    unit, which stands for its random effect. Further stages add nothing.

    Examples
    --------
    >>> import pandas as pd, survey_sem as ss
    >>> answers = pd.DataFrame({"a": [1, 2, None, 4, 5, 3] * 5, "b": [2, 2, 3, None, 4, 3] * 5})
    >>> imputed = ss.impute(answers, m=3, seed=1)
    >>> imputed
    <Imputed 3 data sets of 30 rows, 10 cells in 2 variables, seed 1>
    >>> int(imputed.data(0).isna().sum().sum())
    0
    """
    plan = checked_plan(
        {
            "m": m, "cycles": cycles, "seed": seed, "items": items, "auxiliary": auxiliary, "predictors": predictors,
            "minimum_correlation": minimum_correlation, "methods": methods, "donors": donors, "delta": delta, "by": by,
            "nominal": nominal, "with_design": with_design, "workers": workers, "progress": progress,
        }
    )  # fmt: skip
    with one_blas_thread():
        return _imputed(as_table(data, not_asked), plan)


def _imputed(table: Table, plan: ImputationPlan) -> Imputed:
    columns, left_out = _columns(table, plan)
    _check_named(columns, left_out, plan)
    parts = tuple(_parts(table, plan))
    sampled = sampling_columns(table.design, columns) if plan.with_design else ()
    solved = [
        Part(rows, _equations(columns, sampled, table, rows, label, plan), label, at)
        for at, (rows, label) in enumerate(parts)
    ]
    incomplete = [
        name for at, name in enumerate(columns) if any(len(part.equations.variables[at].missing) for part in solved)
    ]
    if not incomplete:
        raise DataError(
            "nothing-missing", "no answer is missing that could be imputed",
            hint="answers that were not asked are not imputed; complete data need no imputation",
        )  # fmt: skip
    chains = _run(solved, plan)
    names = [*columns, *(each.column.name for each in sampled)]
    cells = {name: _cells(names.index(name), solved, chains) for name in incomplete}
    traces = _traces([names.index(name) for name in incomplete], incomplete, solved, chains)
    warnings = (*data_warnings(columns, table), *fit_warnings(names, len(columns), solved, chains))
    settings = _settings(plan, solved, names, incomplete)
    settings["design"] = [each.column.name for each in sampled]
    return Imputed(
        table.frame, cells, traces, settings, warnings, left_out, design=table.design, constructs=table.constructs
    )


def _columns(table: Table, plan: ImputationPlan) -> tuple[dict[str, Column], dict[str, str]]:
    """The columns that take part, and why others do not."""
    named = (*(plan.items or ()), *plan.auxiliary)
    check_known(named, table.frame, "items, auxiliary")
    wanted = [str(name) for name in table.frame.columns] if plan.items is None else list(dict.fromkeys(named))
    found: dict[str, Column] = {}
    left_out: dict[str, str] = {}
    check_known(plan.nominal, table.frame, "nominal")
    for name in wanted:
        if name == plan.by:
            continue
        column = usable_column(table.frame[name], name, is_nominal=name in plan.nominal)
        reason = column if isinstance(column, str) else _useless(column, name in named)
        if reason is None:
            assert isinstance(column, Column)
            found[name] = column
        elif name in named:
            raise DataError("not-usable", f"'{name}' cannot be imputed and predicts nothing: {reason}", where=name)
        else:
            left_out[name] = reason
    if not found:
        raise DataError("no-usable-columns", "the data have no column of numbers or categories with answers")
    return found, left_out


def _useless(column: Column, is_named: bool) -> str | None:
    """Why a column can neither be imputed nor predict; a column that was named may hold numbers that all differ."""
    known = column.values[~np.isnan(column.values)]
    if not len(known):
        return "no answer in any row"
    if len(known) == len(column.values) and (known == known[0]).all():
        return "the same answer in every row"
    if is_named or column.is_nominal or len(known) < max(len(column.values), FEW_ROWS):
        return None
    is_counted = (known == np.round(known)).all() and len(np.unique(known)) == len(known)
    return "whole numbers that all differ, as identifiers do" if is_counted else None


def _check_named(columns: Mapping[str, Column], left_out: Mapping[str, str], plan: ImputationPlan) -> None:
    """Every item that an option names must take part, and suit it."""
    spoken = {"methods": plan.methods, "delta": plan.delta}
    if isinstance(plan.predictors, Mapping):
        spoken["predictors"] = {name: each for target in plan.predictors.items() for name, each in _flat(target)}
    for option, names in spoken.items():
        for name in names:
            if name not in columns:
                raise DataError(
                    "unknown-variable", f"'{name}' takes no part in the imputation", where=option,
                    expected=f"one of {', '.join(list(columns)[:30])}", hint=left_out.get(name),
                )  # fmt: skip
    for name, method in plan.methods.items():
        n_levels = len(np.unique(columns[name].values[~np.isnan(columns[name].values)]))
        if columns[name].is_nominal and method in ("pmm", "normal"):
            raise _unsuited(name, method, "its categories have no order", "multinomial, logistic, sample")
        if method == "logistic" and n_levels > 2:
            raise _unsuited(name, method, f"it has {n_levels} values", "multinomial")
        if method == "multinomial" and n_levels > 50:
            raise _unsuited(name, method, f"it has {n_levels} values", "pmm")
    for name in plan.delta:
        if columns[name].is_nominal or plan.methods.get(name) in NOMINAL:
            raise _unsuited(name, "delta", "its categories have no order", "no shift")


def _flat(target: tuple[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    yield target[0], ""
    yield from ((name, "") for name in target[1])


def _unsuited(name: str, method: str, why: str, expected: str) -> OptionError:
    return OptionError(
        "method-unsuited", f"{method} does not suit '{name}': {why}", where=f"methods, {name}", expected=expected
    )


def _parts(table: Table, plan: ImputationPlan) -> Iterator[tuple[Indices, str]]:
    """Rows that are imputed together, and the name of their group."""
    n = len(table.frame)
    if plan.by is None:
        yield np.arange(n), ""
        return
    check_known([plan.by], table.frame, "by")
    groups = table.frame[plan.by]
    without = int(groups.isna().sum())
    if without:
        raise MissingChoiceError(
            "group-missing", f"{without} rows have no value in the group variable '{plan.by}'", where="by",
            expected="a group for every row", hint="drop these rows first, or impute without groups",
        )  # fmt: skip
    found = coded(table.frame, plan.by, "by")
    order = np.argsort(found.codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(found.codes[order])) + 1):
        yield rows, str(found.levels[found.codes[rows[0]]])


def _equations(
    columns: Mapping[str, Column],
    sampled: Sequence[SamplingColumn],
    table: Table,
    rows: Indices,
    label: str,
    plan: ImputationPlan,
) -> Equations:
    variables = tuple(_variable(column, table, rows, label, plan) for column in columns.values())
    of_design = tuple(_variable(each.column, table, rows, label, plan) for each in sampled)
    chosen = chosen_predictors(variables, plan.predictors, plan.minimum_correlation)
    first = len(variables)
    added = [
        [at for at, each in enumerate(sampled, first) if each.predicts in (None, variable.name)]
        for variable in variables
    ]
    predictors = [np.append(own, np.array(more, dtype=np.intp)) for own, more in zip(chosen, added, strict=True)]
    nothing = np.zeros(0, dtype=np.intp)
    return Equations((*variables, *of_design), (*predictors, *(nothing for _ in of_design)), plan.donors)


def _variable(column: Column, table: Table, rows: Indices, label: str, plan: ImputationPlan) -> Variable:
    values = column.values[rows]
    unknown = np.isnan(values)
    asked_nothing = table.not_asked.get(column.name)
    routed = np.zeros(len(rows), dtype=bool) if asked_nothing is None else asked_nothing[rows] & unknown
    missing = np.flatnonzero(unknown & ~routed)
    method = plan.methods.get(column.name, "multinomial" if column.is_nominal else "pmm")
    found = Variable(
        name=column.name,
        values=values,
        missing=missing,
        not_asked=np.flatnonzero(routed),
        method=method if len(missing) else "",
        is_nominal=column.is_nominal,
        delta=plan.delta.get(column.name, 0.0),
    )
    if len(missing) and not len(found.table):
        raise DataError(
            "no-values", f"nobody answered '{column.name}'" + (f" in group {label}" if label else ""),
            where=column.name, hint="leave it out, or impute without groups" if label else "leave it out",
        )  # fmt: skip
    return found


def _run(parts: Sequence[Part], plan: ImputationPlan) -> list[list[Chain]]:
    """All chains of all parts, chain by chain: the seed of each depends on its numbers alone."""

    def one(at: int) -> list[Chain]:
        return [
            run_chain(part.equations, plan.cycles, np.random.SeedSequence(plan.seed, spawn_key=(part.number, at)))
            for part in parts
        ]

    found = []
    with ThreadPoolExecutor(plan.workers) as pool:
        for done, chain in enumerate(pool.map(one, range(plan.m)), 1):
            found.append(chain)
            if plan.progress is not None:
                plan.progress(done, plan.m)
    return found


def _cells(at: int, parts: Sequence[Part], chains: Sequence[Sequence[Chain]]) -> Cells:
    rows = np.concatenate([part.rows[part.equations.variables[at].missing] for part in parts])
    values = np.stack([np.concatenate([of.values[at] for of in chain]) for chain in chains])
    order = np.argsort(rows, kind="stable")
    method = next(part.equations.variables[at].method for part in parts if part.equations.variables[at].method)
    return Cells(rows[order], compact(np.ascontiguousarray(values[:, order])), method)


def _traces(
    places: Sequence[int], names: Sequence[str], parts: Sequence[Part], chains: Sequence[Sequence[Chain]]
) -> Traces:
    """Means and standard deviations over all parts, from those of each."""
    counts = np.array([[len(part.equations.variables[at].missing) for at in places] for part in parts])[:, None, None]
    means = np.stack([np.stack([chain[k].means[:, places] for chain in chains]) for k in range(len(parts))])
    sds = np.stack([np.stack([chain[k].sds[:, places] for chain in chains]) for k in range(len(parts))])
    total = counts.sum(axis=0)
    means, sds = np.where(counts > 0, means, 0.0), np.where(counts > 0, sds, 0.0)
    mean = (counts * means).sum(axis=0) / total
    squares = ((counts - 1).clip(0) * sds**2 + counts * (means - mean) ** 2).sum(axis=0)
    return Traces(tuple(names), mean, np.sqrt(squares / np.maximum(total - 1, 1)))


def _settings(
    plan: ImputationPlan, parts: Sequence[Part], names: Sequence[str], incomplete: Sequence[str]
) -> dict[str, Any]:
    first = parts[0].equations
    used = {name: [names[int(k)] for k in first.predictors[names.index(name)]] for name in incomplete}
    methods = {
        name: plan.methods.get(name, "multinomial" if first.variables[names.index(name)].is_nominal else "pmm")
        for name in incomplete
    }
    return {
        "m": plan.m,
        "cycles": plan.cycles,
        "seed": plan.seed,
        "donors": plan.donors,
        "by": plan.by,
        "methods": methods,
        "predictors": used,
        "delta": dict(plan.delta),
    }

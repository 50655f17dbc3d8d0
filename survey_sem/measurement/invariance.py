"""Measurement invariance over groups: a ladder of fits that hold ever more parameters equal.

Rules by which a level is judged against the one before it, each shown with its value and its limit:

* the difference test at .05, which in large samples finds differences of no importance
* CFI falls by no more than .010, RMSEA rises by no more than .015, and SRMR by no more than .030 for loadings, .010 for
  intercepts and residuals (Chen 2007, doi:10.1080/10705510701301834: for more than 300 observations)

Chen's limits were studied for loadings, intercepts and residual variances. Equal means and equal (co)variances of
factors are hypotheses about the groups, not about the measurement, and only the difference test judges them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import OptionError, Warned, did_you_mean
from survey_sem.fitting import fit_model
from survey_sem.fitting.options import Function
from survey_sem.inference.distributions import normal_quantile, two_sided_p
from survey_sem.inference.latent_means import mean_differences
from survey_sem.inference.restrictions import score_material
from survey_sem.linalg import as_array, one_blas_thread
from survey_sem.measurement.comparison import Comparison, compare
from survey_sem.measurement.hypotheses import constraint_names, normal_theory_warning
from survey_sem.provenance import readable_json
from survey_sem.results import SemResult
from survey_sem.shown import (
    finite_or_none,
    fixed,
    html_notes,
    html_table,
    p_text,
    text_table,
    warning_lines,
)
from survey_sem.syntax import Parameter

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "survey-sem/invariance/1"
LEVELS: dict[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
    "means": ("loadings", "intercepts", "means"),
    "full": ("loadings", "intercepts", "residuals", "lv_variances", "lv_covariances", "means"),
}
"""What a level holds equal at least; it also holds what the levels before it hold."""
DEFAULT_LEVELS = ("configural", "metric", "scalar", "strict", "means")
SIGNIFICANCE = 0.05
LIMITS = {"cfi": 0.010, "rmsea": 0.015}
SRMR_LIMITS = {"metric": 0.030, "scalar": 0.010, "strict": 0.010}
STUDIED_N = 300
SHOWN = 8
"""How many rows of expected changes a print shows."""
Element = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule at one level. `kept`: whether the value keeps to the limit; None where the rule does not apply."""

    level: str
    against: str
    rule: str
    value: float | None
    limit: float
    kept: bool | None


@dataclass(frozen=True, slots=True)
class ExpectedChange:
    """What freeing one parameter over the groups promises, seen from one group.

    mi, df, p_value : score test of freeing the parameter in all groups
    epc, expected : expected change of this group's value, and the value after it
    element : how `group_partial` names the parameter
    """

    lhs: str
    op: str
    rhs: str
    group: int
    group_label: str
    label: str
    mi: float
    df: int
    p_value: float
    est: float
    epc: float
    expected: float
    element: str


@dataclass(frozen=True, slots=True)
class LatentMean:
    """A latent mean less that of the first group, on the factor's scale and in pooled standard deviations."""

    latent: str
    group: int
    group_label: str
    against: str
    difference: float
    se: float
    z: float
    p_value: float
    ci_lower: float
    ci_upper: float
    standardised: float
    standardised_se: float


@dataclass(frozen=True, slots=True, repr=False)
class Invariance:
    """A ladder of fits, from the least to the most restricted.

    group, group_labels : the grouping variable and its values
    fits : level -> SemResult, those that were fitted
    comparison : the fits side by side; None with fewer than two
    judged, changes, mean_records : records behind `verdicts`, `partial`, `latent_means`
    partial_level : the first level that breaks a rule ("" where none does), to which `partial` belongs
    means_level : the level that `latent_means` belong to ("" where there are none)
    """

    group: str
    group_labels: tuple[str, ...]
    fits: Mapping[str, SemResult]
    comparison: Comparison | None
    judged: tuple[Verdict, ...]
    partial_level: str
    changes: tuple[ExpectedChange, ...]
    means_level: str
    mean_records: tuple[LatentMean, ...]
    warnings: tuple[Warned, ...] = ()

    @property
    def verdicts(self) -> pd.DataFrame:
        """One row per level and rule: ``level against rule value limit kept``."""
        return _frame(self.judged, Verdict)

    @property
    def partial(self) -> pd.DataFrame:
        """Score tests of the parameters that `partial_level` restricts, the largest first; one row per group."""
        return _frame(self.changes, ExpectedChange)

    @property
    def latent_means(self) -> pd.DataFrame:
        """Latent means less those of the first group, with standard errors; one row per factor and group."""
        return _frame(self.mean_records, LatentMean)

    def __str__(self) -> str:
        counts = f"Invariance over {self.group}: {', '.join(self.group_labels)}"
        blocks = [[counts]]
        if self.comparison is not None:
            blocks.append(str(self.comparison).splitlines())
        for title, heads, rows, left in self._tables():
            blocks.append([title, *text_table(heads, rows, left)])
        blocks.append([*self._notes(), *warning_lines(self.warnings)])
        return "\n\n".join("\n".join(block) for block in blocks if block)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        parts = [html_notes([f"Invariance over {self.group}: {', '.join(self.group_labels)}"])]
        if self.comparison is not None:
            parts.append(self.comparison._repr_html_())
        for title, heads, rows, left in self._tables():
            parts += [html_notes([title]), html_table(heads, rows, left)]
        return "".join([*parts, html_notes([*self._notes(), *warning_lines(self.warnings)])])

    def to_dict(self) -> dict[str, Any]:
        """Everything but the fits themselves as plain data; what does not apply is None."""
        return {
            "schema": SCHEMA,
            "group": self.group,
            "group_labels": list(self.group_labels),
            "levels": list(self.fits),
            "comparison": None if self.comparison is None else self.comparison.to_dict(),
            "verdicts": _records(self.judged),
            "partial_level": self.partial_level or None,
            "partial": _records(self.changes),
            "means_level": self.means_level or None,
            "latent_means": _records(self.mean_records),
            "warnings": [warning.to_dict() for warning in self.warnings],
        }

    def to_json(self) -> str:
        """The same as a JSON document; the fits have a `to_json` of their own."""
        return readable_json(self.to_dict())

    def _tables(self) -> list[tuple[str, list[str], list[list[str]], int]]:
        found = []
        if self.judged:
            rows = [
                [each.level, each.against, each.rule, _value(each), fixed(each.limit), _kept(each)]
                for each in self.judged
            ]
            found.append(("Rules", ["level", "against", "rule", "value", "limit", "kept"], rows, 3))
        if self.changes:
            rows = [_change_cells(each) for each in self.changes[:SHOWN]]
            title = f"Score tests at the level {self.partial_level}: parameters freed over the groups, one at a time"
            found.append((title, ["parameter", "group", "MI", "df", "p", "est", "change", "expected"], rows, 2))
        if self.mean_records:
            rows = [_mean_cells(each) for each in self.mean_records]
            title = f"Latent means at the level {self.means_level}, less those of {self.group_labels[0]}"
            heads = ["factor", "group", "difference", "SE", "z", "p", "in pooled SD", "SE"]
            found.append((title, heads, rows, 2))
        return found

    def _notes(self) -> list[str]:
        notes = []
        for level in dict.fromkeys(each.level for each in self.judged):
            own = [each for each in self.judged if each.level == level and each.kept is not None]
            broken = [each.rule for each in own if not each.kept]
            told = f"{len(own) - len(broken)} of {len(own)} rules kept"
            notes.append(f"{level}: {told}" + (f"; not {', '.join(broken)}" if broken else ""))
        if self.changes:
            element, left = self.changes[0].element, len(self.changes) - SHOWN
            hint = f': group_partial=["{element}"]' if self.partial_level in SRMR_LIMITS else ""
            more = f" {left} further rows in .partial." if left > 0 else ""
            notes.append(f"Freeing {element} promises the largest drop in chi-square{hint}.{more}")
        return notes


def invariance(
    model: str,
    data: Any,
    group: str | None = None,
    levels: Sequence[str] = DEFAULT_LEVELS,
    group_partial: Sequence[str] = (),
    function: Function = "cfa",
    **options: Any,
) -> Invariance:
    """Fit a ladder of ever more equal groups and judge each step.

    Parameters
    ----------
    model : str
        The measurement model; a structural one with ``function="sem"``.
    data : DataFrame, or dict of Moments
        What `survey_sem.sem` takes.
    group : str, optional
        Column that tells the groups apart; needed unless `data` is a dict.
    levels : sequence of str
        Of ``configural metric scalar strict means full``, in this order: nothing equal; loadings; intercepts too;
        residual variances too; means of the factors too; residuals, variances, covariances and means of the factors.
    group_partial : sequence of str
        Elements that stay free at every level, e.g. ``"x3~1"``.
    function : {"cfa", "sem", "growth", "lavaan"}
        Whose defaults hold.
    **options
        Options of the fits, e.g. ``estimator="MLR"``.

    Returns
    -------
    Invariance
        ``.fits`` by level, ``.comparison``, ``.verdicts`` (each rule with its value and limit; Chen 2007,
        doi:10.1080/10705510701301834), ``.partial`` (score tests at the first level that breaks a rule) and
        ``.latent_means``.

    Notes
    -----
    A level that does not converge ends the ladder, with a warning.

    Raises
    ------
    OptionError
        An unknown level, no group, or `group_equal`, which the levels decide.
    """
    chosen = _levels(levels)
    if "group_equal" in options:
        raise OptionError("options-contradict", "the levels say what is equal", where="group_equal", hint="levels=...")
    if group is None and not isinstance(data, Mapping):
        raise OptionError("no-groups", "invariance needs groups", where="group", hint='name their column: group="..."')
    partial = [group_partial] if isinstance(group_partial, str) else list(group_partial)
    common = {**options, "group": group, "group_partial": partial}
    fits, warnings = _ladder(model, data, function, chosen, common)
    return _judged(group or "group", fits, warnings)


def _levels(levels: Sequence[str]) -> list[str]:
    given = [levels] if isinstance(levels, str) else list(levels)
    for level in given:
        if level not in LEVELS:
            raise OptionError(
                "bad-option", f"there is no level {level!r}", where="levels", expected=", ".join(LEVELS),
                hint=did_you_mean(str(level), LEVELS),
            )  # fmt: skip
    order = [list(LEVELS).index(level) for level in given]
    if not given or order != sorted(set(order)):
        raise OptionError(
            "bad-option", "levels go from the least to the most restricted, each once", where="levels",
            expected=", ".join(LEVELS), got=", ".join(given),
        )  # fmt: skip
    return given


def _ladder(
    model: str, data: Any, function: Function, levels: Sequence[str], options: Mapping[str, Any]
) -> tuple[dict[str, SemResult], list[Warned]]:
    """The fits until one does not converge."""
    fits: dict[str, SemResult] = {}
    equal: list[str] = []
    for level in levels:
        equal += [each for each in LEVELS[level] if each not in equal]
        fit = fit_model(function, model, data, {**options, "group_equal": tuple(equal)})
        if not fit.converged:
            left = levels[levels.index(level) + 1 :]
            what = f"the level {level} did not converge, and the ladder ends before it"
            hint = f"not fitted: {', '.join(left)}" if left else None
            return fits, [Warned("level-not-converged", what, hint=hint)]
        fits[level] = fit
    return fits, []


def _judged(group: str, fits: dict[str, SemResult], warnings: list[Warned]) -> Invariance:
    names = list(fits)
    comparison = compare(*fits.values(), names=names) if len(fits) > 1 else None
    verdicts = _verdicts(comparison, names) if comparison is not None else ()
    broken = next((each.level for each in verdicts if each.kept is False), "")
    changes: tuple[ExpectedChange, ...] = ()
    if broken:
        with one_blas_thread():
            changes = expected_changes(fits[broken], fits[names[names.index(broken) - 1]])
        warnings += normal_theory_warning(fits[broken].solution.rules) if changes else ()
    means_level = next((level for level in ("scalar", "strict") if level in fits), "")
    means = _means(fits[means_level]) if means_level else ()
    one = next(iter(fits.values()), None)
    if one is not None and one.n_obs <= STUDIED_N and comparison is not None:
        what = f"Chen's limits were studied for more than {STUDIED_N} observations; here are {one.n_obs}"
        warnings.append(Warned("small-sample", what))
    labels = one.group_labels if one is not None else ()
    return Invariance(
        group, labels, fits, comparison, verdicts, broken, changes, means_level if means else "", means, tuple(warnings)
    )


# -- rules ---------------------------------------------------------------------------------------------------------


def _verdicts(comparison: Comparison, levels: Sequence[str]) -> tuple[Verdict, ...]:
    found = []
    for level in levels[1:]:
        step = comparison.step(level)
        if step is None:
            continue
        p_value = step.p_value
        kept = None if p_value is None else p_value >= SIGNIFICANCE
        found.append(Verdict(level, step.against, "p of the difference", p_value, SIGNIFICANCE, kept))
        if level in SRMR_LIMITS:
            fall = None if step.delta_cfi is None else -step.delta_cfi
            found.append(_limited(level, step.against, "fall of CFI", fall, LIMITS["cfi"]))
            found.append(_limited(level, step.against, "rise of RMSEA", step.delta_rmsea, LIMITS["rmsea"]))
            found.append(_limited(level, step.against, "rise of SRMR", step.delta_srmr, SRMR_LIMITS[level]))
    return tuple(found)


def _limited(level: str, against: str, rule: str, value: float | None, limit: float) -> Verdict:
    return Verdict(level, against, rule, value, limit, None if value is None else value <= limit)


# -- partial invariance --------------------------------------------------------------------------------------------


def expected_changes(fit: SemResult, before: SemResult) -> tuple[ExpectedChange, ...]:
    """Score tests of every parameter that `fit` holds equal or fixed and `before` does not, the largest first."""
    tied = [element for element in _tied(fit) if element not in _tied(before)]
    free_before = {(*_element(row), before.group_labels[row.group - 1]) for row in before.solution.rows if row.free}
    pinned = [
        row
        for row in fit.solution.rows
        if not row.free and (*_element(row), fit.group_labels[row.group - 1]) in free_before
    ]
    elements = list(dict.fromkeys([*tied, *(_element(row) for row in pinned)]))
    material = score_material(fit.solution, pinned)
    found: list[list[ExpectedChange]] = []
    for element in elements:
        kept = np.ones(len(material.constraints), dtype=bool)
        kept[_released(fit, element)] = False
        first = len(material.constraints) - len(pinned)
        kept[[first + k for k, row in enumerate(pinned) if _element(row) == element]] = False
        test = material.test(kept)
        own = _own_changes(fit, element, pinned, test.change)
        found.append([_change(fit, row, value, test.statistic, test.df, test.p_value, c) for row, value, c in own])
    found.sort(key=lambda group: -group[0].mi)
    return tuple(each for group in found for each in group)


def _element(row: Parameter) -> Element:
    return row.lhs, row.op, row.rhs


def _rows_of(fit: SemResult, at: int) -> list[Parameter]:
    """The parameters that an equality constraint is about."""
    table = fit.table
    names = constraint_names(table.equalities[at])
    return [table.rows[table.symbols[name]] for name in names if name in table.symbols]


def _released(fit: SemResult, element: Element) -> list[int]:
    """Positions of the constraints that hold one element equal over groups."""
    return [
        at
        for at in range(len(fit.table.equalities))
        if {_element(row) for row in _rows_of(fit, at)} == {element}
        and len({row.group for row in _rows_of(fit, at)}) > 1
    ]


def _tied(fit: SemResult) -> list[Element]:
    """Elements that are held equal over groups, in the table's order."""
    found: dict[Element, None] = {}
    for at in range(len(fit.table.equalities)):
        rows = _rows_of(fit, at)
        elements = {_element(row) for row in rows}
        if len(elements) == 1 and len({row.group for row in rows}) > 1:
            found.update(dict.fromkeys(elements))
    return list(found)


def _own_changes(
    fit: SemResult, element: Element, pinned: Sequence[Parameter], change: Any
) -> list[tuple[Parameter, float, float]]:
    """Row, value and expected change of one element in every group."""
    added = {row.id: fit.table.n_free + k for k, row in enumerate(pinned)}
    found = []
    for row, value in zip(fit.solution.rows, fit.solution.row_values(), strict=True):
        if _element(row) == element:
            at = row.free - 1 if row.free else added.get(row.id)
            found.append((row, float(value), 0.0 if at is None else float(change[at])))
    return found


def _change(
    fit: SemResult, row: Parameter, value: float, mi: float, df: int, p_value: float, epc: float
) -> ExpectedChange:
    return ExpectedChange(
        row.lhs, row.op, row.rhs, row.group, fit.group_labels[row.group - 1], row.label,
        mi, df, p_value, value, epc, value + epc, f"{row.lhs}{row.op}{row.rhs}",
    )  # fmt: skip


# -- latent means --------------------------------------------------------------------------------------------------


def _means(fit: SemResult) -> tuple[LatentMean, ...]:
    differences = mean_differences(fit.solution)
    if not differences or fit.options["se"] == "none" or not fit.identified:
        return ()
    se = fit.solution.standard_errors(np.array([each.slope for each in differences]))
    standardised_se = fit.solution.standard_errors(np.array([each.standardised_slope for each in differences]))
    width = normal_quantile(0.5 + fit.options["ci_level"] / 2.0)
    found = []
    for each, own, other in zip(differences, se, standardised_se, strict=True):
        if own <= 0.0:
            continue
        z = each.difference / float(own)
        found.append(
            LatentMean(
                each.latent, each.group, fit.group_labels[each.group - 1], fit.group_labels[0],
                each.difference, float(own), z, float(two_sided_p(as_array([z]))[0]),
                each.difference - width * float(own), each.difference + width * float(own),
                each.standardised, float(other),
            )
        )  # fmt: skip
    return tuple(found)


# -- records -------------------------------------------------------------------------------------------------------


def _records(records: Sequence[Any]) -> list[dict[str, Any]]:
    """Records as plain data, None for what is not a number."""

    def plain(value: Any) -> Any:
        return finite_or_none(value) if isinstance(value, float) else value

    return [{name: plain(getattr(each, name)) for name in each.__slots__} for each in records]


def _frame(records: Sequence[Any], kind: type[Any]) -> pd.DataFrame:
    import pandas as pd

    rows = [[getattr(each, name) for name in kind.__slots__] for each in records]
    return pd.DataFrame(rows, columns=list(kind.__slots__))


def _value(verdict: Verdict) -> str:
    return p_text(verdict.value) if verdict.rule.startswith("p ") else fixed(verdict.value)


def _change_cells(change: ExpectedChange) -> list[str]:
    tested = [fixed(change.mi), str(change.df), p_text(change.p_value)]
    return [change.element, change.group_label, *tested, *map(fixed, (change.est, change.epc, change.expected))]


def _mean_cells(mean: LatentMean) -> list[str]:
    numbers = [fixed(value) for value in (mean.difference, mean.se, mean.z)]
    standardised = [fixed(mean.standardised), fixed(mean.standardised_se)]
    return [mean.latent, mean.group_label, *numbers, p_text(mean.p_value), *standardised]


def _kept(verdict: Verdict) -> str:
    return "does not apply" if verdict.kept is None else "yes" if verdict.kept else "no"

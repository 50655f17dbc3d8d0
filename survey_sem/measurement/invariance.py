"""Measurement invariance over groups: a ladder of fits that hold ever more parameters equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_sem.errors import OptionError, Warned, did_you_mean
from survey_sem.fitting import fit_model
from survey_sem.fitting.options import Function
from survey_sem.linalg import one_blas_thread
from survey_sem.measurement.comparison import compare
from survey_sem.measurement.hypotheses import normal_theory_warning
from survey_sem.measurement.ladder import Invariance
from survey_sem.measurement.latent_means import latent_means
from survey_sem.measurement.partial import ExpectedChange, expected_changes
from survey_sem.measurement.second_order import with_pinned_means
from survey_sem.measurement.verdicts import DEFAULT_LEVELS, LEVELS, STUDIED_N, verdicts
from survey_sem.results import SemResult


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
    A level that does not converge ends the ladder, with a warning. Where intercepts are equal, the means of factors
    that are indicators of another factor are fixed at 0: its mean and theirs cannot both be told.

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
        text = with_pinned_means(model) if "intercepts" in equal else model
        fit = fit_model(function, text, data, {**options, "group_equal": tuple(equal)})
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
    judged = verdicts(comparison, names) if comparison is not None else ()
    broken = next((each.level for each in judged if each.kept is False), "")
    changes: tuple[ExpectedChange, ...] = ()
    if broken:
        with one_blas_thread():
            changes = expected_changes(fits[broken], fits[names[names.index(broken) - 1]])
        warnings += normal_theory_warning(fits[broken].solution.rules) if changes else ()
    means_level = next((level for level in ("scalar", "strict") if level in fits), "")
    means = latent_means(fits[means_level]) if means_level else ()
    one = next(iter(fits.values()), None)
    if one is not None and one.n_obs <= STUDIED_N and comparison is not None:
        what = f"Chen's limits were studied for more than {STUDIED_N} observations; here are {one.n_obs}"
        warnings.append(Warned("small-sample", what))
    labels = one.group_labels if one is not None else ()
    return Invariance(
        group, labels, fits, comparison, judged, broken, changes, means_level if means else "", means, tuple(warnings)
    )

"""``ss.design`` and ``ss.replicate_design``: columns of a data frame become a SurveyDesign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array, Indices
from survey_sem.sample.design.columns import (
    Coded,
    complete_codes,
    missing_error,
    names_of,
    numbers,
    pairs,
    shown_rows,
)
from survey_sem.sample.design.survey_design import SurveyDesign
from survey_sem.sample.sample import Sample
from survey_sem.sampling import LONELY, Lonely, Replicates, Sampling, Stage
from survey_sem.sampling.given_numbers import given_number, given_numbers
from survey_sem.sampling.replicates import ReplicateKind
from survey_sem.sampling.stages import lonely_error

if TYPE_CHECKING:
    import pandas as pd

Names = str | Sequence[str] | None
ReplicateType = Literal["BRR", "Fay", "JK1", "JK2", "JKn", "bootstrap", "successive-difference", "ACS", "other"]
REPLICATE_TYPES: tuple[ReplicateType, ...] = get_args(ReplicateType)


def design(
    data: pd.DataFrame | Sample,
    weights: str | None = None,
    strata: Names = None,
    psu: Names = None,
    fpc: Names = None,
    *,
    lonely_psu: Lonely = "error",
    nest: bool = False,
) -> SurveyDesign:
    """How a sample was drawn, so that its estimates and their variances can be computed.

    Parameters
    ----------
    data : DataFrame, shape (n, any), or Sample
        One row per respondent.
    weights : str, optional
        Column of sampling weights, 0 or more; a row of weight 0 is outside the domain, but a part of the sample.
        Without it weights are the inverse of the sampling fractions in `fpc`, or 1 where there are none.
    strata : str or list of str, optional
        Column of the strata; of several stages, a list with the strata of each.
    psu : str or list of str, optional
        Column of the primary sampling units; a list names the units of each stage. Without it every row is its own.
        Units of a later stage are numbered within the unit above them.
    fpc : str or list of str, optional
        Finite population correction of each stage: the number of units in the population of the row's stratum (above
        1) or the sampling fraction (up to 1). Without it a stage counts as drawn with replacement.
    lonely_psu : {"error", "certainty", "remove", "adjust", "average"}
        What a stratum with a single sampling unit contributes to variances: it is refused (``error``), or contributes
        nothing (``certainty``, ``remove``), its squared distance from the grand mean (``adjust``) or the mean of the
        other strata (``average``).
    nest : bool
        Whether the numbers of primary sampling units begin again in every stratum.

    Raises
    ------
    OptionError
        An unknown option or one of the wrong type.
    DataError
        A column that is missing or has missing values, negative weights, a unit in two strata, population sizes that
        differ within a stratum or are smaller than the sample, a stratum with a single unit.

    Examples
    --------
    >>> import pandas as pd
    >>> import survey_sem as ss
    >>> rows = pd.DataFrame({"y": [1, 3, 2, 6, 5, 9], "region": list("aaabbb"), "w": [10, 10, 10, 20, 20, 20]})
    >>> ss.design(rows, weights="w", strata="region").mean("y")
    variable  estimate     se  ci_lower  ci_upper  df   deff  n
           y     5.111 0.8240     2.823     7.399   4 0.5206  6
    """
    data = _frame(data)
    if not isinstance(lonely_psu, str) or lonely_psu not in LONELY:
        raise OptionError(
            "unknown-option",
            f"lonely_psu does not know '{lonely_psu}'",
            where="lonely_psu",
            expected=", ".join(LONELY),
        )
    if not isinstance(nest, bool):
        raise OptionError("wrong-type", "nest is not True or False", where="nest", got=repr(nest)[:80])
    units = [] if psu is None else [complete_codes(data, name, "psu") for name in names_of(psu, "psu")]
    groups = [] if strata is None else [complete_codes(data, name, "strata") for name in names_of(strata, "strata")]
    corrections = [] if fpc is None else names_of(fpc, "fpc")
    n_stages = max(len(units), 1)
    for what, given in (("strata", len(groups)), ("fpc", len(corrections))):
        if given > n_stages:
            raise OptionError(
                "too-many-stages",
                f"{what} names {given} stages, psu {n_stages}",
                where=what,
                hint="name their units in psu",
            )
    stages = _stages(data, units, groups, corrections, nest=nest)
    base = _weights(data, weights) if weights is not None else _implied_weights(stages)
    sampling = Sampling(stages, lonely_psu, None if base.all() else base > 0)
    if lonely_psu == "error" and (lonely := sampling.lonely_strata()):
        raise lonely_error([_place(stage, code, stages, groups, units) for stage, code in lonely])
    return SurveyDesign(
        data=data,
        weights=base,
        sampling=sampling,
        described={"weights": weights, "strata": strata, "psu": psu, "fpc": fpc},
    )


def replicate_design(
    data: pd.DataFrame | Sample,
    weights: str,
    replicate_weights: str | Sequence[str],
    *,
    type: ReplicateType = "BRR",
    scale: float | None = None,
    rscales: Sequence[float] | float | None = None,
    fay_rho: float | None = None,
    mse: bool = False,
    combined: bool = True,
) -> SurveyDesign:
    r"""A sample whose variances come from replicate weights that its provider computed.

    Parameters
    ----------
    data : DataFrame, shape (n, any), or Sample
        One row per respondent.
    weights : str
        Column of sampling weights.
    replicate_weights : str or list of str
        Columns of the R replicate weights: their names, or one regular expression that matches their whole names.
    type : {"BRR", "Fay", "JK1", "JK2", "JKn", "bootstrap", "successive-difference", "ACS", "other"}
        How they came about; gives the scales that are not named: 1/R for BRR, 1/(R (1 - rho)^2) for Fay, (R - 1)/R for
        JK1, 1 for JK2, 1/(R - 1) for the bootstrap, 4/R for ACS and successive differences.
    scale : float, optional
        Factor of the whole variance.
    rscales : float or sequence of R floats, optional
        Factor of each replicate's square; JKn needs them, they are 1 otherwise.
    fay_rho : float, optional
        Fay's rho, needed by Fay: 0 <= rho < 1.
    mse : bool
        Squares around the estimate of the whole sample, as the US Census Bureau defines its variances, instead of the
        mean of the replicates.
    combined : bool
        Whether the replicate weights hold the sampling weights (True) or are factors of them.

    Raises
    ------
    OptionError
        An unknown type, a scale that is missing or contradicts the type.
    DataError
        Columns that are missing, have missing values or negative weights.

    Examples
    --------
    >>> import pandas as pd
    >>> import survey_sem as ss
    >>> rows = pd.DataFrame({"y": [1, 3, 2, 6], "w": 10, "w1": [0, 20, 0, 20], "w2": [20, 0, 20, 0]})
    >>> ss.replicate_design(rows, "w", r"w\d", type="BRR").total("y")
    variable  estimate    se  ci_lower  ci_upper  df  deff  n
           y     120.0 60.00    -642.4     882.4   1 2.143  4
    """
    data = _frame(data)
    if type not in REPLICATE_TYPES:
        raise OptionError(
            "unknown-option",
            f"replicate type '{type}' is not known",
            where="type",
            expected=", ".join(REPLICATE_TYPES),
        )
    base = _weights(data, weights)
    columns = _replicate_columns(data, replicate_weights)
    factors = np.stack([_weights(data, name, "replicate_weights") for name in columns], axis=1)
    scale, each = _scales(type, factors.shape[1], scale, rscales, fay_rho)
    if weights in columns or len(columns) < 2:
        raise OptionError(
            "wrong-replicates",
            "replicate weights are two columns or more, beside the sampling weights",
            where="replicate_weights",
            got=", ".join(columns[:5]),
        )
    kind: ReplicateKind = type if type in get_args(ReplicateKind) else "other"  # type: ignore[assignment]
    replicates = Replicates(
        factors,
        None,
        scale,
        each,
        kind,
        mse,
        base if combined else None,
    )
    described = {"weights": weights, "replicate_weights": f"{len(columns)} columns, {type}"}
    return SurveyDesign(data=data, weights=base, replicates=replicates, described=described)


def _frame(data: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(data, Sample):
        data = data.data
    if not isinstance(data, pd.DataFrame):
        raise OptionError("wrong-type", "data is no pandas DataFrame", where="data", got=type(data).__name__)
    if not len(data):
        raise DataError("no-rows", "the data have no rows", where="data")
    return data


def _weights(data: pd.DataFrame, name: str, what: str = "weights") -> Array:
    values = numbers(data, name, what)
    if (gaps := np.flatnonzero(np.isnan(values))).size:
        raise missing_error(name, what, gaps)
    if (wrong := np.flatnonzero((values < 0) | np.isinf(values))).size:
        raise DataError(
            "illegal-weight",
            f"column '{name}' has weights below 0 or infinite in {len(wrong)} rows",
            where=f"{what}, {shown_rows(wrong)}",
            expected="0 (outside the domain) or more",
            got=", ".join(f"{value:g}" for value in values[wrong[:3]]),
        )
    if not values.any():
        raise DataError("illegal-weight", f"all weights in column '{name}' are 0", where=what)
    return values


def _stages(
    data: pd.DataFrame, units: list[Coded], groups: list[Coded], corrections: list[str], *, nest: bool
) -> tuple[Stage, ...]:
    n = len(data)
    above: Indices = np.zeros(n, dtype=np.intp)
    stages: list[Stage] = []
    for k in range(max(len(units), 1)):
        stratum, _ = pairs(above, groups[k].codes) if k < len(groups) else (above, None)
        unit: Indices = np.arange(n)
        if units:
            if k == 0 and not nest:
                _check_units_in_one_stratum(units[0], groups[0] if groups else None)
            unit, _ = pairs(stratum, units[k].codes)
        population = _population(data, corrections[k], stratum, unit) if k < len(corrections) else None
        stages.append(Stage(unit, stratum, population))
        above = unit
    return tuple(stages)


def _check_units_in_one_stratum(unit: Coded, group: Coded | None) -> None:
    if group is None:
        return
    _, rows = pairs(unit.codes, group.codes)
    if len(rows) == len(unit.levels):
        return
    code = np.flatnonzero(np.bincount(unit.codes[rows]) > 1)[0]
    inside = [str(group.levels[group.codes[row]]) for row in rows if unit.codes[row] == code]
    raise DataError(
        "not-nested",
        f"sampling units lie in several strata: unit {unit.levels[code]} of '{unit.name}' in {', '.join(inside[:4])}",
        where="psu",
        expected="every unit in one stratum",
        hint="nest=True, if the numbers of the units begin again in every stratum",
    )


def _population(data: pd.DataFrame, name: str, stratum: Indices, unit: Indices) -> Array:
    """Population sizes by row, from sizes or sampling fractions."""
    values = numbers(data, name, "fpc")
    if (gaps := np.flatnonzero(np.isnan(values))).size:
        raise missing_error(name, "fpc", gaps)
    if (values <= 0).any() or (((values < 1).any()) and (values > 1).any()):
        raise DataError(
            "illegal-fpc",
            f"column '{name}' is neither population sizes nor sampling fractions",
            where="fpc",
            expected="all values above 0 and up to 1 (fractions), or all 1 or more (sizes)",
            got=f"{values.min():g} to {values.max():g}",
        )
    first = np.zeros(int(stratum.max()) + 1)
    first[stratum] = values
    if (wrong := np.flatnonzero(first[stratum] != values)).size:
        raise DataError(
            "fpc-varies",
            f"column '{name}' differs within a stratum",
            where=f"fpc, {shown_rows(wrong)}",
            expected="one population size or sampling fraction for each stratum",
            hint="of several stages, fpc names one column for each",
        )
    rows_of_units = np.unique(unit, return_index=True)[1]
    size = np.bincount(stratum[rows_of_units])[stratum]
    population: Array = size / values if values.max() <= 1 else values
    if (few := np.flatnonzero(population < size)).size:
        raise DataError(
            "fpc-too-small",
            f"column '{name}' is smaller than the sample",
            where=f"fpc, {shown_rows(few)}",
            got=f"{size[few[0]]} units in the sample, {population[few[0]]:g} in the population",
        )
    return population


def _implied_weights(stages: tuple[Stage, ...]) -> Array:
    """Inverse of the sampling fractions; 1 where there are none."""
    weights = np.ones(len(stages[0].unit))
    for stage in stages:
        if stage.population is not None:
            rows_of_units = np.unique(stage.unit, return_index=True)[1]
            size = np.bincount(stage.stratum[rows_of_units])[stage.stratum]
            weights = weights * np.where(np.isinf(stage.population), 1.0, stage.population / size)
    return weights


def _place(number: int, code: int, stages: tuple[Stage, ...], groups: list[Coded], units: list[Coded]) -> str:
    """A stratum by its names in the data."""
    row = int(np.flatnonzero(stages[number].stratum == code)[0])
    parts = []
    if number < len(groups):
        parts.append(f"{groups[number].name} = {groups[number].levels[groups[number].codes[row]]}")
    if number:
        above = units[number - 1]
        parts.append(f"{above.name} = {above.levels[above.codes[row]]}")
    return ", ".join(parts) or "the whole sample"


def _replicate_columns(data: pd.DataFrame, named: str | Sequence[str]) -> list[str]:
    if not isinstance(named, str):
        return names_of(named, "replicate_weights")
    if named in data.columns:
        return [named]
    try:
        pattern = re.compile(named)
    except re.error as error:
        raise OptionError("wrong-pattern", f"'{named}' is no pattern: {error}", where="replicate_weights") from None
    found = [str(name) for name in data.columns if pattern.fullmatch(str(name))]
    if not found:
        raise DataError(
            "unknown-variable",
            f"no column is named '{named}' or matches it as a pattern",
            where="replicate_weights",
            hint=r"a list of names, or a regular expression such as 'repw\d+'",
        )
    return found


def _scales(
    kind: ReplicateType, count: int, scale: float | None, rscales: Sequence[float] | float | None, rho: float | None
) -> tuple[float, Array]:
    """The scale and the scale of each replicate."""
    rho = None if rho is None else given_number(rho, "fay_rho")
    if (kind == "Fay") != (rho is not None) or not 0 <= (rho or 0.0) < 1:
        raise OptionError(
            "wrong-fay-rho",
            "fay_rho belongs to type='Fay', and Fay needs it",
            where="fay_rho",
            expected="0 or more, below 1",
            got=str(rho),
        )
    defaults = {
        "BRR": 1 / count,
        "Fay": 1 / (count * (1 - (rho or 0.0)) ** 2),
        "JK1": (count - 1) / count,
        "JK2": 1.0,
        "JKn": 1.0,
        "bootstrap": 1 / max(count - 1, 1),
        "successive-difference": 4 / count,
        "ACS": 4 / count,
    }
    if (kind == "JKn" and rscales is None) or (kind == "other" and scale is None):
        needed = "rscales" if kind == "JKn" else "scale"
        raise OptionError("scale-needed", f"type '{kind}' needs {needed}", where=needed)
    given = np.ones(1) if rscales is None else given_numbers(rscales, "rscales")
    if len(given) not in (1, count) or not (given >= 0).all():
        raise OptionError(
            "wrong-rscales",
            "rscales are not one number of 0 or more for each replicate",
            where="rscales",
            expected=f"{count}",
        )
    chosen = defaults[kind] if scale is None else given_number(scale, "scale")
    if not chosen > 0:
        raise OptionError("wrong-scale", "scale is not above 0", where="scale", got=f"{chosen:g}")
    return chosen, np.ascontiguousarray(np.broadcast_to(given, (count,)))

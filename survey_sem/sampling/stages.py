"""Stages of a sample: units within strata, and the share of the population that each stage holds.

The variance of a total after Saerndal, Swensson & Wretman (1992, Model Assisted Survey Sampling, ch. 4): the first
stage counts with its totals, a later one times the sampling fractions of the stages above it. Without a population size
a stage is drawn with replacement, and the stages below it add nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array, Indices

if TYPE_CHECKING:
    from survey_sem.sampling.totals import SampleTotals

Lonely = Literal["error", "certainty", "remove", "adjust", "average"]
LONELY: tuple[Lonely, ...] = get_args(Lonely)
Booleans = NDArray[np.bool_]
CERTAIN = 1e-7
"""A stratum of which all but this share is in the sample has no sampling variance."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One stage of sampling, by row.

    Parameters
    ----------
    unit : array of int (n,)
        The row's unit at this stage, 0, 1, ...; two units of different strata have different codes.
    stratum : array of int (n,)
        The row's stratum at this stage, 0, 1, ...; at a later stage at least one stratum per unit of the stage above.
    population : array of float (n,), optional
        Number of units in the population of the row's stratum, constant within it; infinite: no correction.
    """

    unit: Indices
    stratum: Indices
    population: Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A stage as the variance needs it.

    Parameters
    ----------
    unit : array of int (n,)
        Unit of each row.
    stratum : array of int (n_units,)
        Stratum of each unit.
    size : array of int (n_strata,)
        Units per stratum.
    factor : array (n_strata,)
        (1 - f) of the stratum times the sampling fractions above it.
    lonely : array of bool (n_strata,)
        Strata of one unit whose variance is not known from the sample.
    inside : array of bool (n_strata,)
        Strata with a row inside the domain.
    rows_are_units : bool
        Whether every row is its own unit.
    """

    unit: Indices
    stratum: Indices
    size: Indices
    factor: Array
    lonely: Booleans
    inside: Booleans
    rows_are_units: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sampling:
    """How n rows were sampled.

    Parameters
    ----------
    stages : tuple of Stage
        From the first to the last; at least one.
    lonely : {"error", "certainty", "remove", "adjust", "average"}
        What a stratum with a single unit contributes to the variance: nothing is computed (``error``), nothing
        (``certainty``, ``remove``), the square of its total (``adjust``: linearised values have mean zero in the
        whole sample, so that this is the distance from the grand mean), the average of the other strata (``average``).
    inside : array of bool (n,), optional
        Rows of the domain. The others remain part of the sample: they count in the sizes of strata, their values
        must be zero.

    Attributes
    ----------
    levels : tuple of Level
        The stages that contribute to the variance.

    Raises
    ------
    OptionError
        An unknown policy.
    DataError
        A unit in two strata, a stratum in two units of the stage above, population sizes that differ within a stratum
        or are smaller than its sample.
    """

    stages: tuple[Stage, ...]
    lonely: Lonely = "error"
    inside: Booleans | None = None
    levels: tuple[Level, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.lonely not in LONELY:
            raise OptionError(
                "unknown-option",
                f"lonely does not know '{self.lonely}'",
                where="lonely",
                expected=", ".join(LONELY),
            )
        object.__setattr__(self, "levels", tuple(_levels(self.stages, self.inside)))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.stages[0].unit)

    @property
    def n_units(self) -> int:
        """Number of primary sampling units, those outside the domain too."""
        return len(self.levels[0].stratum)

    @property
    def n_strata(self) -> int:
        """Number of strata of the first stage, those outside the domain too."""
        return len(self.levels[0].size)

    @property
    def degrees_of_freedom(self) -> int:
        """Primary sampling units less strata, of the rows inside the domain."""
        return self.degrees_of_freedom_among(slice(None) if self.inside is None else self.inside)

    def degrees_of_freedom_among(self, rows: Booleans | Indices | slice) -> int:
        """Primary sampling units less strata, of these rows."""
        first = self.stages[0]
        unit, stratum = first.unit[rows], first.stratum[rows]
        return int(np.count_nonzero(np.bincount(unit)) - np.count_nonzero(np.bincount(stratum)))

    def lonely_strata(self) -> tuple[tuple[int, int], ...]:
        """Strata with a single unit, with rows inside the domain, not wholly sampled: pairs (stage, code)."""
        found = (
            (number, int(code))
            for number, level in enumerate(self.levels)
            for code in np.flatnonzero(level.lonely & level.inside)
        )
        return tuple(found)

    def totals(self, width: int) -> SampleTotals:
        """An accumulator of `width` totals, from which their covariance comes.

        Raises
        ------
        DataError
            A stratum has a single unit and the policy is ``error``.
        """
        from survey_sem.sampling.totals import SampleTotals

        if self.lonely == "error" and (found := self.lonely_strata()):
            raise lonely_error([f"stratum {code} at stage {stage + 1}" for stage, code in found])
        return SampleTotals(self, width)

    def covariance(self, values: Array) -> Array:
        """Sampling covariance (k, k) of the totals of weighted values (k, n)."""
        totals = self.totals(len(values))
        totals.add(values, slice(None))
        return totals.covariance()


def lonely_error(places: list[str]) -> DataError:
    """The error that names strata with a single sampling unit."""
    shown = ", ".join(places[:5]) + (f" and {len(places) - 5} more" if len(places) > 5 else "")
    return DataError(
        "lonely-psu",
        "a stratum with a single sampling unit has no variance of its own",
        where=shown,
        expected="two units or more in every stratum, or lonely_psu= to say what such a stratum counts for",
        hint="'certainty' or 'remove': nothing; 'adjust': its distance from the grand mean (cautious); 'average': the "
        "mean of the other strata; or merge it with a similar stratum",
    )


def _levels(stages: tuple[Stage, ...], inside: Booleans | None) -> list[Level]:
    levels: list[Level] = []
    chain = np.ones(len(stages[0].unit))
    above = np.zeros(len(chain), dtype=np.intp)
    for number, stage in enumerate(stages, start=1):
        level, fraction = _level(stage, number, above, chain, inside)
        levels.append(level)
        chain = chain * fraction[stage.stratum]
        above = stage.unit
        if not chain.any():
            break
    return levels


def _level(stage: Stage, number: int, above: Indices, chain: Array, inside: Booleans | None) -> tuple[Level, Array]:
    """A stage, with the sampling fraction of each of its strata."""
    first_of_unit = _first_rows(stage.unit)
    first_of_stratum = _first_rows(stage.stratum)
    stratum = stage.stratum[first_of_unit]
    _check_nested(stage.unit, stage.stratum, stratum, f"a sampling unit of stage {number} lies in two strata")
    _check_nested(
        stage.stratum, above, above[first_of_stratum], f"a stratum of stage {number} lies in two units above it"
    )
    size = np.bincount(stratum, minlength=len(first_of_stratum))
    fraction = _fractions(stage, size, first_of_stratum, number)
    factor = np.where(1 - fraction < CERTAIN, 0.0, 1 - fraction) * chain[first_of_stratum]
    present = np.ones(len(size), dtype=bool)
    if inside is not None:
        present = np.bincount(stage.stratum[inside], minlength=len(size)) > 0
    lonely = (size == 1) & (factor > 0)
    level = Level(stage.unit, stratum, size, factor, lonely, present, len(stratum) == len(stage.unit))
    return level, fraction


def _first_rows(codes: Indices) -> Indices:
    """A row of each code; every code from 0 on must occur."""
    n_codes = int(codes.max()) + 1 if len(codes) else 0
    rows = np.full(n_codes, -1, dtype=np.intp)
    rows[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    assert not (rows < 0).any(), "codes run from 0 without gaps"
    return rows


def _check_nested(lower: Indices, upper: Indices, upper_of_lower: Indices, what: str) -> None:
    wrong = np.flatnonzero(upper_of_lower[lower] != upper)
    if len(wrong):
        raise DataError("not-nested", what, where=f"row {wrong[0] + 1}")


def _fractions(stage: Stage, size: Indices, first_of_stratum: Indices, number: int) -> Array:
    """Sampling fraction of each stratum, 0 without a population size."""
    if stage.population is None:
        return np.zeros(len(size))
    population: NDArray[Any] = stage.population[first_of_stratum]
    if (wrong := np.flatnonzero(population[stage.stratum] != stage.population)).size:
        raise DataError(
            "fpc-varies", f"population sizes of stage {number} differ in a stratum", where=f"row {wrong[0] + 1}"
        )
    if (few := np.flatnonzero(~(population >= size))).size:
        raise DataError(
            "fpc-too-small",
            f"a stratum of stage {number} has more units in the sample than in the population",
            where=f"stratum {few[0]}",
            got=f"{size[few[0]]} of {population[few[0]]:g}",
        )
    return np.asarray(size / population)

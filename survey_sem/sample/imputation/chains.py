"""One chain of an imputation by chained equations.

All predictors are rows of one array of single precision: ones, standardised numbers, indicators of levels, and an
indicator of not having been asked, so that nothing is made up for those who were not. Cross-products over all rows are
kept up to date: those over the donors of a variable are the difference to the few rows that are no donors, and only
these change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from survey_sem.linalg import Array, Indices
from survey_sem.sample.imputation.draws import LinearDraw, draw_linear, draw_multinomial, level_probabilities
from survey_sem.sample.imputation.matching import donor_keys, match
from survey_sem.sample.imputation.variables import NOMINAL, Variable

BLOCK_ROWS = 4096
Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Equations:
    """What all chains share.

    Parameters
    ----------
    variables : tuple of Variable
    predictors : tuple of arrays of int
        For every variable, which variables predict it.
    donors : int
        Number of nearest donors.
    """

    variables: tuple[Variable, ...]
    predictors: tuple[Indices, ...]
    donors: int

    @property
    def n_rows(self) -> int:
        """Rows of the data."""
        return len(self.variables[0].values)

    @cached_property
    def places(self) -> tuple[slice, ...]:
        """Rows of the predictor array that belong to each variable; row 0 holds ones."""
        ends = 1 + np.cumsum([variable.width for variable in self.variables])
        return tuple(
            slice(int(end) - variable.width, int(end)) for end, variable in zip(ends, self.variables, strict=True)
        )

    @cached_property
    def masks(self) -> tuple[tuple[Indices, ...], tuple[int, ...]]:
        """The distinct sets of rows that were not asked, and which of them each variable has (-1: none)."""
        found: dict[bytes, int] = {}
        sets: list[Indices] = []
        of: list[int] = []
        for variable in self.variables:
            if not len(variable.not_asked):
                of.append(-1)
                continue
            key = variable.not_asked.tobytes()
            if key not in found:
                found[key] = len(sets)
                sets.append(variable.not_asked)
            of.append(found[key])
        return tuple(sets), tuple(of)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Variables with missing cells, those with the fewest first."""
        counts = np.array([len(variable.missing) for variable in self.variables])
        return tuple(int(at) for at in np.argsort(counts, kind="stable") if counts[at])

    @cached_property
    def first_mask(self) -> int:
        """The first indicator row of the predictor array."""
        return int(self.places[-1].stop)

    def rows_for(self, at: int) -> Indices:
        """Rows of the predictor array that predict a variable, the ones first."""
        used = [0]
        own_mask = self.masks[1][at]
        for other in self.predictors[at]:
            place = self.places[other]
            used.extend(range(place.start, place.stop))
            mask = self.masks[1][other]
            if mask >= 0 and mask != own_mask and self.first_mask + mask not in used:
                used.append(self.first_mask + mask)
        return np.array(sorted(used), dtype=np.intp)

    def start(self, rng: np.random.Generator) -> tuple[Singles, list[Array]]:
        """The predictor array with random observed values in missing cells, and these values."""
        sets, _ = self.masks
        filled = np.zeros((self.first_mask + len(sets), self.n_rows), dtype=np.float32)
        filled[0] = 1.0
        current = []
        for variable, place in zip(self.variables, self.places, strict=True):
            values = variable.initial(rng)
            current.append(values)
            whole = variable.values.copy()
            whole[variable.missing] = values
            filled[place] = variable.predictor(whole)
            filled[place, variable.not_asked] = 0.0
        for mask, rows in enumerate(sets):
            filled[self.first_mask + mask, rows] = 1.0
        return filled, current


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """What one chain ended with.

    Parameters
    ----------
    values : list of arrays
        For every variable the values of its missing cells.
    means, sds : arrays (cycles, variables)
        Of the imputed values after each cycle; NaN for variables without missing cells.
    collinear : dict
        Variable -> the predictors that were found in a combination that hardly varies.
    """

    values: list[Array]
    means: Array
    sds: Array
    collinear: dict[int, tuple[int, ...]]


def run_chain(equations: Equations, cycles: int, seed: np.random.SeedSequence) -> Chain:
    """Cycle through the variables, each imputed from the others as they are then."""
    rng = np.random.default_rng(seed)
    filled, current = equations.start(rng)
    state = _State(equations, filled, current, rng)
    n = len(equations.variables)
    means, sds = np.full((cycles, n), np.nan), np.full((cycles, n), np.nan)
    for cycle in range(cycles):
        state.products = _gram(filled)
        for at in equations.order:
            state.impute(at)
            means[cycle, at], sds[cycle, at] = state.current[at].mean(), _spread(state.current[at])
    return Chain(state.current, means, sds, state.collinear)


def _spread(values: Array) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


class _State:
    """The moving parts of a chain: predictors, cross-products, imputed values."""

    def __init__(self, equations: Equations, filled: Singles, current: list[Array], rng: np.random.Generator) -> None:
        self.equations, self.filled, self.current, self.rng = equations, filled, current, rng
        self.products: Array = np.zeros((0, 0))
        self.collinear: dict[int, tuple[int, ...]] = {}
        self._modes: dict[int, Array] = {}
        self._rows = {at: equations.rows_for(at) for at in equations.order}

    def impute(self, at: int) -> None:
        """Draw the missing cells of one variable, and bring everything up to date."""
        variable, place = self.equations.variables[at], self.equations.places[at]
        before = np.take(self.filled, variable.missing, axis=1).astype(np.float64)
        products = before @ before.T
        if variable.method == "sample" or len(variable.table) < 2:
            values = variable.initial(self.rng)
        elif variable.method in NOMINAL:
            values = self._levels(at, variable, before)
        else:
            values = self._numbers(at, variable, before, products)
        values = variable.shifted(values, self.rng)
        self.current[at] = values
        after = before
        after[place] = variable.predictor(values).astype(np.float32)
        self.filled[place, variable.missing] = after[place]
        self.products += after @ after.T - products

    def _numbers(self, at: int, variable: Variable, missing: Array, products: Array) -> Array:
        own, among = self.equations.places[at].start, self._among_donors(variable, products)
        drawn = self._draw(among, at, own)
        if len(drawn.collinear) and self._rows[at][drawn.collinear].max() >= self.equations.first_mask:
            self._rows[at] = np.delete(self._rows[at], drawn.collinear[-1:])  # what was asked says nothing new
            drawn = self._draw(among, at, own)
        rows = self._rows[at]
        if len(drawn.collinear) and at not in self.collinear:
            self.collinear[at] = tuple(int(rows[k]) for k in drawn.collinear)
        predicted = drawn.drawn @ missing[rows]
        if variable.method == "normal":
            mean, sd = variable.scale
            return mean + sd * (predicted + drawn.sigma * self.rng.standard_normal(len(predicted)))
        weights = np.zeros(len(self.filled), dtype=np.float32)
        weights[rows] = drawn.fitted
        keys = donor_keys(weights @ self.filled, variable.codes, variable.others, len(variable.observed))
        found = match(keys, predicted.astype(np.float32), self.equations.donors, self.rng)
        return np.asarray(variable.table[found])

    def _draw(self, among: Array, at: int, own: int) -> LinearDraw:
        rows = self._rows[at]
        n_rows = len(self.equations.variables[at].observed)
        return draw_linear(among[np.ix_(rows, rows)], among[rows, own], float(among[own, own]), n_rows, self.rng)

    def _among_donors(self, variable: Variable, of_missing: Array) -> Array:
        """Cross-products over the rows that have an answer."""
        if not len(variable.not_asked):
            return self.products - of_missing
        if len(variable.not_asked) <= len(variable.values) // 2:
            return self.products - of_missing - _gram(self.filled, variable.not_asked)
        return _gram(self.filled, variable.observed)

    def _levels(self, at: int, variable: Variable, missing: Array) -> Array:
        rows = self._rows[at]
        known = self.filled[np.ix_(rows, variable.observed)].astype(np.float64)
        codes = variable.codes[variable.observed].astype(np.intp)
        drawn, self._modes[at] = draw_multinomial(known, codes, len(variable.table), self._modes.get(at), self.rng)
        cumulated = np.cumsum(level_probabilities(missing[rows], drawn), axis=0)
        level = (self.rng.random(missing.shape[1]) > cumulated[:-1]).sum(axis=0)
        return np.asarray(variable.table[level])


def _gram(filled: Singles, rows: Indices | None = None) -> Array:
    """Cross-products of the predictor rows, over all or some rows of the data, at double precision."""
    total = np.zeros((len(filled), len(filled)))
    n = filled.shape[1] if rows is None else len(rows)
    for start in range(0, n, BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        block = (filled[:, part] if rows is None else np.take(filled, rows[part], axis=1)).astype(np.float64)
        total += block @ block.T
    return total


def name_of_row(equations: Equations, row: int, names: Sequence[str]) -> str:
    """The variable behind a row of the predictor array."""
    for name, place in zip(names, equations.places, strict=True):
        if place.start <= row < place.stop:
            return name
    sets_of = equations.masks[1]
    asked = [name for name, mask in zip(names, sets_of, strict=True) if mask == row - equations.first_mask]
    return f"asked {asked[0]}" if asked else "the constant"

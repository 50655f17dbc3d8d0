"""The exact moments of the answers: over groups as they answer, before any fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from survey_sem.instrument import Instrument
from survey_sem.instrument.routing import Code
from survey_sem.linalg import Array
from survey_sem.responses.partitions import partition_column
from survey_sem.simulation.background import Column, coded
from survey_sem.simulation.dependence import ancestors, leans_on_factors
from survey_sem.simulation.normal import coded_moments, mixed_moments
from survey_sem.simulation.population import Classes, Distribution, Leaning, Logistic, Population, Rates, Shares
from survey_sem.simulation.structure import Structure

MAX_CELLS = 500_000
"""Combinations of background variables that are enumerated at most."""


@dataclass(frozen=True, slots=True, eq=False)
class ExactMoments:
    """Moments of codes as numbers, as they are given (reversed items are not turned).

    Parameters
    ----------
    names : tuple of str
        The p ordinal items of the model that everybody is asked.
    mean, cov : arrays (p,), (p, p)
        Of the population of those who answer; within and between groups and clusters together.
    """

    names: tuple[str, ...]
    mean: Array
    cov: Array


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why there is no exact number."""

    reason: str


def group_shares(population: Population, instrument: Instrument) -> Mapping[Code | None, float] | Unknown:
    """Share of every part of `groups.of` among those who answer; {None: 1} without groups."""
    if any(isinstance(each, Leaning) for each in population.response):
        return Unknown("who answers depends on factors")
    groups = population.groups
    rates = [each for each in population.response if isinstance(each, Rates)]
    needed = ancestors(population.background, instrument, [each.of for each in rates])
    if leans_on_factors(population.background, needed):
        return Unknown("who answers depends on answers that depend on factors")
    if groups is None:
        return {None: 1.0}
    cells = _Cells.enumerated(
        population, instrument, needed | ancestors(population.background, instrument, [groups.of])
    )
    if isinstance(cells, Unknown):
        return cells
    weight = cells.weight.copy()
    for each in rates:
        codes = cells.variable(each.of)
        weight *= np.select([codes == code for code in each.rates], list(each.rates.values()), 0.0)
    parts = cells.variable(groups.of)
    shares = {part: float(weight[parts == part].sum() / weight.sum()) for part in groups.parts}
    return {part: share for part, share in shares.items() if share > 0.0}


def exact_moments(population: Population, instrument: Instrument) -> ExactMoments | Unknown:
    """Means and covariances of the answers, or why they are not known exactly."""
    names = tuple(item.id for item in instrument.items if item.id in population.answers and item.relevant is None)
    shares = group_shares(population, instrument)
    if isinstance(shares, Unknown):
        return shares
    if not names:
        return Unknown("no ordinal item of the model is asked of everybody")
    weights: dict[int, float] = {}
    structures: dict[int, Structure] = {}
    for part, share in shares.items():
        structure = population.structure if part is None else population.structure_of(part)
        weights[id(structure)] = weights.get(id(structure), 0.0) + share
        structures[id(structure)] = structure
    found = [_moments(population, structure, names) for structure in structures.values()]
    total = np.array(list(weights.values())) / sum(weights.values())
    mean, cov = mixed_moments(total, [each[0] for each in found], [each[1] for each in found])
    return ExactMoments(names, mean, cov)


def _moments(population: Population, structure: Structure, names: tuple[str, ...]) -> tuple[Array, Array]:
    at = [structure.observed.index(name) for name in names]
    implied = structure.moments
    return coded_moments(implied.mu[at], implied.sigma[np.ix_(at, at)], [population.answers[name] for name in names])


@dataclass(slots=True)
class _Cells:
    """Every combination of some background items, with its probability."""

    instrument: Instrument
    weight: Array
    values: dict[str, Column]

    @classmethod
    def enumerated(cls, population: Population, instrument: Instrument, names: set[str]) -> _Cells | Unknown:
        """All combinations of `names`, which must include whatever they are drawn by."""
        cells = cls(instrument, np.ones(1), {})
        for name, distribution in population.background.items():
            if name not in names:
                continue
            options = _options(distribution, cells.variable)
            if options is None:
                return Unknown(f"'{name}' takes values that cannot be listed")
            codes, probability = options
            if len(cells.weight) * len(codes) > MAX_CELLS:
                return Unknown("who answers depends on too many combinations of background variables")
            cells._expand(name, codes, probability)
        return cells

    def variable(self, name: str) -> Any:
        """Codes of an item or partition in every cell."""
        import pandas as pd

        for partition in self.instrument.partitions:
            if partition.id == name:
                return partition_column(partition, pd.Series(self.values[partition.of])).to_numpy(dtype=object)
        return self.values[name]

    def _expand(self, name: str, codes: Column, probability: Array) -> None:
        """Split every cell by the codes of one more item; probability is (1 or n_cells, n_codes)."""
        n_cells, n_codes = len(self.weight), len(codes)
        self.values = {known: np.repeat(values, n_codes) for known, values in self.values.items()}
        self.values[name] = np.tile(codes, n_cells)
        self.weight = (self.weight[:, None] * probability).ravel()


def _options(distribution: Distribution, variable: Callable[[str], Any]) -> tuple[Column, Array] | None:
    """The codes of an item and their probabilities in every cell; None where they cannot be listed."""
    match distribution:
        case Shares(codes=codes, table=table, by=None):
            return coded(np.arange(len(codes)), codes), np.array([table[None]])
        case Shares(codes=codes, table=table, by=by):
            given = variable(str(by))
            rows = np.zeros((len(given), len(codes)))
            for code, row in table.items():
                rows[given == code] = row
            return coded(np.arange(len(codes)), codes), rows
        case Logistic(share=share, codes=codes):
            return coded(np.arange(2), codes), np.array([[share, 1.0 - share]])
        case Classes(classes=classes) if sum(high - low + 1 for low, high, _ in classes) <= MAX_CELLS:
            values = np.concatenate([np.arange(low, high + 1) for low, high, _ in classes])
            shares = np.concatenate([np.full(high - low + 1, share / (high - low + 1)) for low, high, share in classes])
            return values, shares[None, :]
        case _:
            return None

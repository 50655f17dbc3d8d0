"""Respondents as the population makes them: what each would answer, before routing and faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError
from survey_sem.instrument import Instrument
from survey_sem.linalg import Array, Indices
from survey_sem.responses.partitions import partition_column
from survey_sem.simulation.background import Column, coded, draw_background, positions
from survey_sem.simulation.dependence import ancestors
from survey_sem.simulation.population import Clusters, Leaning, Population, Rates
from survey_sem.simulation.streams import Streams
from survey_sem.simulation.structure import Structure, factor_of

CLUSTER_SPREAD = 0.5
"""Standard deviation of the logarithm of cluster sizes."""
MOST_PER_ANSWER = 200
"""So many are drawn for one who answers, at most."""
PILOT = 2_000
"""So many are drawn first, to see how many answer; all draws are then made anew, and these people are the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Respondents:
    """Everybody who answered.

    Parameters
    ----------
    n : int
        How many.
    answers : mapping
        Item -> answers (n,), as if everybody had been asked.
    """

    n: int
    answers: Mapping[str, Column]


@dataclass(slots=True)
class _Crowd:
    """People in the making: those drawn so far, of whom some will answer."""

    population: Population
    instrument: Instrument
    streams: Streams
    n: int
    answers: dict[str, Column] = field(default_factory=dict)
    eta: dict[str, Array] = field(default_factory=dict)

    def variable(self, name: str) -> Column:
        """Codes of an item or partition that is drawn already."""
        import pandas as pd

        for partition in self.instrument.partitions:
            if partition.id == name:
                return partition_column(partition, pd.Series(self.answers[partition.of])).to_numpy(dtype=object)
        return self.answers[name]

    def predictor(self, effects: Mapping[str, float]) -> tuple[Array, float]:
        """A sum of effects of factors, and its variance in the model without groups."""
        line = np.zeros(self.n)
        for name, effect in effects.items():
            line += effect * self.eta[name]
        return line, self.population.structure.predictor_variance(effects)

    def draw(self, names: Iterable[str]) -> None:
        """Draw items of the background, in its order."""
        wanted = set(names) - set(self.answers)
        for name, distribution in self.population.background.items():
            if name in wanted:
                rng = self.streams.of(f"item/{name}")
                item = self.instrument.item(name)
                self.answers[name] = draw_background(item, distribution, rng, self.n, self.variable, self.predictor)


def draw_respondents(population: Population, instrument: Instrument, streams: Streams, n: int) -> Respondents:
    """Draw until `n` have answered.

    Raises
    ------
    DataError
        Hardly anybody answers.
    """
    crowd = _crowd(population, instrument, streams, n)
    crowd.draw(population.background)
    blocks = _blocks(crowd)
    for item in instrument.items:
        if item.id in population.answers:
            crowd.answers[item.id] = _model_answers(crowd, blocks, item.id)
    answers = {item.id: crowd.answers[item.id] for item in instrument.items if item.id in crowd.answers}
    return Respondents(n, answers)


def _crowd(population: Population, instrument: Instrument, streams: Streams, n: int) -> _Crowd:
    """The first `n` who answer, with their factors and whatever decided whether they do."""
    if not population.response:
        return _drawn(population, instrument, streams, n)
    size, most = min(n, PILOT), MOST_PER_ANSWER * n + 10_000
    while True:
        crowd = _drawn(population, instrument, streams, size)
        rated = [each.of for each in population.response if isinstance(each, Rates)]
        crowd.draw(ancestors(population.background, instrument, rated))
        answering = np.flatnonzero(streams.of("response").random(size) < _response(crowd))
        if len(answering) >= n:
            return _kept(crowd, answering[:n])
        if size >= most:
            what = f"of {size} people drawn only {len(answering)} answered"
            raise DataError("too-few-answer", what, hint="raise the rates under 'response' of the population")
        size = min(int(1.05 * size * n / max(len(answering), 1)) + 64, most)


def _drawn(population: Population, instrument: Instrument, streams: Streams, size: int) -> _Crowd:
    crowd = _Crowd(population, instrument, streams, size)
    _draw_factors(crowd)
    return crowd


def _kept(crowd: _Crowd, rows: Indices) -> _Crowd:
    return replace(
        crowd,
        n=len(rows),
        answers={name: values[rows] for name, values in crowd.answers.items()},
        eta={name: values[rows] for name, values in crowd.eta.items()},
    )


def _response(crowd: _Crowd) -> Array:
    """Everybody's probability to answer."""
    probability = np.ones(crowd.n)
    for each in crowd.population.response:
        if isinstance(each, Leaning):
            line, _ = crowd.predictor(each.on)
            probability /= 1.0 + (1.0 / each.rate - 1.0) * np.exp(-np.clip(line, -500.0, 500.0))
        else:
            probability *= _by_code(crowd.variable(each.of), each)
    return probability


def _by_code(codes: Column, rates: Rates) -> Array:
    probability = np.zeros(len(codes))
    for code, rate in rates.rates.items():
        probability[codes == code] = rate
    return probability


def _draw_factors(crowd: _Crowd) -> None:
    """The factors (and the observed variables among eta) of everybody."""
    population, streams, n = crowd.population, crowd.streams, crowd.n
    if population.groups is not None:
        crowd.draw(ancestors(population.background, crowd.instrument, [population.groups.of]))
    latent = population.structure.latent
    normal = {name: streams.of(f"factor/{name}").standard_normal(n) for name in latent}
    rooms = _draw_clusters(crowd)
    crowd.eta = {name: np.empty(n) for name in latent}
    for block in _blocks(crowd):
        _set_eta(crowd.eta, block, normal, rooms, population.clusters)


def _draw_clusters(crowd: _Crowd) -> Mapping[str, Array]:
    """Draw who belongs to which cluster; standard normal effects of its cluster on everybody, by factor."""
    clusters = crowd.population.clusters
    if clusters is None:
        return {}
    count = len(clusters.codes)
    sizes = np.exp(CLUSTER_SPREAD * crowd.streams.of("clusters/sizes").standard_normal(count))
    members = positions(sizes.tolist(), crowd.streams.of("clusters/members").random(crowd.n))
    item = crowd.instrument.item(clusters.item)
    values = coded(members, clusters.codes)
    crowd.answers[clusters.item] = values.astype(str).astype(object) if item.type == "text" else values
    return {name: crowd.streams.of(f"cluster/{name}").standard_normal(count)[members] for name in clusters.icc}


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """A model and the rows (a slice, or row numbers) of those whom it describes."""

    structure: Structure
    rows: Any
    error_root: Array

    @classmethod
    def of(cls, structure: Structure, rows: Any) -> _Block:
        """With the root of the covariances of the errors."""
        root = factor_of(structure.matrices["Theta"])
        assert root is not None  # checked when the model was completed
        return cls(structure, rows, root)


def _blocks(crowd: _Crowd) -> list[_Block]:
    """Everybody, by the model that describes them."""
    population = crowd.population
    if population.groups is None:
        return [_Block.of(population.structure, slice(None))]
    codes = crowd.variable(population.groups.of)
    others = np.ones(crowd.n, dtype=bool)
    special = []
    for part in population.groups.parts:
        if part in population.structures:
            own = np.asarray(codes == part)
            others &= ~own
            special.append(_Block.of(population.structures[part], np.flatnonzero(own)))
    return [_Block.of(population.structure, np.flatnonzero(others)), *special]


def _set_eta(
    eta: dict[str, Array],
    block: _Block,
    normal: Mapping[str, Array],
    rooms: Mapping[str, Array],
    clusters: Clusters | None,
) -> None:
    """``eta = A (alpha + within + between)``, summed term by term so that every machine gets the same bits."""
    structure = block.structure
    psi, total = structure.matrices["Psi"], structure.moments.total_effect
    icc = {} if clusters is None else clusters.icc
    between = np.array([icc.get(name, 0.0) for name in structure.latent]) * np.diag(psi)
    root = factor_of(psi - np.diag(between))
    assert root is not None  # checked when the file was read
    within, among = total @ root, total * np.sqrt(between)
    for i, name in enumerate(structure.latent):
        sources = [(within[i, j], normal[other]) for j, other in enumerate(structure.latent)]
        sources += [(among[i, j], rooms[other]) for j, other in enumerate(structure.latent) if other in rooms]
        eta[name][block.rows] = _weighted(sources, block.rows, float(structure.moments.mean_eta[i]))


def _weighted(sources: Iterable[tuple[float, Array]], rows: Any, constant: float) -> Array:
    """A constant plus a sum of weighted columns at `rows`, always in the same order."""
    line: Array | float = constant
    for weight, column in sources:
        if weight != 0.0:
            line = line + weight * column[rows]
    return np.asarray(line)


def _model_answers(crowd: _Crowd, blocks: list[_Block], name: str) -> Column:
    """Answers to one item of the model."""
    categories = crowd.population.answers[name]
    equations = [_equation(block, name) for block in blocks]
    if all(_are_close(each, equations[0]) for each in equations):
        blocks, equations = [replace(blocks[0], rows=slice(None))], equations[:1]
    errors = {
        other: crowd.streams.of(f"item/{other}").standard_normal(crowd.n)
        for other in dict.fromkeys(other for each in equations for other in each.errors)
    }
    response = np.empty(crowd.n)
    for block, equation in zip(blocks, equations, strict=True):
        sources = [(weight, crowd.eta[other]) for other, weight in equation.loadings.items()]
        sources += [(weight, errors[other]) for other, weight in equation.errors.items()]
        response[block.rows] = _weighted(sources, block.rows, equation.constant)
    index: NDArray[np.intp] = np.searchsorted(categories.thresholds, response, side="right")
    return coded(index, [int(code) if code == int(code) else float(code) for code in categories.codes])


@dataclass(frozen=True, slots=True)
class _Equation:
    """``y = constant + sum of loadings * eta + sum of errors``, without what is zero."""

    constant: float
    loadings: Mapping[str, float]
    errors: Mapping[str, float]


def _equation(block: _Block, name: str) -> _Equation:
    structure = block.structure
    at = structure.observed.index(name)
    weights = zip(structure.latent, structure.matrices["Lambda"][at].tolist(), strict=True)
    errors = zip(structure.observed, block.error_root[at].tolist(), strict=True)
    return _Equation(
        float(structure.matrices["nu"][at, 0]),
        {other: weight for other, weight in weights if weight != 0.0},
        {other: weight for other, weight in errors if weight != 0.0},
    )


def _are_close(one: _Equation, other: _Equation) -> bool:
    """Whether two groups answer an item in the same way (models are completed to rounding)."""
    pairs = ((one.loadings, other.loadings), (one.errors, other.errors))
    if one.constant != other.constant or any(set(a) != set(b) for a, b in pairs):
        return False
    return all(abs(a[name] - b[name]) < 1e-12 for a, b in pairs for name in a)

"""Estimation: from a built model to the parameter vector, with the evidence of how it was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from survey_sem.errors import IdentificationError, ModelError
from survey_sem.estimation.build import BuiltModel
from survey_sem.estimation.full_information import IncompleteMoments
from survey_sem.estimation.identification import advice, generic_point, involved, unidentified_directions
from survey_sem.estimation.infinity import beyond_infinity
from survey_sem.estimation.model import Evaluated, Model, Point
from survey_sem.estimation.optimise import Constraints, Optimum, minimise
from survey_sem.estimation.quasi_newton import walk_downhill
from survey_sem.estimation.start import starting_values
from survey_sem.linalg import Array, Directions, free_directions
from survey_sem.syntax import ParameterTable

ACTIVE = 1e-7
"""An inequality constraint whose slack is below this binds."""
AT_REST = 1e-11
"""Gradient times parameter below which a start is an optimum."""
SHOWN = 12
"""How many parameters a message names before it counts the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """An estimated model.

    Parameters
    ----------
    built : BuiltModel
        Table, model and constraints.
    start : array (q,)
        Where the search began.
    optimum : Optimum
        Where it ended.
    points : tuple of Point
        The groups' implied moments, discrepancies and derivatives there.
    empirical : tuple of str
        Parameters that the data at hand do not determine (empty where all are).
    other_value : float or None
        Value of another optimum that other starts led to.
    """

    built: BuiltModel
    start: Array
    optimum: Optimum
    points: tuple[Point, ...] = field(repr=False)
    empirical: tuple[str, ...] = ()
    other_value: float | None = None

    @property
    def theta(self) -> Array:
        """The parameter vector (q,)."""
        return self.optimum.theta

    @property
    def table(self) -> ParameterTable:
        """The parameter table."""
        return self.built.table

    @property
    def model(self) -> Model:
        """The model as a function."""
        return self.built.model

    @property
    def constraints(self) -> Constraints:
        """The constraints."""
        return self.built.constraints

    def equality_directions(self) -> Directions:
        """Directions that the equality constraints leave free at the estimates."""
        return self.constraints.directions_at(self.theta)

    def active_inequalities(self) -> list[int]:
        """Positions of the inequality constraints (not bounds) that hold with equality at the estimates."""
        values = self.constraints.positive.values(self.theta)
        return [int(k) for k in np.flatnonzero(np.abs(values) < ACTIVE)]

    def active_jacobian(self) -> Array:
        """Derivatives of everything that binds as an equality: equality constraints and active inequalities."""
        active = self.constraints.positive.jacobian(self.theta)[self.active_inequalities()]
        return np.vstack([self.constraints.equality_jacobian(self.theta), active])

    def active_directions(self) -> Directions:
        """Directions that everything that binds as an equality leaves free at the estimates."""
        return free_directions(self.active_jacobian()) if self.active_inequalities() else self.equality_directions()


class Objective:
    """The model as the optimiser's problem. What was evaluated last is at hand when the search goes there."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._theta: Array = np.zeros(0)
        self._evaluated: Evaluated | None = None

    def value(self, theta: Array) -> float:
        """Half the fit function."""
        self._theta, self._evaluated = theta, self._model.evaluated(theta)
        return self._model.value_of(self._evaluated)

    def at(self, theta: Array) -> _Around:
        """The model around a point where it has a value."""
        evaluated = self._evaluated if self._theta is theta else None
        return _Around(self._model, self._model.points(theta, evaluated))


@dataclass(frozen=True, slots=True, eq=False)
class _Around:
    """The model around one point."""

    model: Model
    points: tuple[Point, ...]

    def gradient(self) -> Array:
        return self.model.gradient(self.points)

    def metric(self, free: Directions) -> Array:
        return self.model.expected_information(self.points, free)

    def hessian(self, free: Directions) -> Array:
        return self.model.observed_information(self.points, free)


SHARE_LEFT = 0.1
"""A model that leaves less than this share of the association unexplained is taken from the first search."""
ALIKE = 0.02
"""Optima whose values differ by less than this share fit alike."""
CAUTION, RELEASE = 10.0, 1.0
"""Damping of a cautious search, and of the one that leaves the positive variances again."""
MAX_ITERATIONS = 250
"""Steps of one search, where the user sets no limit."""


def estimate(built: BuiltModel, max_iterations: int | None = None) -> Estimates:
    """Maximum likelihood estimates.

    A search that does not converge is repeated from other starts, unless `max_iterations` limits it.

    Raises
    ------
    IdentificationError
        The model leaves parameters undetermined, whatever the data.
    ModelError
        The constraints contradict each other, or no start has a positive definite Sigma.
    """
    model = built.model
    starts = starting_values(model.groups, model.samples, built.given, built.constraints.directions)
    _check_identified(built, starts[:2])
    attempts = _attempts(built, starts)
    if max_iterations is None and any(isinstance(sample, IncompleteMoments) for sample in model.samples):
        attempts = _through_moments(built, attempts)
    found = _best(built, attempts, max_iterations)
    if max_iterations is None and not (found and found.optimum.converged):
        found = _best(built, _detours(built, starts), None) or found
    if max_iterations is None and found and not found.optimum.converged:
        found = _rescued(built, found, starts[1])
    if found is None:
        raise ModelError(
            "no-start",
            "no starting values give a positive definite covariance matrix",
            hint="give starting values with start(...), or look at the fixed values of the model",
        )
    if found.optimum.message == "the constraints contradict each other":
        raise ModelError(
            "constraints-contradict", "the constraints cannot all hold", hint="drop or correct one of them"
        )
    empirical = tuple(parameter_name(built.table, at) for at in involved(found.directions))
    points = model.points(found.optimum.theta)
    return Estimates(built, found.start, found.optimum, points, empirical, found.other)


def _rescued(built: BuiltModel, lost: _Search, plain: Array) -> _Search:
    """The first of the last resorts that converges; the lost search where none does."""
    for attempts in (_mirrored(built, lost.optimum.theta), _walks(built, plain)):
        found = _best(built, attempts, None)
        if found and found.optimum.converged:
            return found
    return lost


def one_step(built: BuiltModel, start: Array) -> Estimates:
    """Estimates of a model that is at its optimum, or quadratic and one step of scoring away from it."""
    points = built.model.points(start)
    gradient = built.model.gradient(points)
    theta = start - np.linalg.solve(built.model.expected_information(points), gradient)
    points = built.model.points(theta)
    optimum = Optimum(theta, built.model.value(theta), True, 1, float(np.abs(gradient).max(initial=0.0)), 0.0, "exact")
    return Estimates(built, theta, optimum, points)


def settled(built: BuiltModel, start: Array) -> Estimates:
    """Estimates of a simple model: `start` where its gradient is zero there, else where a search from it ends.

    A start without a likelihood loses its covariances.
    """
    evaluated = built.model.evaluated(start)
    if evaluated is None:
        start = start.copy()
        start[_covariance_positions(built)] = 0.0
    points = built.model.points(start, evaluated)
    gradient = built.model.gradient(points) * np.abs(start)
    if np.abs(gradient).max(initial=0.0) < AT_REST:
        return Estimates(built, start, Optimum(start, built.model.value_at(points), True, 0, 0.0, 0.0, "exact"), points)
    optimum = minimise(Objective(built.model), start, built.constraints, size=built.model.size)
    return Estimates(built, start, optimum, built.model.points(optimum.theta))


def _covariance_positions(built: BuiltModel) -> list[int]:
    rows = built.table.parameters
    return [row.free - 1 for row in rows if row.free and row.op == "~~" and row.lhs != row.rhs]


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """Where a search began and ended, the directions undetermined there, and the value of another optimum."""

    start: Array
    optimum: Optimum
    directions: Array
    other: float | None = None


def _best(built: BuiltModel, attempts: Iterable[tuple[Array, float]], max_iterations: int | None) -> _Search | None:
    """The best of the searches from the given starts; one that is beyond doubt ends them."""
    best: _Search | None = None
    values = []
    for start, damping in attempts:
        search = _search(built, start, damping, max_iterations or MAX_ITERATIONS)
        if search.optimum.converged:
            values.append(search.optimum.value)
        if best is None or _displaces(built, search.optimum, best.optimum):
            best = search
        if max_iterations is not None or _is_plausible(built, best.optimum):
            break
    if best is None:
        return None
    here = best.optimum.value
    others = [value for value in values if abs(value - here) > 1e-6 * max(1e-3, abs(here))]
    return replace(best, other=min(others, default=None))


def _search(built: BuiltModel, start: Array, damping: float, max_iterations: int) -> _Search:
    """One search. A point whose parameters the data no longer determine is no optimum."""
    constraints = built.constraints
    optimum = minimise(Objective(built.model), start, constraints, max_iterations, damping, built.model.size)
    free = constraints.directions_at(optimum.theta)
    directions = unidentified_directions(built.model.groups, optimum.theta, free)
    if directions.size and optimum.converged:
        optimum = replace(optimum, converged=False, message="the search ended where parameters are undetermined")
    return _Search(start, optimum, directions)


def _displaces(built: BuiltModel, new: Optimum, best: Optimum) -> bool:
    """Should a later optimum take the place of an earlier one?

    Only where it is clearly lower, or as low and without the negative variances of the other: of optima that fit
    alike, the one that the informed start leads to is kept.
    """
    if new.converged != best.converged:
        return new.converged
    if not new.converged:
        return False
    repairs = _smallest_variance(built, new.theta) >= 0.0 > _smallest_variance(built, best.theta)
    return new.value < best.value * ((1.0 + ALIKE) if repairs else (1.0 - ALIKE)) - 1e-9


def _smallest_variance(built: BuiltModel, theta: Array) -> float:
    return float(theta[_variance_positions(built)].min(initial=1.0))


def _is_plausible(built: BuiltModel, optimum: Optimum) -> bool:
    """Is this optimum beyond doubt: converged, no negative variance, most of the association explained?

    Where a model fits badly the likelihood can have several optima, and other starts are worth their time.
    """
    if not optimum.converged:
        return False
    unexplained = sum(
        share * 0.5 * (float(np.sum(np.log(np.diag(sample.cov)))) - sample.log_det)
        for sample, share in zip(built.model.samples, built.model.shares, strict=True)
    )
    return optimum.value <= SHARE_LEFT * unexplained + 1e-12 and _smallest_variance(built, optimum.theta) >= 0.0


def _variance_positions(built: BuiltModel) -> list[int]:
    rows = built.table.parameters
    return [row.free - 1 for row in rows if row.free and row.op == "~~" and row.lhs == row.rhs]


def _attempts(built: BuiltModel, starts: Sequence[Array]) -> Iterator[tuple[Array, float]]:
    """Where to start, and with which damping: each start, then the first two again with short steps."""
    usable = []
    for start in _usable(built.model, built.constraints, starts):
        usable.append(start)
        yield start, 0.0
    yield from ((start, CAUTION) for start in usable[:2])


def _through_moments(built: BuiltModel, attempts: Iterator[tuple[Array, float]]) -> Iterator[tuple[Array, float]]:
    """Where the attempts lead for the maximum likelihood moments of incomplete rows, as if rows were complete.

    The search there costs next to nothing, and its optima are near those of the rows; where one of them is not enough,
    or there is none, the attempts themselves follow.
    """
    samples = tuple(
        sample.complete() if isinstance(sample, IncompleteMoments) else sample for sample in built.model.samples
    )
    plain = replace(built, model=replace(built.model, samples=samples))
    known = list(attempts)
    optima: list[Optimum] = []
    for start, damping in known:
        optimum = _search(plain, start, damping, MAX_ITERATIONS).optimum
        if optimum.converged and not any(abs(optimum.value - other.value) < 1e-6 for other in optima):
            optima.append(optimum)
        if optimum.converged and _is_plausible(plain, optimum):
            break
    found = sorted(optima, key=lambda optimum: optimum.value)
    usable = [optimum.theta for optimum in found if np.isfinite(built.model.value(optimum.theta))]
    yield from ((theta, 0.0) for theta in usable)
    yield from known if not usable else ()


def _detours(built: BuiltModel, starts: Sequence[Array]) -> Iterator[tuple[Array, float]]:
    """Where the starts lead while variances are kept positive.

    In small samples the likelihood can fall without end towards an improper solution; the detour then finds the
    local optimum that a cautious search would find.
    """
    bounded = _with_positive_variances(built)
    for start in _usable(built.model, built.constraints, starts):
        inside = np.maximum(start, bounded.lower)
        if np.isfinite(built.model.value(inside)):
            problem = Objective(built.model)
            yield minimise(problem, inside, bounded, MAX_ITERATIONS, 0.0, built.model.size).theta, RELEASE


def _walks(built: BuiltModel, plain: Array) -> Iterator[tuple[Array, float]]:
    """Where slow walks from simple starts end: the plain start, and the same with factors of other sizes."""
    if not built.constraints.are_linear_equalities:
        return
    starts = [plain, *(_resized(built, plain, factor) for factor in (10.0, -1.0))]
    starts.append(np.where(np.isnan(built.given), _weak(built, plain), plain))
    for start in _usable(built.model, built.constraints, starts):
        end = walk_downhill(Objective(built.model), start, built.constraints)
        if np.isfinite(built.model.value(end)):
            yield end, 0.0


def _mirrored(built: BuiltModel, end: Array) -> Iterator[tuple[Array, float]]:
    """Where the lost search would come out on the other side of infinity."""
    start = beyond_infinity(built.model, end)
    if start is not None:
        yield from ((usable, 0.0) for usable in _usable(built.model, built.constraints, [start]))


def _resized(built: BuiltModel, start: Array, factor: float) -> Array:
    """The start with all variances of latent variables multiplied."""
    resized = start.copy()
    for rep in built.model.groups:
        psi = rep.places["Psi"]
        latent = [at for at, name in enumerate(rep.latent) if name not in rep.observed]
        own = psi.theta[(psi.row == psi.column) & np.isin(psi.row, latent)]
        resized[own] = factor * start[own]
    return np.where(np.isnan(built.given), resized, start)


def _weak(built: BuiltModel, start: Array) -> Array:
    """The start with loadings of a tenth."""
    weak = start.copy()
    for rep in built.model.groups:
        weak[rep.places["Lambda"].theta] = 0.1 * start[rep.places["Lambda"].theta]
    return weak


def _with_positive_variances(built: BuiltModel) -> Constraints:
    lower = built.constraints.lower.copy()
    at = _variance_positions(built)
    lower[at] = np.maximum(lower[at], 0.0)
    return replace(built.constraints, lower=lower)


def usable_starts(built: BuiltModel) -> list[Array]:
    """Starting values, the best informed first, that meet linear constraints and have a likelihood."""
    starts = starting_values(built.model.groups, built.model.samples, built.given, built.constraints.directions)
    return list(_usable(built.model, built.constraints, starts))


def _usable(model: Model, constraints: Constraints, starts: Sequence[Array]) -> Iterator[Array]:
    """The starts, moved onto linear equalities and into bounds, that have a likelihood."""
    for start in starts:
        moved = np.clip(start, constraints.lower, constraints.upper)
        if len(constraints.target):
            moved = _onto_equalities(constraints, moved)
        if np.isfinite(model.value(moved)):
            yield moved


def _onto_equalities(constraints: Constraints, theta: Array) -> Array:
    """The nearest vector that meets the linear equalities; where they are ties alone, means do."""
    if constraints.directions.basis is None and not constraints.target.any():
        return constraints.directions.levelled(theta)
    gap = constraints.target - constraints.matrix @ theta
    return np.asarray(theta + np.linalg.lstsq(constraints.matrix, gap, rcond=None)[0])


def _check_identified(built: BuiltModel, starts: Sequence[Array]) -> None:
    """Refuse a model whose Jacobian lacks rank at generic points: full rank at one of them is enough."""
    directions: Array = np.zeros((0, 0))
    for point in map(generic_point, starts):
        if not np.isfinite(built.constraints.equality_jacobian(point)).all():
            continue  # a constraint such as log(a) == 1 need not have a value everywhere
        directions = unidentified_directions(built.model.groups, point, built.constraints.directions_at(point))
        if not directions.size:
            return
    if not directions.size:
        raise ModelError(
            "constraint-undefined",
            "an equality constraint has no value near the starting values",
            hint="give starting values with start(...), or look at its square roots, logarithms and divisions",
        )
    undetermined = involved(directions)
    names = [parameter_name(built.table, at) for at in undetermined]
    raise IdentificationError(
        "not-identified",
        "the model is not identified: its parameters are not determined by means and covariances",
        got=f"{directions.shape[1]} free parameter{'s' if directions.shape[1] > 1 else ''} too many; "
        f"undetermined: {shown(names)}",
        hint=advice(built.table, undetermined),
    )


def shown(names: Sequence[str]) -> str:
    """Names in a row, the long rest counted."""
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def parameter_name(table: ParameterTable, position: int) -> str:
    """A free parameter as its user would write it, with its group where there are several."""
    row = next(row for row in table.parameters if row.free == position + 1)
    group = f" (group {row.group})" if table.n_groups > 1 else ""
    return f"{row.lhs} {row.op} {row.rhs}".rstrip() + group

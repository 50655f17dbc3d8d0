"""A built model in semopy's terms, or the reasons why semopy cannot fit it.

semopy adds parameters of its own, fixes the first loading of a factor that has no fixed one, and keeps variances
positive. None of that is wanted: every parameter is described with a name or a value, every variable is declared
endogenous, and variables carry safe names, so that what semopy fits is the native parameter table and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from survey_sem.estimation.build import BuiltModel
from survey_sem.linalg import Array
from survey_sem.syntax import Parameter

Effects = dict[str, dict[str, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Tie:
    """What linear equalities say of one parameter: it equals another (`position`) or a number (`value`)."""

    position: int
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """A model for semopy.

    effects : operator -> left-hand side -> right-hand side -> parameter name, or value as text
    variables : all safe names; composites : those of variables that are formed, not measured
    observed : safe names in the order of the moments
    position : parameter name -> position in the native parameter vector
    ties : for every native parameter, what it equals
    """

    effects: Effects
    variables: tuple[str, ...]
    composites: tuple[str, ...]
    observed: tuple[str, ...]
    position: Mapping[str, int]
    ties: tuple[Tie, ...]

    def expand(self, values: Mapping[str, float]) -> Array:
        """The native parameter vector (q,) from values by parameter name; NaN for intercepts, which have none."""
        known = {self.position[name]: value for name, value in values.items()}
        return np.array([known.get(t.position, np.nan) if t.value is None else t.value for t in self.ties])

    def spread(self, names: Sequence[str], matrix: Array) -> Array:
        """A covariance matrix over `names` as one over the native parameters (q, q); fixed ones have zeros."""
        at = {self.position[name]: k for k, name in enumerate(names)}
        copies = np.zeros((len(self.ties), len(names)))
        for row, tie in enumerate(self.ties):
            if tie.value is None and tie.position in at:
                copies[row, at[tie.position]] = 1.0
        return copies @ matrix @ copies.T


def obstacles(built: BuiltModel) -> Iterator[str]:
    """What semopy cannot express of a model: each reason as a clause."""
    constraints = built.constraints
    if len(built.model.groups) > 1:
        yield "the model has several groups, which semopy fits one by one"
    if len(constraints.equal):
        yield "the model has nonlinear equality constraints, which semopy's standard errors ignore"
    if len(constraints.positive):
        yield "the model has inequality constraints, which semopy's standard errors ignore"
    if np.isfinite(constraints.lower).any() or np.isfinite(constraints.upper).any():
        yield "parameters have bounds, which semopy's standard errors ignore"
    if ties_of(built) is None:
        yield "a linear constraint is more than 'one parameter equals another, or a number'"
    if built.table.meanstructure and not has_saturated_means(built):
        yield "the model restricts means, which semopy estimates apart from the covariances"


def has_saturated_means(built: BuiltModel) -> bool:
    """Does every observed variable have its own free intercept, and no latent variable a mean?

    Then the means are reproduced whatever the rest, and covariances can be fitted without them.
    """
    rows = [row for row in built.table.parameters if row.op == "~1"]
    observed = set(built.model.groups[0].observed)
    own = [row for row in rows if row.lhs in observed]
    at = [row.free - 1 for row in own if row.free]
    is_tied = len(at) > 0 and bool(np.any(built.constraints.matrix[:, at]))
    return (
        {row.lhs for row in own if row.free or row.exo} == observed
        and not is_tied
        and all(not row.free and row.ustart == 0.0 for row in rows if row.lhs not in observed)
    )


def ties_of(built: BuiltModel) -> tuple[Tie, ...] | None:
    """What the linear equalities say of each parameter; None where they say more than a tie can hold."""
    ties = [Tie(k) for k in range(built.table.n_free)]
    for row, target in zip(built.constraints.matrix, built.constraints.target, strict=True):
        weights: dict[int, float] = {}
        for at in np.flatnonzero(row):
            tie = ties[at]
            if tie.value is None:
                weights[tie.position] = weights.get(tie.position, 0.0) + float(row[at])
            else:
                target = target - row[at] * tie.value
        used = [at for at, weight in weights.items() if weight != 0.0]
        if len(used) == 1:
            found = Tie(used[0], float(target / weights[used[0]]))
        elif len(used) == 2 and weights[used[0]] == -weights[used[1]] and target == 0.0:
            found = Tie(min(used))
        elif used:
            return None
        else:
            continue
        ties = [found if tie.value is None and tie.position in used else tie for tie in ties]
    return tuple(ties)


def describe(built: BuiltModel) -> Description:
    """The description of a model without `obstacles`."""
    rep = built.model.groups[0]
    latent = tuple(name for name in rep.latent if name not in rep.observed)
    safe = {name: f"x{k}" for k, name in enumerate(rep.observed)} | {name: f"f{k}" for k, name in enumerate(latent)}
    ties = ties_of(built)
    if ties is None:
        raise ValueError("the model has obstacles")
    effects: Effects = {"=~": {}, "~": {}, "~~": {}}
    position: dict[str, int] = {}
    for row in built.table.parameters:
        if row.op != "~1":
            operator = "~" if row.op == "<~" else row.op
            token, at = _token(row, ties)
            effects[operator].setdefault(safe[row.lhs], {})[safe[row.rhs]] = token
            if at is not None:
                position[token] = at
    for name in safe.values():
        effects["~~"].setdefault(name, {}).setdefault(name, "0.0")
    for name in rep.latent:
        # A path of zero to itself: an observed variable then belongs to the inner ones, which may cause others.
        if name in rep.observed:
            effects["~"].setdefault(safe[name], {}).setdefault(safe[name], "0.0")
    composites = tuple(safe[name] for name in latent if safe[name] not in effects["=~"])
    return Description(
        effects=effects,
        variables=tuple(safe.values()),
        composites=composites,
        observed=tuple(safe[name] for name in rep.observed),
        position=position,
        ties=ties,
    )


def _token(row: Parameter, ties: Sequence[Tie]) -> tuple[str, int | None]:
    """A parameter's name with the position that it stands for, or its fixed value as text."""
    if not row.free:
        return repr(float(row.ustart or 0.0)), None
    tie = ties[row.free - 1]
    return (f"p{tie.position}", tie.position) if tie.value is None else (repr(tie.value), None)

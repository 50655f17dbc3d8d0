"""Reliability of every factor of a fitted model: alpha, omega, average variance extracted.

Of the items y of a factor f with variance psi, y = lambda f + e, the sum 1'y has the variance
(1'lambda)^2 psi + 1'Theta 1, where Theta may hold covariances between residuals. Names are those of semTools'
``reliability()``:

* alpha: from the sample covariances of the items alone, without the model
* omega: (1'lambda)^2 psi / ((1'lambda)^2 psi + 1'Theta 1), composite reliability
  (Raykov 2001, doi:10.1348/000711001159582)
* omega2: the same numerator over the model-implied variance of the sum; it differs where items cross-load
* omega3: the same numerator over the observed variance of the sum; it differs where the model does not fit
* avevar: sum of lambda_i^2 psi over the sum of the implied variances of the items

The last two are also given with every item standardised, as they are printed in much applied work: ``cr_std`` is
omega, ``ave_std`` the mean of the squared standardised loadings (Fornell & Larcker 1981, doi:10.2307/3151312).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, Warned, did_you_mean
from survey_sem.inference.solution import Solution
from survey_sem.inference.summaries import latent_covariance
from survey_sem.linalg import Array
from survey_sem.measurement.alpha import raw_alpha
from survey_sem.results import SemResult
from survey_sem.syntax import Parameter

if TYPE_CHECKING:
    import pandas as pd

COEFFICIENTS = ("alpha", "omega", "omega2", "omega3", "avevar", "cr_std", "ave_std")
FROM_MODEL = COEFFICIENTS[1:]
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class FactorReliability:
    """One factor of one group. A coefficient that does not apply is None, with its reason in `not_applicable`."""

    factor: str
    group: int
    group_label: str
    items: tuple[str, ...]
    alpha: float | None = None
    omega: float | None = None
    omega2: float | None = None
    omega3: float | None = None
    avevar: float | None = None
    cr_std: float | None = None
    ave_std: float | None = None
    not_applicable: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {**values, "items": list(self.items), "not_applicable": dict(self.not_applicable)}


@dataclass(frozen=True, slots=True, repr=False)
class Reliability:
    """Reliability of all factors, group by group, in the order of the model.

    Index it with a factor's name for the first group's record: ``reliability(fit)["visual"].omega``.
    """

    factors: tuple[FactorReliability, ...]
    warnings: tuple[Warned, ...] = ()

    def __getitem__(self, factor: str) -> FactorReliability:
        for found in self.factors:
            if found.factor == factor:
                return found
        names = [found.factor for found in self.factors]
        raise KeyError(f"no factor '{factor}'; there are {', '.join(names)} ({did_you_mean(factor, names) or ''})")

    def __str__(self) -> str:
        lines = [self.table.round(3).to_string(na_rep="-"), *(f"warning: {warning}" for warning in self.warnings)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def records(self) -> list[dict[str, Any]]:
        """One dict for each factor and group."""
        return [found.to_dict() for found in self.factors]

    @property
    def table(self) -> pd.DataFrame:
        """One row per factor (index; with several groups: group label and factor), NaN where nothing applies."""
        import pandas as pd

        several = len({found.group for found in self.factors}) > 1
        keys = ["group", "factor"] if several else ["factor"]
        rows = [
            {
                "group": found.group_label or found.group,
                "factor": found.factor,
                "n_items": len(found.items),
                **{name: getattr(found, name) for name in COEFFICIENTS},
            }
            for found in self.factors
        ]
        frame = pd.DataFrame(rows, columns=["group", "factor", "n_items", *COEFFICIENTS]).set_index(keys)
        frame = frame.astype(dict.fromkeys(COEFFICIENTS, float))
        return frame if several else frame.drop(columns="group")


def reliability(fit: SemResult, *, total: bool = False) -> Reliability:
    """Reliability of the sum of each factor's items.

    Parameters
    ----------
    fit : SemResult
        A fitted model with factors (``=~``). Factor variances are total ones where factors are regressed on others.
    total : bool
        Add a row for the sum of the items of all factors; it means something only where the factors are facets of
        one score.

    Returns
    -------
    Reliability
        `.table` (one row per factor), `.records()`, and warnings about items that point against the others.

    Raises
    ------
    DataError
        The model has no factors.

    Examples
    --------
    >>> import survey_sem as ss
    >>> m = ss.moments(cov=[[1, 0, 0], [0.5, 1, 0], [0.4, 0.3, 1]], n_obs=200, names=["a", "b", "c"])
    >>> from survey_sem.measurement import reliability
    >>> round(reliability(ss.cfa("f =~ a + b + c", m))["f"].omega, 4)
    0.6818
    """
    found: list[FactorReliability] = []
    warnings: list[Warned] = []
    for block in range(len(fit.moments)):
        part = _group_part(fit.solution, block)
        if not part.loadings:
            raise DataError("no-factors", "the model has no factors, so there is no reliability to report")
        reason = None if fit.converged else "the search for the optimum did not converge"
        found += [_of_factor(part, name, reason) for name in part.loadings]
        if total:
            found.append(_of_all(part, reason))
        warnings += [w for name, own in part.loadings.items() for w in _opposed(name, own, part)]
    return Reliability(tuple(found), tuple(warnings))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What one group contributes.

    loadings : factor -> (indicator -> loading), observed and latent indicators
    residual : covariances of residuals (p, p) in the order of `names`; NaN never
    implied, sample : covariance matrices (p, p) on the same divisor
    cov_eta, latent : covariances of the factors, and their names
    explained : variables that something else than their factors explains, with what it is
    """

    group: int
    label: str
    names: tuple[str, ...]
    loadings: dict[str, dict[str, float]]
    residual: Array
    implied: Array
    sample: Array
    latent: tuple[str, ...]
    cov_eta: Array
    explained: dict[str, str]

    def at(self, items: Sequence[str]) -> list[int]:
        return [self.names.index(item) for item in items]


def _group_part(solution: Solution, block: int) -> _Part:
    """The pieces of one group, read from the parameter table."""
    estimates = solution.estimates
    moments = solution.moments[block]
    values = dict(zip((row.id for row in solution.rows), solution.row_values(), strict=True))
    rows = [row for row in solution.rows if row.block == block + 1]
    loadings: dict[str, dict[str, float]] = {}
    for row in rows:
        if row.op == "=~":
            loadings.setdefault(row.lhs, {})[row.rhs] = float(values[row.id])
    latent, cov_eta = latent_covariance(solution, block)
    return _Part(
        group=block + 1,
        label=moments.label,
        names=moments.names,
        loadings=loadings,
        residual=_residual(rows, values, moments.names),
        implied=estimates.points[block].moments.sigma,
        sample=estimates.model.samples[block].cov,
        latent=latent,
        cov_eta=cov_eta,
        explained={row.lhs: row.rhs for row in rows if row.op == "~"},
    )


def _residual(rows: Sequence[Parameter], values: Mapping[int, float], names: Sequence[str]) -> Array:
    """Covariances between residuals of the observed variables, from the ``~~`` rows."""
    at = {name: k for k, name in enumerate(names)}
    result = np.zeros((len(names), len(names)))
    for row in rows:
        if row.op == "~~" and row.lhs in at and row.rhs in at:
            result[at[row.lhs], at[row.rhs]] = result[at[row.rhs], at[row.lhs]] = values[row.id]
    return result


def _of_factor(part: _Part, factor: str, reason: str | None) -> FactorReliability:
    own = part.loadings[factor]
    items = tuple(own)
    record: dict[str, Any] = {"factor": factor, "group": part.group, "group_label": part.label, "items": items}
    none = _no_scale(part, own)
    if none is not None:
        return FactorReliability(**record, not_applicable=dict.fromkeys(COEFFICIENTS, none))
    at = part.at(items)
    psi = float(part.cov_eta[part.latent.index(factor), part.latent.index(factor)])
    weights = np.array(list(own.values()))
    common = psi * np.outer(weights, weights)
    given = {name: reason for name in FROM_MODEL if reason is not None}
    shared = _shared(part, factor)
    if shared is not None:
        given |= {name: shared for name in ("omega", "avevar", "cr_std", "ave_std") if name not in given}
    return _record(record, part, at, common, given)


def _of_all(part: _Part, reason: str | None) -> FactorReliability:
    """The sum of all items; what any of the factors explains counts as common."""
    observed = {name: {i: v for i, v in own.items() if i in part.names} for name, own in part.loadings.items()}
    factors = [name for name, own in observed.items() if own]
    items = tuple(dict.fromkeys(item for name in factors for item in observed[name]))
    record = {"factor": TOTAL, "group": part.group, "group_label": part.label, "items": items}
    weights = np.array([[observed[name].get(item, 0.0) for name in factors] for item in items])
    chosen = [part.latent.index(name) for name in factors]
    common = weights @ part.cov_eta[np.ix_(chosen, chosen)] @ weights.T
    given = {name: reason for name in FROM_MODEL if reason is not None}
    explained = [item for item in items if item in part.explained]
    if explained:
        why = f"{explained[0]} is also explained by {part.explained[explained[0]]}"
        given |= {name: why for name in FROM_MODEL if name not in given}
    return _record(record, part, part.at(items), common, given)


def _no_scale(part: _Part, own: Mapping[str, float]) -> str | None:
    """Why a factor has no scale of observed items, if it has none."""
    latent = [name for name in own if name not in part.names]
    if latent:
        return f"a higher-order factor: its indicators are factors ({', '.join(latent)}), not items"
    if len(own) < 2:
        return "a single indicator: its reliability cannot be told from the factor's variance"
    return None


def _shared(part: _Part, factor: str) -> str | None:
    """Why the variance of a factor's items is not that of one factor and residuals, if it is not."""
    for other, indicators in part.loadings.items():
        common = [item for item in part.loadings[factor] if item in indicators and other != factor]
        if common:
            return f"cross-loading: {', '.join(common)} also measure{'s' if len(common) == 1 else ''} {other}"
    for item in part.loadings[factor]:
        if item in part.explained:
            return f"{item} is also explained by {part.explained[item]}"
    return None


def _record(
    record: dict[str, Any], part: _Part, at: list[int], common: Array, given: Mapping[str, str]
) -> FactorReliability:
    """The record with every coefficient that applies; `common` (k, k) is what the factor explains of the items."""
    inner = np.ix_(at, at)
    values = {"alpha": raw_alpha(part.sample[inner])} if part.sample[inner].sum() > 0 else {}
    values |= coefficients(common, part.residual[inner], part.implied[inner], part.sample[inner])
    reasons = {"alpha": "the sum of the items has no variance"} if "alpha" not in values else {}
    reasons |= given
    negative = [record["items"][k] for k, variance in enumerate(np.diag(part.residual[inner])) if variance < 0.0]
    for name in FROM_MODEL:
        if name not in reasons and not 0.0 <= values[name] <= 1.0:
            cause = f"negative residual variance of {', '.join(negative)}" if negative else "improper solution"
            reasons[name] = f"{cause}: {values[name]:.4g} is no share of a variance"
    kept: dict[str, Any] = {name: value for name, value in values.items() if name not in reasons}
    return FactorReliability(**record, **kept, not_applicable=reasons)


def coefficients(common: Array, residual: Array, implied: Array, sample: Array) -> dict[str, float]:
    """The coefficients that rest on the model, from the covariances (k, k) of k items.

    `common` is the part that the factor explains, `residual` that of the residuals, `implied` and `sample` are the
    model's and the sample's covariances.
    """
    scale = 1.0 / np.sqrt(np.diag(implied))
    standard = np.outer(scale, scale)
    with np.errstate(all="ignore"):
        found = {
            "omega": common.sum() / (common.sum() + residual.sum()),
            "omega2": common.sum() / implied.sum(),
            "omega3": common.sum() / sample.sum(),
            "avevar": np.trace(common) / np.trace(implied),
            "cr_std": (common * standard).sum() / ((common + residual) * standard).sum(),
            "ave_std": np.mean(np.diag(common) * scale**2),
        }
    return {name: float(value) for name, value in found.items()}


def _opposed(factor: str, own: Mapping[str, float], part: _Part) -> list[Warned]:
    """A warning where a factor's items load with different signs: nobody should add them up."""
    signs = {item: np.sign(value) for item, value in own.items() if item in part.names and value != 0.0}
    minority = 1.0 if sum(signs.values()) < 0 else -1.0
    opposed = [item for item, sign in signs.items() if sign == minority]
    if not opposed or len(opposed) == len(signs):
        return []
    return [
        Warned(
            "item-opposed",
            f"{factor}: {', '.join(opposed)} load{'s' if len(opposed) == 1 else ''} against the other indicators",
            f"group {part.label}" if part.label else None,
            "alpha and omega are for the plain sum of the items: reverse-key what is worded the other way round",
        )
    ]

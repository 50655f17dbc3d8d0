"""The result of one structural equation model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem import renderers
from survey_sem.errors import DataError, Warned
from survey_sem.inference.acceleration import accelerations
from survey_sem.inference.bootstrap import Bootstrap
from survey_sem.inference.distributions import normal_quantile, two_sided_p
from survey_sem.inference.draws import drawn_values, normal_draws
from survey_sem.inference.fit import n_parameters
from survey_sem.inference.intervals import Intervals, bootstrap_intervals
from survey_sem.inference.modification import modification_indices
from survey_sem.inference.solution import Solution
from survey_sem.inference.standardise import KINDS, VALUE_KINDS, Standardised, ValueKind, spreads, standardise
from survey_sem.inference.summaries import r_squared
from survey_sem.linalg import Array, one_blas_thread
from survey_sem.results.bootstrap import BootstrapResult, parameter_names
from survey_sem.results.group_moments import GroupMoments, one_of
from survey_sem.results.scoring import factor_scores, rows_by_group
from survey_sem.syntax import Parameter

if TYPE_CHECKING:
    import pandas as pd

DESIGN_OPTIONS = ("weights", "cluster", "strata", "fpc", "replicate_weights")
"""Options that say how rows were sampled."""
COLUMNS = (
    "lhs", "op", "rhs", "group", "level", "label", "est", "se", "z", "p_value", "ci_lower", "ci_upper",
    "std_lv", "std_all", "std_nox",
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class SemResult(GroupMoments):
    """A fitted model. Frozen; pickles; goes to JSON and back.

    Attributes
    ----------
    model : str
        The model text.
    options : mapping
        Every option of the fit, defaults said.
    solution : Solution
        Estimates, moments and sampling covariance, for `survey_sem.inference`.
    measures, reasons : mapping
        What `fit_measures` and `not_applicable` hand out copies of.
    converged, identified, admissible : bool
        The three findings; `findings` holds their evidence.
    warnings : tuple of Warned
        Everything that a reader must know.
    """

    model: str
    options: Mapping[str, Any]
    solution: Solution = field(repr=False)
    measures: Mapping[str, float] = field(repr=False)
    reasons: Mapping[str, str] = field(repr=False)
    converged: bool
    identified: bool
    admissible: bool
    findings: Mapping[str, str] = field(repr=False)
    warnings: tuple[Warned, ...] = field(repr=False)
    provenance: Mapping[str, Any] = field(repr=False, default_factory=dict)
    resampled: Bootstrap | None = field(repr=False, default=None)

    # -- what was fitted -------------------------------------------------------------------------------------------

    @property
    def fit_measures(self) -> dict[str, float]:
        """Fit measures in lavaan's names, dots as underscores. A copy: changing it changes nothing."""
        return dict(self.measures)

    @property
    def not_applicable(self) -> dict[str, str]:
        """Measures that do not apply here, each with its reason."""
        return dict(self.reasons)

    @property
    def is_incomplete(self) -> bool:
        """Whether rows with missing values were used for what they have (full information)."""
        return bool(self.options["missing"] == "fiml")

    @property
    def n_obs(self) -> int:
        """Rows that were analysed; where they have weights, `fit_measures["ntotal"]` is the sum of these."""
        return sum(m.n_rows for m in self.moments)

    @property
    def has_pseudo_likelihood(self) -> bool:
        """Whether the log-likelihood is one of weighted or dependent rows: a means of estimation, no likelihood.

        Information criteria that rest on it rank models of the same rows and weights roughly, and no more.
        """
        return any(self.options.get(name) for name in DESIGN_OPTIONS) and "logl" in self.measures

    @property
    def group_labels(self) -> tuple[str, ...]:
        """Labels of the groups, in their order; one empty label where there are none."""
        return tuple(moments.label for moments in self.moments)

    @property
    def n_par(self) -> int:
        """Free parameters less independent equality constraints."""
        return n_parameters(self.solution.estimates)

    @property
    def optimum(self) -> dict[str, float | int | str]:
        """How the estimates were found."""
        found = self.solution.estimates.optimum
        return {
            "n_iterations": found.n_iterations,
            "gradient_norm": found.gradient_norm,
            "fmin": found.value,
            "message": found.message,
        }

    # -- estimates -------------------------------------------------------------------------------------------------

    @property
    def estimates(self) -> pd.DataFrame:
        """One row per parameter (free, fixed, defined), in the table's order.

        Columns ``lhs op rhs group level label est se z p_value ci_lower ci_upper std_lv std_all std_nox``. Fixed
        parameters have ``se`` 0 and no z; intervals are of the kind ``options["ci"]`` at ``options["ci_level"]``.
        """
        return self._estimates.copy()

    @cached_property
    def _estimates(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(self.estimate_records(), columns=list(COLUMNS))

    def estimate_records(self) -> list[dict[str, Any]]:
        """The rows of `estimates` as dicts, NaN where a value does not exist."""
        values, slopes = self._values_and_slopes
        columns = {"est": values, **self._inferred("est", values, slopes)}
        for kind in KINDS:
            columns[kind] = self._standardised[kind].values
        return [
            {**_names(row), **{name: float(column[at]) for name, column in columns.items()}}
            for at, row in enumerate(self._shown_rows)
        ]

    @cached_property
    def _shown_rows(self) -> tuple[Parameter, ...]:
        return (*self.solution.rows, *(row.row for row in self.table.definitions))

    @cached_property
    def _values_and_slopes(self) -> tuple[Array, Array]:
        values, slopes = self.solution.row_values(), self.solution.row_slopes()
        definitions = self.solution.definitions
        theta = self.solution.estimates.theta
        defined = definitions.values(theta)
        defined[~np.isfinite(defined)] = np.nan
        defined_slopes = definitions.jacobian(theta)
        defined_slopes[np.isnan(defined)] = np.nan
        return np.concatenate([values, defined]), np.vstack([slopes, defined_slopes])

    @cached_property
    def _standardised(self) -> dict[str, Standardised]:
        with one_blas_thread():
            by_group = spreads(self.solution)
            return {kind: standardise(self.solution, kind, by_group) for kind in KINDS}

    def _inferred(self, kind: ValueKind, values: Array, slopes: Array) -> dict[str, Array]:
        """Standard errors, z, p-values and intervals of one kind of value."""
        level = self.options["ci_level"]
        drawn = self.bootstrap_intervals(kind)
        if drawn is not None:
            intervals = {"ci_lower": drawn.lower, "ci_upper": drawn.upper}
            return {"se": drawn.se, **_tests(values, drawn.se, level), **intervals}
        se = self._standard_errors(slopes)
        if kind != "est":
            se[se < 1e-10] = 0.0
        found = {"se": se, **_tests(values, se, level)}
        simulated = self._monte_carlo(kind)
        if simulated is not None and len(simulated.lower):
            n_definitions = len(simulated.lower)
            found["ci_lower"][-n_definitions:] = simulated.lower
            found["ci_upper"][-n_definitions:] = simulated.upper
        return found

    def bootstrap_intervals(self, kind: ValueKind) -> Intervals | None:
        """Bootstrap standard errors and intervals of all rows of `estimates` (kind "est"), or of their standardised
        values; None where parameters were not drawn.
        """
        return self._bootstrap_intervals.get(kind)

    @cached_property
    def _bootstrap_intervals(self) -> dict[ValueKind, Intervals]:
        found = self.resampled
        if found is None or not found.has_estimates or not (self.converged and self.identified):
            return {}
        if found.theta is None:
            return dict(found.summaries)
        with one_blas_thread():
            return {kind: self._bootstrapped(found, kind) for kind in VALUE_KINDS}

    def _bootstrapped(self, found: Bootstrap, kind: ValueKind) -> Intervals:
        assert found.theta is not None
        values = self._values_and_slopes[0] if kind == "est" else self._standardised[kind].values
        draws = drawn_values(self.solution, kind, found.theta, found.exogenous)
        if kind != "est":  # a ratio of a variance to itself is 1 up to rounding
            is_constant = np.ptp(draws, axis=0) < 1e-10
            draws[:, is_constant] = values[is_constant]
        how, level = self.options["ci"], self.options["ci_level"]
        return bootstrap_intervals(draws, values, how, level, found.accelerations.get(kind))

    def _monte_carlo(self, kind: ValueKind) -> Intervals | None:
        """Monte Carlo intervals of the definitions; None where they were not asked for."""
        vcov, definitions = self.solution.vcov, self.table.definitions
        if self.options.get("ci") != "monte_carlo" or vcov is None or not (self.converged and self.identified):
            return None
        with one_blas_thread():
            theta = normal_draws(self.solution.estimates.theta, vcov, self.options["seed"])
            draws = drawn_values(self.solution, kind, theta)[:, len(self.solution.rows) :]
        centre = np.zeros(len(definitions))
        return bootstrap_intervals(draws, centre, "percentile", self.options["ci_level"])

    def accelerations(self) -> dict[ValueKind, Array]:
        """Accelerations for BCa intervals of all rows, by kind of value; they need the rows."""
        slopes = [self._values_and_slopes[1], *(self._standardised[kind].slopes for kind in KINDS)]
        with one_blas_thread():
            found = accelerations(self.solution, np.vstack(slopes))
        return dict(zip(VALUE_KINDS, np.split(found, len(slopes)), strict=True))

    @property
    def bootstrap(self) -> BootstrapResult:
        """The bootstrap draws, how many there are, and what became of them.

        Raises
        ------
        DataError
            The fit was made without a bootstrap.
        """
        if self.resampled is None:
            raise DataError(
                "no-bootstrap", "this fit was made without a bootstrap", hint="fit again with bootstrap=1000, seed=..."
            )
        return BootstrapResult(self.resampled, tuple(parameter_names(self.solution)))

    def _standard_errors(self, slopes: Array) -> Array:
        """Delta-method standard errors; NaN where they are withheld, 0 for fixed parameters."""
        if self.options["se"] == "none" or not (self.converged and self.identified):
            return np.where(np.any(slopes != 0.0, axis=1), np.nan, 0.0)
        return self.solution.standard_errors(slopes)

    def standardized(self, type: str = "std_all") -> pd.DataFrame:
        """The standardised solution; standard errors by the delta method, or from bootstrap draws.

        Parameters
        ----------
        type : {"std_all", "std_lv", "std_nox"}
            What is standardised: all variables, latent ones, all but exogenous observed ones.

        Returns
        -------
        DataFrame
            ``lhs op rhs group label est_std se z p_value ci_lower ci_upper``.
        """
        import pandas as pd

        kind = one_of("type", type, KINDS)
        found = self._standardised[kind]
        columns = {"est_std": found.values, **self._inferred(kind, found.values, found.slopes)}
        names = [_names(row) for row in self._shown_rows]
        frame = pd.DataFrame(names)[["lhs", "op", "rhs", "group", "label"]]
        return frame.assign(**columns)

    def vcov(self) -> pd.DataFrame:
        """Sampling covariance matrix of the free parameters."""
        import pandas as pd

        if self.solution.vcov is None or self.options["se"] == "none" or not (self.converged and self.identified):
            raise DataError("no-vcov", "this fit has no standard errors", hint="see .findings and .warnings")
        names = parameter_names(self.solution)
        return pd.DataFrame(self.solution.vcov, index=names, columns=names)

    # -- fit in detail ---------------------------------------------------------------------------------------------

    def modification_indices(self, sort: bool = True, minimum: float = 0.0) -> pd.DataFrame:
        """Score tests of parameters that the model fixes or leaves out.

        Returns
        -------
        DataFrame
            ``lhs op rhs group mi epc sepc_lv sepc_all sepc_nox``: the drop in chi-square to expect from freeing the
            parameter, and the value it would take, raw and standardised.
        """
        import pandas as pd

        with one_blas_thread():
            found = modification_indices(self.solution)
        if found is None:
            raise DataError("no-information", "the information matrix has no inverse", hint="see .findings")
        frame = pd.DataFrame([_names(row) for row in found.rows], columns=["lhs", "op", "rhs", "group"])
        frame = frame.assign(
            mi=found.index,
            epc=found.change,
            sepc_lv=found.standardised["std_lv"],
            sepc_all=found.standardised["std_all"],
            sepc_nox=found.standardised["std_nox"],
        )
        frame = frame[frame["mi"] >= minimum]
        if sort:
            frame = frame.sort_values("mi", ascending=False, kind="stable")
        return frame.reset_index(drop=True)

    def r_squared(self, group: int = 1) -> pd.Series[float]:
        """Explained variance of every endogenous variable, by name."""
        import pandas as pd

        return pd.Series(r_squared(self.solution, self._group(group)), dtype=float, name="r_squared")

    def factor_scores(self, data: pd.DataFrame | None = None, method: str = "regression") -> pd.DataFrame:
        """Factor scores of the rows that were analysed, or of other rows.

        Parameters
        ----------
        data : DataFrame, optional
            Rows to score; needed where the result came from moments or from JSON.
        method : {"regression", "bartlett"}
            Conditional means of the latent variables, or unbiased generalised least squares. Under full information a
            row with missing values is scored from what it has; a Bartlett score of a latent variable none of whose
            indicators it has is missing.

        Returns
        -------
        DataFrame
            One row per analysed row of the data, with the data's own index; one column per latent variable.
        """
        kind = one_of("method", method.lower(), ("regression", "bartlett"))
        return factor_scores(self, rows_by_group(self, data), kind)

    # -- presentation ----------------------------------------------------------------------------------------------

    def summary(self, **options: Any) -> Any:
        """The result as a readable text (an object that prints, and renders in a notebook).

        Options, each True by default, say what is shown: ``fit_measures estimates standardized ci r_squared``.
        """
        return renderers.render("summary", self, **options)

    def draw(self, **options: Any) -> Any:
        """The path diagram: an object that shows itself in a notebook and saves to SVG."""
        return renderers.render("diagram", self, **options)

    def _repr_html_(self) -> str:
        return str(renderers.render("html", self))

    def __str__(self) -> str:
        return str(self.summary())

    def __repr__(self) -> str:
        """One line; `print(fit)` gives the summary."""
        forms = {"chisq": ".3f", "df": ".0f", "cfi": ".3f", "rmsea": ".3f"}
        shown = [f"{name} {self.measures[name]:{form}}" for name, form in forms.items() if name in self.measures]
        findings = [name for name in ("converged", "identified", "admissible") if not getattr(self, name)]
        state = f"not {' and not '.join(findings)}" if findings else "converged, identified, admissible"
        return f"<SemResult {self.options['estimator']}, n {self.n_obs}, {', '.join([*shown, state])}>"

    # -- JSON ------------------------------------------------------------------------------------------------------

    def to_json(self) -> str:
        """The result as one JSON document (schema ``survey-sem/fit/1``), numbers at full precision."""
        from survey_sem.results.json import to_json

        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> SemResult:
        """A result from its JSON document. Everything works that needs no rows."""
        from survey_sem.results.json import from_json

        return from_json(text)

    def __getstate__(self) -> dict[str, Any]:
        """State without caches and without the handle to the rows."""
        names = self.__dataclass_fields__
        state = {name: value for name, value in self.__dict__.items() if name in names}
        state["solution"] = replace(self.solution, moments=tuple(m.without_rows() for m in self.moments))
        return state


def _names(row: Parameter) -> dict[str, Any]:
    is_parameter = row.is_parameter
    return {
        "lhs": row.lhs,
        "op": row.op,
        "rhs": row.rhs,
        "group": row.group if is_parameter else 0,
        "level": 1,
        "label": row.label,
    }


def _tests(values: Array, se: Array, level: float) -> dict[str, Array]:
    """z, p-value and normal interval; a parameter without a standard error has none but its own value."""
    width = normal_quantile(0.5 + level / 2.0)
    with np.errstate(all="ignore"):
        z = np.where(se > 0.0, values / np.where(se > 0.0, se, 1.0), np.nan)
    return {"z": z, "p_value": two_sided_p(z), "ci_lower": values - width * se, "ci_upper": values + width * se}

"""Estimates of a designed sample: numbers with their covariance, shown as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from survey_sem.errors import OptionError, did_you_mean
from survey_sem.linalg import Array, Indices
from survey_sem.sampling.given_numbers import given_number

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 4
ROUNDING = 1e-13
"""A standard error below this share of its estimate is the rounding of 0."""
COLUMNS = ("estimate", "se", "ci_lower", "ci_upper", "df", "deff", "n", "t", "p_value")
"""What tables of estimates have beside their labels."""
LABELS = ("variable", "level", "quantile", "with", "numerator", "denominator", "contrast")


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Estimates with their sampling covariance.

    Parameters
    ----------
    labels : DataFrame, shape (k, any)
        What each estimate is of: groups, variable, level.
    estimate : array (k,)
        The estimates.
    cov : array (k, k)
        Their sampling covariance.
    df : float
        Degrees of freedom of the design.
    interval : array (k, 2)
        Confidence limits.
    level : float
        Level of the intervals.
    n : array of int (k,)
        Rows with a weight behind each estimate.
    deff : array (k,), or None
        Design effects: variance over the one of a simple random sample of the same size.
    own_df : array (k,), or None
        Degrees of freedom of each estimate's own group, where intervals use these.
    method : str
        How variances and intervals were computed.
    notes : tuple of str
        What a reader should know.
    """

    labels: pd.DataFrame
    estimate: Array
    cov: Array
    df: float
    interval: Array
    level: float
    n: Indices
    deff: Array | None = None
    method: str = ""
    notes: tuple[str, ...] = ()
    own_df: Array | None = None

    @property
    def se(self) -> Array:
        """Standard errors (k,)."""
        return np.asarray(np.sqrt(np.clip(np.diag(self.cov), 0.0, None)))

    @property
    def names(self) -> list[str]:
        """A short name of each estimate: what distinguishes it, joined by colons."""
        telling = [name for name in self.labels.columns if self.labels[name].nunique(dropna=False) > 1]
        telling = telling or [self.labels.columns[-1]]
        cells = ([str(value) for value in row if value != ""] for row in self.labels[telling].itertuples(index=False))
        return [":".join(row) for row in cells]

    @property
    def covariance(self) -> pd.DataFrame:
        """The sampling covariance, rows and columns named."""
        import pandas as pd

        return pd.DataFrame(self.cov, index=self.names, columns=self.names)

    def to_frame(self) -> pd.DataFrame:
        """One row per estimate: labels, ``estimate se ci_lower ci_upper df deff n``."""
        columns: dict[str, Any] = {
            "estimate": self.estimate,
            "se": self.se,
            "ci_lower": self.interval[:, 0],
            "ci_upper": self.interval[:, 1],
            "df": self._df,
        }
        if self.deff is not None:
            columns["deff"] = self.deff
        return self.labels.assign(**columns, n=self.n)

    def confidence(self, level: float = 0.95, df: float | None = None) -> pd.DataFrame:
        """Symmetric limits ``ci_lower ci_upper`` of t with `df` degrees of freedom; infinite: of the normal.

        Without `df` it is the one of the design, or of each group where intervals use its own.
        """
        limits = symmetric_interval(
            self.estimate, self.se, check_level(level), self._df if df is None else given_number(df, "df")
        )
        return self.labels.assign(ci_lower=limits[:, 0], ci_upper=limits[:, 1])

    def test(self, value: float = 0.0) -> pd.DataFrame:
        """Whether each estimate equals `value`: ``t df p_value``, two-sided, degrees of freedom as in `confidence`.

        NaN where an estimate is known without sampling error, as a share to which weights were calibrated.
        """
        se = self.se
        varies = se > ROUNDING * np.maximum(np.abs(self.estimate), abs(value))
        t = np.divide(self.estimate - value, se, out=np.full(len(se), np.nan), where=varies)
        df = self._df
        p = 2 * np.where(np.isfinite(df), special.stdtr(df, -np.abs(t)), special.ndtr(-np.abs(t)))
        return self.labels.assign(estimate=self.estimate, se=se, t=t, df=df, p_value=p)

    def contrast(self, weights: Mapping[str, Any]) -> Estimates:
        """Linear combinations of the estimates, such as a difference of two groups.

        Parameters
        ----------
        weights : mapping
            Name of an estimate (`names`) -> its weight; or name of a contrast -> such a mapping, for several.

        Raises
        ------
        OptionError
            A name that no estimate has.
        """
        import pandas as pd

        several = [isinstance(value, Mapping) for value in weights.values()]
        if not several or any(several) != all(several):
            raise OptionError(
                "wrong-type",
                "a contrast is neither weights by estimate nor such weights by contrast",
                where="contrast",
                got=repr(weights)[:80],
            )
        wanted: Mapping[str, Mapping[str, float]] = weights if all(several) else {_difference(weights): weights}
        names = self.names
        matrix = np.zeros((len(wanted), len(names)))
        for row, parts in enumerate(wanted.values()):
            for name, weight in parts.items():
                if name not in names:
                    raise OptionError(
                        "unknown-estimate",
                        f"no estimate is named '{name}'",
                        where="contrast",
                        expected=", ".join(names[:12]),
                        hint=did_you_mean(str(name), names),
                    )
                matrix[row, names.index(name)] = given_number(weight, "contrast")
        used = matrix != 0
        estimate, cov = _combined(matrix, self.estimate, self.cov)
        return estimates(
            pd.DataFrame({"contrast": list(wanted)}),
            estimate,
            cov,
            self.df,
            np.array([self.n[row].sum() if row.any() else 0 for row in used]),
            level=self.level,
            method=self.method,
        )

    @property
    def _df(self) -> Array | float:
        return self.df if self.own_df is None else self.own_df

    def __str__(self) -> str:
        return "\n".join([self._shown().to_string(index=False, float_format=_text, na_rep="-"), *self.notes])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return str(self._shown().to_html(index=False, float_format=_text, na_rep="-", border=0)) + notes

    def _shown(self) -> pd.DataFrame:
        frame = self.to_frame()
        if (frame["df"] % 1 == 0).all():
            frame["df"] = frame["df"].astype(int)
        return frame


def estimates(
    labels: pd.DataFrame,
    estimate: Array,
    cov: Array,
    df: float,
    n: Indices,
    *,
    level: float,
    deff: Array | None = None,
    method: str = "",
    notes: tuple[str, ...] = (),
) -> Estimates:
    """Estimates with symmetric intervals of t."""
    se = np.sqrt(np.clip(np.diag(cov), 0.0, None))
    interval = symmetric_interval(estimate, se, level, df)
    if df <= 0:
        notes = (*notes, "no intervals: the design leaves no degrees of freedom")
    return Estimates(labels, estimate, cov, df, interval, level, n, deff, method, notes)


def label_name(name: str) -> str:
    """Name of a column of groups in a table of estimates, which has names of its own."""
    return f"{name} (group)" if name in COLUMNS or name in LABELS else name


def symmetric_interval(estimate: Array, se: Array, level: float, df: Array | float) -> Array:
    """Limits (k, 2): estimate -+ t(df) se."""
    half = se * t_quantiles(level, df)
    return np.column_stack([estimate - half, estimate + half])


def t_quantile(level: float, df: float) -> float:
    """The t of a two-sided interval; NaN without degrees of freedom."""
    return float(t_quantiles(level, df))


def t_quantiles(level: float, df: Array | float) -> Array:
    """The t of two-sided intervals, of the shape of `df`."""
    upper, df = 1 - (1 - level) / 2, np.asarray(df, dtype=np.float64)
    t = special.stdtrit(np.where(df > 0, df, np.nan), upper)
    return np.asarray(np.where(np.isinf(df), special.ndtri(upper), t))


def check_level(level: float) -> float:
    """A level between 0 and 1."""
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise OptionError("wrong-level", "level is not between 0 and 1", where="level", got=repr(level))
    return float(level)


def _combined(matrix: Array, estimate: Array, cov: Array) -> tuple[Array, Array]:
    """Combinations (m, k) of estimates and their covariance: unknown only where an unknown estimate has a weight."""
    unknown = np.isnan(np.diag(cov))
    lost = (matrix[:, unknown] != 0).any(axis=1)
    spread = matrix @ np.where(unknown | unknown[:, None], 0.0, cov) @ matrix.T
    return matrix @ estimate, np.where(lost | lost[:, None], np.nan, spread)


def _difference(weights: Mapping[str, float]) -> str:
    """A combination as text: ``E - H``."""
    text = ""
    for name, given in weights.items():
        weight = given_number(given, "contrast")
        size = "" if abs(weight) == 1 else f"{abs(weight):g} "
        sign = ("-" if weight < 0 else "") if not text else (" - " if weight < 0 else " + ")
        text += f"{sign}{size}{name}"
    return text


def _text(value: float) -> str:
    """A number with few digits."""
    if not np.isfinite(value):
        return "-"
    digits = 0 if value == 0 else max(0, DIGITS - 1 - int(np.floor(np.log10(abs(value)))))
    return f"{value:,.{min(digits, 2 + DIGITS)}f}" if abs(value) < 10**9 else f"{value:.{DIGITS}g}"

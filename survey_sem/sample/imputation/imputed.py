"""Several completed versions of one data set, stored as their imputed cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from survey_sem import renderers
from survey_sem.errors import OptionError, Warned, did_you_mean
from survey_sem.linalg import Array, Indices

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.sample.design import SurveyDesign

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The imputed cells of one variable.

    Parameters
    ----------
    rows : array of row numbers (k,)
        From 0.
    values : array (m, k)
        Numbers in the smallest type that holds them; of categories the positions of their levels.
    method : str
        How they were imputed.
    """

    rows: Indices
    values: NDArray[Any]
    method: str


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """How the imputed values developed: `means` and `sds`, arrays (m, cycles, items), of the variables `names`."""

    names: tuple[str, ...]
    means: Array
    sds: Array


@dataclass(frozen=True, eq=False, repr=False)
class Imputed:
    """Completed versions of one data set. Frozen; pickles; iterates over its data sets.

    Attributes
    ----------
    original : DataFrame
        The rows as they came.
    cells : mapping
        Variable -> its imputed cells.
    traces : Traces
        Means and standard deviations of the imputed values by chain and cycle.
    settings : mapping
        Number of imputations and cycles, seed, donors, methods, predictors, delta.
    warnings : tuple of Warned
        What a reader must know.
    left_out : mapping
        Columns that took no part, each with the reason.
    design : SurveyDesign or None
        How the rows were sampled, where the data knew it: models and regressions of the imputed data go by it.
    constructs : mapping
        Construct -> its items, where the data knew any: regressions may name them.
    """

    original: pd.DataFrame
    cells: Mapping[str, Cells]
    traces: Traces
    settings: Mapping[str, Any]
    warnings: tuple[Warned, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    derived: tuple[tuple[str, Callable[[pd.DataFrame], Any]], ...] = ()
    design: SurveyDesign | None = None
    constructs: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def n_imputations(self) -> int:
        """Number of completed data sets, m."""
        return int(self.settings["m"])

    @property
    def n_obs(self) -> int:
        """Rows of each data set."""
        return len(self.original)

    @property
    def n_imputed(self) -> int:
        """Cells that are imputed in each data set."""
        return sum(len(cells.rows) for cells in self.cells.values())

    def __len__(self) -> int:
        return self.n_imputations

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return (self.data(at) for at in range(self.n_imputations))

    @property
    def datasets(self) -> tuple[pd.DataFrame, ...]:
        """All completed data sets at once; iterating needs the memory of one only."""
        return tuple(self)

    def data(self, at: int) -> pd.DataFrame:
        """One completed data set, 0 to m - 1, with the columns, types and index of the original.

        Cells that were never asked stay missing.
        """
        if isinstance(at, bool) or not isinstance(at, int | np.integer) or not 0 <= at < self.n_imputations:
            raise OptionError(
                "bad-option", f"there is no data set {at!r}", where="data", expected=f"0 to {self.n_imputations - 1}"
            )
        columns = {name: _completed(self.original[name], cells, int(at)) for name, cells in self.cells.items()}
        frame = self.original.assign(**columns)
        for name, function in self.derived:
            frame[name] = function(frame)
        return frame

    def assign(self, **functions: Callable[[pd.DataFrame], Any]) -> Imputed:
        """The same imputations with further columns, such as scale scores, computed from each completed data set.

        Parameters
        ----------
        **functions
            Column name -> a function of a completed data set that gives the column.

        Examples
        --------
        >>> import pandas as pd, survey_sem as ss
        >>> data = pd.DataFrame({"a": [1, 2, None, 4, 5] * 4, "b": [2, 2, 3, None, 4] * 4})
        >>> scored = ss.impute(data, m=2, seed=1).assign(score=lambda rows: rows[["a", "b"]].mean(axis=1))
        >>> scored.data(0)["score"].notna().all()
        np.True_
        """
        wrong = [name for name, function in functions.items() if not callable(function)]
        if wrong:
            raise OptionError("bad-option", f"{wrong[0]} is not a function of a data set", where="assign")
        return replace(self, derived=(*self.derived, *functions.items()))

    def map(self, function: Callable[[pd.DataFrame], T]) -> list[T]:
        """What a function makes of each completed data set, in order; `survey_sem.pool` takes a list of fits."""
        return [function(frame) for frame in self]

    def designs(self) -> Iterator[SurveyDesign]:
        """The design of the sample with each completed data set, in order.

        Raises
        ------
        OptionError
            The data did not know how they were sampled.

        Examples
        --------
        >>> import pandas as pd, survey_sem as ss
        >>> data = pd.DataFrame({"a": [1, 2, None, 4, 5] * 4, "b": [2, 2, 3, None, 4] * 4, "w": [1, 2, 1, 2, 1] * 4})
        >>> imputed = ss.impute(ss.design(data, weights="w"), m=2, seed=1)
        >>> ss.pool([design.mean("a") for design in imputed.designs()]).names
        ('a',)
        """
        if self.design is None:
            raise OptionError(
                "no-design", "the imputed data do not know how they were sampled", where="designs",
                hint='impute a design: ss.impute(ss.design(data, weights="w"))',
            )  # fmt: skip
        design = self.design
        others = {str(name): design.data[name] for name in design.data.columns if name not in self.original.columns}
        return (replace(design, data=frame.assign(**others)) for frame in self)

    def to_frame(self) -> pd.DataFrame:
        """All completed data sets below each other; the column ``imputation`` counts them from 1."""
        import pandas as pd

        parts = []
        for at, frame in enumerate(self, 1):
            frame.insert(0, "imputation", at)
            parts.append(frame)
        return pd.concat(parts)

    def convergence(self) -> pd.DataFrame:
        """Mean and standard deviation of the imputed values, one row per item, chain (from 1) and cycle (from 1)."""
        import pandas as pd

        m, cycles, n = self.traces.means.shape
        chain, cycle, item = np.meshgrid(np.arange(1, m + 1), np.arange(1, cycles + 1), np.arange(n), indexing="ij")
        frame = pd.DataFrame(
            {
                "item": np.array(self.traces.names, dtype=object)[item.ravel()],
                "chain": chain.ravel(),
                "cycle": cycle.ravel(),
                "mean": self.traces.means.ravel(),
                "sd": self.traces.sds.ravel(),
            }
        )
        return frame.sort_values(["item", "chain", "cycle"], kind="stable", ignore_index=True)

    def draw(self, items: str | list[str] | None = None, **options: Any) -> Any:
        """Trace plots: mean and standard deviation of the imputed values over the cycles, one line per chain.

        Chains that have mixed cross each other and show no trend. At most 12 items are drawn; `items` chooses.
        """
        known = list(self.traces.names)
        chosen = known[:12] if items is None else [items] if isinstance(items, str) else list(items)
        unknown = [name for name in chosen if name not in known]
        if unknown:
            raise OptionError(
                "unknown-item", f"nothing was imputed in '{unknown[0]}'", where="items",
                hint=did_you_mean(unknown[0], known),
            )  # fmt: skip
        return renderers.render("imputation_traces", self, items=chosen, **options)

    def __repr__(self) -> str:
        """Size: never an answer."""
        return (
            f"<Imputed {self.n_imputations} data sets of {self.n_obs} rows, {self.n_imputed} cells in "
            f"{len(self.cells)} variables, seed {self.settings['seed']}>"
        )


def _completed(series: pd.Series[Any], cells: Cells, at: int) -> pd.Series[Any]:
    """A column with its imputed cells filled in, of the same type."""
    found = series.copy()
    values: Any = cells.values[at]
    if hasattr(series.dtype, "categories"):
        values = series.dtype.categories[values]
    elif getattr(series.dtype, "kind", "f") == "b":
        values = values.astype(bool)
    elif getattr(series.dtype, "kind", "f") in "iu":
        values = values.astype(np.int64)
    found.iloc[cells.rows] = values
    return found


def compact(values: Array) -> NDArray[Any]:
    """The values in the smallest type that holds them exactly."""
    if values.size and (values == np.round(values)).all():
        for kind in (np.int8, np.int16, np.int32):
            if np.abs(values).max() <= np.iinfo(kind).max:
                return values.astype(kind)
    return values

"""What a weighting did, in numbers that a reader can check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from survey_sem import renderers
from survey_sem.errors import Warned
from survey_sem.provenance import Step
from survey_sem.sampling.weight_summary import WeightSummary, summarise_weights

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "variable", "category", "n", "target", "before", "after", "target_share", "before_share", "after_share", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MarginRow:
    """One class of a margin, or one numeric variable, before and after weighting.

    Parameters
    ----------
    variable : str
        Name of the variable; of a joint margin the names joined by ``:``.
    category : str
        The class; empty for the total of a numeric variable.
    n : int
        Rows with weight in the class.
    before, after : float
        Weighted total under base weights and under the new ones.
    target : float
        Population total.
    before_share, after_share, target_share : float
        The totals as shares; for a numeric variable the means.
    source : str
        Where the target comes from.
    """

    variable: str
    category: str
    n: int
    before: float
    after: float
    target: float
    before_share: float
    after_share: float
    target_share: float
    source: str = ""


@dataclass(frozen=True, eq=False)
class Weighting:
    """Weights and how they came about.

    Parameters
    ----------
    weights : Series (n,)
        The weights, with the index of the data; 0 for rows that are not in the sample.
    base : Series (n,)
        The weights before.
    method : str
        ``rake poststratify linear raking logit trim nonresponse-cells nonresponse-propensity``, or several joined
        by ``+``.
    margins : tuple of MarginRow
        Every target class before and after.
    iterations : int
        Steps of the search.
    bounds : pair of float or None
        Least and greatest ratio of a weight to its base weight (or weight) that was allowed.
    steps : tuple of Step
        What was done, in order.
    notes : tuple of Warned
        Findings that a reader must see: cells that were joined, margins that trimming moved.
    """

    weights: pd.Series[Any]
    base: pd.Series[Any]
    method: str
    margins: tuple[MarginRow, ...] = ()
    iterations: int = 0
    bounds: tuple[float, float] | None = None
    steps: tuple[Step, ...] = ()
    notes: tuple[Warned, ...] = ()

    @property
    def summary(self) -> WeightSummary:
        """Spread of the weights and its price."""
        return summarise_weights(self.weights.to_numpy(dtype=float))

    @property
    def deff(self) -> float:
        """Kish's design effect of the weights, 1 + cv^2."""
        return self.summary.deff

    @property
    def n_eff(self) -> float:
        """Effective number of respondents, ``sum(w)^2 / sum(w^2)``."""
        return self.summary.n_eff

    @property
    def range(self) -> tuple[float, float]:
        """Least and greatest weight of rows in the sample."""
        return self.summary.least, self.summary.greatest

    @property
    def ratio_range(self) -> tuple[float, float]:
        """Least and greatest ratio of a weight to its base weight."""
        there = self.weights != 0
        ratio = self.weights[there] / self.base[there]
        return float(ratio.min()), float(ratio.max())

    def to_frame(self) -> pd.DataFrame:
        """One row per target class: totals and shares before, after and in the population."""
        import pandas as pd

        rows = [{name: getattr(row, name) for name in COLUMNS} for row in self.margins]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def draw(self, **options: Any) -> Any:
        """An SVG picture: margins before and after beside their targets; ``what="weights"``: the spread of the weights.

        Options: `what`, `title`, `lang` ("en", "zh").
        """
        return renderers.render("weighting", self, **options)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data (schema ``survey-sem/weighting/1``), without a row's weight."""
        summary = self.summary
        return {
            "schema": "survey-sem/weighting/1",
            "method": self.method,
            "bounds": None if self.bounds is None else list(self.bounds),
            "iterations": self.iterations,
            "n": summary.n,
            "sum": summary.total,
            "range": list(self.range),
            "ratio_range": list(self.ratio_range),
            "cv": summary.cv,
            "deff": summary.deff,
            "n_eff": summary.n_eff,
            "margins": [{name: getattr(row, name) for name in COLUMNS} for row in self.margins],
            "steps": [step.to_dict() for step in self.steps],
            "notes": [note.to_dict() for note in self.notes],
        }

    def after(self, earlier: Weighting) -> Weighting:
        """The same as what followed an earlier weighting, whose base, steps and notes come first."""
        return replace(
            self,
            base=earlier.base,
            method=f"{earlier.method}+{self.method}",
            steps=(*earlier.steps, *self.steps),
            notes=(*earlier.notes, *self.notes),
        )

    def __str__(self) -> str:
        summary = self.summary
        low, high = self.ratio_range
        lines = [
            f"Weights by {self.method}: {summary.n} rows, sum {summary.total:.6g}",
            f"  weights {summary.least:.4g} to {summary.greatest:.4g}, {low:.4g} to {high:.4g} times the base weights",
            f"  design effect of weighting {summary.deff:.4f}, effective n {summary.n_eff:.1f}",
        ]
        lines += [_line(row) for row in self.margins]
        return "\n".join([*lines, *(f"  note: {note.what}" for note in self.notes)])

    def __repr__(self) -> str:
        """The report: never a respondent's weight."""
        return str(self)


def _line(row: MarginRow) -> str:
    name = f"{row.variable} = {row.category}" if row.category else f"mean of {row.variable}"
    shares = f"{row.before_share:.4f} -> {row.after_share:.4f} (target {row.target_share:.4f})"
    return f"  {name}: {shares}"


def total_step(name: str, what: str, details: Mapping[str, Any], weights: pd.Series[Any]) -> Step:
    """A step of provenance with the spread of the weights after it."""
    summary = summarise_weights(weights.to_numpy(dtype=float))
    spread = {"n": summary.n, "sum": summary.total, "deff": summary.deff, "n_eff": summary.n_eff}
    return Step(name, what, {**details, **spread})

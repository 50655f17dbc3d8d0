"""The bootstrap as a user sees it, its warnings, and its record in a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError, Warned
from survey_sem.inference.bootstrap import BollenStine, Bootstrap
from survey_sem.inference.intervals import Intervals
from survey_sem.inference.solution import Solution
from survey_sem.inference.standardise import VALUE_KINDS

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.results.sem_result import SemResult

MANY_FAILED = 0.05
"""Share of failed draws from which the bootstrap itself is in doubt."""


@dataclass(frozen=True, slots=True)
class BootstrapResult:
    """Bootstrap draws, counted.

    `n_draws` were asked for; `n_failed` did not converge and are left out; `n_inadmissible` of the others are improper
    solutions (a negative variance, a covariance matrix that is not positive definite), which stay. `seed` repeats them.
    """

    found: Bootstrap = field(repr=False)
    names: tuple[str, ...] = field(repr=False)

    @property
    def n_draws(self) -> int:
        """Draws that were asked for."""
        return self.found.n_draws

    @property
    def n_failed(self) -> int:
        """Draws that did not converge."""
        return self.found.n_failed

    @property
    def n_inadmissible(self) -> int:
        """Converged draws that are improper solutions."""
        return self.found.n_inadmissible

    @property
    def seed(self) -> int:
        """The seed of the draws."""
        return self.found.seed

    @property
    def draws(self) -> pd.DataFrame:
        """Free parameters of the converged draws, one row per draw, one column per parameter."""
        import pandas as pd

        return pd.DataFrame(self._kept(self.found.theta), columns=list(self.names))

    @property
    def admissible(self) -> NDArray[np.bool_]:
        """Which rows of `draws` are proper solutions."""
        return self._kept(self.found.admissible)

    @property
    def bollen_stine(self) -> BollenStine:
        """The Bollen-Stine test: p-value, counts and the statistics of the draws."""
        if self.found.bollen_stine is None:
            raise DataError("no-bollen-stine", "this fit has no Bollen-Stine test", hint='add test="bollen.stine"')
        return self.found.bollen_stine

    def _kept(self, values: NDArray[Any] | None) -> NDArray[Any]:
        if values is not None:
            return values.copy()
        if self.found.has_estimates:
            raise DataError(
                "draws-needed",
                "a document keeps standard errors and intervals of the draws, not the draws",
                hint=f"fit again with the data, bootstrap={self.n_draws} and seed={self.seed}: the draws are the same",
            )
        raise DataError("no-draws", "only the Bollen-Stine test was drawn", hint='add se="bootstrap"')


def parameter_names(solution: Solution) -> list[str]:
    """A name for every free parameter: its label, or how it is written."""
    return [row.label or f"{row.lhs}{row.op}{row.rhs}" for row in solution.rows if row.free]


def bootstrap_warnings(found: Bootstrap, kind: str, is_extreme: bool) -> tuple[Warned, ...]:
    """What a reader must know about the draws."""
    told = []
    if found.n_failed:
        told.append(_failed(found.n_failed, found.n_draws, "bootstrap"))
    test = found.bollen_stine
    if test is not None and test.n_failed:
        told.append(_failed(test.n_failed, test.n_draws, "Bollen-Stine"))
    if found.n_inadmissible:
        told.append(
            Warned(
                "bootstrap-inadmissible",
                f"{found.n_inadmissible} of {found.n_draws} bootstrap draws are improper solutions; they are kept",
                hint="leaving them out would bias standard errors and intervals; fit.bootstrap.admissible names them",
            )
        )
    if is_extreme:
        told.append(
            Warned(
                "bootstrap-few",
                f"{found.n_draws} draws are too few for some {kind} intervals: an end is the smallest or largest draw",
                hint="draw more",
            )
        )
    return tuple(told)


def _failed(n_failed: int, n_draws: int, which: str) -> Warned:
    return Warned(
        "bootstrap-failed-draws",
        f"{n_failed} of {n_draws} {which} draws did not converge; they are left out",
        hint="so many failures make the others a selection: the sample is small for this model"
        if n_failed > MANY_FAILED * n_draws
        else None,
    )


def bootstrap_record(result: SemResult) -> dict[str, Any] | None:
    """The bootstrap as plain data: counts and summaries, without the draws."""
    found = result.resampled
    if found is None:
        return None
    test = found.bollen_stine
    return {
        "seed": found.seed,
        "n_draws": found.n_draws,
        "n_failed": found.n_failed,
        "n_inadmissible": found.n_inadmissible,
        "summaries": {
            kind: {"se": each.se, "lower": each.lower, "upper": each.upper}
            for kind in VALUE_KINDS
            if (each := result.bootstrap_intervals(kind)) is not None
        },
        "bollen_stine": None
        if test is None
        else {"p_value": test.p_value, "n_draws": test.n_draws, "n_failed": test.n_failed},
    }


def bootstrap_of(record: Mapping[str, Any] | None) -> Bootstrap | None:
    """The bootstrap that a document holds."""
    if record is None:
        return None
    test = record["bollen_stine"]
    return Bootstrap(
        seed=record["seed"],
        n_draws=record["n_draws"],
        n_failed=record["n_failed"],
        n_inadmissible=record["n_inadmissible"],
        bollen_stine=None if test is None else BollenStine(**test),
        summaries={kind: _intervals(record["summaries"][kind]) for kind in VALUE_KINDS if record["summaries"]},
    )


def _intervals(record: Mapping[str, Any]) -> Intervals:
    se, lower, upper = (np.array(record[name], dtype=np.float64) for name in ("se", "lower", "upper"))
    return Intervals(se, lower, upper, np.zeros(len(se), dtype=bool))

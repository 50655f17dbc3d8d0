"""One model with and without the exclusions of a sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.fitting import fit_model
from survey_sem.fitting.options import Function
from survey_sem.responses import Responses
from survey_sem.results import SemResult
from survey_sem.sample import SamplePlan, prepare_sample
from survey_sem.shown import fixed, html_notes, html_table, text_table

if TYPE_CHECKING:
    import pandas as pd

_HEADS = ("parameter", "without", "se", "everybody", "se", "difference")
_SHOWN = ("=~", "~", ":=")


@dataclass(frozen=True, slots=True, repr=False)
class WithAndWithout:
    """A model of those whom a plan keeps, beside the same model of everybody.

    Parameters
    ----------
    kept : SemResult
        Without those whom conditions or screening exclude.
    everybody : SemResult
        With them.
    """

    kept: SemResult
    everybody: SemResult

    def to_frame(self) -> pd.DataFrame:
        """``lhs op rhs group est se est_everybody se_everybody difference in_se``; standardised where both can be.

        `in_se` is the difference in standard errors of the model without the excluded.
        """
        first, second = (fit.standardized("std_all") for fit in (self.kept, self.everybody))
        keys = [name for name in ("lhs", "op", "rhs", "group") if name in first.columns and name in second.columns]
        frame = first[[*keys, "est_std", "se"]].merge(
            second[[*keys, "est_std", "se"]], on=keys, suffixes=("", "_everybody"), validate="one_to_one"
        )
        frame = frame.rename(columns={"est_std": "est", "est_std_everybody": "est_everybody"})
        frame["difference"] = frame["est_everybody"] - frame["est"]
        frame["in_se"] = (frame["difference"] / frame["se"]).where(frame["se"] > 0, np.nan)
        return frame

    @property
    def largest(self) -> float:
        """The largest difference of a standardised loading, path or effect, without its sign."""
        frame = self.to_frame()
        return float(frame.loc[frame["op"].isin(_SHOWN), "difference"].abs().max())

    def _head(self) -> str:
        return (
            f"n = {self.kept.n_obs:,} without the excluded, {self.everybody.n_obs:,} with everybody; "
            f"largest difference {fixed(self.largest)} (standardised)"
        )

    def _rows(self) -> list[list[str]]:
        frame = self.to_frame()
        return [
            [f"{row['lhs']} {row['op']} {row['rhs']}", *(fixed(row[name]) for name in _NUMBERS)]
            for row in frame[frame["op"].isin(_SHOWN)].to_dict("records")
        ]

    def __repr__(self) -> str:
        return f"<WithAndWithout {self._head()}>"

    def __str__(self) -> str:
        return "\n".join([self._head(), *text_table(_HEADS, self._rows())])

    def _repr_html_(self) -> str:
        return html_notes([self._head()]) + html_table(_HEADS, self._rows())


_NUMBERS = ("est", "se", "est_everybody", "se_everybody", "difference")


def with_and_without(
    model: str, responses: Responses, plan: SamplePlan, *, function: Function = "sem", **options: Any
) -> WithAndWithout:
    """Fit one model twice: to those whom a plan keeps, and to everybody whose answers could be read.

    Parameters
    ----------
    model : str
        The model in lavaan's language.
    responses : Responses
        Validated answers.
    plan : SamplePlan
        With conditions (`keep`) or `screening`; everything else in it holds for both fits.
    function : {"sem", "cfa", "growth", "lavaan"}
        Whose defaults hold.
    **options
        As of `survey_sem.sem`.

    Raises
    ------
    OptionError
        A plan that excludes nobody; an unknown option.
    DataError, ModelError, ModelSyntaxError
        As of `survey_sem.sem`.
    """
    if function not in get_args(Function):
        raise OptionError(
            "unknown-function", f"there is no function {function!r}", expected=", ".join(get_args(Function))
        )
    if not plan.keep and (plan.screening is None or not plan.screening.excludes):
        what = "the plan excludes nobody: it has neither conditions nor a screening that excludes"
        raise OptionError("no-exclusion", what, where="plan", expected="keep=(...) or screening=ScreeningPlan(...)")
    open_plan = replace(plan, keep=(), screening=None)
    kept, everybody = (
        fit_model(function, model, prepare_sample(responses, each), options) for each in (plan, open_plan)
    )
    return WithAndWithout(kept, everybody)

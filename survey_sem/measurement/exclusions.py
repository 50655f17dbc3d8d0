"""One model or regression with and without the exclusions of a sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.fitting import fit_model
from survey_sem.fitting.options import Function
from survey_sem.regression import PooledRegression, Regression, regress
from survey_sem.responses import Responses
from survey_sem.results import SemResult
from survey_sem.sample import SamplePlan, prepare_sample
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.screening import Screening
from survey_sem.shown import fixed, html_notes, html_table, text_table

if TYPE_CHECKING:
    import pandas as pd

_HEADS = ("parameter", "without", "se", "everybody", "se", "difference")
_SHOWN = ("=~", "~", ":=")


Fitted = SemResult | Regression | PooledRegression


@dataclass(frozen=True, slots=True, repr=False)
class WithAndWithout:
    """A model of those who are kept, beside the same model of everybody.

    Parameters
    ----------
    kept : SemResult, Regression or PooledRegression
        Without those whom conditions or screening exclude.
    everybody : the same kind
        With them.
    """

    kept: Fitted
    everybody: Fitted

    def to_frame(self) -> pd.DataFrame:
        """``lhs op rhs group est se est_everybody se_everybody difference in_se``, standardised; of regressions
        ``equation term`` and coefficients.

        `in_se` is the difference in standard errors of the fit without the excluded.
        """
        first, second = (_estimates(fit) for fit in (self.kept, self.everybody))
        keys = [name for name in first.columns if name not in ("est", "se") and name in second.columns]
        frame = first.merge(second, on=keys, suffixes=("", "_everybody"), validate="one_to_one")
        frame["difference"] = frame["est_everybody"] - frame["est"]
        frame["in_se"] = (frame["difference"] / frame["se"]).where(frame["se"] > 0, np.nan)
        return frame

    @property
    def largest(self) -> float:
        """The largest difference of a standardised loading, path or effect, without its sign; of regressions that of a
        coefficient in standard errors.
        """
        return float(self._shown()["difference" if self._is_model else "in_se"].abs().max())

    @property
    def _is_model(self) -> bool:
        return isinstance(self.kept, SemResult)

    def _shown(self) -> pd.DataFrame:
        frame = self.to_frame()
        return frame[frame["op"].isin(_SHOWN)] if self._is_model else frame

    def _head(self) -> str:
        unit = "(standardised)" if self._is_model else "standard errors"
        return (
            f"n = {self.kept.n_obs:,} without the excluded, {self.everybody.n_obs:,} with everybody; "
            f"largest difference {fixed(self.largest)} {unit}"
        )

    def _rows(self) -> list[list[str]]:
        names = ("lhs", "op", "rhs") if self._is_model else ("equation", "term")
        return [
            [" ".join(row[name] for name in names if row[name]), *(fixed(row[name]) for name in _NUMBERS)]
            for row in self._shown().to_dict("records")
        ]

    def __repr__(self) -> str:
        return f"<WithAndWithout {self._head()}>"

    def __str__(self) -> str:
        return "\n".join([self._head(), *text_table(_HEADS, self._rows())])

    def _repr_html_(self) -> str:
        return html_notes([self._head()]) + html_table(_HEADS, self._rows())


_NUMBERS = ("est", "se", "est_everybody", "se_everybody", "difference")


def with_and_without(
    model: str,
    data: Responses | pd.DataFrame | SurveyDesign,
    exclusions: SamplePlan | Screening,
    *,
    function: Function | Literal["regress"] = "sem",
    **options: Any,
) -> WithAndWithout:
    """Fit one model twice: to those who are kept, and to everybody whose answers could be read.

    Parameters
    ----------
    model : str
        The model in lavaan's language, or the formula of a regression.
    data : Responses, DataFrame or SurveyDesign
        Validated answers, or rows.
    exclusions : SamplePlan or Screening
        Of responses a plan with conditions (`keep`) or `screening`; everything else in it holds for both fits. Of rows
        what `survey_sem.screen` found in them; the excluded of a design leave it as a domain does.
    function : {"sem", "cfa", "growth", "lavaan", "regress"}
        What is fitted, with whose defaults.
    **options
        As of `survey_sem.sem` or `survey_sem.regress`.

    Raises
    ------
    OptionError
        Exclusions that exclude nobody, or that do not belong to the data; an unknown option.
    DataError, ModelError, ModelSyntaxError
        As of `survey_sem.sem`.

    Examples
    --------
    >>> import numpy as np, pandas as pd, survey_sem as ss
    >>> random = np.random.default_rng(1)
    >>> rows = pd.DataFrame(random.integers(1, 6, (60, 4)), columns=list("abcd"))
    >>> rows.loc[:4] = 3
    >>> found = ss.screen(rows, list("abcd"), {"long_string": {"at_least": 4}}, {"at_least": 1})
    >>> ss.with_and_without("a ~ b", rows, found, function="regress").everybody.n_obs
    60
    """
    if function not in (*get_args(Function), "regress"):
        known = ", ".join((*get_args(Function), "regress"))
        raise OptionError("unknown-function", f"there is no function {function!r}", expected=known)
    if isinstance(data, Responses) and isinstance(exclusions, SamplePlan):
        samples = _of_responses(data, exclusions)
    elif not isinstance(data, Responses) and isinstance(exclusions, Screening):
        samples = _of_rows(data, exclusions)
    else:
        raise OptionError(
            "wrong-type", "these exclusions do not belong to these data", where="exclusions",
            expected="a SamplePlan for Responses, a Screening for rows",
            got=f"{type(exclusions).__name__} for {type(data).__name__}",
        )  # fmt: skip
    if function == "regress":
        return WithAndWithout(*(regress(model, each, **options) for each in samples))
    return WithAndWithout(*(fit_model(function, model, each, options) for each in samples))


def _of_responses(responses: Responses, plan: SamplePlan) -> tuple[Any, Any]:
    if not plan.keep and (plan.screening is None or not plan.screening.excludes):
        what = "the plan excludes nobody: it has neither conditions nor a screening that excludes"
        raise OptionError("no-exclusion", what, where="plan", expected="keep=(...) or screening=ScreeningPlan(...)")
    open_plan = replace(plan, keep=(), screening=None)
    return prepare_sample(responses, plan), prepare_sample(responses, open_plan)


def _of_rows(data: pd.DataFrame | SurveyDesign, screening: Screening) -> tuple[Any, Any]:
    rows = data.data if isinstance(data, SurveyDesign) else data
    if not hasattr(rows, "columns") or not screening.kept.index.equals(rows.index):
        raise OptionError("wrong-rows", "the screening is not of these rows", where="exclusions")
    if screening.kept.all():
        what = "the screening excludes nobody"
        raise OptionError("no-exclusion", what, where="exclusions", hint='ss.screen(..., exclude={"at_least": 2})')
    return (data.subset(screening.kept) if isinstance(data, SurveyDesign) else rows[screening.kept]), data


def _estimates(fit: Fitted) -> pd.DataFrame:
    """Estimates and standard errors, after what they are of."""
    if isinstance(fit, SemResult):
        frame = fit.standardized("std_all").rename(columns={"est_std": "est"})
    else:
        frame = fit.estimates
    return frame[[name for name in ("lhs", "op", "rhs", "group", "equation", "term", "est", "se") if name in frame]]

"""Both engines side by side: does an independent program find the same numbers?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.engines.second import second_result
from survey_sem.errors import DataError, OptionError
from survey_sem.results import SemResult

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 1e-4
"""Differences up to this count as agreement: no printed digit depends on them."""


@dataclass(frozen=True, slots=True)
class ComparedParameter:
    """One parameter by both engines.

    Differences are relative: of estimates to the larger of estimate and standard error (a parameter near zero is
    judged by its uncertainty), of standard errors to the native one. None: the value is not compared.
    """

    lhs: str
    op: str
    rhs: str
    label: str
    est_native: float
    est_semopy: float
    est_difference: float
    se_native: float | None
    se_semopy: float | None
    se_difference: float | None

    @property
    def name(self) -> str:
        """The parameter as a user would write it."""
        return f"{self.lhs} {self.op} {self.rhs}".rstrip()

    @property
    def difference(self) -> float:
        """The larger of the differences."""
        return max(self.est_difference, self.se_difference or 0.0)

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Both engines on the same moments.

    parameters : every parameter that was compared
    chisq_native, chisq_semopy, chisq_difference : chi-squares; the difference is relative to max(1, native)
    tolerance : largest relative difference that counts as agreement
    version : semopy's version
    not_compared : what was left out, with the reason
    """

    parameters: tuple[ComparedParameter, ...]
    chisq_native: float
    chisq_semopy: float
    chisq_difference: float
    tolerance: float
    version: str
    not_compared: Mapping[str, str] = field(default_factory=dict)

    @property
    def largest(self) -> ComparedParameter:
        """The parameter on which the engines differ most."""
        return max(self.parameters, key=lambda parameter: parameter.difference)

    @property
    def largest_difference(self) -> float:
        """Largest relative difference in any estimate, standard error or the chi-square."""
        return max(self.largest.difference, self.chisq_difference)

    @property
    def agree(self) -> bool:
        """Is no difference larger than `tolerance`?"""
        return bool(self.largest_difference <= self.tolerance)

    @property
    def verdict(self) -> str:
        """The comparison in one sentence."""
        told = f"largest relative difference {self.largest_difference:.1e} ({self.largest.name})"
        if self.agree:
            return f"native and {self.version} agree on {len(self.parameters)} parameters: {told}"
        gap = self.chisq_semopy - self.chisq_native
        if abs(gap) <= self.tolerance * max(1.0, abs(self.chisq_native)):
            reason = "both reach the same chi-square, so the model may have two solutions (look at signs of loadings)"
        elif gap > 0:
            reason = f"semopy stopped at a chi-square that is {gap:.3g} higher: the native solution is the better one"
        else:
            reason = f"semopy found a chi-square that is {-gap:.3g} lower: the native solution is not the best one"
        return f"native and {self.version} differ: {told}; {reason}"

    def records(self) -> list[dict[str, Any]]:
        """One dict for each parameter."""
        return [parameter.to_dict() for parameter in self.parameters]

    @property
    def table(self) -> pd.DataFrame:
        """One row per parameter: both estimates, both standard errors, and their relative differences."""
        import pandas as pd

        return pd.DataFrame(self.records(), columns=list(ComparedParameter.__slots__))

    def __str__(self) -> str:
        """The table, the chi-squares and the verdict."""
        lines = [
            self.table.drop(columns="label").to_string(index=False, na_rep="", float_format=lambda v: f"{v:.6g}"),
            f"chi-square: native {self.chisq_native:.6f}, semopy {self.chisq_semopy:.6f}",
            *(f"not compared: {name} ({reason})" for name, reason in self.not_compared.items()),
            self.verdict,
        ]
        return "\n".join(lines)


def crosscheck(fit: SemResult, *, tolerance: float = TOLERANCE) -> CrossCheck:
    """Fit the same moments with semopy and hold both results side by side.

    Parameters
    ----------
    fit : SemResult
        A native fit of one group by maximum likelihood. It needs no rows: a result from JSON will do.
    tolerance : float
        Largest relative difference that counts as agreement.

    Returns
    -------
    CrossCheck
        `.table`, `.agree`, `.largest_difference`, `.verdict`; printing it shows all of them.

    Raises
    ------
    OptionError
        semopy cannot fit this model or these options as the native engine does; the reasons are told.
    DataError
        The native fit did not converge or is not identified: there is nothing to compare.
    """
    if fit.options.get("engine", "native") != "native":
        raise OptionError("not-supported", "a cross-check starts from a native fit", where="engine", expected="native")
    if not (fit.converged and fit.identified):
        raise DataError("nothing-to-compare", "the native fit has no solution to compare", hint="see .findings")
    second = second_result(fit)
    with_se = fit.options["se"] != "none" and fit.options["information"] == "expected"
    pairs = zip(fit.estimate_records(), second.estimate_records(), strict=True)
    compared = tuple(_compared(one, other, with_se) for one, other in pairs if one["op"] != "~1")
    chisq_native = 2.0 * fit.solution.n_scale * max(fit.solution.estimates.optimum.value, 0.0)
    chisq_semopy = 2.0 * second.solution.n_scale * second.solution.estimates.optimum.value
    return CrossCheck(
        parameters=compared,
        chisq_native=chisq_native,
        chisq_semopy=chisq_semopy,
        chisq_difference=abs(chisq_semopy - chisq_native) / max(1.0, chisq_native),
        tolerance=tolerance,
        version=str(second.provenance["engine"]),
        not_compared=_left_out(fit, with_se),
    )


def _compared(one: Mapping[str, Any], other: Mapping[str, Any], with_se: bool) -> ComparedParameter:
    se_native, se_semopy = (_finite(record["se"]) if with_se else None for record in (one, other))
    scale = max(abs(one["est"]), se_native or 0.0)
    gap = abs(other["est"] - one["est"])
    se_gap = None
    if se_native is not None and se_semopy is not None:
        se_gap = abs(se_semopy - se_native) / se_native if se_native > 0.0 else abs(se_semopy)
    return ComparedParameter(
        **{name: one[name] for name in ("lhs", "op", "rhs", "label")},
        est_native=one["est"],
        est_semopy=other["est"],
        est_difference=gap / scale if scale > 0.0 else gap,
        se_native=se_native,
        se_semopy=se_semopy,
        se_difference=se_gap,
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _left_out(fit: SemResult, with_se: bool) -> dict[str, str]:
    left: dict[str, str] = {}
    if fit.table.meanstructure:
        left["intercepts"] = "saturated: they equal the sample means in any engine"
    if not with_se:
        asked = "se='none'" if fit.options["se"] == "none" else "semopy's are from expected information"
        left["standard errors"] = asked
    return left

"""Bounds of parameters that `bounds` asks for, taken from the sample variances as lavaan 0.6 takes them.

The idea is that of De Jonckere and Rosseel (2022, Structural Equation Modeling 29): an observed variable cannot have
more residual variance than variance, nor a factor more variance than its marker.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from survey_sem.statistics import Moments
from survey_sem.syntax import AUXILIARY, Parameter, ParameterTable

LOWEST_RELIABILITY = 0.1
"""A marker owes at least this share of its variance to its factor."""
LOWEST_DISTURBANCE = 0.005
"""Lower bound of the residual variance of a factor that depends on others."""


@dataclass(frozen=True, slots=True)
class Widening:
    """How far ranges are widened: shares of a range that are added below and above it."""

    observed: tuple[float, float] = (0.0, 0.0)
    latent: tuple[float, float] = (0.0, 0.0)
    loading: tuple[float, float] = (0.0, 0.0)
    covariance: tuple[float, float] = (0.0, 0.0)


WIDENINGS = {
    "standard": Widening(covariance=(-0.001, -0.001)),
    "wide": Widening((0.05, 0.2), (0.0, 0.3), (0.1, 0.1)),
    "default": Widening((0.05, 0.2), (0.0, 0.3), (0.1, 0.1)),
    "wide.zerovar": Widening((0.0, 0.2), (0.0, 0.3), (0.1, 0.1)),
}
NONNEGATIVE = {"pos.var": (True, True), "pos.ov.var": (True, False), "pos.lv.var": (False, True)}
"""Whether variances of observed and of latent variables are held at zero or above."""

Range = tuple[float, float]


def with_bounds(table: ParameterTable, moments: Sequence[Moments], bounds: str) -> ParameterTable:
    """The table with the bounds that the option `bounds` gives to variances, covariances and loadings.

    Parameters
    ----------
    table : ParameterTable
        A bound that the text gives takes the place of one given here. Auxiliary variables get none.
    moments : sequence of Moments
        Of every block, with the divisor that is fitted.
    bounds : str
        "none", "pos.var", "pos.ov.var", "pos.lv.var": variances not below 0. "standard": see `Scales`. "wide" and
        "default": ranges wider by a twentieth below and a fifth above (residual variances), three tenths above
        (variances of factors), a tenth on either side (loadings). "wide.zerovar": the same, but no variance below 0.
    """
    if bounds == "none":
        return table
    found: dict[int, Range] = {}
    for block, own in enumerate(moments, 1):
        rows = [row for row in table.block(block) if row.source != AUXILIARY]
        if bounds in NONNEGATIVE:
            found |= _nonnegative(rows, set(own.names), *NONNEGATIVE[bounds])
        else:
            found |= _ranges(rows, _scales(table, block, rows, own), WIDENINGS[bounds])
    return table.replace_rows(_bounded(row, found) for row in table.rows)


def _bounded(row: Parameter, found: Mapping[int, Range]) -> Parameter:
    if not row.free or row.id not in found:
        return row
    lower, upper = found[row.id]
    lower = row.lower if math.isfinite(row.lower) else lower
    return replace(row, lower=lower, upper=row.upper if math.isfinite(row.upper) else upper)


def _nonnegative(rows: Sequence[Parameter], observed: set[str], of_observed: bool, of_latent: bool) -> dict[int, Range]:
    return {
        row.id: (0.0, math.inf)
        for row in rows
        if row.op == "~~" and row.lhs == row.rhs and (of_observed if row.lhs in observed else of_latent)
    }


@dataclass(frozen=True, slots=True)
class Scales:
    """What the parameters of one block can be at most and at least, before widening.

    residual : variance of every observed variable, nine tenths of it for a marker: the only loading of a factor that is
        fixed at 1. Residual variances lie between 0 and this.
    latent : range of the variance of every factor: from a tenth of its marker's variance (.005 if the factor depends on
        others) to all of it; from 0 to the largest variance without an observed marker; 1 under `std_lv`
    loading : by factor and observed variable, the square root of the variable's variance over a tenth of the marker's
        (over 1 under `std_lv`); absent without an observed marker
    """

    residual: Mapping[str, float]
    latent: Mapping[str, Range]
    loading: Mapping[tuple[str, str], float]


def _scales(table: ParameterTable, block: int, rows: Sequence[Parameter], moments: Moments) -> Scales:
    named = {name for row in rows for name in (row.lhs, row.rhs)}
    sizes = zip(moments.names, moments.cov.diagonal().tolist(), strict=True)
    variance = {name: size for name, size in sizes if name in named}
    markers = _markers(rows, set(variance))
    standardised = {row.lhs for row in rows if table.options["std_lv"] and row.op == "~~" and not row.free}
    latent: dict[str, Range] = {}
    smallest: dict[str, float] = {}
    for name in table.names("lv", block):
        if name in standardised:
            latent[name], smallest[name] = (1.0, 1.0), 1.0
            continue
        top, least = max(variance.values()), 0.0
        if name in markers:
            top = variance[markers[name]]
            least = smallest[name] = LOWEST_RELIABILITY * top
        latent[name] = least if name in table.names("lv_x", block) else LOWEST_DISTURBANCE, top
    is_marker = set(markers.values())
    return Scales(
        {name: size * (1.0 - LOWEST_RELIABILITY * (name in is_marker)) for name, size in variance.items()},
        latent,
        {(factor, name): math.sqrt(size / of) for factor, of in smallest.items() for name, size in variance.items()},
    )


def _markers(rows: Sequence[Parameter], observed: set[str]) -> dict[str, str]:
    """The observed marker of every factor that has one."""
    fixed: dict[str, list[str]] = {}
    for row in rows:
        if row.op == "=~" and not row.free and row.ustart == 1.0:
            fixed.setdefault(row.lhs, []).append(row.rhs)
    return {factor: names[0] for factor, names in fixed.items() if len(names) == 1 and names[0] in observed}


def _ranges(rows: Sequence[Parameter], scales: Scales, widening: Widening) -> dict[int, Range]:
    variances = {name: _widened((0.0, top), widening.observed) for name, top in scales.residual.items()}
    variances |= {name: _widened(own, widening.latent) for name, own in scales.latent.items()}
    found: dict[int, Range] = {}
    for row in rows:
        if row.op == "=~" and (row.lhs, row.rhs) in scales.loading:
            largest = scales.loading[row.lhs, row.rhs]
            found[row.id] = _widened((-largest, largest), widening.loading)
        elif row.op == "~~" and row.lhs == row.rhs:
            found[row.id] = variances[row.lhs]
        elif row.op == "~~":
            largest = math.sqrt(variances[row.lhs][1] * variances[row.rhs][1])
            found[row.id] = _widened((-largest, largest), widening.covariance)
    return found


def _widened(own: Range, shares: Range) -> Range:
    size = own[1] - own[0]
    return own[0] - shares[0] * size, own[1] + shares[1] * size

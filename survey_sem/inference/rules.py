"""What standard errors and tests rest on: the options of lavaan that decide them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """How sampling variability is estimated.

    Parameters
    ----------
    information : str
        ``"expected"``, ``"observed"`` or ``"first.order"``.
    se : str
        ``"standard"``, ``"robust.sem"``, ``"robust.huber.white"``, ``"robust.cluster"``, ``"robust.design"``,
        ``"first.order"``, ``"replicate"``, ``"bootstrap"`` or ``"none"``.
    tests : tuple of str
        ``"standard"`` first (or ``"none"`` alone); the first other one gives the scaled fit measures.
    h1_information : str
        Whether expected information is taken at the implied moments (``"structured"``) or at the sample moments.
    observed_information : str
        Whether observed information is the Hessian of the model (``"hessian"``), or that of the saturated model,
        carried over by the Jacobian (``"h1"``).
    observed_in_tests : str
        The same in adjusted tests.
    uses_n : bool
        Whether the fit function is multiplied with N: else with N less the number of groups.
    has_likelihood : bool
        Whether the fit function is a likelihood.
    is_efficient : bool
        Whether the inverse information itself is taken as the standard covariance of the estimates.
    is_residual_based : bool
        Whether the standard statistic is Browne's residual-based one under normal theory, not the fit function's.
    """

    information: str = "expected"
    se: str = "standard"
    tests: tuple[str, ...] = ("standard",)
    h1_information: str = "structured"
    observed_information: str = "hessian"
    observed_in_tests: str = "h1"
    uses_n: bool = True
    has_likelihood: bool = True
    is_efficient: bool = True
    is_residual_based: bool = False

    @property
    def needs_rows(self) -> bool:
        """Whether the sampling covariance cannot be had from moments."""
        drawn = ("robust.sem", "bootstrap", "replicate")
        return self.information == "first.order" or self.has_casewise_errors or self.se in drawn

    @property
    def has_casewise_errors(self) -> bool:
        """Whether standard errors rest on casewise scores, or on their totals over sampled units."""
        return self.se in CASEWISE

    @property
    def adjusted_test(self) -> str | None:
        """The test that the scaled fit measures come from."""
        return next((name for name in self.tests if name in ADJUSTED), None)

    @property
    def residual_tests(self) -> tuple[str, ...]:
        """Browne's tests among those asked for."""
        return tuple(name for name in self.tests if name.startswith("browne"))


STRUCTURED = Rules()
"""Expected information at the implied moments."""
CASEWISE = ("robust.huber.white", "robust.cluster", "robust.design")
"""Standard errors with casewise scores in the middle: of independent rows, of clusters, of a whole design."""
ADJUSTED = ("satorra.bentler", "yuan.bentler", "yuan.bentler.mplus", "mean.var.adjusted", "scaled.shifted")
"""Tests that correct the standard statistic."""

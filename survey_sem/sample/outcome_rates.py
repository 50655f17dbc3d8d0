"""Outcome rates of probability samples after AAPOR's Standard Definitions, from the dispositions of all cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from survey_sem.errors import OptionError, did_you_mean
from survey_sem.instrument import Texts
from survey_sem.provenance import plain_data
from survey_sem.shown import html_notes, html_table, text_table

if TYPE_CHECKING:
    import pandas as pd

DISPOSITIONS = ("I", "P", "R", "NC", "O", "UH", "UO", "NE")
"""Complete, partial, refusal and break-off, non-contact, other; unknown household, unknown other; not eligible."""


@dataclass(frozen=True, slots=True)
class ResponseRate:
    """A rate and what it is made of.

    Parameters
    ----------
    name : str
        ``RR1``-``RR6 COOP1``-``COOP4 REF1``-``REF3 CON1``-``CON3`` (AAPOR), ``participation``, ``completion`` or
        ``valid``.
    numerator, denominator : float
        Cases; not whole where cases are weighted or a share of them is estimated to be eligible.
    """

    name: str
    numerator: float
    denominator: float

    @property
    def value(self) -> float:
        """The rate, 0 to 1."""
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Dispositions:
    """What became of every case that was sampled.

    Parameters
    ----------
    counts : mapping
        `DISPOSITIONS` -> cases; a disposition that is not named has none. ``NE`` (known not to be eligible) belongs to
        no rate, but tells which share of the unknown is eligible.
    e : float, optional
        Share of the cases of unknown eligibility (UH, UO) that is eligible, 0 to 1.
    e_source : str or Texts
        Where `e` comes from: AAPOR wants that told.

    Raises
    ------
    OptionError
        An unknown disposition, a count or a share that cannot be, no case that is known to be eligible.
    """

    counts: Mapping[str, float]
    e: float | None = None
    e_source: str | Texts = ""

    def __post_init__(self) -> None:
        for name, count in self.counts.items():
            if name not in DISPOSITIONS:
                hint = did_you_mean(str(name), DISPOSITIONS)
                what = f"'{name}' is no disposition"
                raise OptionError("unknown-disposition", what, expected=" ".join(DISPOSITIONS), hint=hint)
            if not _is_number(count) or count < 0:
                raise OptionError("bad-disposition", f"the cases of disposition {name} cannot be {count!r}")
        if self.e is not None and (not _is_number(self.e) or not 0 <= self.e <= 1):
            what = f"the eligible share of unknown cases cannot be {self.e!r}"
            raise OptionError("bad-disposition", what, where="e", expected="a number from 0 to 1")
        if not self.known:
            raise OptionError("no-cases", "no case is known to be eligible: there are no rates", got=str(self.counts))

    def __getitem__(self, name: str) -> float:
        """Cases of a disposition."""
        return self.counts.get(name, 0)

    def of(self, names: str) -> float:
        """Cases of several dispositions, separated by blanks."""
        return sum(self[name] for name in names.split())

    @property
    def known(self) -> float:
        """Cases that are known to be eligible."""
        return self.of("I P R NC O")

    @property
    def total(self) -> float:
        """All cases."""
        return self.of(" ".join(DISPOSITIONS))

    @property
    def eligible(self) -> float | None:
        """The share of eligible cases among the unknown: `e`, or that among the known ones where NE is told."""
        if self.e is not None or "NE" not in self.counts:
            return self.e
        return self.known / (self.known + self["NE"])

    def to_dict(self) -> dict[str, Any]:
        """The counts, the share and its origin (``given``, ``estimated`` or None) as plain data."""
        origin = "given" if self.e is not None else None if self.eligible is None else "estimated"
        return {
            "counts": {name: self.counts[name] for name in DISPOSITIONS if name in self.counts},
            "eligible": self.eligible,
            "eligible_from": origin,
            "eligible_source": plain_data(self.e_source),
        }


@dataclass(frozen=True, slots=True)
class OutcomeRates:
    """AAPOR's outcome rates and the dispositions behind them.

    Parameters
    ----------
    dispositions : Dispositions
        All cases.
    rates : tuple of ResponseRate
        In the order response, cooperation, refusal, contact.
    """

    dispositions: Dispositions
    rates: tuple[ResponseRate, ...]

    def __getitem__(self, name: str) -> float:
        """The value of a rate.

        Raises
        ------
        KeyError
            There is no such rate, or the dispositions do not give it.
        """
        return {rate.name: rate.value for rate in self.rates}[name]

    def to_frame(self) -> pd.DataFrame:
        """One row per rate: ``rate value numerator denominator``."""
        import pandas as pd

        rows = [(rate.name, rate.value, rate.numerator, rate.denominator) for rate in self.rates]
        return pd.DataFrame(rows, columns=["rate", "value", "numerator", "denominator"])

    @property
    def notes(self) -> tuple[str, ...]:
        """What the rates suppose of cases of unknown eligibility."""
        told = self.dispositions.to_dict()
        if not self.dispositions.of("UH UO"):
            return ()
        if told["eligible"] is None:
            return ("no RR3, RR4, REF2, CON2: give e, or the cases NE that are known not to be eligible",)
        from_known = " (estimated: as among the cases of known eligibility)" * (told["eligible_from"] == "estimated")
        return (f"e = {told['eligible']:.3f} of the unknown cases taken as eligible{from_known}",)

    def __str__(self) -> str:
        return "\n".join(["AAPOR outcome rates", *text_table(*self._table()), *self.notes])

    def _repr_html_(self) -> str:
        return html_table(*self._table()) + html_notes(self.notes)

    def _table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        rows: list[tuple[str, ...]] = [
            (each.name, f"{each.value:.1%}", f"{each.numerator:g}", f"{each.denominator:g}") for each in self.rates
        ]
        return ("rate", "value", "cases", "of"), rows


def outcome_rates(
    cases: Mapping[str, float] | pd.Series[Any] | Dispositions, *, e: float | None = None, weights: Any = None
) -> OutcomeRates:
    r"""AAPOR's response, cooperation, refusal and contact rates of a probability sample.

    With complete (I) and partial interviews (P), refusals and break-offs (R), non-contacts (NC), others (O), cases of
    which it is unknown whether anybody eligible is there (UH, UO), and a share e of these that is eligible::

        RR1, RR2    I, I + P  of  I + P + R + NC + O + UH + UO
        RR3, RR4    I, I + P  of  I + P + R + NC + O + e (UH + UO)
        RR5, RR6    I, I + P  of  I + P + R + NC + O
        COOP1, 2    I, I + P  of  I + P + R + O
        COOP3, 4    I, I + P  of  I + P + R
        REF1, 2, 3  R         of  the bases of RR1, RR3, RR5
        CON1, 2, 3  I + P + R + O  of  the bases of RR1, RR3, RR5

    Without `e` it is the share of eligible cases among those of known eligibility (proportional allocation, after
    CASRO), where the cases NE that are known not to be eligible are told; otherwise rates that need it are left out.
    Of samples without known probabilities (panels that anybody may join, links that are passed on) none of these rates
    has a meaning.

    Source: AAPOR, Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys, 9th ed. (2016).

    Parameters
    ----------
    cases : mapping, Series or Dispositions
        Disposition -> number of cases; or the disposition of each case.
    e : float, optional
        Share of the unknown cases that is eligible, 0 to 1.
    weights : array of shape (n_cases,), optional
        Base weights of a Series of cases: their sums are taken instead of counts.

    Raises
    ------
    OptionError
        Unknown dispositions, counts, shares or weights that cannot be; no case that is known to be eligible.

    Examples
    --------
    >>> import survey_sem as ss
    >>> rates = ss.outcome_rates({"I": 4, "P": 2, "R": 1, "NC": 1, "O": 1, "UH": 1, "UO": 1, "NE": 1})
    >>> round(rates["RR1"], 3), round(rates["RR3"], 3), round(rates["COOP4"], 3)
    (0.364, 0.37, 0.857)
    """
    told = cases if isinstance(cases, Dispositions) else Dispositions(_counted(cases, weights), e)
    known, unknown, share = told.known, told.of("UH UO"), told.eligible
    bases: list[float | None] = [known + unknown, None, known]
    if share is not None or not unknown:
        bases[1] = known + (share or 0) * unknown
    complete, partly = told["I"], told.of("I P")
    contacted = told.of("I P R O")
    found: list[tuple[str, float, float | None]] = []
    for at, base in enumerate(bases):
        found += [(f"RR{2 * at + 1}", complete, base), (f"RR{2 * at + 2}", partly, base)]
    for at, base in enumerate((contacted, told.of("I P R"))):
        found += [(f"COOP{2 * at + 1}", complete, base), (f"COOP{2 * at + 2}", partly, base)]
    found += [(f"REF{at}", told["R"], base) for at, base in enumerate(bases, start=1)]
    found += [(f"CON{at}", contacted, base) for at, base in enumerate(bases, start=1)]
    return OutcomeRates(told, tuple(ResponseRate(name, above, below) for name, above, below in found if below))


def _counted(cases: Any, weights: Any) -> dict[str, float]:
    """Cases by disposition."""
    import pandas as pd

    if isinstance(cases, Mapping):
        if weights is not None:
            raise OptionError("bad-option", "weights are of single cases, and counts are given", where="weights")
        return dict(cases)
    if not isinstance(cases, pd.Series):
        what = f"dispositions cannot be a {type(cases).__name__}"
        raise OptionError("wrong-type", what, where="cases", expected="a mapping of counts, or a Series of cases")
    if cases.isna().any():
        n = int(cases.isna().sum())
        hint = "what is not known of a case is UH or UO"
        raise OptionError("unknown-disposition", f"{n} cases have no disposition", where="cases", hint=hint)
    if weights is None:
        return {str(name): int(n) for name, n in cases.value_counts().items()}
    try:
        each = pd.Series(weights, dtype="float64").to_numpy()
    except (TypeError, ValueError):
        each = None
    if each is None or len(each) != len(cases) or not (each >= 0).all():
        what = "weights of cases are one number for each, none of them negative or missing"
        raise OptionError("bad-option", what, where="weights", expected=f"{len(cases)} numbers")
    return {str(name): float(n) for name, n in pd.Series(each).groupby(cases.to_numpy()).sum().items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)

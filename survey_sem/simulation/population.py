"""Who answers and how, as frozen records: the population file (schema ``survey-sem/population/1``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from survey_sem.instrument.routing import Code
from survey_sem.simulation.normal import Categories
from survey_sem.simulation.structure import Structure

Effects = Mapping[str, float]
"""Factor -> standardised effect on a linear predictor."""

CARELESS = ("straightlining", "pattern", "random", "midpoint", "speeding")
RESPONDENT_FAULTS = ("routing", "duplicates", "illegal_codes", "out_of_range", "encoding", "late")


@dataclass(frozen=True, slots=True)
class Shares:
    """One code each, with these shares; with `by`, shares for each code (or part) of an earlier variable.

    `table` has the key None when there is no `by`.
    """

    codes: tuple[Code, ...]
    table: Mapping[Code | None, tuple[float, ...]]
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Classes:
    """Whole numbers, uniform within classes (from, to, share); both ends belong to a class."""

    classes: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Positive amounts: ``log x = log median + sd_log * (predictor + rest)``, predictor and rest of variance 1."""

    median: float
    sd_log: float
    on: Effects
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Poisson:
    """Counts of this mean; the predictor multiplies the mean by its exponential."""

    mean: float
    on: Effects


@dataclass(frozen=True, slots=True)
class Logistic:
    """Two codes, the first with this share in the population; the predictor adds to its log-odds."""

    share: float
    on: Effects
    codes: tuple[Code, Code]


@dataclass(frozen=True, slots=True)
class Choices:
    """Several options, each with its own probability; at least one is chosen."""

    codes: tuple[Code, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Utilities:
    """A ranking after Plackett and Luce: the odds of being chosen next are the exponentials of the utilities."""

    codes: tuple[Code, ...]
    utilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """One of some texts, from a share of the respondents."""

    texts: tuple[str, ...]
    answered: float


@dataclass(frozen=True, slots=True)
class Dates:
    """A day between two, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Telephone:
    """Numbers that look like telephone numbers and cannot be any: what is asked for only to be dropped."""


Distribution = Shares | Classes | Lognormal | Poisson | Logistic | Choices | Utilities | Written | Dates | Telephone


@dataclass(frozen=True, slots=True)
class Groups:
    """The nominal item or partition whose parts differ."""

    of: str
    parts: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Rooms, shops, schools: what respondents of one cluster share.

    Parameters
    ----------
    item : str
        Holds the number of the cluster.
    codes : tuple
        The clusters, as the item writes them.
    icc : mapping
        Factor -> share of the variance of its disturbance that lies between clusters.
    """

    item: str
    codes: tuple[Code, ...]
    icc: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Rates:
    """Who answers: probabilities by code (or part) of a variable."""

    of: str
    rates: Mapping[Code, float]


@dataclass(frozen=True, slots=True)
class Leaning:
    """Who answers: log-odds that lean on factors, around those of `rate`."""

    on: Effects
    rate: float


@dataclass(frozen=True, slots=True)
class Times:
    """How long the answers take: seconds per item that was asked, and the spread of their logarithm."""

    seconds_per_item: float = 5.0
    sd_log: float = 0.35


@dataclass(frozen=True, slots=True)
class Missing:
    """Answers left out: at random, by another item (`on`), or by the answer itself."""

    items: tuple[str, ...]
    kind: Literal["mcar", "mar", "mnar"]
    rate: float
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with the answers, as shares of respondents (of `missing`: of answers).

    Parameters
    ----------
    careless : mapping
        Kind (see `CARELESS`) -> share.
    attention : mapping
        ``careless`` and ``careful`` -> share that passes an attention check.
    missing : tuple of Missing
    shares : mapping
        Kind (see `RESPONDENT_FAULTS`) -> share.
    """

    careless: Mapping[str, float] = field(default_factory=dict)
    attention: Mapping[str, float] = field(default_factory=lambda: {"careless": 0.2, "careful": 1.0})
    missing: tuple[Missing, ...] = ()
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Everything that answers are drawn from.

    Parameters
    ----------
    structures : mapping
        Code or part of `groups.of` -> its complete model; the key None holds the model without differences.
    answers : mapping
        Item of the model -> how its latent response becomes a code.
    background : mapping
        Item -> how it is drawn, in the order of drawing.
    groups, clusters : Groups, Clusters or None
    response : tuple of Rates and Leaning
        Their probabilities multiply.
    times : Times
    places : mapping
        ``province-city`` -> share.
    faults : Faults
    sha256 : str
        Canonical hash of the file.
    """

    structures: Mapping[Code | None, Structure]
    answers: Mapping[str, Categories]
    background: Mapping[str, Distribution]
    groups: Groups | None
    clusters: Clusters | None
    response: tuple[Rates | Leaning, ...]
    times: Times
    places: Mapping[str, float]
    faults: Faults
    sha256: str

    @property
    def structure(self) -> Structure:
        """The model without the differences of groups."""
        return self.structures[None]

    def structure_of(self, part: Code) -> Structure:
        """The model of one part of `groups.of`."""
        return self.structures.get(part, self.structure)

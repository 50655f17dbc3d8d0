"""Everything that a report is made of, gathered in one record; where it comes from is not known here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from survey_sem.instrument import Instrument
from survey_sem.measurement import Reliability
from survey_sem.provenance import Step
from survey_sem.reporting.contents import Name
from survey_sem.responses import ValidationReport
from survey_sem.results import SemResult
from survey_sem.sample import Flow
from survey_sem.sample.background import SampleDescription
from survey_sem.sample.describe import ItemDescription

ByLanguage = Mapping[str, str]
"""A text by language code."""


@dataclass(frozen=True, slots=True)
class DataNote:
    """Where the data come from."""

    file: str = ""
    origin: ByLanguage = field(default_factory=dict)
    citation: ByLanguage = field(default_factory=dict)
    license: ByLanguage = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repetition:
    """What another person needs to repeat the run.

    Parameters
    ----------
    commands : tuple of str
        Command lines, in order.
    hashes : mapping
        ``plan data instrument`` or another name -> SHA-256.
    software, platform : mapping
        Versions of packages; interpreter and system.
    seed : int, optional
        Of everything random.
    """

    commands: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    software: Mapping[str, str] = field(default_factory=dict)
    platform: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Recovered:
    """A parameter of a model for simulated answers, all values standardised; None where one is not known.

    Parameters
    ----------
    lhs, op, rhs : str
        The parameter.
    planted : float or None
        What the latent responses were made with.
    expected : float or None
        What the model gives with the exact covariances of the coded answers.
    est, low, high : float or None
        What it gives with the sample, and its interval.
    """

    lhs: str
    op: str
    rhs: str
    planted: float | None
    expected: float | None
    est: float
    low: float | None
    high: float | None

    @property
    def aim(self) -> float | None:
        """What the interval should hold: the expected value, else the planted one."""
        return self.planted if self.expected is None else self.expected

    @property
    def is_inside(self) -> bool | None:
        """Whether the interval holds it; None where either is not known."""
        if self.aim is None or self.low is None or self.high is None:
            return None
        return self.low <= self.aim <= self.high

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Recovery:
    """How a model for simulated answers finds back what was planted.

    Parameters
    ----------
    rows : tuple of Recovered
        Loadings, paths and effects, in the order of the model.
    seed : int
        Of the simulation.
    reason : str
        Why there are no expected values; empty where there are.
    """

    rows: tuple[Recovered, ...] = ()
    seed: int = 0
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data (schema ``survey-sem/recovery/1``)."""
        return {
            "schema": "survey-sem/recovery/1",
            "seed": self.seed,
            "reason": self.reason,
            "rows": [row.to_dict() for row in self.rows],
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Recovery:
        """A record from its plain data."""
        return cls(tuple(Recovered(**row) for row in record["rows"]), record["seed"], record["reason"])


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """What a report shows. Only `title` and `fits` are needed; sections without inputs are left out.

    Parameters
    ----------
    title : texts by language
        Of the study.
    fits : mapping
        Name -> result, the fullest model last. ``measurement`` (a CFA of the same items) and ``structural`` have
        names in both languages. At least one.
    study_id : str
        Name of the study.
    metadata : mapping
        ``population mode dates sampling consent ethics funding ...`` -> texts by language, in the order shown.
    instrument : texts by language
        Title and version of the questionnaire.
    data : DataNote
        Origin of the data.
    flow : Flow
        Respondents from distribution to analysis.
    steps : tuple of Step
        What was done to the sample.
    items : tuple of ItemDescription
        Descriptive statistics of what is measured, small cells already withheld.
    description : SampleDescription
        Who the respondents are, small cells already withheld.
    validation : ValidationReport, optional
        What the check of the data found.
    treatments : mapping
        Rule of the check -> what the study declares to do with data that break it.
    questionnaire : Instrument, optional
        What was asked: for the codebook.
    labels : mapping
        Construct or variable -> label by language.
    effects : mapping
        Defined parameter -> label by language.
    reliability : Reliability, optional
        Of the factors.
    recovery : Recovery, optional
        Of simulated answers: what was planted beside what was found.
    repetition : Repetition
        How to repeat the run.
    records : mapping
        Analyses beside the models as plain data: ``regressions invariance groups comparisons``.
    by_group : SemResult, optional
        The main model in groups.
    """

    title: ByLanguage
    fits: Mapping[str, SemResult]
    study_id: str = ""
    metadata: Mapping[str, ByLanguage] = field(default_factory=dict)
    instrument: ByLanguage = field(default_factory=dict)
    data: DataNote = DataNote()
    flow: Flow = field(default_factory=Flow)
    steps: tuple[Step, ...] = ()
    items: tuple[ItemDescription, ...] = ()
    description: SampleDescription = field(default_factory=SampleDescription)
    validation: ValidationReport | None = None
    treatments: Mapping[str, str] = field(default_factory=dict)
    questionnaire: Instrument | None = None
    labels: Mapping[str, ByLanguage] = field(default_factory=dict)
    effects: Mapping[str, ByLanguage] = field(default_factory=dict)
    reliability: Reliability | None = None
    recovery: Recovery | None = None
    repetition: Repetition = Repetition()
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    by_group: SemResult | None = None

    def __post_init__(self) -> None:
        if not self.fits:
            raise ValueError("a report needs at least one fit")

    @property
    def main(self) -> SemResult:
        """The fullest model."""
        return next(reversed(list(self.fits.values())))

    @property
    def measurement(self) -> SemResult:
        """The model whose loadings are reported: the measurement model where it was fitted alone."""
        return self.fits.get("measurement", self.main)

    @property
    def reversed_items(self) -> tuple[str, ...]:
        """Items that were turned round."""
        return tuple(str(step.details["item"]) for step in self.steps if step.name == "reverse-key")

    @property
    def is_weighted(self) -> bool:
        """Whether respondents have unequal weights."""
        design = self.records.get("design")
        return design is not None and float(design["deff_weights"]) > 1.0 + 1e-12

    def name(self, code: str) -> Name:
        """A variable with its label."""
        return Name(code, self.labels.get(code, {}))

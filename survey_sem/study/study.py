"""A study as frozen records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from survey_sem.instrument import Texts
from survey_sem.sample import SamplePlan

Function = Literal["sem", "cfa", "growth"]
VARIANTS = ("unweighted", "independent", "everybody", "listwise", "fiml", "ML", "MLR", "MLM", "ULS", "GLS")
"""Choices that a full model may be fitted under again: without weights; rows taken as independent draws; without the
conditions of the sample; another treatment of missing answers; another estimator."""
DRAWN = ("bootstrap", "ci", "se", "test")
"""Options with which a fit may draw at random."""
Option = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataSource:
    """The export that a study analyses.

    Parameters
    ----------
    files : tuple of Path
        Where it is; two files are the texts and the codes of the same answers.
    dialect, encoding : str or None
        Forced, or None to find out.
    origin, citation, license : Texts
        Where it comes from, how to cite it, what is allowed.
    key_file : Path or None
        Holds the secret that pseudonyms are made with; it never enters a run.
    truth : Path or None
        Of simulated answers: the file with the values that they were made with.
    """

    files: tuple[Path, ...]
    dialect: str | None
    encoding: str | None
    origin: Texts
    citation: Texts
    license: Texts
    key_file: Path | None = None
    truth: Path | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """A defined parameter that the study asks for: ``name := definition``."""

    name: str
    definition: str
    label: Texts

    @property
    def statement(self) -> str:
        """The line of model text."""
        return f"{self.name} := {self.definition}"


@dataclass(frozen=True, slots=True)
class FitPlan:
    """One model of the study, ready for the function that fits it.

    Parameters
    ----------
    name : str
        ``measurement`` or ``structural``: name of its file in the run directory.
    function : str
        ``cfa``, ``sem`` or ``growth``.
    model : str
        Model text.
    options : mapping
        Keywords for the function; ``missing`` is always there.
    """

    name: str
    function: Function
    model: str
    options: Mapping[str, Option]


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """Groups over which the models are compared.

    Parameters
    ----------
    of : str
        Variable or partition that tells them apart.
    levels : tuple of str
        Of the invariance ladder of the measurement model.
    equal, partial : tuples of str
        What the full model holds equal over the groups, and what of it stays free.
    """

    of: str
    levels: tuple[str, ...]
    equal: tuple[str, ...] = ("loadings",)
    partial: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegressionPlan:
    """A regression beside the models; keywords as of `survey_sem.regress`.

    Parameters
    ----------
    name, formula : str
        Its name, and what it regresses: variables, or constructs (the mean of their items).
    label : Texts
        By language.
    options : mapping
        ``family link vcov quantile`` where they are told.
    equivalence : float or None
        The smallest effect of interest, in standard deviations of both sides.
    """

    name: str
    formula: str
    label: Texts
    options: Mapping[str, str | float]
    equivalence: float | None = None


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """Means compared over groups; keywords as of `survey_sem.compare_groups`.

    Parameters
    ----------
    of : tuple of str
        Variables, or constructs (the mean of their items).
    by : str
        Variable or partition that tells the groups apart.
    options : mapping
        ``test pairs`` where they are told.
    """

    of: tuple[str, ...]
    by: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """Languages and formats of the report."""

    languages: tuple[str, ...]
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that a reviewer needs to repeat the work.

    Parameters
    ----------
    path : Path
        The study file.
    id : str
        Its name.
    title : Texts
        By language.
    instrument : Path
        Of the instrument file.
    data : DataSource
        The export.
    metadata : mapping
        ``population mode dates sampling consent ethics funding`` and what else is told, each by language.
    seed : int
        Of everything random.
    sample : SamplePlan
        Which rows stay, what is reversed.
    missing : str
        Treatment of missing answers.
    measurement, structural : str
        Model text; the structural part may be empty.
    function : str
        Whose defaults the full model follows.
    options : mapping
        Options of the fits.
    effects : tuple of Effect
        Defined parameters.
    report : ReportPlan
        Languages and formats.
    plan : mapping
        All of the above as plain data, model files written out: what is hashed.
    sha256 : str
        Canonical hash of the plan: neither comments, layout nor the order of keys count.
    simulation : Path or None
        Of the population file that answers can be simulated from.
    groups : GroupPlan or None
        Groups over which the models are compared.
    regressions : tuple of RegressionPlan
        Regressions beside the models.
    comparisons : tuple of ComparisonPlan
        Means compared over groups.
    robustness : tuple of str
        Other justified choices (`VARIANTS`) under which the full model is fitted again.
    """

    path: Path
    id: str
    title: Texts
    instrument: Path
    data: DataSource
    metadata: Mapping[str, Texts]
    seed: int
    sample: SamplePlan
    missing: str
    measurement: str
    structural: str
    function: Function
    options: Mapping[str, Option]
    effects: tuple[Effect, ...]
    report: ReportPlan
    plan: Mapping[str, Any]
    sha256: str
    simulation: Path | None = None
    groups: GroupPlan | None = None
    regressions: tuple[RegressionPlan, ...] = ()
    comparisons: tuple[ComparisonPlan, ...] = ()
    robustness: tuple[str, ...] = ()

    @property
    def default_out(self) -> Path:
        """The run directory when none is named: ``run`` beside the study file."""
        return self.path.parent / "run"

    @property
    def model(self) -> str:
        """Measurement, structural part and effects as one model text."""
        return "\n".join(text for _, text in self.model_parts)

    @property
    def model_parts(self) -> tuple[tuple[str, str], ...]:
        """Where in the study file each part of the model text stands, and the part; without blank ones."""
        effects = "\n".join(effect.statement for effect in self.effects)
        parts = (("model.measurement", self.measurement), ("model.structural", self.structural), ("effects", effects))
        return tuple((name, text) for name, text in parts if text.strip())

    def fits(self) -> tuple[FitPlan, ...]:
        """The models to fit: the measurement model alone, then the full one where there is more to it."""
        options = {**self.options, "missing": self.missing}
        if self.missing == "mi" or not options.keys().isdisjoint(DRAWN):
            options["seed"] = self.seed
        if not self.structural.strip():
            return (FitPlan("measurement", "cfa", self.model, options),)
        return (
            FitPlan("measurement", "cfa", self.measurement, options),
            FitPlan("structural", self.function, self.model, options),
        )

    def group_fit(self) -> FitPlan | None:
        """The full model in groups; None where the study names none."""
        if self.groups is None:
            return None
        plan = self.fits()[-1]
        groups: dict[str, Option] = {
            "group": self.groups.of,
            "group_equal": self.groups.equal,
            "group_partial": self.groups.partial,
        }
        return FitPlan(f"{plan.name}_by_{self.groups.of}", plan.function, self.model, {**plan.options, **groups})

    @property
    def inputs(self) -> tuple[tuple[str, Path], ...]:
        """Every file that a run reads: what it is, and where."""
        named = [("study file", self.path), ("instrument", self.instrument)]
        named += [("data file", path) for path in self.data.files]
        optional = (("key file", self.data.key_file), ("truth file", self.data.truth))
        return (*named, *((role, path) for role, path in optional if path is not None))

    def with_files(
        self, *, instrument: Path | None = None, data: Sequence[Path] = (), truth: Path | None = None
    ) -> Study:
        """The same study reading its instrument, data or truth from another place."""
        source = replace(self.data, files=tuple(data) or self.data.files, truth=truth or self.data.truth)
        return replace(self, instrument=instrument or self.instrument, data=source)

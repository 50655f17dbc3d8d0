"""The table of contents: the calls that a user types, in the order of a study. No logic of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem import engines, measurement
from survey_sem.engines import CrossCheck, fit_semopy
from survey_sem.errors import OptionError, StudyError
from survey_sem.exports import RawTable
from survey_sem.fitting import fit_model
from survey_sem.fitting.options import Function
from survey_sem.instrument import Instrument, load_instrument
from survey_sem.measurement import Reliability
from survey_sem.responses import Responses, validate_responses
from survey_sem.results import SemResult
from survey_sem.sample import Sample, SamplePlan, prepare_sample
from survey_sem.simulation import Population, load_population, simulate_answers, simulate_model
from survey_sem.study import (
    Study,
    StudyRun,
    VerificationReport,
    load_study,
    open_run,
    record_documents,
    report_inputs,
    run_study,
    verify_run,
)

if TYPE_CHECKING:
    import pandas as pd


def sem(model: str, data: Any, **options: Any) -> SemResult:
    r"""Fit a structural equation model with the defaults of lavaan's ``sem()``.

    Parameters
    ----------
    model : str
        The model in lavaan's language.
    data : DataFrame, Sample, Moments, Imputed, or a list of data frames
        One row per respondent, a prepared sample, published moments (`survey_sem.moments`), or imputed data sets: the
        model is fitted to each, and pooled.
    **options
        ``estimator missing auxiliary meanstructure fixed_x std_lv orthogonal effect_coding likelihood information
        se test bounds control sample_cov_rescale engine bootstrap ci ci_level seed``; ``weights cluster strata fpc
        lonely_psu replicate_weights`` and others that say how rows were sampled (or `survey_sem.design` as data);
        ``imputations cycles pool_test pool_vcov`` for imputed data; lavaan's ``auto_*`` and ``int_*`` switches;
        ``workers`` and ``progress`` for long work.
        An unknown keyword, or a value that this version does not support, is an error that lists the known ones.

    Returns
    -------
    SemResult

    Raises
    ------
    ModelSyntaxError
        The model text cannot be read.
    MissingChoiceError
        Modelled variables have missing values and ``missing`` is not given.
    DataError, ModelError, IdentificationError
        The data or the model do not allow the fit.

    Examples
    --------
    >>> import survey_sem as ss
    >>> m = ss.moments(cov=[[1, 0, 0], [0.5, 1, 0], [0.4, 0.3, 1]], n_obs=200, names=["x", "m", "y"])
    >>> fit = ss.sem("m ~ a*x\ny ~ b*m + x\nindirect := a*b", m)
    >>> round(float(fit.estimates.iloc[-1]["est"]), 4)
    0.0667
    """
    return _fit("sem", model, data, options)


def cfa(model: str, data: Any, **options: Any) -> SemResult:
    """Fit a confirmatory factor model with the defaults of lavaan's ``cfa()``. See `sem`."""
    return _fit("cfa", model, data, options)


def growth(model: str, data: Any, **options: Any) -> SemResult:
    """Fit a growth curve model with the defaults of lavaan's ``growth()``. See `sem`."""
    return _fit("growth", model, data, options)


def lavaan(model: str, data: Any, **options: Any) -> SemResult:
    """Fit a model without automatic parameters, as lavaan's ``lavaan()``. See `sem`."""
    return _fit("lavaan", model, data, options)


def validate(raw: RawTable | pd.DataFrame, instrument: Instrument, *, key: bytes | None = None) -> Responses:
    """Hold an export against an instrument; ``.report.ok`` says whether the data keep to it.

    Parameters
    ----------
    raw : RawTable or DataFrame
        One row per respondent, columns as the instrument names them.
    instrument : Instrument
        What was asked.
    key : bytes, optional
        Secret with which identifiers are hashed (``pii: hash:``); without it they become running numbers.
    """
    return validate_responses(raw, instrument, key=key)


def prepare(responses: Responses, plan: SamplePlan | None = None) -> Sample:
    """Keep the rows and turn the items that a plan names; refuses data that break the instrument otherwise than the
    plan declares (``SamplePlan(broken={"illegal-code": "missing"})``).
    """
    return prepare_sample(responses, plan)


def reliability(fit: SemResult, *, total: bool = False) -> Reliability:
    """Alpha, omega (composite reliability) and average variance extracted of every factor; `total`: of all items."""
    return measurement.reliability(fit, total=total)


def crosscheck(fit: SemResult, *, tolerance: float = engines.TOLERANCE) -> CrossCheck:
    """Fit the same model to the same moments with semopy, and set both engines side by side."""
    return engines.crosscheck(fit, tolerance=tolerance)


def simulate(study_or_model: str | os.PathLike[str], n: int, seed: int) -> pd.DataFrame:
    """Answers with known truth, from the population of a study or from a model.

    Parameters
    ----------
    study_or_model : path or str
        A study file (``.yaml``) that names its population (``simulation:``), or the text of a model with a value on
        every parameter.
    n : int
        Number of answer sheets, or of rows.
    seed : int
        Equal seeds give equal answers.

    Returns
    -------
    DataFrame
        Of a study: one column per item (codes as numbers; several codes of one answer joined by ``|``), ids of the
        answer sheets as index. Of a model: one column per observed variable, multivariate normal, or codes 1, 2, ...
        where the text has thresholds. ``.attrs["truth"]`` holds what was planted.

    Raises
    ------
    ModelSyntaxError, ModelError
        The text cannot be read; a parameter has no value; values that no population can have.
    StudyError, FileError
        The study, its instrument or its population.

    Examples
    --------
    >>> import survey_sem as ss
    >>> data = ss.simulate("f =~ 0.8*x1 + 0.7*x2 + 0.6*x3", n=1000, seed=1)
    >>> data.shape, data.attrs["truth"]["parameters"][0]["value"]
    ((1000, 3), 0.8)
    """
    if isinstance(study_or_model, str) and not study_or_model.lower().endswith((".yaml", ".yml")):
        return simulate_model(study_or_model, n, seed)
    if not isinstance(study_or_model, (str, os.PathLike)):
        what = "the answers of a study or of a model can be simulated"
        expected = "the path of a study file, or the text of a model"
        raise OptionError("bad-option", what, got=type(study_or_model).__name__, expected=expected)
    population, instrument = population_of(load_study(study_or_model))
    return simulate_answers(population, instrument, n, seed).frame()


def population_of(study: Study) -> tuple[Population, Instrument]:
    """The population that a study names, and the instrument that it answers."""
    if study.simulation is None:
        what, hint = "the study names no population to simulate", "add a line such as 'simulation: population.yaml'"
        raise StudyError("no-population", what, where=f"{study.path}: simulation", hint=hint)
    instrument = load_instrument(study.instrument)
    return load_population(study.simulation, instrument), instrument


def run(study_path: str | os.PathLike[str], out: str | os.PathLike[str] | None = None) -> StudyRun:
    """Validate, prepare, fit and report a study; writes the run directory (``run`` beside the study file)."""
    study = load_study(study_path)
    return _run(study, Path(out) if out is not None else study.default_out)


def report(
    run_dir: str | os.PathLike[str], languages: Sequence[str] | None = None, formats: Sequence[str] | None = None
) -> list[Path]:
    """Write the documents of a finished run again, in other languages or formats where these are given."""
    finished = open_run(Path(run_dir))
    plan = finished.study.report
    names = _documents(finished, languages or plan.languages, formats or plan.formats)
    record_documents(finished.directory, names)
    return [finished.directory / name for name in names]


def verify(
    run_dir: str | os.PathLike[str], data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = ()
) -> VerificationReport:
    """Run a study again from its manifest and compare every number with the stored one.

    `data`: the export, or its two files, where they are no longer where the run found them.
    """
    files = (data,) if isinstance(data, (str, os.PathLike)) else tuple(data or ())
    return verify_run(Path(run_dir), _run, [Path(file) for file in files])


def _run(study: Study, out: Path) -> StudyRun:
    return run_study(study, out, lambda run: _documents(run, study.report.languages, study.report.formats))


def _documents(finished: StudyRun, languages: Sequence[str], formats: Sequence[str]) -> list[str]:
    from survey_sem.reporting.documents import write_reports

    return write_reports(report_inputs(finished), finished.directory, languages, formats)


def _fit(function: Function, model: str, data: Any, options: dict[str, Any]) -> SemResult:
    engine = fit_semopy if options.get("engine") == "semopy" else fit_model
    return engine(function, model, data, options)

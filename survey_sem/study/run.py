"""A study from its file to its run directory: the stages in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from survey_sem.fitting import fit_model
from survey_sem.reporting.inputs import Recovery
from survey_sem.results import SemResult
from survey_sem.sample import Sample
from survey_sem.sample.imputation import Imputed
from survey_sem.study.analyses import analyse, check_analyses
from survey_sem.study.description import describe_run
from survey_sem.study.imputation import impute_study
from survey_sem.study.model_places import errors_in_the_study
from survey_sem.study.records import Clock, StudyData, StudyRun, analysed_flow, finish_run, open_study, write_records
from survey_sem.study.recovery import Truth, read_truth, recover
from survey_sem.study.replaceable import contents_of_a_run
from survey_sem.study.run_directory import staged_folder
from survey_sem.study.study import FitPlan, Study

WriteDocuments = Callable[[StudyRun], object]
"""Writes tables, figures and reports into the directory of the run that it is given."""


def run_study(study: Study, out: Path, write_documents: WriteDocuments | None = None) -> StudyRun:
    """Validate, prepare, fit, report; the run directory appears at `out` when all of it is done.

    Parameters
    ----------
    study : Study
        The loaded study.
    out : Path
        The run directory: new, empty, or an earlier run of the same study in which nothing was changed or added,
        which is replaced.
    write_documents : callable, optional
        Writes tables, figures and reports; they are hashed into the manifest.

    Raises
    ------
    FileError, StudyError
        Inputs cannot be read, or `out` not be written.
    DataError, ModelError, IdentificationError
        The data or a model do not pass.
    """
    clock = Clock.start()
    with staged_folder(out, contents_of_a_run(study)) as stage:
        truth = None if study.data.truth is None else read_truth(study.data.truth)
        data = open_study(study)
        with errors_in_the_study(study):
            check_analyses(study, data.sample)
            data = replace(data, imputed=impute_study(study, data.sample, data.instrument))
            fits = {plan.name: _fit(plan, data.rows) for plan in study.fits()}
            records, by_group = analyse(study, data, fits)
        flow = analysed_flow(data.sample, fits, study.missing)
        description = describe_run(data.responses, data.sample, fits)
        run = StudyRun(
            stage,
            study,
            data.instrument,
            data.responses.report,
            data.sample,
            flow,
            fits,
            description,
            _recovery(study, data, fits, truth),
            records,
            by_group,
            imputed=data.imputed,
        )
        write_records(run)
        if write_documents is not None:
            write_documents(run)
        finish_run(run, data.raw, clock)
    return replace(run, directory=out)


def _recovery(study: Study, data: StudyData, fits: Mapping[str, SemResult], truth: Truth | None) -> Recovery | None:
    if truth is None:
        return None
    plan = study.fits()[-1]
    return recover(truth, plan, fits[plan.name], data.instrument, data.sample.reversed_items)


def _fit(plan: FitPlan, rows: Sample | Imputed) -> SemResult:
    return fit_model(plan.function, plan.model, rows, plan.options)

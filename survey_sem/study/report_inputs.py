"""What a report needs, from a run: the bridge from this room's records to reporting's."""

from __future__ import annotations

from collections.abc import Mapping

from survey_sem.instrument import Instrument, Texts, in_language
from survey_sem.measurement import Reliability, reliability
from survey_sem.reporting.inputs import DataNote, Repetition, ReportInputs
from survey_sem.sample.describe import describe_items
from survey_sem.study.description import measured_items
from survey_sem.study.records import StudyRun

_ATTENTION = "attention-failed"


def report_inputs(run: StudyRun) -> ReportInputs:
    """Everything that the report of a run shows; no row of a respondent is in it."""
    study = run.study
    return ReportInputs(
        title=study.title,
        fits=run.fits,
        study_id=study.id,
        metadata=study.metadata,
        instrument=_instrument_title(run.instrument),
        data=DataNote(run.validation.source, study.data.origin, study.data.citation, study.data.license),
        flow=run.flow,
        steps=run.sample.steps,
        items=describe_items(run.sample, measured_items(run.instrument, run.fits)),
        description=run.description,
        validation=run.validation,
        treatments=_treatments(run),
        questionnaire=run.instrument,
        labels=construct_labels(run.instrument),
        effects={effect.name: effect.label for effect in study.effects},
        reliability=_reliability(run),
        recovery=run.recovery,
        repetition=_repetition(run),
        records=run.records,
        by_group=run.by_group,
    )


def construct_labels(instrument: Instrument) -> dict[str, Texts]:
    """Label of every construct; the only item of a construct bears its label too."""
    labels = {construct.id: construct.label for construct in instrument.constructs}
    singles = {each.items[0]: each.label for each in instrument.constructs if len(each.items) == 1}
    return {**singles, **labels}


def _treatments(run: StudyRun) -> dict[str, str]:
    """What the study does about each rule; attention checks whose answers decide who stays are dealt with, too."""
    failed = {finding.item for finding in run.validation.findings if finding.rule == _ATTENTION}
    plan = run.study.sample
    screening = plan.screening
    decided = {condition.item for condition in plan.keep}
    if (failed and failed <= decided) or (screening is not None and "attention" in screening.alone):
        return {**plan.broken, _ATTENTION: "keep"}
    if screening is not None and any(rule.index == "attention" for rule in screening.rules):
        return {**plan.broken, _ATTENTION: "screen"}
    return dict(plan.broken)


def _instrument_title(instrument: Instrument) -> dict[str, str]:
    name = f"{instrument.id} {instrument.version}"
    return {language: f"{in_language(instrument.title, language)} ({name})" for language in instrument.title}


def _reliability(run: StudyRun) -> Reliability | None:
    fit = run.fits["measurement"]
    return reliability(fit) if fit.table.names("lv") else None


def _repetition(run: StudyRun) -> Repetition:
    hashes: Mapping[str, str] = {
        "plan": run.study.sha256,
        "data": run.validation.source_sha256,
        "instrument": run.instrument.sha256,
    }
    return Repetition(
        commands=(f"survey-sem fit {run.study.path.name}", f"survey-sem verify {run.study.default_out.name}"),
        hashes=hashes,
        software=run.software,
        platform=run.platform,
        seed=run.study.seed,
    )

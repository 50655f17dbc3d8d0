"""The files of a run that this room writes: validation, flow, sample, fits, inputs, manifest, clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from survey_sem.errors import FileError, Warned
from survey_sem.exports import RawTable, read_export, write_parquet
from survey_sem.exports.read import file_content
from survey_sem.instrument import Instrument, load_instrument
from survey_sem.provenance import package_versions, platform_record, sha256_file, write_json
from survey_sem.reporting.inputs import Recovery
from survey_sem.responses import Responses, ValidationReport, validate_responses
from survey_sem.sample import Flow, Sample, prepare_sample
from survey_sem.sample.background import SampleDescription
from survey_sem.sample.imputation import Imputed
from survey_sem.study.description import codebook
from survey_sem.study.model_places import errors_in_the_study
from survey_sem.study.replaceable import contents_of_a_sample
from survey_sem.study.run_directory import copy_inputs, stage_file, staged_folder, write_clock_file, write_manifest
from survey_sem.study.spss import write_spss
from survey_sem.study.study import Study
from survey_sem.study.weighted_rows import with_weights

if TYPE_CHECKING:
    from survey_sem.results import SemResult


ANALYSES = "analyses"
"""Folder of the records."""
LEAST_KEY_BYTES = 16
"""Of a secret that cannot be guessed."""


@dataclass(frozen=True, slots=True)
class Clock:
    """When a run began."""

    started: datetime
    tick: float

    @classmethod
    def start(cls) -> Clock:
        """A clock that begins now."""
        return cls(datetime.now(UTC), monotonic())


@dataclass(frozen=True, slots=True)
class StudyRun:
    """A finished run of a study.

    Parameters
    ----------
    directory : Path
        The run directory.
    study : Study
        What was run.
    instrument : Instrument
        What was asked.
    validation : ValidationReport
        Whether the answers keep to it.
    sample : Sample
        The prepared respondents.
    flow : Flow
        From distributed to analysed.
    fits : mapping
        Name -> SemResult, in the order of the study.
    description : SampleDescription
        Who the respondents are, small cells withheld.
    recovery : Recovery or None
        Of simulated answers with known truth: what was planted beside what was found.
    records : mapping
        Analyses beside the models as plain data, by name: each is the file ``analyses/<name>.json``.
    by_group : SemResult or None
        The full model in groups.
    software, platform : mapping
        Versions of packages and kind of machine that fitted them.
    imputed : Imputed or None
        The sample as it was imputed for all models and regressions, where the study imputes; None in a run that was
        opened again.
    """

    directory: Path
    study: Study
    instrument: Instrument
    validation: ValidationReport
    sample: Sample
    flow: Flow
    fits: Mapping[str, SemResult]
    description: SampleDescription = field(default_factory=SampleDescription)
    recovery: Recovery | None = None
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    by_group: SemResult | None = None
    software: Mapping[str, str] = field(default_factory=package_versions)
    platform: Mapping[str, str] = field(default_factory=platform_record)
    imputed: Imputed | None = None

    @property
    def all_fits(self) -> dict[str, SemResult]:
        """The main models and the one in groups, by the name of their file."""
        plan = self.study.group_fit()
        grouped = {} if plan is None or self.by_group is None else {plan.name: self.by_group}
        return {**self.fits, **grouped}

    @property
    def reports(self) -> tuple[Path, ...]:
        """The report files, sorted by name."""
        return tuple(sorted(self.directory.glob("report.*")))


def analysed_flow(sample: Sample, fits: Mapping[str, SemResult], missing: str) -> Flow:
    """The flow up to the respondents that the last, fullest model uses."""
    name, fit = list(fits.items())[-1]
    reason = f"an answer to a modelled item is missing ({missing}; {name} model)"
    if missing == "fiml":
        reason = f"no answer to a modelled item, or none to one whose distribution is not modelled ({name} model)"
    return sample.flow.then("analysed", reason, fit.n_obs)


def write_records(run: StudyRun) -> None:
    """Write everything but tables, figures, reports and manifest into the directory of the run."""
    stage = run.directory
    write_json(stage_file(stage, "validation.json"), run.validation.to_dict())
    write_json(stage_file(stage, "flow.json"), run.flow.to_dict())
    write_json(stage_file(stage, "codebook.json"), codebook(run.instrument))
    write_json(stage_file(stage, "description.json"), run.description.to_dict())
    write_parquet(with_weights(run.sample), stage_file(stage, "sample.parquet"))
    if run.recovery is not None:
        write_json(stage_file(stage, "recovery.json"), run.recovery.to_dict())
    for name, record in run.records.items():
        write_json(stage_file(stage, f"{ANALYSES}/{name}.json"), record)
    for name, fit in run.all_fits.items():
        stage_file(stage, f"fits/{name}.json").write_bytes(fit.to_json().rstrip("\n").encode("utf-8") + b"\n")
    copy_inputs(stage, run.study)


def finish_run(run: StudyRun, raw: RawTable, clock: Clock) -> None:
    """Write the manifest and the clock file, after everything else."""
    instrument = run.instrument
    write_manifest(
        run.directory,
        run.study,
        data={
            "file": raw.source,
            "files": [{"name": path.name, "sha256": sha256_file(path)} for path in run.study.data.files],
            "sha256": raw.sha256,
            "n_rows": raw.n_rows,
            "n_columns": len(raw.columns),
            "format": raw.file_format,
            "encoding": raw.encoding,
            "dialect": raw.dialect,
            "pseudonyms": pseudonyms(run.study, instrument),
        },
        instrument={"id": instrument.id, "version": instrument.version, "sha256": instrument.sha256},
        fits={name: fit.options for name, fit in run.all_fits.items()},
        steps=tuple(step.to_dict() for step in run.sample.steps),
    )
    write_clock_file(
        run.directory,
        run.study,
        started=clock.started.isoformat(timespec="seconds"),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        elapsed_seconds=round(monotonic() - clock.tick, 3),
    )


def pseudonyms(study: Study, instrument: Instrument) -> str:
    """How persons are named in the sample: ``keyed`` hashes, running ``numbers``, or ``none`` at all."""
    if not instrument.privacy.pseudonymise:
        return "none"
    return "numbers" if study.data.key_file is None else "keyed"


@dataclass(frozen=True, slots=True)
class StudyData:
    """The inputs of a study, one stage after the other; `imputed` where it imputes and something is missing."""

    instrument: Instrument
    raw: RawTable
    responses: Responses
    sample: Sample
    imputed: Imputed | None = None

    @property
    def rows(self) -> Sample | Imputed:
        """What models are fitted to."""
        return self.sample if self.imputed is None else self.imputed


def open_study(study: Study) -> StudyData:
    """Read, validate and prepare what a study names.

    Raises
    ------
    FileError, StudyError
        Instrument or data cannot be read.
    DataError
        The data break the instrument; nobody is left.
    """
    instrument = load_instrument(study.instrument)
    raw = read_raw(study, instrument)
    responses = validate_responses(raw, instrument, key=read_key(study))
    with errors_in_the_study(study):
        return StudyData(instrument, raw, responses, prepare_sample(responses, study.sample))


def read_key(study: Study) -> bytes | None:
    """The secret that pseudonyms are made with, without blanks and line ends around it; None where there is no file.

    Raises
    ------
    FileError
        The key file cannot be read, or its content is too short to be a secret.
    """
    path = study.data.key_file
    if path is None:
        return None
    key = file_content(path).strip()
    if len(key) < LEAST_KEY_BYTES:
        raise FileError(
            "weak-key",
            "the key of the pseudonyms is too short: whoever tries all keys finds the persons",
            where=str(path),
            expected=f"at least {LEAST_KEY_BYTES} bytes",
            got=f"{len(key)}",
            hint="""make one with: python -c "import secrets; print(secrets.token_hex(32))" """.strip(),
        )
    return key


def read_raw(study: Study, instrument: Instrument) -> RawTable:
    """The export of a study: as it says, else as the instrument says, else as the file looks."""
    source = study.data
    files = source.files if len(source.files) > 1 else source.files[0]
    dialect = source.dialect or instrument.source.platform
    return read_export(files, dialect, encoding=source.encoding or instrument.source.encoding)


def write_prepared(out: Path, study: Study, data: StudyData) -> tuple[Warned, ...]:
    """Write ``sample.parquet .sav .sps validation.json flow.json codebook.json``; the folder new, empty or ours.

    Returns
    -------
    tuple of Warned
        What the .sav file cannot hold.

    Raises
    ------
    FileError
        The folder holds other files, or cannot be written.
    """
    with staged_folder(out, contents_of_a_sample(study)) as stage:
        write_json(stage / "validation.json", data.responses.report.to_dict())
        write_json(stage / "flow.json", data.sample.flow.to_dict())
        write_json(stage / "codebook.json", codebook(data.instrument))
        write_parquet(with_weights(data.sample), stage / "sample.parquet")
        lost = write_spss(data.sample, data.instrument, stage / "sample.sav", study.report.languages[0])
    return tuple(replace(each, where=(each.where or "").replace(str(stage), str(out))) for each in lost)

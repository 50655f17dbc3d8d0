"""The study file: load, check, hash; the run directory and its replay."""

from survey_sem.study.comparison import Difference
from survey_sem.study.load import load_study
from survey_sem.study.new_study import new_study
from survey_sem.study.records import StudyData, StudyRun, open_study, write_prepared
from survey_sem.study.reopen import open_run, record_documents
from survey_sem.study.report_inputs import report_inputs
from survey_sem.study.run import run_study
from survey_sem.study.study import DataSource, Effect, FitPlan, ReportPlan, Study
from survey_sem.study.verification import VerificationReport, verify_run

__all__ = [
    "DataSource",
    "Difference",
    "Effect",
    "FitPlan",
    "ReportPlan",
    "Study",
    "StudyData",
    "StudyRun",
    "VerificationReport",
    "load_study",
    "new_study",
    "open_run",
    "open_study",
    "record_documents",
    "report_inputs",
    "run_study",
    "verify_run",
    "write_prepared",
]

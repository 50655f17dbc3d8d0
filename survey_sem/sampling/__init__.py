"""How the rows were sampled, and what that does to the variance of a total: arrays only.

The room of the public function ``ss.design``: a package of that name would take the function's place.
"""

from survey_sem.sampling.adjustment import Adjustment, LinearAdjustment
from survey_sem.sampling.factors import MADE_KINDS, MadeKind, make_replicates
from survey_sem.sampling.replicates import Replicates, ReplicateTotals
from survey_sem.sampling.stages import LONELY, Lonely, Sampling, Stage
from survey_sem.sampling.totals import SampleTotals

__all__ = [
    "LONELY",
    "MADE_KINDS",
    "MadeKind",
    "make_replicates",
    "Adjustment",
    "LinearAdjustment",
    "Lonely",
    "ReplicateTotals",
    "Replicates",
    "SampleTotals",
    "Sampling",
    "Stage",
]

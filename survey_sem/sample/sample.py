"""The analysed respondents, and how they came to be these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from survey_sem.errors import OptionError
from survey_sem.instrument import Texts, in_language
from survey_sem.provenance import Step, plain_data
from survey_sem.sample.constructs import scale_scores
from survey_sem.sample.outcome_rates import Dispositions

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.sample.design import SurveyDesign
    from survey_sem.sample.screening import Screening, ScreeningPlan
    from survey_sem.sample.weighting import Weighting, WeightingPlan

Relation = Literal["==", "!=", "<", "<=", ">", ">=", "in", "answered"]
RELATIONS: tuple[Relation, ...] = ("==", "!=", "<", "<=", ">", ">=", "in", "answered")


@dataclass(frozen=True, slots=True)
class Condition:
    """Keeps the rows where an answer stands in a relation to a value.

    Parameters
    ----------
    item : str
        A variable (an item, an option of one as ``id_code``, a partition), or a role of the paradata such as
        ``duration``; where both have the name, the variable.
    relation : str
        ``== != < <= > >= in answered``; what is missing meets none of them.
    value : number, text or tuple of them
        Compared with; a tuple for ``in``; None for ``answered``.
    reason : str or Texts
        Why, for the flow of respondents; by language where it is a mapping.
    """

    item: str
    relation: Relation
    value: Any
    reason: str | Texts

    def to_dict(self) -> dict[str, Any]:
        """The condition as plain data."""
        return {"item": self.item, "relation": self.relation, "value": self.value, "reason": plain_data(self.reason)}


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """What is done to the responses, declared before they are seen.

    Parameters
    ----------
    reverse : bool
        Turn every item that the instrument calls reversed: ``min + max - answer``.
    keep : tuple of Condition
        Rows that stay, applied in order.
    distributed, opened, completed : int or None
        Questionnaires that went out, that somebody began, and that came to their end, where it is known.
    broken : mapping
        What is done with answers that break the questionnaire: rule -> ``missing`` (these cells become missing),
        ``drop`` (these rows leave), ``first`` or ``last`` (of rows with the same id one stays), ``accept``. Data
        with findings that it does not name are refused.
    design : bool
        Whether the sample carries the design that the instrument declares.
    weighting : WeightingPlan or None
        What is done to the weights; None: they stay what the design says.
    screening : ScreeningPlan or None
        Rules against careless answers, for those who meet all conditions; who is excluded leaves before the weights.
    probability : bool
        Whether everybody in the population had a known chance to be asked: response rates instead of participation.
    dispositions : Dispositions or None
        What became of all cases of a probability sample: all outcome rates instead of the few that counts allow.
    """

    reverse: bool = True
    keep: tuple[Condition, ...] = ()
    distributed: int | None = None
    broken: Mapping[str, str] = field(default_factory=dict)
    design: bool = True
    weighting: WeightingPlan | None = None
    opened: int | None = None
    completed: int | None = None
    screening: ScreeningPlan | None = None
    probability: bool = False
    dispositions: Dispositions | None = None

    def __post_init__(self) -> None:
        if self.dispositions is not None and not self.probability:
            raise OptionError(
                "no-probability-sample",
                "response rates from dispositions have a meaning for probability samples only",
                where="sample: dispositions",
                hint="say probability: true where everybody had a known chance to be asked; otherwise give the numbers "
                "distributed and opened, for participation and completion",
            )


def in_english(reason: str | Texts) -> str:
    """A reason as one text."""
    return reason if isinstance(reason, str) else in_language(reason, "en")


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One stage of the flow of respondents.

    Parameters
    ----------
    stage : str
        ``distributed``, ``opened``, ``completed``, ``received``, ``kept``, ``screened`` or ``analysed``.
    reason : str or Texts
        Why rows were lost on the way here: words of the study by language, or a sentence of this package.
    n : int
        Respondents at this stage.
    lost : int
        Respondents lost since the stage before.
    """

    stage: str
    reason: str | Texts
    n: int
    lost: int

    def to_dict(self) -> dict[str, Any]:
        """The stage as plain data."""
        return {"stage": self.stage, "reason": plain_data(self.reason), "n": self.n, "lost": self.lost}


@dataclass(frozen=True, slots=True)
class Flow:
    """Who was lost, where, and why."""

    stages: tuple[FlowStep, ...] = ()

    def then(self, stage: str, reason: str | Texts, n: int) -> Flow:
        """The flow with one more stage."""
        lost = self.stages[-1].n - n if self.stages else 0
        return Flow((*self.stages, FlowStep(stage, reason, n, lost)))

    def to_dict(self) -> dict[str, Any]:
        """The flow as plain data (schema ``survey-sem/flow/1``)."""
        return {"schema": "survey-sem/flow/1", "stages": [stage.to_dict() for stage in self.stages]}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Flow:
        """A flow from its plain data."""
        return cls(tuple(FlowStep(**stage) for stage in record["stages"]))

    def __str__(self) -> str:
        return "\n".join(
            f"{stage.stage:12} {stage.n:8}" + (f"  (-{stage.lost}: {in_english(stage.reason)})" if stage.lost else "")
            for stage in self.stages
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """Respondents ready for analysis.

    Parameters
    ----------
    data : DataFrame, shape (n_obs, n_variables)
        One column per variable; reversed items already turned; missing answers missing.
    flow : Flow
        Who was lost and why.
    steps : tuple of Step
        What was done, in order.
    reversed_items : tuple of str
        Items that were turned.
    provenance : mapping
        Hashes of the export and the instrument.
    absent : DataFrame of int8, shape (n_obs, n_items), or None
        Per item why there is no answer (`Responses.absent`): what was not asked is never imputed. None where it is
        not known, as in a sample that was read back from a run.
    design : SurveyDesign or None
        Strata, units and weights of the same rows, where the instrument declares any: models and regressions of the
        sample use it.
    constructs : mapping
        Construct -> its items: a formula may name a construct, which is then the mean of its items.
    screening : Screening or None
        Indices and flags of everybody who met the conditions, the excluded among them; rows are numbered as in the
        responses. None where the plan has no screening, as in a sample that was read back.
    """

    data: pd.DataFrame
    flow: Flow
    steps: tuple[Step, ...]
    reversed_items: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    absent: pd.DataFrame | None = None
    design: SurveyDesign | None = None
    constructs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    screening: Screening | None = None

    @property
    def weighting(self) -> Weighting | None:
        """What was done to the weights; None where nothing was."""
        return None if self.design is None else self.design.weighting

    @property
    def n_obs(self) -> int:
        """Number of respondents."""
        return len(self.data)

    def scores(self, *names: str, min_answered: float = 1.0) -> pd.DataFrame:
        """Scale scores of constructs (all without names): see `survey_sem.sample.scale_scores`."""
        return scale_scores(self.data, self.constructs, names=names or None, min_answered=min_answered)

    def __repr__(self) -> str:
        """Size and history: never a respondent's answer."""
        return f"Sample({self.n_obs} respondents, {self.data.shape[1]} variables, {len(self.steps)} steps)"

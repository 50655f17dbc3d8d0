"""Response rates of probability samples, participation and completion rates of all others."""

from __future__ import annotations

from dataclasses import dataclass

from survey_sem.sample.sample import Flow


@dataclass(frozen=True, slots=True)
class ResponseRate:
    """A rate and the counts that it is made of.

    Parameters
    ----------
    name : str
        ``RR1 RR5 COOP1`` (AAPOR), ``participation``, ``completion`` or ``valid``.
    numerator, denominator : int
        Questionnaires.
    """

    name: str
    numerator: int
    denominator: int

    @property
    def value(self) -> float:
        """The rate, 0 to 1."""
        return self.numerator / self.denominator


def response_rates(flow: Flow, *, probability: bool) -> tuple[ResponseRate, ...]:
    """The rates that the counts of a flow allow.

    Of a probability sample, after AAPOR's Standard Definitions, with complete questionnaires I (`completed`, else
    `received`): RR1, the least, holds everybody who was sent one to be eligible (I / distributed); RR5, the greatest,
    takes those who never opened theirs for ineligible (I / opened), and so does the cooperation rate COOP1 of those who
    were reached. RR2 to RR4 and RR6 need partial questionnaires and the share of eligible ones among the unknown, which
    a study file does not tell.

    Of other samples, where nobody's chance to be asked is known and a response rate has no meaning: participation
    (usable questionnaires / distributed) and completion (I / opened).

    Both: valid, the share of usable ones among those received.
    """
    counts = {stage.stage: stage.n for stage in flow.stages if stage.stage != "kept"}
    if "received" not in counts:
        return ()
    complete = counts.get("completed", counts["received"])
    usable = [stage.n for stage in flow.stages if stage.stage != "analysed"][-1]
    distributed, opened = counts.get("distributed"), counts.get("opened")
    found = []
    if probability:
        found += [("RR1", complete, distributed), ("RR5", complete, opened), ("COOP1", complete, opened)]
    else:
        found += [("participation", usable, distributed), ("completion", complete, opened)]
    found.append(("valid", usable, counts["received"]))
    return tuple(ResponseRate(name, above, below) for name, above, below in found if below)

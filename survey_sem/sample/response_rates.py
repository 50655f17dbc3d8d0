"""Response rates of probability samples, participation and completion rates of all others."""

from __future__ import annotations

from survey_sem.errors import DataError
from survey_sem.sample.outcome_rates import Dispositions, ResponseRate, outcome_rates
from survey_sem.sample.sample import Flow


def response_rates(
    flow: Flow, *, probability: bool, dispositions: Dispositions | None = None
) -> tuple[ResponseRate, ...]:
    """The rates that the counts of a flow, or the dispositions of all cases, allow.

    Of a probability sample AAPOR's outcome rates (`outcome_rates`) where its dispositions are told. Otherwise, with
    complete questionnaires I (`completed`, else `received`), what the flow allows of them: RR1, the least, holds
    everybody who was sent one to be eligible (I / distributed); RR5, the greatest, takes those who never opened theirs
    for ineligible (I / opened), and so does the cooperation rate COOP1 of those who were reached.

    Of other samples, where nobody's chance to be asked is known and a response rate has no meaning: participation
    (usable questionnaires / distributed) and completion (I / opened).

    Both: valid, the share of usable ones among those received.
    """
    counts = {stage.stage: stage.n for stage in flow.stages if stage.stage != "kept"}
    if "received" not in counts:
        return ()
    complete = counts.get("completed", counts["received"])
    usable = _usable(flow)
    distributed, opened = counts.get("distributed"), counts.get("opened")
    found = []
    if not probability:
        found += [("participation", usable, distributed), ("completion", complete, opened)]
    elif dispositions is None:
        found += [("RR1", complete, distributed), ("RR5", complete, opened), ("COOP1", complete, opened)]
    found.append(("valid", usable, counts["received"]))
    rates = tuple(ResponseRate(name, above, below) for name, above, below in found if below)
    return rates if dispositions is None else (*outcome_rates(dispositions).rates, *rates)


def check_dispositions(flow: Flow, dispositions: Dispositions) -> None:
    """Refuse dispositions that the flow of respondents contradicts.

    Raises
    ------
    DataError
        The cases are not as many as were sent out; more came back than there are cases; more are analysed than gave a
        complete or a partial interview.
    """
    counts = {stage.stage: stage.n for stage in flow.stages}
    total, interviews, usable = dispositions.total, dispositions.of("I P"), _usable(flow)
    problem = None
    if counts.get("distributed", total) != total:
        problem = f"the dispositions are of {total:g} cases, but {counts['distributed']} were distributed"
    elif counts["received"] > total:
        problem = f"{counts['received']} questionnaires came back, but the dispositions are of {total:g} cases"
    elif usable > interviews:
        problem = f"{usable} questionnaires are usable, but the dispositions have {interviews:g} interviews (I and P)"
    if problem is not None:
        raise DataError("impossible-flow", problem, where="sample: dispositions")


def _usable(flow: Flow) -> int:
    return [stage.n for stage in flow.stages if stage.stage != "analysed"][-1]

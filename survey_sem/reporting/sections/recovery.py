"""Simulated answers: whether the analysis finds back what was planted."""

from __future__ import annotations

from survey_sem.reporting.contents import Content, Foreign, said
from survey_sem.reporting.document import Block, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import Recovery, ReportInputs
from survey_sem.reporting.tables.reading import level
from survey_sem.reporting.tables.recovery import recovery_table


def recovery_section(inputs: ReportInputs) -> Section | None:
    """Planted and found values of the main model; None for real answers, or where the search did not converge."""
    recovery = inputs.recovery
    if recovery is None or not recovery.rows or not inputs.main.converged:
        return None
    blocks: list[Block] = [Paragraph(said("text.recovery", seed=str(recovery.seed)))]
    counted = _counted(recovery, inputs)
    blocks += [Paragraph(counted)] if counted is not None else []
    if recovery.reason:
        blocks.append(Paragraph(said("text.recovery.reason", reason=Foreign(recovery.reason))))
    blocks.append(Tabled(recovery_table(recovery, inputs)))
    return Section("recovery", tuple(blocks))


def _counted(recovery: Recovery, inputs: ReportInputs) -> Content | None:
    judged = [row.is_inside for row in recovery.rows if row.is_inside is not None]
    if not judged:
        return None
    return said(
        "text.recovery.count",
        level=level(inputs.main),
        aim=said("recovery.planted" if recovery.reason else "recovery.expected"),
        inside=sum(judged),
        total=len(judged),
        wanted=round(float(inputs.main.options["ci_level"]) * len(judged)),
    )

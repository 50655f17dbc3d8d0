"""Key findings, and the findings and warnings about the solution."""

from __future__ import annotations

from survey_sem.errors import Warned
from survey_sem.reporting import statements
from survey_sem.reporting.contents import Foreign, said
from survey_sem.reporting.document import Block, Bullets, Notice, Paragraph, Section, Verdicts
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.results import SemResult

FINDINGS = ("converged", "identified", "admissible")


def key_section(inputs: ReportInputs) -> Section:
    """The main findings in sentences; of a search that did not converge nothing is said but that."""
    result = inputs.main
    if not result.converged:
        return Section("key", (Notice("error", said("key.not_converged")),))
    blocks: list[Block] = [*_failed_findings(result)]
    blocks.append(Paragraph(statements.sample_statement(result)))
    weighted = statements.weighted_statement(inputs)
    if weighted is not None:
        blocks.append(Paragraph(weighted))
    for name, fit in inputs.fits.items():
        blocks += map(Paragraph, (statements.fit_statement(fit, name), *statements.adjusted_statements(fit)))
    blocks += _relations(inputs)
    measured = statements.measurement_statement(inputs)
    if measured is not None:
        blocks.append(Paragraph(measured))
    return Section("key", tuple(blocks))


def _failed_findings(result: SemResult) -> list[Block]:
    failed: list[Block] = []
    if not result.identified:
        failed.append(Notice("error", said("key.not_identified")))
    if not result.admissible:
        failed.append(Notice("warning", said("key.not_admissible"), Foreign(result.findings.get("admissible", ""))))
    return failed


def _relations(inputs: ReportInputs) -> list[Block]:
    blocks: list[Block] = []
    paths = statements.path_statements(inputs)
    if paths:
        blocks += [Paragraph(said("key.paths")), Bullets(paths)]
        explained = statements.explained_statement(inputs)
        if explained is not None:
            blocks.append(Paragraph(explained))
    else:
        correlations = statements.correlation_statements(inputs)
        if correlations:
            blocks += [Paragraph(said("key.correlations")), Bullets(correlations)]
    effects = statements.effect_statements(inputs)
    if effects:
        blocks += [Paragraph(said("key.effects")), Bullets(effects)]
    if paths:
        blocks.append(Paragraph(said("key.caveat")))
    return blocks


def all_warnings(inputs: ReportInputs) -> tuple[Warned, ...]:
    """The warnings of all fits and of the reliabilities, each once."""
    found = [warning for fit in inputs.fits.values() for warning in fit.warnings]
    if inputs.reliability is not None:
        found += inputs.reliability.warnings
    return tuple(dict.fromkeys(found))


def verdicts(result: SemResult) -> Verdicts:
    """The three findings about a solution, each with its evidence."""
    return Verdicts(
        tuple(
            (said(f"finding.{name}"), bool(getattr(result, name)), Foreign(result.findings.get(name, "")))
            for name in FINDINGS
        )
    )


def notices(inputs: ReportInputs) -> list[Notice]:
    """One notice for each warning."""
    return [
        Notice(
            "warning",
            Foreign(warning.what + (f" ({warning.where})" if warning.where else "")),
            Foreign(warning.hint) if warning.hint else None,
        )
        for warning in all_warnings(inputs)
    ]

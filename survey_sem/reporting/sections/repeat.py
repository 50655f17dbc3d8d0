"""What another person needs to get the same numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from survey_sem.reporting.contents import Amount, Content, said
from survey_sem.reporting.document import Block, Facts, Listing, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import Repetition, ReportInputs
from survey_sem.reporting.tables import covariance_table, parameters_table
from survey_sem.reporting.tables.fit import fit_name
from survey_sem.reporting.wording import has_phrase
from survey_sem.reporting.writers.delimited import to_csv
from survey_sem.results import SemResult


def repeat_section(inputs: ReportInputs) -> Section:
    """Commands, hashes, versions, options, model text, covariance matrix, all parameters."""
    blocks: list[Block] = [Paragraph(said("text.repeat"))]
    repetition = inputs.repetition
    if repetition.commands:
        blocks.append(Listing("\n".join(repetition.commands), said("repeat.commands")))
    blocks.append(Facts(_facts(inputs), is_code=True))
    blocks += [
        Listing(fit.model.strip("\n"), said("repeat.model.named", name=fit_name(name)), f"{name}.txt")
        for name, fit in inputs.fits.items()
    ]
    for at, moments in enumerate(inputs.main.moments):
        file = "covariance_matrix.csv" if at == 0 else f"covariance_matrix_{at + 1}.csv"
        blocks.append(Listing(to_csv(covariance_table(moments)), said("repeat.covariance"), file, is_folded=True))
    blocks.append(Tabled(parameters_table(inputs.main), is_folded=True))
    return Section("repeat", tuple(blocks))


def _facts(inputs: ReportInputs) -> tuple[tuple[Content, Content], ...]:
    result, repetition = inputs.main, inputs.repetition
    rows: list[tuple[Content, Content]] = list(_hashes(repetition))
    if repetition.seed is not None:
        rows.append((said("repeat.seed"), str(repetition.seed)))
    rows.append((said("repeat.options"), _options(result.options)))
    rows.append((said("repeat.search"), _search(result)))
    for name in ("software", "platform"):
        values: Mapping[str, str] = getattr(repetition, name)
        if values:
            rows.append((said(f"repeat.{name}"), ", ".join(f"{key} {value}" for key, value in values.items())))
    return tuple(rows)


def _hashes(repetition: Repetition) -> list[tuple[Content, Content]]:
    return [
        (said("repeat.hash", name=said(f"hash.{name}") if has_phrase(f"hash.{name}") else name), digest)
        for name, digest in repetition.hashes.items()
    ]


def _options(options: Mapping[str, Any]) -> str:
    """Options that have a value, in JSON's spelling."""
    shown = {name: value for name, value in options.items() if value not in (None, (), [])}
    return ", ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in shown.items()
    )


def _search(result: SemResult) -> Content:
    optimum = result.optimum
    return said(
        "repeat.search.told",
        steps=int(optimum["n_iterations"]),
        gradient=f"{float(optimum['gradient_norm']):.1e}",
        fmin=Amount(float(optimum["fmin"]), "exact"),
    )

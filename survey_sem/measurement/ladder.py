"""The result of a ladder of invariance fits: records as tables, text, notebook page and plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey_sem.errors import Warned
from survey_sem.measurement.comparison import Comparison
from survey_sem.measurement.latent_means import LatentMean
from survey_sem.measurement.partial import ExpectedChange
from survey_sem.measurement.verdicts import SRMR_LIMITS, Verdict
from survey_sem.provenance import readable_json
from survey_sem.results import SemResult
from survey_sem.shown import (
    finite_or_none,
    fixed,
    html_notes,
    html_table,
    p_text,
    text_table,
    warning_lines,
)

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "survey-sem/invariance/1"
SHOWN = 8
"""How many rows of expected changes a print shows."""


@dataclass(frozen=True, slots=True, repr=False)
class Invariance:
    """A ladder of fits, from the least to the most restricted.

    group, group_labels : the grouping variable and its values
    fits : level -> SemResult, those that were fitted
    comparison : the fits side by side; None with fewer than two
    judged, changes, mean_records : records behind `verdicts`, `partial`, `latent_means`
    partial_level : the first level that breaks a rule ("" where none does), to which `partial` belongs
    means_level : the level that `latent_means` belong to ("" where there are none)
    """

    group: str
    group_labels: tuple[str, ...]
    fits: Mapping[str, SemResult]
    comparison: Comparison | None
    judged: tuple[Verdict, ...]
    partial_level: str
    changes: tuple[ExpectedChange, ...]
    means_level: str
    mean_records: tuple[LatentMean, ...]
    warnings: tuple[Warned, ...] = ()

    @property
    def verdicts(self) -> pd.DataFrame:
        """One row per level and rule: ``level against rule value limit kept``."""
        return _frame(self.judged, Verdict)

    @property
    def partial(self) -> pd.DataFrame:
        """Score tests of the parameters that `partial_level` restricts, the largest first; one row per group."""
        return _frame(self.changes, ExpectedChange)

    @property
    def latent_means(self) -> pd.DataFrame:
        """Latent means less those of the first group, with standard errors; one row per factor and group."""
        return _frame(self.mean_records, LatentMean)

    def __str__(self) -> str:
        counts = f"Invariance over {self.group}: {', '.join(self.group_labels)}"
        blocks = [[counts]]
        if self.comparison is not None:
            blocks.append(str(self.comparison).splitlines())
        for title, heads, rows, left in self._tables():
            blocks.append([title, *text_table(heads, rows, left)])
        blocks.append([*self._notes(), *warning_lines(self.warnings)])
        return "\n\n".join("\n".join(block) for block in blocks if block)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        parts = [html_notes([f"Invariance over {self.group}: {', '.join(self.group_labels)}"])]
        if self.comparison is not None:
            parts.append(self.comparison._repr_html_())
        for title, heads, rows, left in self._tables():
            parts += [html_notes([title]), html_table(heads, rows, left)]
        return "".join([*parts, html_notes([*self._notes(), *warning_lines(self.warnings)])])

    def to_dict(self) -> dict[str, Any]:
        """Everything but the fits themselves as plain data; what does not apply is None."""
        return {
            "schema": SCHEMA,
            "group": self.group,
            "group_labels": list(self.group_labels),
            "levels": list(self.fits),
            "comparison": None if self.comparison is None else self.comparison.to_dict(),
            "verdicts": _records(self.judged),
            "partial_level": self.partial_level or None,
            "partial": _records(self.changes),
            "means_level": self.means_level or None,
            "latent_means": _records(self.mean_records),
            "warnings": [warning.to_dict() for warning in self.warnings],
        }

    def to_json(self) -> str:
        """The same as a JSON document; the fits have a `to_json` of their own."""
        return readable_json(self.to_dict())

    def _tables(self) -> list[tuple[str, list[str], list[list[str]], int]]:
        found = []
        if self.judged:
            rows = [
                [each.level, each.against, each.rule, _value(each), fixed(each.limit), _kept(each)]
                for each in self.judged
            ]
            found.append(("Rules", ["level", "against", "rule", "value", "limit", "kept"], rows, 3))
        if self.changes:
            rows = [_change_cells(each) for each in self.changes[:SHOWN]]
            title = f"Score tests at the level {self.partial_level}: parameters freed over the groups, one at a time"
            found.append((title, ["parameter", "group", "MI", "df", "p", "est", "change", "expected"], rows, 2))
        if self.mean_records:
            rows = [_mean_cells(each) for each in self.mean_records]
            title = f"Latent means at the level {self.means_level}, less those of {self.group_labels[0]}"
            heads = ["factor", "group", "difference", "SE", "z", "p", "in pooled SD", "SE"]
            found.append((title, heads, rows, 2))
        return found

    def _notes(self) -> list[str]:
        notes = []
        for level in dict.fromkeys(each.level for each in self.judged):
            own = [each for each in self.judged if each.level == level and each.kept is not None]
            broken = [each.rule for each in own if not each.kept]
            told = f"{len(own) - len(broken)} of {len(own)} rules kept" if own else "no rule could be applied"
            notes.append(f"{level}: {told}" + (f"; not {', '.join(broken)}" if broken else ""))
        if self.changes:
            element, left = self.changes[0].element, len(self.changes) - SHOWN
            hint = f': group_partial=["{element}"]' if self.partial_level in SRMR_LIMITS else ""
            more = f" {left} further rows in .partial." if left > 0 else ""
            notes.append(f"Freeing {element} promises the largest drop in chi-square{hint}.{more}")
        return notes


def _records(records: Sequence[Any]) -> list[dict[str, Any]]:
    """Records as plain data, None for what is not a number."""

    def plain(value: Any) -> Any:
        return finite_or_none(value) if isinstance(value, float) else value

    return [{name: plain(getattr(each, name)) for name in each.__slots__} for each in records]


def _frame(records: Sequence[Any], kind: type[Any]) -> pd.DataFrame:
    import pandas as pd

    rows = [[getattr(each, name) for name in kind.__slots__] for each in records]
    return pd.DataFrame(rows, columns=list(kind.__slots__))


def _value(verdict: Verdict) -> str:
    return p_text(verdict.value) if verdict.rule.startswith("p ") else fixed(verdict.value)


def _change_cells(change: ExpectedChange) -> list[str]:
    tested = [fixed(change.mi), str(change.df), p_text(change.p_value)]
    return [change.element, change.group_label, *tested, *map(fixed, (change.est, change.epc, change.expected))]


def _mean_cells(mean: LatentMean) -> list[str]:
    numbers = [fixed(value) for value in (mean.difference, mean.se, mean.z)]
    standardised = [fixed(mean.standardised), fixed(mean.standardised_se)]
    return [mean.latent, mean.group_label, *numbers, p_text(mean.p_value), *standardised]


def _kept(verdict: Verdict) -> str:
    return "does not apply" if verdict.kept is None else "yes" if verdict.kept else "no"

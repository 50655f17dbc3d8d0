"""The result of a comparison of groups: tables, text, notebook page, plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey_sem.errors import Warned
from survey_sem.shown import finite_or_none, fixed, html_notes, html_table, p_text, text_table, warning_lines

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "survey-sem/group-comparison/1"
TESTS = {
    "welch": "Welch ANOVA",
    "classical": "ANOVA",
    "kruskal": "Kruskal-Wallis",
    "design": "Wald F of the design",
}
PAIRS = {
    "games-howell": "Games-Howell",
    "tukey": "Tukey",
    "t-welch": "Welch t",
    "t-pooled": "t with equal variances",
    "t-design": "t of the design, Holm over the pairs",
}
_Block = tuple[str, list[str], list[list[str]], int]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class GroupComparison:
    """Groups compared, one variable after the other.

    Parameters
    ----------
    by : str
        The grouping variable.
    variables, labels : tuples of str
        What was compared, and the groups.
    test, pair_test : str
        ``welch``, ``classical``, ``kruskal`` or ``design``; ``games-howell``, ``tukey``, ``t-welch``, ``t-pooled`` or
        ``t-design``.
    ci_level : float
        Of all intervals.
    groups : DataFrame
        ``variable group n mean sd se ci_lower ci_upper``; with a design estimates of the population.
    tests : DataFrame
        ``variable statistic df1 df2 p_value p_holm eta2 omega2 levene p_levene``: whether the groups differ at all.
        `p_holm` allows for the number of variables. `omega2` and Levene's test are missing with a design.
    pairs : DataFrame
        ``variable group against difference se df p_value ci_lower ci_upper g g_lower g_upper``: each pair, `group` less
        `against`. p-values and intervals of three groups or more allow for the number of pairs (the intervals of a
        design do not).
    latent : DataFrame or None
        ``variable group against difference g latent_difference latent_se latent_p latent_d``: observed differences
        beside those of latent means.
    n_dropped : mapping
        Variable -> rows that were left out for a missing value.
    left_out : mapping
        Variable -> groups that were left out as too small.
    warnings : tuple of Warned
        What a reader should know.
    """

    by: str
    variables: tuple[str, ...]
    labels: tuple[str, ...]
    test: str
    pair_test: str
    ci_level: float
    groups: pd.DataFrame
    tests: pd.DataFrame
    pairs: pd.DataFrame
    latent: pd.DataFrame | None
    n_dropped: Mapping[str, int]
    left_out: Mapping[str, tuple[str, ...]]
    warnings: tuple[Warned, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data (schema ``survey-sem/group-comparison/1``); no rows."""
        return {
            "schema": SCHEMA,
            "by": self.by,
            "variables": list(self.variables),
            "labels": list(self.labels),
            "test": self.test,
            "pair_test": self.pair_test,
            "ci_level": self.ci_level,
            "groups": _records(self.groups),
            "tests": _records(self.tests),
            "pairs": _records(self.pairs),
            "latent": None if self.latent is None else _records(self.latent),
            "n_dropped": dict(self.n_dropped),
            "left_out": {name: list(labels) for name, labels in self.left_out.items()},
            "warnings": [warned.to_dict() for warned in self.warnings],
        }

    def __str__(self) -> str:
        blocks = ["\n".join([title, *text_table(heads, rows, left)]) for title, heads, rows, left in self._blocks()]
        return "\n\n".join([*blocks, "\n".join([*self._notes(), *warning_lines(self.warnings)])]).rstrip()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        parts = [html_notes([title]) + html_table(heads, rows, left) for title, heads, rows, left in self._blocks()]
        return "".join(parts) + html_notes([*self._notes(), *warning_lines(self.warnings)])

    def _blocks(self) -> list[_Block]:
        level = f"{100 * self.ci_level:g}% interval"
        groups = [
            [row["variable"], row["group"], str(row["n"]), fixed(row["mean"]), fixed(row["sd"]), _range(row, "ci")]
            for row in self.groups.to_dict("records")
        ]
        tests = [
            [row["variable"], *(fixed(row[name]) for name in ("statistic", "df1", "df2")), p_text(row["p_value"]),
             p_text(row["p_holm"]), fixed(row["eta2"]), fixed(row["omega2"]), p_text(row["p_levene"])]
            for row in self.tests.to_dict("records")
        ]  # fmt: skip
        pairs = [
            [row["variable"], f"{row['group']} - {row['against']}", fixed(row["difference"]), _range(row, "ci"),
             p_text(row["p_value"]), fixed(row["g"]), _range(row, "g")]
            for row in self.pairs.to_dict("records")
        ]  # fmt: skip
        blocks: list[_Block] = [
            (f"Means by {self.by}", ["variable", "group", "n", "mean", "SD", level], groups, 2),
            (
                TESTS[self.test],
                ["variable", "statistic", "df1", "df2", "p", "p (Holm)", "eta2", "omega2", "p (Levene)"],
                tests,
                1,
            ),
            (
                f"Pairs: {PAIRS[self.pair_test]}",
                ["variable", "groups", "difference", level, "p", "g", f"g, {level}"],
                pairs,
                2,
            ),
        ]
        if self.latent is not None:
            latent = [
                [row["variable"], f"{row['group']} - {row['against']}", fixed(row["difference"]), fixed(row["g"]),
                 fixed(row["latent_difference"]), p_text(row["latent_p"]), fixed(row["latent_d"])]
                for row in self.latent.to_dict("records")
            ]  # fmt: skip
            heads = ["variable", "groups", "difference", "g", "latent", "p (latent)", "d (latent)"]
            blocks.append(("Observed and latent means", heads, latent, 2))
        return blocks

    def _notes(self) -> list[str]:
        notes = []
        if self.test == "design":
            notes.append("Means, tests and intervals come from the sampling design; g takes its SD as known.")
        if len(self.variables) > 1:
            notes.append(f"p (Holm) allows for the {len(self.variables)} variables.")
        notes += [f"{name}: {n} rows with missing values left out" for name, n in self.n_dropped.items() if n]
        notes += [
            f"{name}: groups left out as too small: {', '.join(labels)}"
            for name, labels in self.left_out.items()
            if labels
        ]
        return notes


def _range(row: Mapping[Any, Any], name: str) -> str:
    return f"[{fixed(row[f'{name}_lower'])}, {fixed(row[f'{name}_upper'])}]"


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): finite_or_none(value) if isinstance(value, float) else value for key, value in row.items()}
        for row in frame.to_dict("records")
    ]

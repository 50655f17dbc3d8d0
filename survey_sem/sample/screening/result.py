"""What screening found: indices, flags, who is excluded. It deletes nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem import renderers
from survey_sem.errors import Warned
from survey_sem.sample.screening.histograms import histogram
from survey_sem.sample.screening.indices import P_VALUE
from survey_sem.sample.screening.plan import INDICES, Rule, ScreeningPlan
from survey_sem.shown import fixed, html_notes, html_table, text_table, warning_lines

if TYPE_CHECKING:
    import pandas as pd

_HEADS = ("rule", "cut-off", "flagged", "%", "only this", "not known")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Screening:
    """Signs of careless answers, row by row.

    Parameters
    ----------
    indices : DataFrame (n, indices)
        Values of every index that the data allow; NaN where a row does not say.
    flags : DataFrame of bool (n, rules)
        Whether a row breaks a rule; what is not known breaks none.
    excluded : Series of bool (n,)
        Rows that the declared rule excludes. They are still here: who analyses them or not is decided elsewhere.
    plan : ScreeningPlan
        Rules and settings.
    n_items : int
        Items that were looked at.
    notes : tuple of Warned
        What a reader must know, such as an index that could not be computed.
    """

    indices: pd.DataFrame
    flags: pd.DataFrame
    excluded: pd.Series[Any]
    plan: ScreeningPlan
    n_items: int = 0
    notes: tuple[Warned, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Index and cut-off of every rule."""
        return self.plan.rules

    @property
    def n_rows(self) -> int:
        """Rows that were screened."""
        return len(self.indices)

    @property
    def n_flags(self) -> pd.Series[Any]:
        """Number of flags of each row."""
        return self.flags.sum(axis=1).astype("int64")

    @property
    def kept(self) -> pd.Series[Any]:
        """Rows that the declared rule does not exclude, for ``data[screening.kept]``."""
        return ~self.excluded

    @property
    def overlap(self) -> pd.DataFrame:
        """How many rows break both of two rules; one rule on the diagonal."""
        import pandas as pd

        broken = self.flags.to_numpy(dtype=np.int64)
        return pd.DataFrame(broken.T @ broken, index=self.flags.columns, columns=self.flags.columns)

    @property
    def by_number(self) -> pd.Series[Any]:
        """How many rows have 0, 1, 2, ... flags."""
        import pandas as pd

        counts = np.bincount(self.n_flags.to_numpy(), minlength=len(self.rules) + 1)
        return pd.Series(counts, index=pd.RangeIndex(len(counts), name="flags"), name="rows")

    def to_frame(self) -> pd.DataFrame:
        """One row per rule: ``rule index relation cut_off flagged share only unknown``.

        `only` counts rows that break no other rule, `unknown` those for which the index is not known.
        """
        import pandas as pd

        alone = self.n_flags.to_numpy() == 1
        rows = []
        for rule in self.rules:
            broken = self.flags[rule.index].to_numpy()
            rows.append(
                {
                    "rule": str(rule),
                    "index": rule.index,
                    "relation": rule.relation,
                    "cut_off": rule.value,
                    "flagged": int(broken.sum()),
                    "share": float(broken.mean()),
                    "only": int((broken & alone).sum()),
                    "unknown": int(self.indices[rule.index].isna().sum()),
                }
            )
        columns = ["rule", "index", "relation", "cut_off", "flagged", "share", "only", "unknown"]
        return pd.DataFrame(rows, columns=columns)

    def histograms(self) -> tuple[dict[str, Any], ...]:
        """Counts in classes of every index, as plain data: ``index edges counts relation cut_off unknown``."""
        rules = {rule.index: rule for rule in self.rules}
        return tuple(
            histogram(name, self.indices[name].to_numpy(), rules.get(name), self.n_items)
            for name in self.indices.columns
            if name != P_VALUE
        )

    def draw(self, **options: Any) -> Any:
        """Distributions of the indices with their cut-offs as a picture (`title`, `lang`)."""
        return renderers.render("screening", self, **options)

    def _rows(self) -> list[list[str]]:
        return [
            [row["index"], row["rule"].partition(row["index"])[2].lstrip(": "), f"{row['flagged']:,}",
             fixed(100 * row["share"], 1), f"{row['only']:,}", f"{row['unknown']:,}"]
            for row in self.to_frame().to_dict("records")
        ]  # fmt: skip

    def _head(self) -> str:
        n = int(self.excluded.sum())
        flagged = int((self.n_flags > 0).sum())
        if not self.rules:
            return f"{self.n_rows:,} rows, {len(self.indices.columns)} indices, no rules declared"
        told = f"{self.n_rows:,} rows, {len(self.rules)} rules: {flagged:,} rows with a flag, {n:,} excluded"
        return f"{told} ({self.plan.reason})" if self.plan.reason else f"{told} (no exclusion declared)"

    def __repr__(self) -> str:
        """Counts: never a respondent's answer."""
        return f"<Screening {self._head()}>"

    def __str__(self) -> str:
        lines = [f"Screening: {self._head()}"]
        if self.rules:
            lines += text_table(_HEADS, self._rows(), left=2)
        else:
            lines += [f"  {name:<18} {INDICES.get(name, 'p-value of the distance')}" for name in self.indices.columns]
        return "\n".join([*lines, *warning_lines(self.notes)])

    def _repr_html_(self) -> str:
        table = html_table(_HEADS, self._rows(), left=2) if self.rules else ""
        return html_notes([self._head()]) + table + html_notes(warning_lines(self.notes))

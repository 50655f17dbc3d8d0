"""Which answers are missing, whose, and why: rates, patterns, coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from survey_sem import renderers
from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Indices
from survey_sem.responses import ABSENT_KINDS, Responses
from survey_sem.sample.design.columns import names_of
from survey_sem.sample.imputation.columns import as_table, check_known
from survey_sem.sample.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

    Frame = pd.DataFrame

ANSWERED, ROUTED, NONRESPONSE = 0, ABSENT_KINDS.index("routed"), ABSENT_KINDS.index("nonresponse")
STATES = ("answered", "missing", "not asked")
Kinds = NDArray[np.int8]


@dataclass(frozen=True, eq=False, repr=False)
class Missingness:
    """What is missing in some data. All tables are counts and shares: no row can be read from them but by its pattern.

    Parameters
    ----------
    n_obs : int
        Rows.
    names : tuple of str
        Variables.
    items : DataFrame
        ``item asked missing rate not_asked nonresponse dontknow refused``: `rate` is the share of those who were asked.
    scales : DataFrame
        ``scale items rate persons_incomplete persons_without``: share of missing answers, and shares of persons who
        were asked and lack some or all of a scale's answers.
    persons : DataFrame
        ``missing persons share``: how many persons lack how many of the answers that they were asked for.
    patterns : DataFrame
        ``n share missing`` and a column per variable (answered, missing, not asked), the most frequent first.
    n_patterns : int
        Distinct patterns.
    is_monotone : bool
        Whether, with the variables in order of their rates, whoever lacks one answer lacks all later ones too.
    """

    n_obs: int
    names: tuple[str, ...]
    items: pd.DataFrame
    scales: pd.DataFrame
    persons: pd.DataFrame
    patterns: pd.DataFrame
    n_patterns: int
    is_monotone: bool
    _kinds: tuple[Kinds, Indices]

    @property
    def rate(self) -> float:
        """Share of missing answers among those that were asked for."""
        asked = int(self.items["asked"].sum())
        return float(self.items["missing"].sum()) / asked if asked else 0.0

    @property
    def complete(self) -> int:
        """Persons who gave every answer that they were asked for."""
        found = self.persons.loc[self.persons["missing"] == 0, "persons"]
        return int(found.sum())

    def coverage(self) -> pd.DataFrame:
        """Share of the rows that have both of two answers; of one alone on the diagonal."""
        import pandas as pd

        distinct, counts = self._kinds
        seen = (distinct == ANSWERED).astype(np.float64)
        shares = (seen.T * counts) @ seen / max(self.n_obs, 1)
        return pd.DataFrame(shares, index=list(self.names), columns=list(self.names))

    def draw(self, kind: str = "rates", **options: Any) -> Any:
        """A figure: ``"rates"`` of the items by reason, or the most frequent ``"patterns"``."""
        if kind not in ("rates", "patterns"):
            raise OptionError("bad-option", f"there is no figure '{kind}'", where="kind", expected="rates, patterns")
        return renderers.render(f"missing_{kind}", self, **options)

    def __repr__(self) -> str:
        monotone = ", monotone" if self.is_monotone and self.rate else ""
        return (
            f"<Missingness {self.n_obs} rows, {len(self.names)} variables: {self.rate:.1%} of the answers missing, "
            f"{self.complete} complete rows, {self.n_patterns} patterns{monotone}>"
        )

    def __str__(self) -> str:
        shown = self.items[self.items["missing"] > 0].nlargest(15, "rate", keep="all")
        lines = [repr(self)[1:-1].replace("Missingness ", "", 1)]
        for row in shown.to_dict("records"):
            lines.append(f"  {row['item']:<20} {row['rate']:6.1%}  ({row['missing']} of {row['asked']} asked)")
        routed = int(self.items["not_asked"].sum())
        if routed:
            lines.append(f"  {routed} answers are absent because nobody asked")
        return "\n".join(lines)


def missing(
    data: pd.DataFrame | Sample | Responses,
    items: str | Sequence[str] | None = None,
    *,
    scales: Mapping[str, Sequence[str]] | None = None,
    not_asked: Any = None,
    most_patterns: int = 20,
) -> Missingness:
    """Diagnose missing answers.

    What nobody asked (routing) is told apart from what was not answered: from a `Sample` or `Responses`, which know
    it, or by `not_asked`.

    Parameters
    ----------
    data : DataFrame, Sample or Responses
    items : names, optional
        The variables that are looked at; all columns where not given.
    scales : mapping, optional
        Scale -> its items; the constructs of the instrument where `data` are `Responses`.
    not_asked : DataFrame of bool, or mapping of column -> bools, optional
        True where nobody asked.
    most_patterns : int
        Rows of the table of patterns.

    Returns
    -------
    Missingness

    Raises
    ------
    DataError
        No such column; no rows.
    OptionError
        Another kind of data.

    Examples
    --------
    >>> import pandas as pd, survey_sem as ss
    >>> ss.missing(pd.DataFrame({"a": [1, None, 3, 4], "b": [2, None, None, 5]}))
    <Missingness 4 rows, 2 variables: 37.5% of the answers missing, 2 complete rows, 3 patterns, monotone>
    """
    table = as_table(data, not_asked)
    names = [str(name) for name in table.frame.columns]
    if items is not None:
        names = [str(name) for name in items] if isinstance(items, list | tuple) else names_of(items, "items")
        check_known(names, table.frame, "items")
    if not names:
        raise DataError("no-usable-columns", "the data have no columns")
    kinds = _kinds(table.frame[names], table.not_asked, _absent(data))
    if scales is None:
        scales = _constructs(data, names)
    for label, members in scales.items():
        check_known(list(members), table.frame[names], f"scales, {label}")
    distinct, counts = _patterns(kinds)
    return Missingness(
        n_obs=len(kinds),
        names=tuple(names),
        items=_item_table(kinds, names),
        scales=_scale_table(kinds, names, scales),
        persons=_person_table(kinds),
        patterns=_pattern_table(distinct, counts, names, most_patterns),
        n_patterns=len(counts),
        is_monotone=_is_monotone(distinct, counts),
        _kinds=(distinct, counts),
    )


def _absent(data: Any) -> Frame | None:
    return data.absent if isinstance(data, Sample | Responses) else None


def _constructs(data: Any, names: Sequence[str]) -> dict[str, list[str]]:
    if not isinstance(data, Responses):
        return {}
    found = {each.id: [item for item in each.items if item in names] for each in data.instrument.constructs}
    return {label: members for label, members in found.items() if members}


def _kinds(frame: Frame, not_asked: Mapping[str, NDArray[np.bool_]], absent: Frame | None) -> Kinds:
    """Why each answer is absent, as in `Responses.absent` (n, p)."""
    found = np.zeros(frame.shape, dtype=np.int8)
    for at, name in enumerate(frame.columns):
        unknown = frame[name].isna().to_numpy()
        reasons = np.full(len(frame), NONRESPONSE, dtype=np.int8)
        if absent is not None and name in absent.columns:
            known = absent[name].to_numpy()
            reasons = np.where(known > ANSWERED, known, NONRESPONSE).astype(np.int8)
        if name in not_asked:
            reasons[not_asked[name]] = ROUTED
        found[:, at] = np.where(unknown, reasons, ANSWERED)
    return found


def _patterns(kinds: Kinds) -> tuple[Kinds, Indices]:
    """The distinct rows, the most frequent first, and how often each occurs. What was not answered is one state."""
    states = np.ascontiguousarray(np.minimum(kinds, NONRESPONSE))
    keys = states.view(np.dtype((np.void, states.shape[1]))).ravel()
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    return states[first[order]], counts[order]


def _item_table(kinds: Kinds, names: Sequence[str]) -> Frame:
    import pandas as pd

    counts = {kind: (kinds == at).sum(axis=0) for at, kind in enumerate(ABSENT_KINDS)}
    asked = len(kinds) - counts["routed"]
    lacking = asked - counts["answered"]
    return pd.DataFrame(
        {
            "item": list(names),
            "asked": asked,
            "missing": lacking,
            "rate": np.where(asked > 0, lacking / np.maximum(asked, 1), np.nan),
            "not_asked": counts["routed"],
            **{kind: counts[kind] for kind in ABSENT_KINDS[NONRESPONSE:]},
        }
    )


def _scale_table(kinds: Kinds, names: Sequence[str], scales: Mapping[str, Sequence[str]]) -> Frame:
    import pandas as pd

    rows = []
    for label, members in scales.items():
        own = kinds[:, [names.index(name) for name in members]]
        asked, lacking = (own != ROUTED).sum(axis=1), (own >= NONRESPONSE).sum(axis=1)
        n_asked = max(int((asked > 0).sum()), 1)
        rows.append(
            {
                "scale": label,
                "items": len(members),
                "rate": lacking.sum() / max(int(asked.sum()), 1),
                "persons_incomplete": (lacking > 0).sum() / n_asked,
                "persons_without": ((lacking == asked) & (asked > 0)).sum() / n_asked,
            }
        )
    return pd.DataFrame(rows, columns=["scale", "items", "rate", "persons_incomplete", "persons_without"])


def _person_table(kinds: Kinds) -> Frame:
    import pandas as pd

    lacking, persons = np.unique((kinds >= NONRESPONSE).sum(axis=1), return_counts=True)
    return pd.DataFrame({"missing": lacking, "persons": persons, "share": persons / len(kinds)})


def _pattern_table(distinct: Kinds, counts: Indices, names: Sequence[str], most: int) -> Frame:
    import pandas as pd

    shown = distinct[:most]
    words = np.array([STATES[0], STATES[2], STATES[1]], dtype=object)
    frame = pd.DataFrame(words[shown], columns=list(names))
    frame.insert(0, "n", counts[:most])
    frame.insert(1, "share", counts[:most] / counts.sum())
    frame.insert(2, "missing", (shown == NONRESPONSE).sum(axis=1))
    return frame


def _is_monotone(distinct: Kinds, counts: Indices) -> bool:
    lacking = distinct == NONRESPONSE
    order = np.argsort(counts @ lacking, kind="stable")
    return bool((np.diff(lacking[:, order].astype(np.int8), axis=1) >= 0).all())

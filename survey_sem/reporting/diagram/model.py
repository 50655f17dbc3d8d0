"""What a path diagram shows: nodes and edges with their texts, free of arrays and of the result they came from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from survey_sem.errors import OptionError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

NodeKind = Literal["latent", "observed"]
EdgeKind = Literal["loading", "composite", "regression", "covariance"]
Values = Literal["std_all", "std_lv", "std_nox", "est", "label", "none"]
Shown = Literal["loadings", "regressions", "covariances", "exogenous_covariances"]
Lang = Literal["en", "zh"]

_EDGE_KIND: dict[str, EdgeKind] = {"=~": "loading", "<~": "composite", "~": "regression", "~~": "covariance"}
_SHOWN_AS: dict[EdgeKind, Shown] = {
    "loading": "loadings",
    "composite": "loadings",
    "regression": "regressions",
    "covariance": "covariances",
}
_DEFAULT_SHOWN: tuple[Shown, ...] = ("loadings", "regressions", "covariances")


@dataclass(frozen=True, slots=True)
class PathNode:
    """A variable: its name in the model, the label to show, and R-squared where it is explained."""

    name: str
    kind: NodeKind
    label: str
    r_squared: float | None = None


@dataclass(frozen=True, slots=True)
class PathEdge:
    """An arrow from source to target (a covariance has two heads).

    `estimate` is the text to show, `value` the number behind it, `p` its p-value (None for a fixed one),
    `label` the name that the model gives to the parameter.
    """

    source: str
    target: str
    kind: EdgeKind
    estimate: str = ""
    value: float | None = None
    p: float | None = None
    fixed: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class PathModel:
    """Everything that a diagram shows, in the order of the model."""

    nodes: tuple[PathNode, ...]
    edges: tuple[PathEdge, ...]
    values: Values = "std_all"
    lang: Lang = "en"
    group: int | None = None

    def __post_init__(self) -> None:
        known = {node.name for node in self.nodes}
        for edge in self.edges:
            for name in (edge.source, edge.target):
                if name not in known:
                    raise OptionError("unknown-node", f"an edge of the diagram names '{name}', which is no node")


class Fitted(Protocol):
    """The part of a SemResult that a path diagram reads."""

    @property
    def estimates(self) -> pd.DataFrame:
        """One row per parameter: lhs op rhs group label est se p_value std_lv std_all std_nox."""

    def r_squared(self, group: int = 1) -> pd.Series[float]:
        """Explained share of the variance, by variable."""


def path_model(
    result: Fitted,
    *,
    values: Values = "std_all",
    labels: Mapping[str, str] | None = None,
    show: Iterable[Shown] = _DEFAULT_SHOWN,
    lang: Lang = "en",
    group: int = 1,
    digits: int = 2,
    stars: bool = False,
) -> PathModel:
    """The diagram of a fitted model.

    Parameters
    ----------
    result : SemResult
        Only ``.estimates`` and ``.r_squared()`` are read.
    values : {"std_all", "std_lv", "std_nox", "est", "label", "none"}
        What stands at the arrows: a standardised or raw estimate, the parameter's name, or nothing.
    labels : mapping, optional
        Variable name -> text to show; other variables show their name.
    show : iterable
        Of ``loadings regressions covariances exogenous_covariances``. The last are covariances among observed
        predictors, which the data fix and which are left out by default. A parameter fixed to zero is no arrow.
    lang : {"en", "zh"}
        Language of caption and description.
    group : int
        Which group of a multi-group model, from 1.
    digits : int
        Decimals of the estimates.
    stars : bool
        Mark p < .05, .01, .001 by stars.

    Raises
    ------
    OptionError
        An unknown value of an option, a group that the result does not have, or a label for an unknown variable.
    """
    shown = tuple(show)
    _check_options(values, shown, lang)
    rows, n_groups = _rows(result, group)
    r_squared = {str(name): float(value) for name, value in result.r_squared(group).items()}
    latent = {row["lhs"] for row in rows if row["op"] in ("=~", "<~")}
    predictors = _observed_predictors(rows, latent)
    edges = tuple(
        _edge(row, values, digits, stars)
        for row in rows
        if row["op"] in _EDGE_KIND and row["lhs"] != row["rhs"] and _is_shown(row, predictors, shown)
    )
    return PathModel(
        nodes=_nodes(rows, edges, latent, labels or {}, r_squared),
        edges=edges,
        values=values,
        lang=lang,
        group=group if n_groups > 1 else None,
    )


def _check_options(values: str, shown: tuple[str, ...], lang: str) -> None:
    for option, given, known in (
        ("values", (values,), get_args(Values)),
        ("show", shown, get_args(Shown)),
        ("lang", (lang,), get_args(Lang)),
    ):
        for word in given:
            if word not in known:
                raise OptionError(
                    "unknown-value",
                    f"the path diagram does not know {option}={word!r}",
                    expected=", ".join(known),
                    got=str(word),
                    hint=did_you_mean(str(word), known),
                )


def _rows(result: Fitted, group: int) -> tuple[list[dict[str, Any]], int]:
    """The parameters of one group, and how many groups there are."""
    rows: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in result.estimates.to_dict("records")]
    groups = sorted({int(row["group"]) for row in rows if row.get("group")}) or [1]
    if group not in groups:
        raise OptionError(
            "unknown-group",
            f"the result has no group {group}",
            expected=", ".join(map(str, groups)),
            got=str(group),
        )
    return [row for row in rows if int(row.get("group") or 0) in (0, group)], len(groups)


def _observed_predictors(rows: list[dict[str, Any]], latent: set[str]) -> set[str]:
    """Observed variables that only ever predict."""
    explained = {row["lhs"] for row in rows if row["op"] == "~"} | {row["rhs"] for row in rows if row["op"] == "=~"}
    predicting = {row["rhs"] for row in rows if row["op"] in ("~", "<~")}
    return predicting - explained - latent


def _is_shown(row: Mapping[str, Any], predictors: set[str], shown: tuple[Shown, ...]) -> bool:
    if _is_fixed(row) and _number(row["est"]) == 0:
        return False
    if row["op"] == "~~" and {row["lhs"], row["rhs"]} <= predictors:
        return "exogenous_covariances" in shown
    return _SHOWN_AS[_EDGE_KIND[row["op"]]] in shown


def _is_fixed(row: Mapping[str, Any]) -> bool:
    return not _number(row["se"]) and _number(row.get("p_value")) is None


def _edge(row: Mapping[str, Any], values: Values, digits: int, stars: bool) -> PathEdge:
    is_formula = row["op"] in ("~", "<~")
    p = None if _is_fixed(row) else _number(row.get("p_value"))
    value = None if values in ("label", "none") else _number(row[values])
    label = str(row.get("label") or "")
    text = label if values == "label" else _estimate_text(value, p, digits, stars)
    return PathEdge(
        source=str(row["rhs" if is_formula else "lhs"]),
        target=str(row["lhs" if is_formula else "rhs"]),
        kind=_EDGE_KIND[row["op"]],
        estimate=text,
        value=value,
        p=p,
        fixed=_is_fixed(row),
        label=label,
    )


def _estimate_text(value: float | None, p: float | None, digits: int, stars: bool) -> str:
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    marks = sum(p < limit for limit in (0.05, 0.01, 0.001)) if stars and p is not None else 0
    return text.replace("-", "\N{MINUS SIGN}") + "*" * marks


def _nodes(
    rows: list[dict[str, Any]],
    edges: tuple[PathEdge, ...],
    latent: set[str],
    labels: Mapping[str, str],
    r_squared: Mapping[str, float],
) -> tuple[PathNode, ...]:
    drawn = {name for edge in edges for name in (edge.source, edge.target)} | latent
    order = dict.fromkeys(str(row[side]) for row in rows if row["op"] in _EDGE_KIND for side in ("lhs", "rhs"))
    for name in labels:
        if name not in order:
            raise OptionError(
                "unknown-variable",
                f"a label is given for '{name}', which the model does not have",
                hint=did_you_mean(name, order),
            )
    return tuple(
        PathNode(
            name=name,
            kind="latent" if name in latent else "observed",
            label=str(labels.get(name, name)),
            r_squared=r_squared.get(name),
        )
        for name in order
        if name in drawn
    )


def _number(value: object) -> float | None:
    """A finite float, or None."""
    if value is None or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)

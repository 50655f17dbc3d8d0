"""Population margins as a user has them: a mapping, a table, a csv or xlsx file, the instrument's."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import DataError, OptionError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.instrument.model import Weighting as InstrumentWeighting

SHARES_SUM = 1e-6
"""Shares sum to 1 within this; totals of different margins agree within this share of them."""
_PERCENT = 0.5
_FILE_TYPES = (".csv", ".tsv", ".txt", ".xlsx")
_COLUMNS = ("variable", "category", "share", "count", "source")
_JOINT = ":"


@dataclass(frozen=True, slots=True)
class PopulationMargin:
    """How a population is divided by one variable, or by several jointly.

    Parameters
    ----------
    of : tuple of str
        The variables.
    classes : tuple of tuple of str
        Every class, as one label per variable.
    values : tuple of float
        Shares that sum to 1, or counts.
    source : str
        Where they come from.
    """

    of: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    values: tuple[float, ...]
    source: str = ""

    @property
    def name(self) -> str:
        """The variables in one text."""
        return _JOINT.join(self.of)

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, each in one text."""
        return tuple(_JOINT.join(each) for each in self.classes)

    @property
    def sum(self) -> float:
        """What the values sum to."""
        return math.fsum(self.values)

    @property
    def are_shares(self) -> bool:
        """Whether they are shares, not counts."""
        return abs(self.sum - 1.0) <= SHARES_SUM

    def totals(self, total: float) -> tuple[float, ...]:
        """The values as totals of a population of `total`."""
        return tuple(value / self.sum * total for value in self.values)


def label_of(value: Any) -> str:
    """A code as it is shown: ``3`` and ``3.0`` are ``"3"``."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def read_targets(targets: Any) -> tuple[PopulationMargin, ...]:
    """Margins from whatever a user has them in.

    Parameters
    ----------
    targets : mapping, DataFrame, path or sequence of PopulationMargin
        Variable -> class -> share or count, where a tuple of names is a joint margin with tuples of classes, and a
        Series does for the inner mapping; a table or the path of a csv or xlsx file with the columns ``variable``,
        ``category``, ``share`` or ``count``, and ``source`` where it is known (a joint margin has ``a:b`` there).

    Raises
    ------
    OptionError
        Something else; no target at all.
    FileError
        The file cannot be read.
    DataError
        A value that is no positive number, a class given twice, a table without these columns.
    """
    import pandas as pd

    if isinstance(targets, (str, os.PathLike)):
        margins = _from_file(Path(targets))
    elif isinstance(targets, pd.DataFrame):
        margins = _from_table(targets, "targets")
    elif isinstance(targets, Mapping):
        margins = tuple(_from_mapping(name, values) for name, values in targets.items())
    elif isinstance(targets, Sequence) and all(isinstance(each, PopulationMargin) for each in targets):
        margins = tuple(targets)
    else:
        raise OptionError(
            "wrong-type",
            f"targets cannot be a {type(targets).__name__}",
            where="targets",
            expected="{variable: {class: share or count}}, a table, or the path of a csv or xlsx file",
        )
    if not margins:
        raise OptionError("no-targets", "there is no target to weight to", where="targets")
    for margin in margins:
        _check(margin)
    twice = [margin.name for at, margin in enumerate(margins) if margin.of in [other.of for other in margins[:at]]]
    if twice:
        raise DataError("duplicate-target", f"targets of '{twice[0]}' are given twice", where="targets")
    return margins


def instrument_targets(weighting: InstrumentWeighting) -> tuple[PopulationMargin, ...]:
    """The margins that an instrument declares, with their sources."""
    return tuple(
        PopulationMargin(
            (target.of,),
            tuple((label_of(code),) for code in target.shares),
            tuple(target.shares.values()),
            " ".join(target.source.split()),
        )
        for target in weighting.targets
    )


def settled_totals(margins: Sequence[PopulationMargin], total: float | None, base_sum: float) -> float:
    """What the weights are to sum to.

    `total` where it is given; otherwise what the counts sum to, or for shares the sum of the base weights.

    Raises
    ------
    DataError
        Margins that sum to different totals; shares that do not sum to 1; percentages.
    OptionError
        A total that is no positive number.
    """
    if total is not None:
        if not (isinstance(total, (int, float)) and math.isfinite(total) and total > 0):
            raise OptionError("wrong-value", f"the total cannot be {total!r}", expected="a positive number")
        return float(total)
    counted = [margin for margin in margins if not margin.are_shares]
    for margin in counted:
        _check_sum(margin, base_sum)
    if not counted:
        return base_sum
    first = counted[0]
    for margin in counted[1:]:
        if abs(margin.sum - first.sum) > SHARES_SUM * first.sum:
            raise DataError(
                "different-totals",
                f"the targets of '{first.name}' sum to {first.sum:.10g}, those of '{margin.name}' to {margin.sum:.10g}",
                where="targets",
                expected="margins of one population, which sum to the same total",
                hint="correct them, give shares, or give total=: every margin is then scaled to it",
            )
    return first.sum


def _check_sum(margin: PopulationMargin, base_sum: float) -> None:
    if abs(margin.sum - 1.0) < 0.2 and max(margin.values) < 1:
        raise DataError(
            "wrong-sum", f"the shares of '{margin.name}' sum to {margin.sum:.6g}", where="targets", expected="1"
        )
    if abs(margin.sum - 100.0) <= _PERCENT and not 50 <= base_sum <= 200:
        raise DataError(
            "percentages",
            f"the targets of '{margin.name}' sum to {margin.sum:.6g}: they could be percentages or counts",
            where="targets",
            expected="shares that sum to 1, or counts",
            hint="give total=, what the weights are to sum to: every margin is then scaled to it",
        )


def _check(margin: PopulationMargin) -> None:
    if not margin.values:
        raise DataError("no-classes", f"the targets of '{margin.name}' name no class", where="targets")
    for label, value in zip(margin.labels, margin.values, strict=True):
        if not (math.isfinite(value) and value >= 0):
            what = f"the target of {margin.name} = {label} is {value:g}"
            raise DataError("wrong-value", what, where="targets", expected="a share or a count, not negative")
    if margin.sum <= 0:
        raise DataError("wrong-sum", f"the targets of '{margin.name}' are all 0", where="targets")
    twice = [label for at, label in enumerate(margin.labels) if label in margin.labels[:at]]
    if twice:
        raise DataError("duplicate-class", f"the class {margin.name} = {twice[0]} has two targets", where="targets")


def _from_mapping(name: Any, values: Any) -> PopulationMargin:
    import pandas as pd

    of = tuple(str(part) for part in name) if isinstance(name, tuple) else (str(name),)
    where = f"targets of '{_JOINT.join(of)}'"
    entries = values.to_dict() if isinstance(values, pd.Series) else values
    if not isinstance(entries, Mapping):
        what = f"a mapping of classes to shares or counts is expected, not a {type(values).__name__}"
        raise OptionError("wrong-type", what, where=where)
    classes = tuple(_class(key, len(of), where) for key in entries)
    return PopulationMargin(of, classes, tuple(_number(value, where) for value in entries.values()))


def _class(key: Any, width: int, where: str) -> tuple[str, ...]:
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) == 1 and width > 1:
        parts = tuple(str(parts[0]).split(_JOINT))
    if len(parts) != width:
        what = f"the class {key!r} does not have one part for each of the {width} variables"
        raise DataError("wrong-class", what, where=where, expected="a tuple, or the parts joined by ':'")
    return tuple(label_of(part) for part in parts)


def _number(value: Any, where: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        what = f"{value!r} is no share and no count"
        raise DataError("wrong-value", what, where=where, expected="a number") from None


def _from_file(path: Path) -> tuple[PopulationMargin, ...]:
    from survey_sem.exports import read_export

    if path.suffix.lower() not in _FILE_TYPES:
        what = f"targets are not read from {path.name}"
        raise OptionError("unknown-format", what, where="targets", expected=", ".join(_FILE_TYPES))
    return _from_table(read_export(path, dialect="generic").frame, str(path))


def _from_table(table: pd.DataFrame, where: str) -> tuple[PopulationMargin, ...]:
    names = {str(column).strip().lower(): column for column in table.columns}
    for name in names:
        if name not in _COLUMNS:
            hint = did_you_mean(name, _COLUMNS)
            what = f"a table of targets has no column '{name}'"
            raise DataError("unknown-column", what, where=where, expected=", ".join(_COLUMNS), hint=hint)
    given = [name for name in ("share", "count") if name in names]
    absent = [name for name in ("variable", "category") if name not in names]
    if absent or len(given) != 1:
        what = f"the column '{absent[0]}' is missing" if absent else "one of the columns 'share' and 'count' is needed"
        raise DataError("missing-column", what, where=where, expected="variable, category, share or count, source")
    plain = {name: table[column].tolist() for name, column in names.items()}
    sources = plain.get("source", [""] * len(table))
    rows: dict[str, list[tuple[Any, Any, Any]]] = {}
    for variable, category, value, source in zip(
        plain["variable"], plain["category"], plain[given[0]], sources, strict=True
    ):
        rows.setdefault(_filled(variable, "variable", where), []).append((category, value, source))
    return tuple(_margin_of_rows(name, entries, where) for name, entries in rows.items())


def _margin_of_rows(name: str, rows: list[tuple[Any, Any, Any]], where: str) -> PopulationMargin:
    of = tuple(name.split(_JOINT))
    classes = tuple(_class(_filled(category, "category", where), len(of), where) for category, _, _ in rows)
    values = tuple(_number(value, f"{where}, {name}") for _, value, _ in rows)
    sources = dict.fromkeys(str(source).strip() for _, _, source in rows if source == source and source is not None)
    return PopulationMargin(of, classes, values, "; ".join(source for source in sources if source))


def _filled(value: Any, column: str, where: str) -> str:
    if value is None or value != value or not label_of(value).strip():
        raise DataError("blank-cell", f"a row of the targets has no {column}", where=where)
    return label_of(value).strip()

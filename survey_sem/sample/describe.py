"""What the respondents answered, item by item, in numbers that tell on nobody.

Counts below `SMALLEST_CELL` are withheld, together with as many others of the item as it takes that the withheld
ones cannot be found from the total: at least two cells, and together at least `SMALLEST_CELL` answers. This guards
the reader of a table; mean and standard deviation are published at full precision so that others can refit, and
together with the total a determined reader can narrow two or three withheld counts down from them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.instrument import Item, Scale, Texts

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.linalg import Array
    from survey_sem.sample.sample import Sample

SMALLEST_CELL = 10
Code = int | float | str


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """How often one category was chosen.

    Parameters
    ----------
    code : number or text
        As in the data (of a reversed item: after it was turned).
    label : Texts
        Its label, by language.
    n : int or None
        Unweighted count; None where it is withheld.
    """

    code: Code
    label: Texts
    n: int | None

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        return {"code": self.code, "label": dict(self.label), "n": self.n}


@dataclass(frozen=True, slots=True)
class ItemDescription:
    """The answers to one item.

    Parameters
    ----------
    name : str
        Item id.
    text : Texts
        Wording, by language.
    n, n_missing : int
        Given and missing answers.
    mean, sd : float or None
        Of ordinal items (their codes) and numbers; the divisor of `sd` is n - 1.
    skew, kurtosis : float or None
        G1 and (excess) G2, the sample-size adjusted ones that SPSS prints (Joanes & Gill 1998,
        doi:10.1111/1467-9884.00122); None where all answers are equal or too few.
    counts : tuple of CategoryCount
        In the scale's order; empty for numbers.
    is_reversed : bool
        Whether the item was turned round.
    """

    name: str
    text: Texts
    n: int
    n_missing: int
    mean: float | None
    sd: float | None
    skew: float | None
    kurtosis: float | None
    counts: tuple[CategoryCount, ...] = ()
    is_reversed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "text": dict(self.text), "counts": [count.to_dict() for count in self.counts]}


def describe_items(sample: Sample, items: Sequence[Item]) -> tuple[ItemDescription, ...]:
    """Descriptive statistics of the ordinal and nominal items and the numbers of a sample, in the order given.

    Parameters
    ----------
    sample : Sample
        Prepared respondents: reversed items already turned.
    items : sequence of Item
        Items of its instrument.
    """
    return tuple(
        _describe(sample.data[item.id], item, item.id in sample.reversed_items)
        for item in items
        if item.type in ("ordinal", "nominal", "number") and item.id in sample.data
    )


def _describe(column: pd.Series[Any], item: Item, is_reversed: bool) -> ItemDescription:
    given = column.dropna()
    mean = sd = skew = kurtosis = None
    if item.type != "nominal" and len(given):
        mean, sd, skew, kurtosis = moments_of(np.asarray(given, dtype=np.float64))
    return ItemDescription(
        name=item.id,
        text=item.text,
        n=len(given),
        n_missing=len(column) - len(given),
        mean=mean,
        sd=sd,
        skew=skew,
        kurtosis=kurtosis,
        counts=_counts(given, item, is_reversed),
        is_reversed=is_reversed,
    )


def moments_of(values: Array) -> tuple[float, float | None, float | None, float | None]:
    """Mean, standard deviation (n - 1), adjusted skewness G1 and excess kurtosis G2 of `values` (n,), n > 0."""
    n = len(values)
    mean = float(values.mean())
    centred = values - mean
    m2, m3, m4 = (float(np.mean(centred**power)) for power in (2, 3, 4))
    sd = math.sqrt(m2 * n / (n - 1)) if n > 1 else None
    is_constant = m2 <= 1e-24 * max(1.0, mean * mean)
    skew = None if is_constant or n < 3 else m3 / m2**1.5 * math.sqrt(n * (n - 1)) / (n - 2)
    excess = None if is_constant or n < 4 else ((n + 1) * (m4 / m2**2 - 3.0) + 6.0) * (n - 1) / ((n - 2) * (n - 3))
    return mean, sd, skew, excess


def _counts(given: pd.Series[Any], item: Item, is_reversed: bool) -> tuple[CategoryCount, ...]:
    if item.scale is None or item.type == "number":
        return ()
    found = given.value_counts().to_dict()
    codes = item.scale.codes
    n = [int(found.get(code, 0)) for code in codes]
    hidden = withheld(n)
    return tuple(
        CategoryCount(code, _label(item, code, is_reversed), None if at in hidden else n[at])
        for at, code in enumerate(codes)
    )


def _label(item: Item, code: Code, is_reversed: bool) -> Mapping[str, str]:
    """Label of a code; what a respondent called 7 is called 1 once a scale of 1 to 7 is turned."""
    scale = item.scale
    assert scale is not None
    if is_reversed and scale.min is not None and scale.max is not None and not isinstance(code, str):
        code = scale.min + scale.max - code
    return labels_of(scale, code)


def labels_of(scale: Scale, code: Code) -> Mapping[str, str]:
    """Label of a code, by language."""
    return {language: labels[code] for language, labels in scale.labels.items() if code in labels}


def withheld(counts: Sequence[int], smallest: int = SMALLEST_CELL) -> frozenset[int]:
    """Positions of the counts that must not be shown beside their total.

    Every count below `smallest`; then, while only one is hidden or the hidden ones sum to less than `smallest`,
    the next smallest.
    """
    small = [at for at, count in enumerate(counts) if count < smallest]
    large = [at for at, count in enumerate(counts) if count >= smallest]
    beside = withheld_beside([counts[at] for at in large], len(small), sum(counts[at] for at in small), smallest)
    return frozenset(small) | {large[at] for at in beside}


def withheld_beside(counts: Sequence[int], n_hidden: int, total: int, smallest: int = SMALLEST_CELL) -> frozenset[int]:
    """Positions of the counts that are withheld beside cells that are, so that these cannot be found from the sum.

    The smallest ones, as long as a single cell is hidden or the hidden ones sum to less than `smallest`.

    Parameters
    ----------
    counts : sequence of int
        The counts that are large enough to be shown.
    n_hidden, total : int
        How many cells are withheld, and their sum; none: nothing is withheld beside them.
    """
    hidden: set[int] = set()
    for at in sorted(range(len(counts)), key=lambda at: (counts[at], at)):
        if not n_hidden or (n_hidden > 1 and total >= smallest):
            break
        hidden.add(at)
        n_hidden, total = n_hidden + 1, total + counts[at]
    return frozenset(hidden)

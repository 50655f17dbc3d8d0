"""Scale scores: a construct as the mean of its items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from survey_sem.errors import DataError, OptionError, did_you_mean
from survey_sem.instrument import Instrument

if TYPE_CHECKING:
    import pandas as pd


def items_of_constructs(instrument: Instrument) -> dict[str, tuple[str, ...]]:
    """Construct -> its items; of a construct made of parts, all items of the parts."""
    direct = {construct.id: construct for construct in instrument.constructs}

    def items(name: str) -> Iterable[str]:
        construct = direct[name]
        yield from construct.items
        for part in construct.parts:
            yield from items(part)

    return {name: tuple(dict.fromkeys(items(name))) for name in direct}


def scale_scores(
    data: pd.DataFrame,
    constructs: Mapping[str, Sequence[str]],
    *,
    names: Iterable[str] | None = None,
    min_answered: float = 1.0,
) -> pd.DataFrame:
    """Means of the items of each construct, in the units of the items.

    Parameters
    ----------
    data : DataFrame (n, any)
        Items as columns, reversed ones already turned.
    constructs : mapping
        Construct -> its items.
    names : iterable of str, optional
        Which constructs; all without it.
    min_answered : float
        Share of the items that must be answered for a score (the mean of those that are); 1: all of them.

    Returns
    -------
    DataFrame (n, constructs)
        Missing where too few items are answered.

    Raises
    ------
    DataError
        An item of a construct is no column of the data.
    OptionError
        An unknown construct, or a share outside (0, 1].

    Examples
    --------
    >>> import pandas as pd
    >>> from survey_sem.sample import scale_scores
    >>> scale_scores(pd.DataFrame({"t1": [1, 5], "t2": [3, None]}), {"trust": ["t1", "t2"]})["trust"].tolist()
    [2.0, nan]
    """
    import pandas as pd

    if not 0.0 < min_answered <= 1.0:
        raise OptionError("bad-option", "min_answered is above 0 and at most 1", where="min_answered")
    found: dict[str, pd.Series[float]] = {}
    for name in constructs if names is None else names:
        if name not in constructs:
            hint = did_you_mean(name, constructs)
            raise OptionError("unknown-construct", f"there is no construct '{name}'", where="names", hint=hint)
        items = list(constructs[name])
        absent = [item for item in items if item not in data.columns]
        if absent:
            raise DataError("unknown-variable", f"the data have no item {', '.join(absent)}", where=f"construct {name}")
        answers = data[items].astype("float64")
        enough = answers.notna().sum(axis=1) >= min_answered * len(items)
        found[name] = answers.mean(axis=1).where(enough)
    return pd.DataFrame(found, index=data.index)

"""Answers in the making: what each respondent put down, and why where nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from survey_sem.instrument import Instrument, Item
from survey_sem.instrument.routing import Code, items_of
from survey_sem.linalg import Indices
from survey_sem.responses.routing import evaluate_route
from survey_sem.simulation.background import BETWEEN, Column

if TYPE_CHECKING:
    import pandas as pd

ANSWERED, ROUTED, LEFT_OUT = 0, 1, 2
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Answers:
    """A questionnaire filled in by n respondents; faults change it in place.

    Parameters
    ----------
    instrument : Instrument
    n : int
        Number of respondents.
    values : dict
        Item -> answers (n,), also of those who do not give them.
    absent : dict
        Item -> int8 (n,): 0 answered, 1 not asked, 2 left out.
    """

    instrument: Instrument
    n: int
    values: dict[str, Column]
    absent: dict[str, NDArray[np.int8]]

    @classmethod
    def of(cls, instrument: Instrument, n: int, drawn: Mapping[str, Column]) -> Answers:
        """Answers to every item by everybody, but those that were drawn as not given."""
        absent = {}
        for name, values in drawn.items():
            given = np.zeros(n, dtype=np.int8)
            if values.dtype == object:
                given[[value is None for value in values]] = LEFT_OUT
            absent[name] = given
        return cls(instrument, n, dict(drawn), absent)

    def items(self, *types: str) -> list[Item]:
        """The items that were drawn, of these types (of all, when none is named), in the questionnaire's order."""
        return [item for item in self.instrument.items if item.id in self.values and (not types or item.type in types)]

    def deciding(self) -> set[str]:
        """Items that routes ask about: a wrong answer there would break other items as well."""
        return {name for item in self.instrument.items if item.relevant is not None for name in items_of(item.relevant)}

    def answered(self, name: str) -> Flags:
        """Who answers an item."""
        return np.asarray(self.absent[name] == ANSWERED)

    def take(self, rows: Indices) -> Answers:
        """The answers of these respondents, in this order; a respondent may occur twice."""
        return Answers(
            self.instrument,
            len(rows),
            {name: values[rows] for name, values in self.values.items()},
            {name: values[rows] for name, values in self.absent.items()},
        )

    def variables(self, names: tuple[str, ...]) -> pd.DataFrame:
        """The variables of some items, missing where there is no answer: what a route is evaluated on."""
        import pandas as pd

        columns: dict[str, Any] = {}
        for name in names:
            item = self.instrument.item(name)
            given = self.answered(name)
            if item.is_spread and item.scale is not None:
                columns |= _options(item.id, item.scale.codes, self.values[name], given)
            else:
                columns[name] = pd.Series(self.values[name]).where(given)
        return pd.DataFrame(columns, index=range(self.n))

    def frame(self) -> pd.DataFrame:
        """One column per item: answers as they are written, missing where there is none."""
        import pandas as pd

        return pd.DataFrame({item.id: _written(self.values[item.id], self.answered(item.id)) for item in self.items()})


def _options(name: str, codes: tuple[Code, ...], values: Column, given: Flags) -> dict[str, Column]:
    """0/1 for every option of a multi or rank item; missing without an answer."""
    import pandas as pd

    places, texts = pd.factorize(values)
    chosen = [set(text.split(BETWEEN)) for text in texts]
    columns = {}
    for code in codes:
        holds = np.array([str(code) in each for each in chosen] + [False], dtype=np.float64)
        columns[f"{name}_{code}"] = np.where(given, holds[places], np.nan)
    return columns


def _written(values: Column, given: Flags) -> Any:
    """A column without the answers that are not given; whole numbers stay whole where nothing is missing."""
    if given.all():
        return values
    if values.dtype.kind in "if":
        return np.where(given, values, np.nan)
    if values.dtype.kind == "M":
        return np.where(given, values, np.datetime64("NaT", "s"))
    kept = values.copy()
    kept[~given] = None
    return kept


def apply_routing(answers: Answers) -> None:
    """Mark what was not asked; later routes see that earlier items were not answered."""
    items = {item.id: item for item in answers.items()}
    for item in items.values():
        if item.relevant is None:
            continue
        names = tuple(name for name in items_of(item.relevant) if name in items)
        asked = evaluate_route(item.relevant, answers.variables(names), items).asked
        answers.absent[item.id][~asked] = ROUTED

"""Are there as many respondents of each kind as was wanted?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.instrument.model import Quota
from survey_sem.instrument.routing import Code
from survey_sem.responses.cells import Objects, as_objects, cells_of, written
from survey_sem.responses.ledger import Ledger
from survey_sem.responses.report import RULES, Finding

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def check_quotas(quotas: tuple[Quota, ...], columns: Mapping[str, pd.Series[Any]], ledger: Ledger) -> None:
    """Findings for cells that are over-full (the surplus, in the file's order) or not full.

    Parameters
    ----------
    quotas : tuple of Quota
        What was wanted.
    columns : mapping
        Variables, partitions and further columns by name; a quota of something that is not there is left out.
    ledger : Ledger
        Takes the findings.
    """
    for quota in quotas:
        if quota.of in columns:
            cells = cells_of(columns[quota.of])
            _check(quota, as_objects([*cells.texts(), ""])[cells.index], ledger)


def _check(quota: Quota, kinds: Objects, ledger: Ledger) -> None:
    positions = {code: np.flatnonzero(kinds == written(code)) for code in quota.cells}
    counts = {code: len(rows) for code, rows in positions.items()}
    full = {code: most for code, (_, most) in quota.cells.items() if most is not None and counts[code] > most}
    if full:
        surplus: NDArray[Any] = np.sort(np.concatenate([positions[code][most:] for code, most in full.items()]))
        expected = ", ".join(f"{code}: at most {most}" for code, most in full.items())
        hint = "the quota was not closed in time: keep all and weight, or drop the surplus"
        ledger.rows("quota-exceeded", quota.of, surplus, expected, _told(full, counts), hint)
    short = {code: least for code, (least, _) in quota.cells.items() if least is not None and counts[code] < least}
    if short:
        expected = ", ".join(f"{code}: at least {least}" for code, least in short.items())
        hint = "weight to the population, and say so"
        ledger.note(Finding("quota-missed", quota.of, RULES["quota-missed"], expected, _told(short, counts), hint=hint))


def _told(cells: Mapping[Code, int], counts: Mapping[Code, int]) -> str:
    return ", ".join(f"{code}: {counts[code]}" for code in cells)

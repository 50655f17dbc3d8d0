"""Answers with known truth: from a population and a seed to filled-in questionnaires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.instrument import Instrument
from survey_sem.linalg import Array
from survey_sem.simulation.answers import Answers, apply_routing
from survey_sem.simulation.careless import Planted, answer_attention_checks, apply_careless, pick_careless
from survey_sem.simulation.faults import Copies, apply_faults, n_copies, pick_copies, with_copies
from survey_sem.simulation.fieldwork import answer_sheets, with_copied_sheets
from survey_sem.simulation.population import Population
from survey_sem.simulation.respondents import draw_respondents
from survey_sem.simulation.streams import Streams
from survey_sem.simulation.truth import planted_record, truth_of

if TYPE_CHECKING:
    import pandas as pd

MAX_SEED = 2**63 - 1
MAX_N = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """Simulated answers, in the order in which they were sent in.

    Parameters
    ----------
    answers : Answers
        What was answered.
    sheet : DataFrame
        ``id started submitted duration ip province city device user source`` of each answer sheet.
    truth : dict
        What was planted (see `survey_sem.simulation.truth.truth_of`).
    """

    answers: Answers
    sheet: pd.DataFrame
    truth: dict[str, Any]

    def frame(self) -> pd.DataFrame:
        """One column per item, ids of the sheets as index, the truth in ``.attrs["truth"]``."""
        import pandas as pd

        frame = self.answers.frame()
        frame.index = pd.Index(self.sheet["id"].to_numpy(), name="id")
        frame.attrs["truth"] = self.truth
        return frame


def checked_count(n: Any) -> int:
    """The number of respondents to simulate.

    Raises
    ------
    OptionError
        No whole number from 1 to 50 million.
    """
    is_whole = isinstance(n, (int, np.integer)) and not isinstance(n, bool)
    if not is_whole or not 1 <= n <= MAX_N:
        raise OptionError(
            "bad-option", "n must be a whole number of respondents", where="n", got=repr(n), expected=f"1 to {MAX_N}"
        )
    return int(n)


def checked_seed(seed: Any) -> int:
    """The seed of everything random.

    Raises
    ------
    OptionError
        No whole number from 0.
    """
    is_whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if not is_whole or not 0 <= seed <= MAX_SEED:
        raise OptionError("bad-option", "seed must be a whole number, 0 or more", where="seed", got=repr(seed))
    return int(seed)


def simulate_answers(population: Population, instrument: Instrument, n: int, seed: int) -> Simulation:
    """Draw `n` answer sheets, copies included.

    Raises
    ------
    OptionError
        `n` or `seed` is none.
    DataError
        Hardly anybody answers.
    """
    n, seed = checked_count(n), checked_seed(seed)
    streams, faults = Streams(seed), population.faults
    n_second = n_copies(faults, n)
    n_people = n - n_second
    drawn = draw_respondents(population, instrument, streams, n_people)
    answers = Answers.of(instrument, n_people, drawn.answers)
    careless = pick_careless(faults, streams, n_people)
    apply_careless(answers, population.answers, careless, streams)
    failed = answer_attention_checks(answers, faults, careless, streams)
    apply_routing(answers)
    sheet, late = answer_sheets(answers, population, careless, streams)
    planted = [*careless.values(), failed, *apply_faults(answers, faults, streams), late]
    ids = sheet["id"].to_numpy()
    records = {each.kind: planted_record(each, ids) for each in planted if each is not None}
    if n_second:
        copies = pick_copies(n_second, n_people, streams)
        answers = with_copies(answers, copies, streams)
        sheet = with_copied_sheets(sheet, copies, streams)
        records |= _copy_records(copies, sheet["id"].to_numpy(), n_people)
    order = np.argsort(sheet["submitted"].to_numpy(), kind="stable")
    truth = truth_of(population, instrument, seed, n, n_people, records)
    return Simulation(answers.take(order), sheet.iloc[order].reset_index(drop=True), truth)


def _copy_records(copies: Copies, ids: Array, n_people: int) -> dict[str, dict[str, Any]]:
    first_near = n_people + len(copies.same)
    same, near = np.arange(n_people, first_near), np.arange(first_near, len(ids))
    return {
        "duplicates": planted_record(Planted("duplicates", same), ids),
        "near_copies": planted_record(Planted("near_copies", near), ids, ids[copies.near]),
    }

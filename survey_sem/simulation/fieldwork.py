"""About the answer sheet: ids, clock times, durations, places. Nothing here can be anybody's.

Addresses are of 198.18.0.0/15, which is kept for tests (RFC 2544) and is nobody's on the internet.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from survey_sem.instrument.model import Paradata
from survey_sem.linalg import Array
from survey_sem.simulation.answers import ROUTED, Answers
from survey_sem.simulation.background import Column, objects, positions
from survey_sem.simulation.careless import Planted, chosen
from survey_sem.simulation.faults import Copies
from survey_sem.simulation.population import Population
from survey_sem.simulation.streams import Streams

if TYPE_CHECKING:
    import pandas as pd

FIELD_PERIOD = (date(2026, 5, 1), date(2026, 5, 31))
"""When the instrument names none."""
DEVICES = {"Android": 0.55, "iPhone": 0.33, "PC": 0.10, "iPad": 0.02}
SOURCES = {"微信": 0.62, "手机提交": 0.26, "链接": 0.12}
FIRST_HOUR, LAST_HOUR = 8, 23
"""Answers arrive between these hours."""
LONGEST = 4 * 3600.0
"""Seconds: so that nobody begins before the first day of the field period."""
LATE_DAYS = 20
_FIRST_ADDRESS = (198 << 24) | (18 << 16)
_DAY = 86400


def answer_sheets(
    answers: Answers,
    population: Population,
    careless: dict[str, Planted],
    streams: Streams,
) -> tuple[pd.DataFrame, Planted | None]:
    """One sheet for each respondent, in the order of sending in; and who sent it after the field period.

    Returns
    -------
    DataFrame
        ``id started submitted duration ip province city device user source``, as far as the population says.
    Planted or None
        Those who are late; None where the population plants none.
    """
    import pandas as pd

    paradata = answers.instrument.paradata
    duration = _durations(answers, population, careless, streams, paradata)
    submitted = _submission_times(answers.n, streams, paradata)
    late = None
    if share := population.faults.shares.get("late", 0.0):
        late = Planted("late", chosen(streams, "late", share, np.ones(answers.n, dtype=bool)))
        submitted[late.rows] = _late(submitted[late.rows], len(late.rows), streams, paradata)
    sheet = {
        "id": np.arange(1, answers.n + 1),
        "started": _clock(submitted - np.ceil(duration).astype(np.int64)),
        "submitted": _clock(submitted),
        "duration": np.ceil(duration).astype(np.int64),
        "ip": _addresses(answers.n, streams),
        **_places(population, answers.n, streams),
        "device": _words(DEVICES, "device", answers.n, streams),
        "user": _users(answers.n, streams.of("user")),
        "source": _words(SOURCES, "source", answers.n, streams),
    }
    return pd.DataFrame(sheet), late


def with_copied_sheets(sheet: pd.DataFrame, copies: Copies, streams: Streams) -> pd.DataFrame:
    """The sheets and after them the second ones, sent minutes later; near copies carry new ids and users."""
    import pandas as pd

    second = sheet.iloc[copies.rows].reset_index(drop=True)
    pause = pd.to_timedelta(streams.of("fault/duplicates/pause").integers(30, 600, len(second)), unit="s")
    second["submitted"] = second["submitted"] + pause.as_unit("s")
    second["started"] = second["started"] + pause.as_unit("s")
    n_same, n_near = len(copies.same), len(copies.near)
    second.loc[n_same:, "id"] = np.arange(len(sheet) + 1, len(sheet) + 1 + n_near)
    second.loc[n_same:, "user"] = _users(n_near, streams.of("fault/duplicates/user"))
    return pd.concat([sheet, second], ignore_index=True)


def _durations(
    answers: Answers, population: Population, careless: dict[str, Planted], streams: Streams, paradata: Paradata
) -> Array:
    """Seconds: by the number of items that were asked; careless respondents are quicker, speeders too quick."""
    n_asked = np.zeros(answers.n)
    for absent in answers.absent.values():
        n_asked += absent != ROUTED
    times = population.times
    pace = times.seconds_per_item * np.exp(times.sd_log * streams.of("duration").standard_normal(answers.n))
    for kind, planted in careless.items():
        pace[planted.rows] *= 0.5 if kind != "speeding" else 1.0
    if "speeding" in careless:
        rows = careless["speeding"].rows
        limit = answers.instrument.quality.seconds_per_item or 2.0
        pace[rows] = np.minimum(pace[rows], limit * streams.of("speeding").uniform(0.3, 0.9, len(rows)))
    shortest = max(paradata.shortest or 0.0, 1.0)
    return np.clip(pace * n_asked, shortest, max(shortest, min(paradata.longest or LONGEST, LONGEST)))


def _period(paradata: Paradata) -> tuple[date, date]:
    first, last = paradata.field_start, paradata.field_end
    if first is None and last is None:
        return FIELD_PERIOD
    return first or last or FIELD_PERIOD[0], last or first or FIELD_PERIOD[1]


def _submission_times(n: int, streams: Streams, paradata: Paradata) -> NDArray[np.int64]:
    """Seconds since 1970, ascending: any day of the field period, between noon and night."""
    first, last = _period(paradata)
    rng = streams.of("submitted")
    days = rng.integers(0, (last - first).days + 1, n)
    seconds = rng.integers((FIRST_HOUR + 4) * 3600, LAST_HOUR * 3600, n)
    return np.sort(_epoch(first) + days * _DAY + seconds)


def _late(submitted: NDArray[np.int64], n: int, streams: Streams, paradata: Paradata) -> NDArray[np.int64]:
    """The same hours on a day after the field period."""
    last = _period(paradata)[1]
    days = streams.of("fault/late/days").integers(1, LATE_DAYS + 1, n)
    return _epoch(last) + days * _DAY + submitted % _DAY


def _epoch(day: date) -> int:
    return int(np.datetime64(day, "s").astype(np.int64))


def _clock(seconds: NDArray[np.int64]) -> Column:
    return seconds.astype("datetime64[s]")


def _addresses(n: int, streams: Streams) -> Column:
    numbers = (_FIRST_ADDRESS + streams.of("ip").integers(1, 2**17 - 1, n)).tolist()
    return objects(f"{each >> 24}.{each >> 16 & 255}.{each >> 8 & 255}.{each & 255}" for each in numbers)


def _users(n: int, rng: np.random.Generator) -> Column:
    return objects(f"u{each:08x}" for each in rng.integers(0, 2**32, n).tolist())


def _places(population: Population, n: int, streams: Streams) -> dict[str, Column]:
    if not population.places:
        return {}
    names = [name.partition("-") for name in population.places]
    at = positions(list(population.places.values()), streams.of("place").random(n))
    province, city = (
        np.array([name[0] for name in names], dtype=object),
        np.array([name[2] for name in names], dtype=object),
    )
    return {"province": province[at], "city": city[at]}


def _words(shares: dict[str, float], name: str, n: int, streams: Streams) -> Column:
    words = np.array(list(shares), dtype=object)
    return words[positions(list(shares.values()), streams.of(name).random(n))]

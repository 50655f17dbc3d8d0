"""Every planted fault is where the truth says, and a validation finds what it can see of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_population import FAULTS, POPULATION, population_of

import survey_sem as ss
from survey_sem.instrument import Instrument
from survey_sem.simulation import Population, Simulation, simulate_answers, target_of, write_simulation

N = 4000


@pytest.fixture(scope="module")
def made(faulty: Population, instrument: Instrument) -> Simulation:
    return simulate_answers(faulty, instrument, N, 3)


@pytest.fixture(scope="module")
def frame(made: Simulation) -> pd.DataFrame:
    return made.frame()


def planted(made: Simulation, kind: str) -> list[int]:
    return made.truth["faults"][kind]["ids"]


def rows(frame: pd.DataFrame, ids: list[int]) -> pd.DataFrame:
    return frame[~frame.index.duplicated()].loc[ids]


def test_counts_are_shares_of_respondents(made: Simulation) -> None:
    faults = made.truth["faults"]
    respondents = N - 40
    assert made.truth["respondents"] == respondents and made.truth["n"] == N == len(made.sheet)
    shares = {"straightlining": 0.03, "pattern": 0.02, "random": 0.03, "midpoint": 0.02, "speeding": 0.02}
    for kind, share in {**shares, "illegal_codes": 0.01, "out_of_range": 0.01, "encoding": 0.01, "late": 0.01}.items():
        assert faults[kind]["n"] == round(share * respondents) == len(set(faults[kind]["ids"]))
    assert faults["duplicates"]["n"] == faults["near_copies"]["n"] == 20
    careless = [set(faults[kind]["ids"]) for kind in shares]
    assert len(set.union(*careless)) == sum(map(len, careless))


def untouched(made: Simulation, ids: list[int]) -> list[int]:
    """Those of the ids that have no fault in single answers besides."""
    others = ("missing_mcar", "illegal_codes")
    return [each for each in ids if not any(each in planted(made, kind) for kind in others)]


def test_careless_answers(made: Simulation, frame: pd.DataFrame) -> None:
    block = rows(frame, untouched(made, planted(made, "straightlining")))[["a1", "a2", "a3", "a4"]]
    assert (block.nunique(axis=1) == 1).all() and block["a1"].nunique() > 2
    pattern = rows(frame, untouched(made, planted(made, "pattern")))[["a1", "a2", "a3", "a4"]]
    assert ((pattern["a2"] == pattern["a4"]) & (pattern["a2"] == pattern["a1"] + 1)).all()
    assert (pattern["a3"] == pattern["a2"] + 1).all()
    middle = rows(frame, untouched(made, planted(made, "midpoint")))
    assert (middle[["a1", "a2", "a3", "a4"]] == 3).all(axis=None) and (middle[["b1", "b2", "b3"]] == 4).all(axis=None)
    guesses = rows(frame, untouched(made, planted(made, "random")))
    assert guesses["a1"].value_counts().between(8, 45).all()


def test_speeders_are_fast_and_answer_as_they_think(
    made: Simulation, frame: pd.DataFrame, instrument: Instrument, tmp_path: Path
) -> None:
    careful = simulate_answers(
        population_of(POPULATION + FAULTS.replace(", speeding: .02", ""), instrument, tmp_path), instrument, N, 3
    ).frame()
    ids = untouched(made, planted(made, "speeding"))
    assert rows(frame, ids)[["a1", "b1", "gender"]].equals(rows(careful, ids)[["a1", "b1", "gender"]])
    seconds = made.sheet.drop_duplicates("id").set_index("id")["duration"]
    assert seconds.loc[ids].max() <= 2 * 21 < seconds.median()


def test_attention_checks_tell_careless_from_careful(made: Simulation, frame: pd.DataFrame) -> None:
    kinds = ("straightlining", "pattern", "random", "midpoint", "speeding")
    careless = sorted(each for kind in kinds for each in planted(made, kind))
    wrong = rows(frame, careless)["check"] != 6
    assert 0.7 < wrong.mean() < 0.9
    first = frame[~frame.index.duplicated()]
    assert 0.01 < (first.drop(careless)["check"] != 6).mean() < 0.035


def test_missing_answers_depend_on_what_they_should(
    made: Simulation, frame: pd.DataFrame, instrument: Instrument, tmp_path: Path
) -> None:
    first = frame[~frame.index.duplicated()]
    assert 0.012 < first["a1"].isna().mean() < 0.028
    by_age = first["tier"].isna().groupby(first["born"] < 1980).mean()
    assert abs(first["tier"].isna().mean() - 0.1) < 0.03 and by_age[False] > 2 * by_age[True]
    complete = simulate_answers(population_of(POPULATION, instrument, tmp_path), instrument, N, 3).frame()
    gone = made.truth["faults"]["missing_mnar"]
    assert (
        set(gone["items"]) == {"spend"}
        and complete["spend"].loc[gone["ids"]].median() > 1.15 * complete["spend"].median()
    )
    assert gone["n"] == len(gone["ids"]) == len(gone["items"])


def test_single_answers(made: Simulation, frame: pd.DataFrame, instrument: Instrument) -> None:
    faults = made.truth["faults"]
    for each, name in zip(faults["illegal_codes"]["ids"], faults["illegal_codes"]["items"], strict=True):
        code = rows(frame, [each])[name].iloc[0]
        assert code not in instrument.item(name).scale.codes and code not in (-2, -3)  # type: ignore[union-attr]
    for each, name in zip(faults["out_of_range"]["ids"], faults["out_of_range"]["items"], strict=True):
        assert rows(frame, [each])[name].iloc[0] > instrument.item(name).max  # type: ignore[operator]
    for each, name in zip(faults["encoding"]["ids"], faults["encoding"]["items"], strict=True):
        assert name == "comment" and rows(frame, [each])[name].iloc[0] not in ("fine", "not so good", "很好")
    for each, name in zip(faults["routing"]["ids"], faults["routing"]["items"], strict=True):
        assert rows(frame, [each])[name].notna().all()


def test_copies(made: Simulation, frame: pd.DataFrame) -> None:
    same = planted(made, "duplicates")
    assert sorted(frame.index[frame.index.duplicated()]) == sorted(same)
    near = made.truth["faults"]["near_copies"]
    assert min(near["ids"]) > made.truth["respondents"]
    one, other = (rows(frame, ids).astype(object).to_numpy() for ids in (near["ids"], near["of"]))
    n_different = ((one != other) & ~(pd.isna(one) & pd.isna(other))).sum(axis=1)
    assert n_different.max() <= 3 and n_different.mean() > 0.5
    sheets = made.sheet.set_index("id")
    assert (sheets["ip"].loc[near["ids"]].to_numpy() == sheets["ip"].loc[near["of"]].to_numpy()).all()
    assert (sheets["user"].loc[near["ids"]].to_numpy() != sheets["user"].loc[near["of"]].to_numpy()).all()


def test_the_sheets(made: Simulation) -> None:
    sheet = made.sheet
    assert sheet["submitted"].is_monotonic_increasing
    late = sheet.set_index("id")["submitted"] >= pd.Timestamp("2026-06-01")
    assert set(sheet["id"][late.to_numpy()]) <= set(planted(made, "late")) | set(
        made.truth["faults"]["near_copies"]["ids"]
    )
    assert sheet["started"].min() >= pd.Timestamp("2026-05-01") and (sheet["started"] < sheet["submitted"]).all()
    assert sheet["duration"].between(5, 20000).all()
    assert sheet["ip"].str.match(r"198\.1[89]\.\d+\.\d+$").all()
    assert set(sheet["province"] + "-" + sheet["city"]) == {"四川-成都", "北京-北京"}


def test_validation_finds_exactly_what_was_planted(made: Simulation, instrument: Instrument, tmp_path: Path) -> None:
    out = tmp_path / "raw"
    path = write_simulation(made, out, *target_of(out, instrument))[0]
    responses = ss.validate(ss.read_export(path), instrument, key=b"secret")
    ids = made.sheet["id"].to_numpy()
    found: dict[str, set[int]] = {}
    for broken in responses.broken:
        found.setdefault(broken.rule, set()).update(ids[broken.rows].tolist())
    faults = made.truth["faults"]
    copied = {**dict(zip(faults["near_copies"]["of"], faults["near_copies"]["ids"], strict=True))}
    for rule, kind in {
        "illegal-code": "illegal_codes",
        "out-of-range": "out_of_range",
        "answered-though-routed-out": "routing",
        "outside-field-period": "late",
        "duplicate-id": "duplicates",
        "encoding-damage": "encoding",
    }.items():
        expected = set(faults[kind]["ids"])
        expected |= {copied[each] for each in expected if each in copied}
        assert found.pop(rule) == expected, rule
    assert set(found) <= {"attention-failed"}


def test_a_clean_population_validates(clean: Population, instrument: Instrument, tmp_path: Path) -> None:
    out = tmp_path / "raw"
    made = simulate_answers(clean, instrument, 500, 1)
    assert made.truth["faults"] == {"attention_failed": {"n": 0, "ids": []}}
    path = write_simulation(made, out, *target_of(out, instrument))[0]
    report = ss.validate(ss.read_export(path), instrument, key=b"secret").report
    assert report.ok, str(report)


def test_ranks_have_mean_one_half_and_share_ties() -> None:
    from survey_sem.simulation.faults import _ranks

    values = np.array([3, 1, 1, 2, 3, 3])
    assert _ranks(values).mean() == pytest.approx(0.5) and len(set(_ranks(values))) == 3

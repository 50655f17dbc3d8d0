"""Answers follow the population: shares, moments, routes, clusters, groups; and nothing draws from another's stream."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_population import FAULTS, GROUPS, POPULATION, population_of, without_clusters

import survey_sem as ss
from survey_sem.instrument import Instrument
from survey_sem.simulation import Population, simulate_answers
from survey_sem.simulation.moments import Unknown, exact_moments, group_shares

N = 40_000


@pytest.fixture(scope="module")
def frame(clean: Population, instrument: Instrument) -> pd.DataFrame:
    return simulate_answers(clean, instrument, N, 7).frame()


def far(share: float, n: int = N) -> float:
    """Five standard errors of a share."""
    return 5.0 * float(np.sqrt(max(share * (1.0 - share), 1e-4) / n))


def shares_of(column: pd.Series) -> dict[float, float]:
    return dict(column.value_counts(normalize=True))


def test_answers_have_their_shares(frame: pd.DataFrame) -> None:
    for code, share in zip(range(1, 6), [0.1, 0.2, 0.3, 0.25, 0.15], strict=True):
        assert abs(shares_of(frame["a1"])[code] - share) < 0.02  # clusters widen what chance does
        assert abs(shares_of(frame["a3"])[6 - code] - share) < 0.02  # turned round
    for code, share in zip(range(1, 6), [0.3, 0.3, 0.2, 0.1, 0.1], strict=True):
        assert abs(shares_of(frame["a2"])[code] - share) < 0.02


def test_background_has_its_shares(frame: pd.DataFrame) -> None:
    assert abs(shares_of(frame["gender"])[1] - 0.45) < far(0.45)
    by_gender = frame.groupby("gender")["tier"].value_counts(normalize=True)
    assert abs(by_gender[1, 3] - 0.5) < far(0.5, N // 3) and (2, 3) not in by_gender.index
    assert abs((frame["born"] < 1980).mean() - 0.4) < far(0.4)
    assert frame["born"].between(1960, 1999).all() and abs((frame["born"] == 1960).mean() - 0.02) < far(0.02)
    assert abs((frame["bought"] == 1).mean() - 0.6) < 0.02
    assert abs(frame["comment"].notna().mean() - 0.5) < far(0.5) and set(frame["comment"].dropna()) == {
        "fine", "not so good", "很好",
    }  # fmt: skip
    assert abs(frame["rooms"].mean() - 3.0) < 0.06 and frame["rooms"].var() > 3.0
    assert frame["phone"].str.match(r"100\d{8}").all()


def test_effects_of_factors_on_the_background(frame: pd.DataFrame) -> None:
    asked = frame[frame["bought"] == 1]
    assert frame["b1"].corr(frame["bought"]) < -0.2
    assert asked["b1"].corr(np.log(asked["spend"])) > 0.1
    assert frame["b1"].corr(frame["rooms"]) > 0.15


def test_choices_are_at_least_one_at_most_two_and_none_of_them_alone(frame: pd.DataFrame) -> None:
    chosen = frame["apps"].str.split("|")
    count = chosen.str.len()
    assert count.between(1, 2).all()
    has_none = frame["apps"].str.contains("9")
    assert (count[has_none] == 1).all() and abs(has_none.mean() - 0.1) < far(0.1)
    assert chosen.iloc[:200].map(lambda codes: codes == sorted(codes)).all()


def test_rankings_follow_plackett_and_luce(frame: pd.DataFrame) -> None:
    worth = np.exp([1.0, 0.0, -1.0])
    share = shares_of(frame["order"])
    for first, second, third in [(1, 2, 3), (2, 1, 3), (3, 2, 1)]:
        left = worth.sum() - worth[first - 1]
        expected = worth[first - 1] / worth.sum() * worth[second - 1] / left
        assert abs(share[f"{first}|{second}|{third}"] - expected) < far(expected)


def test_routes_decide_who_is_asked(clean: Population, instrument: Instrument) -> None:
    made = simulate_answers(clean, instrument, 2000, 3)
    frame, absent = made.frame(), made.answers.absent
    asked = (frame["bought"] == 1).to_numpy()
    assert ((absent["c1"] == 0) == asked).all() and ((absent["c1"] == 1) == ~asked).all()
    assert frame["c1"].notna().to_numpy().tolist() == asked.tolist()
    assert ((absent["day"] == 0) == (asked & frame["apps"].str.contains("2").to_numpy())).all()
    assert (absent["comment"][frame["comment"].isna().to_numpy()] == 2).all()


def test_clusters_share_their_part_of_the_variance(clean: Population, instrument: Instrument) -> None:
    frame = simulate_answers(clean, instrument, N, 5).frame()
    score = frame[["a1", "a2", "a4"]].sum(axis=1)
    groups = score.groupby(frame["room"])
    sizes = groups.size()
    assert len(sizes) == 50 and sizes.max() > 2 * sizes.min()
    within = (groups.var() * (sizes - 1)).sum() / (N - 50)
    between = score.var() - within
    reliability = 0.8  # of the sum as a measure of F, roughly: it dilutes the .10
    assert 0.04 < between / score.var() / reliability < 0.18


@pytest.mark.parametrize("name", ["clean", "grouped"])
def test_moments_of_many_answers_are_the_exact_ones(
    name: str, instrument: Instrument, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    population = request.getfixturevalue(name)
    if name == "clean":  # the standard errors below are those of independent respondents
        population = population_of(without_clusters(POPULATION), instrument, tmp_path)
    n = 200_000
    exact = exact_moments(population, instrument)
    assert not isinstance(exact, Unknown) and "c1" not in exact.names
    rows = simulate_answers(population, instrument, n, 11).frame()[list(exact.names)].to_numpy(dtype=float)
    apart = rows - exact.mean
    mean_error = np.sqrt(np.diag(exact.cov) / n)
    assert (np.abs(apart.mean(axis=0)) < 5.0 * mean_error).all()
    sample = apart.T @ apart / n
    spread = np.sqrt(((apart**2).T @ (apart**2) / n - sample**2) / n)
    assert (np.abs(sample - exact.cov) < 5.0 * spread).all()


def test_a_fit_to_the_exact_moments_is_what_fits_to_samples_estimate(
    grouped: Population, instrument: Instrument
) -> None:
    exact = exact_moments(grouped, instrument)
    assert not isinstance(exact, Unknown)
    model = "F =~ a1 + a2 + a3 + a4\nG =~ b1 + b2 + b3\nG ~ F"
    names = [name for name in exact.names if name != "check"]
    n = 50_000
    target = ss.sem(model, ss.moments(cov=pd.DataFrame(exact.cov, exact.names, exact.names).loc[names, names], n_obs=n))
    sample = ss.sem(model, simulate_answers(grouped, instrument, n, 2).frame()[names])
    both = target.estimates.merge(sample.estimates, on=["lhs", "op", "rhs"])
    free = both["se_y"] > 0
    assert (np.abs(both["est_x"] - both["est_y"])[free] < 4.0 * both["se_y"][free]).all()


def test_groups_and_response_change_who_is_there(grouped: Population, instrument: Instrument) -> None:
    shares = group_shares(grouped, instrument)
    old, young = 0.4 * 0.5, 0.6 * 1.0
    assert shares == pytest.approx({"old": old / (old + young), "young": young / (old + young)})
    frame = simulate_answers(grouped, instrument, N, 1).frame()
    is_young = frame["born"] >= 1980
    assert abs(is_young.mean() - 0.75) < far(0.75)
    men = 0.45 * 0.6 / (0.45 * 0.6 + 0.55 * 0.9)
    assert abs((frame["gender"] == 1).mean() - men) < far(men)
    assert frame["a1"][is_young].mean() > frame["a1"][~is_young].mean() + 0.2
    paths = frame["b1"].groupby(is_young).apply(lambda part: part.corr(frame["a1"][part.index]))
    assert paths[False] > paths[True] + 0.1


def test_response_may_lean_on_factors(instrument: Instrument, tmp_path: Path) -> None:
    population = population_of(POPULATION + "response: [{on: {G: 1}, rate: .3}]\n", instrument, tmp_path)
    made = simulate_answers(population, instrument, 5000, 1)
    assert made.truth["moments"] is None and "factors" in made.truth["moments_reason"]
    assert made.frame()["b1"].mean() > 4.6  # 4.2 in the population


def test_the_same_seed_gives_the_same_answers_and_another_gives_others(
    faulty: Population, instrument: Instrument
) -> None:
    one, same, other = (simulate_answers(faulty, instrument, 500, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.frame(), same.frame())
    pd.testing.assert_frame_equal(one.sheet, same.sheet)
    assert json.dumps(one.truth) == json.dumps(same.truth)
    assert not one.frame()["a1"].equals(other.frame()["a1"])


def test_more_respondents_do_not_change_the_first(clean: Population, instrument: Instrument) -> None:
    few, many = (simulate_answers(clean, instrument, n, 1).answers.values for n in (100, 300))
    for name in ("a1", "b3", "gender", "apps", "order", "spend", "room"):
        assert (few[name] == many[name][:100]).all()


def test_a_fault_leaves_all_other_answers_alone(instrument: Instrument, tmp_path: Path) -> None:
    few = FAULTS.replace("  illegal_codes: .01\n", "").replace("  duplicates: .01\n", "")
    more = few + "  illegal_codes: .02\n"
    one, two = (
        simulate_answers(population_of(POPULATION + text, instrument, tmp_path), instrument, 2000, 1)
        for text in (few, more)
    )
    before, after = one.frame(), two.frame()
    planted = two.truth["faults"]["illegal_codes"]
    changed = {
        (row, name) for name in before for row in before.index[(before[name] != after[name]) & after[name].notna()]
    }
    assert changed == set(zip(planted["ids"], planted["items"], strict=True))
    assert one.truth["faults"] == {kind: each for kind, each in two.truth["faults"].items() if kind != "illegal_codes"}


def test_groups_of_a_nominal_item(instrument: Instrument, tmp_path: Path) -> None:
    text = POPULATION + "groups: {of: tier, parts: {1: {means: {F: 1}}}}\n"
    made = simulate_answers(population_of(text, instrument, tmp_path), instrument, 5000, 1)
    assert made.truth["groups"]["shares"] == pytest.approx({"1": 0.42, "2": 0.355, "3": 0.225})
    frame = made.frame()
    assert frame["a1"][frame["tier"] == 1].mean() > frame["a1"][frame["tier"] == 2].mean() + 0.7


@pytest.mark.parametrize("text", [POPULATION, POPULATION + GROUPS])
def test_one_answer_sheet(text: str, instrument: Instrument, tmp_path: Path) -> None:
    assert len(simulate_answers(population_of(text, instrument, tmp_path), instrument, 1, 0).frame()) == 1

"""semopy as an engine: what it gives, and what is never shown of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.engines import fit_semopy
from survey_sem.engines.description import Tie, describe, ties_of
from survey_sem.errors import DataError, IdentificationError, MissingChoiceError, OptionError
from tests.reference_cases import by_key, key, load, rows

THREE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


@pytest.fixture(scope="module")
def holzinger() -> pd.DataFrame:
    return rows("HolzingerSwineford1939.csv")


@pytest.fixture(scope="module")
def fit(holzinger: pd.DataFrame) -> ss.SemResult:
    return fit_semopy("cfa", THREE, holzinger, {"engine": "semopy"})


@pytest.mark.reference
@pytest.mark.parametrize("name", ["hs_cfa_ml", "pd_sem_equal", "hs_secondorder"])
def test_equals_lavaan(name: str) -> None:
    case = load(name)
    found = by_key(fit_semopy(case["function"], case["model"], rows(case["data"]), {"missing": "listwise"}).estimates)
    for row in case["estimates"]:
        if row["op"] not in ("==", "<", ">"):
            ours = found[key(row)]
            assert ours["est"] == pytest.approx(row["est"], rel=1e-6, abs=1e-6), key(row)
            assert ours["se"] == pytest.approx(row["se"], rel=1e-5, abs=1e-6), key(row)


def test_says_who_estimated(fit: ss.SemResult) -> None:
    assert fit.options["engine"] == "semopy"
    assert fit.provenance["engine"].startswith("semopy 2.")
    assert fit.findings["converged"].startswith("semopy")
    assert fit.converged
    assert fit.identified
    assert fit.admissible


def test_shows_its_chi_square_and_no_other_measure(fit: ss.SemResult, holzinger: pd.DataFrame) -> None:
    native = ss.cfa(THREE, holzinger)
    assert set(fit.fit_measures) == {"npar", "fmin", "chisq", "df", "pvalue", "ntotal"}
    for name, value in fit.fit_measures.items():
        assert value == pytest.approx(native.fit_measures[name], rel=1e-8)
    assert set(fit.fit_measures) | set(fit.not_applicable) == set(native.fit_measures) | set(native.not_applicable)
    assert all("engine='native'" in fit.not_applicable[name] for name in ("aic", "bic", "gfi", "cfi", "rmsea"))


def test_degrees_of_freedom_do_not_count_fixed_exogenous_moments(holzinger: pd.DataFrame) -> None:
    model = "visual =~ x1 + x2 + x3\nvisual ~ sex + ageyr"  # semopy's own count is 7
    assert fit_semopy("sem", model, holzinger, {}).fit_measures["df"] == 4


def test_standardised_values_follow(fit: ss.SemResult, holzinger: pd.DataFrame) -> None:
    native = ss.cfa(THREE, holzinger).estimates["std_all"]
    assert np.abs(fit.estimates["std_all"] - native).max() < 1e-7


def test_data_warnings_stay(holzinger: pd.DataFrame) -> None:
    holed = holzinger.assign(x1=holzinger["x1"].where(holzinger.index > 3))
    found = fit_semopy("cfa", THREE, holed, {"missing": "listwise"})
    assert [w.code for w in found.warnings] == ["listwise"]
    with pytest.raises(MissingChoiceError):
        fit_semopy("cfa", THREE, holed, {})


def test_means_of_published_moments_are_left_out(holzinger: pd.DataFrame) -> None:
    items = holzinger[[f"x{k}" for k in range(1, 10)]]
    published = ss.moments(cov=items.cov(), mean=items.mean(), n_obs=len(items))
    found = fit_semopy("cfa", THREE, published, {})
    assert "~1" not in set(found.estimates["op"])
    assert found.fit_measures["chisq"] == pytest.approx(85.30552, abs=1e-4)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"meanstructure": True}, "means apart"),
        ({"information": "observed"}, "observed information"),
        ({"control": {"iter_max": 5}}, "limit of iterations"),
        ({"bounds": "pos.var"}, "bounds"),
        ({"effect_coding": "loadings"}, "one parameter equals another"),
    ],
)
def test_options_that_semopy_would_ignore_are_refused(
    holzinger: pd.DataFrame, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(OptionError, match=reason):
        fit_semopy("cfa", THREE, holzinger, options)


@pytest.mark.parametrize(
    ("constraint", "reason"),
    [("b == a^2", "nonlinear"), ("b > 0.1", "inequality"), ("a == 2*b", "one parameter equals another")],
)
def test_constraints_that_semopy_would_ignore_are_refused(
    holzinger: pd.DataFrame, constraint: str, reason: str
) -> None:
    with pytest.raises(OptionError, match=reason):
        fit_semopy("cfa", f"f =~ x1 + a*x2 + b*x3 + x4\n{constraint}", holzinger, {})


def test_what_is_not_identified_is_not_fitted(holzinger: pd.DataFrame) -> None:
    with pytest.raises(IdentificationError):  # semopy alone returns numbers with p-values
        fit_semopy("cfa", "f =~ x1 + x2", holzinger, {})


def test_bad_data_are_refused_as_ever(holzinger: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="x10"):
        fit_semopy("cfa", THREE + " + x10", holzinger, {})


def test_negative_variances_are_not_kept_at_zero() -> None:
    # Correlations of .8, .8 and .6 between three items imply a loading above 1; semopy alone would stop at 1.
    cov = [[1.0, 0.8, 0.8], [0.8, 1.0, 0.6], [0.8, 0.6, 1.0]]
    found = fit_semopy("cfa", "f =~ a + b + c", ss.moments(cov=cov, n_obs=100, names=["a", "b", "c"]), {})
    variance = found.estimates.query("op == '~~' and lhs == 'a' and rhs == 'a'")["est"].item()
    assert variance == pytest.approx((1.0 - 0.8 * 0.8 / 0.6) * 0.99, abs=1e-6)
    assert not found.admissible


# -- the description ------------------------------------------------------------------------------------------------


def built(model: str, data: pd.DataFrame) -> Any:
    return ss.cfa(model, data).solution.estimates.built


def test_every_parameter_has_a_name_or_a_value(holzinger: pd.DataFrame) -> None:
    model = built(THREE, holzinger)
    found = describe(model)
    tokens = [t for equations in found.effects.values() for terms in equations.values() for t in terms.values()]
    names = {t for t in tokens if t.startswith("p")}
    assert names == set(found.position)
    assert len(names) == model.table.n_free
    assert {float(t) for t in tokens if not t.startswith("p")} == {1.0}


def test_equal_parameters_share_a_name(holzinger: pd.DataFrame) -> None:
    found = describe(built("f =~ x1 + a*x2 + a*x3 + b*x4 + x5\na == b", holzinger))
    assert [found.effects["=~"]["f0"][f"x{k}"] for k in range(5)] == ["1.0", "p0", "p0", "p0", "p3"]
    values = {name: float(position) for name, position in found.position.items()}
    assert found.expand(values)[:4].tolist() == [0.0, 0.0, 0.0, 3.0]


def test_a_parameter_that_equals_a_number_is_fixed(holzinger: pd.DataFrame) -> None:
    model = built("f =~ x1 + a*x2 + b*x3 + x4\na == 0.7\nb == a", holzinger)
    ties = ties_of(model)
    assert ties is not None
    assert ties[0].value == ties[1].value == pytest.approx(0.7)
    assert ties[2] == Tie(2)
    spread = describe(model).spread(["p2"], np.array([[4.0]]))
    assert spread[2, 2] == 4.0
    assert np.count_nonzero(spread) == 1

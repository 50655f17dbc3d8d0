"""Tables hold the numbers of the result, to the last bit."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from reporting.studies import LABELS, MEASUREMENT, answers, measurement, structural, study

import survey_sem as ss
from survey_sem.measurement import reliability
from survey_sem.reporting import tables
from survey_sem.reporting.contents import Absent, Amount, Cell, Foreign, Interval, Name, Said, spoken
from survey_sem.reporting.table import Table, exact
from survey_sem.reporting.tables.regression import side_by_side_table
from survey_sem.sample import Flow


def column(table: Table, key: str) -> list[Cell]:
    at = [c.key for c in table.columns].index(key)
    return [row[at] for row in table.rows]


def numbers(table: Table, key: str) -> list[float | None]:
    return [exact(cell) for cell in column(table, key)]


def codes(table: Table, key: str) -> list[str]:
    return [cell.code for cell in column(table, key) if isinstance(cell, Name | Said)]


@pytest.fixture(scope="module")
def estimates():
    return structural().estimates


def test_loadings():
    table = tables.loadings_table(measurement(), LABELS)
    rows = measurement().estimates.query("op == '=~'")
    assert codes(table, "construct") == list(rows["lhs"])
    assert codes(table, "item") == list(rows["rhs"])
    assert numbers(table, "loading") == list(rows["est"])
    assert numbers(table, "std_loading") == list(rows["std_all"])
    first, second = column(table, "se")[:2]
    assert isinstance(first, Absent)
    assert second == rows["se"].iloc[1]
    standardised = measurement().standardized().query("op == '=~'")
    assert numbers(table, "std_ci") == list(standardised["ci_lower"])


def test_reliability():
    found = reliability(measurement())
    table = tables.reliability_table(found, LABELS)
    assert numbers(table, "alpha") == [factor.alpha for factor in found.factors]
    assert numbers(table, "cr") == [factor.cr_std for factor in found.factors]
    assert numbers(table, "ave") == [factor.ave_std for factor in found.factors]
    assert column(table, "n_items") == [3, 3]


def test_paths_of_one_outcome_stand_together():
    fit = ss.sem(f"{MEASUREMENT}\nbuy ~ TRUST\nTRUST ~ CLEAR\nbuy ~ CLEAR", answers(), missing="listwise")
    table = tables.paths_table(fit)
    assert list(zip(codes(table, "outcome"), codes(table, "predictor"), strict=True)) == [
        ("buy", "TRUST"),
        ("buy", "CLEAR"),
        ("TRUST", "CLEAR"),
    ]


def test_paths(estimates):
    table = tables.paths_table(structural(), LABELS)
    rows = estimates.query("op == '~'")
    for key, name in {"est": "est", "se": "se", "p_value": "p_value", "beta": "std_all"}.items():
        assert numbers(table, key) == list(rows[name])
    assert column(table, "ci") == [Interval(*ends) for ends in zip(rows["ci_lower"], rows["ci_upper"], strict=True)]
    assert table.columns[4].title("zh") == "95% CI"


def test_level_of_intervals_is_said():
    fit = ss.cfa(MEASUREMENT, answers(), missing="listwise", ci_level=0.999)
    assert "99.9% CI" in [c.title("en") for c in tables.loadings_table(fit).columns]


def test_effects(estimates):
    table = tables.effects_table(structural(), {"indirect": {"en": "through trust"}})
    assert table is not None
    row = estimates.query("op == ':='").iloc[0]
    assert [exact(cell) for cell in table.rows[0][2:4]] == [row["est"], row["se"]]
    assert table.shown_rows("en")[0][0].text == "through trust"
    assert tables.effects_table(measurement()) is None


def test_explained_variance():
    table = tables.r_squared_table(structural())
    assert table is not None
    explained = structural().r_squared()
    assert codes(table, "outcome") == ["TRUST", "buy"]
    assert numbers(table, "r_squared") == [explained["TRUST"], explained["buy"]]
    assert tables.r_squared_table(measurement()) is None


def test_factor_correlations_and_covariances():
    table = tables.factor_correlations_table(measurement())
    assert table is not None
    assert numbers(table, "correlation") == [pytest.approx(measurement().latent_cor().loc["TRUST", "CLEAR"], rel=1e-12)]
    assert tables.factor_correlations_table(structural()) is None
    assert tables.covariances_table(structural()) is None
    found = tables.covariances_table(measurement())
    assert found is not None
    assert len(found.rows) == 1


def test_latent_means_only_where_they_are_free():
    assert tables.latent_means_table(structural()) is None
    data = answers().dropna()
    growth = ss.growth("i =~ 1*t1 + 1*t2 + 1*t3\ns =~ 0*t1 + 1*t2 + 2*t3", data)
    table = tables.latent_means_table(growth)
    assert table is not None
    rows = growth.estimates.query("op == '~1' and lhs in ('i', 's')")
    assert numbers(table, "latent_mean") == list(rows["est"])


def test_fit_beside_cut_offs():
    fits = {"measurement": measurement(), "structural": structural()}
    table = tables.fit_table(fits)
    shown = dict(zip(codes(table, "measure"), table.rows, strict=True))
    for name in ("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic", "bic2", "logl"):
        assert [exact(cell) for cell in shown[name][1:3]] == [fit.fit_measures[name] for fit in fits.values()]
    assert shown["rmsea_ci"][2] == Interval(
        structural().fit_measures["rmsea_ci_lower"], structural().fit_measures["rmsea_ci_upper"], "bounded"
    )
    chisq, df = (structural().fit_measures[name] for name in ("chisq", "df"))
    assert shown["ratio"][2] == Amount(chisq / df, "statistic")
    assert "Hu & Bentler" in table.shown_rows("en")[codes(table, "measure").index("cfi")][3].text
    assert [c.title("zh") for c in table.columns] == ["指标", "测量模型", "结构模型", "惯例标准"]


def test_a_saturated_model_says_why_it_has_no_test():
    fit = ss.sem("buy ~ t1 + c1", answers(), missing="listwise")
    table = tables.fit_table({"structural": fit})
    p = table.rows[codes(table, "measure").index("pvalue")][1]
    assert p == Absent(Foreign("df = 0: the model is saturated"))
    assert ("a", "自由度为 0：饱和模型") in table.footnotes("zh")


def test_a_search_that_did_not_converge_has_no_errors():
    fit = ss.cfa(MEASUREMENT, answers(), missing="listwise", control={"iter_max": 1})
    assert not fit.converged
    loadings = tables.loadings_table(fit)
    assert "standard errors are withheld: see the findings about the solution" in [
        reason for _, reason in loadings.footnotes("en")
    ]
    assert isinstance(tables.fit_table({"measurement": fit}).rows[2][1], Absent)


def test_correlations():
    table = tables.correlations_table(structural().moments[0])
    used = answers()[[cell.code for cell in column(table, "variable")]].dropna()
    np.testing.assert_allclose(numbers(table, "mean"), used.mean(), rtol=1e-13)
    np.testing.assert_allclose(numbers(table, "sd"), used.std(), rtol=1e-12)
    found = np.array([[exact(cell) or 0.0 for cell in row[4:]] for row in table.rows])
    np.testing.assert_allclose(found, np.tril(used.corr()), rtol=0, atol=1e-12)


def test_correlations_of_a_published_matrix_have_no_means():
    moments = ss.moments(cov=[[4, 1], [1, 9]], n_obs=100, names=["x", "y"])
    table = tables.correlations_table(moments)
    assert numbers(table, "sd") == [2.0, 3.0]
    assert table.footnotes("en") == [("a", "the means are not known")]


def test_covariance_matrix_is_the_one_that_was_fitted():
    moments = structural().moments[0]
    table = tables.covariance_table(moments)
    assert [[exact(cell) for cell in row[2:]] for row in table.rows] == moments.cov.tolist()
    assert "divisor N." in table.noted("en")[0]


def test_residuals_largest_first():
    table = tables.residuals_table(structural(), count=5)
    cor = structural().residuals()["cov"]
    values = numbers(table, "residual")
    assert len(values) == 5
    assert [abs(v) for v in values] == sorted((abs(v) for v in values), reverse=True)
    first, second = (column(table, key)[0].code for key in ("first", "second"))
    assert values[0] == cor.loc[first, second]
    assert max(np.abs(np.tril(cor, -1)).ravel()) == abs(values[0])


def test_modification_indices():
    table = tables.modifications_table(structural(), count=3)
    found = structural().modification_indices().head(3)
    assert numbers(table, "mi") == list(found["mi"])
    assert numbers(table, "sepc") == list(found["sepc_all"])
    assert codes(table, "parameter")[0] == "{lhs} {op} {rhs}".format(**found.iloc[0])


def test_all_parameters(estimates):
    table = tables.parameters_table(structural())
    assert codes(table, "lhs") == list(estimates["lhs"])
    assert numbers(table, "est") == list(estimates["est"])
    assert codes(table, "label")[6:8] == ["a", "b"]
    fixed = column(table, "z")[0]
    assert isinstance(fixed, Absent)
    assert all(math.isfinite(value) for value in numbers(table, "std_all"))


def test_flow():
    flow = Flow().then("distributed", "", 500).then("received", "not returned", 344).then("kept", "speeders", 344)
    table = tables.flow_table(flow)
    assert [[cell.text for cell in row] for row in table.shown_rows("zh")] == [
        ["发放", "500", "", ""],
        ["回收", "344", "156", "未回收"],
        ["保留", "344", "0", ""],
    ]


def test_items():
    table = tables.items_table(study().items)
    assert codes(table, "item") == ["t1", "t2", "t3", "c1", "c2", "c3", "buy", "gender"]
    assert column(table, "n_missing")[6] == 3
    assert numbers(table, "mean")[0] == pytest.approx(answers()["t1"].mean(), rel=1e-14)
    assert isinstance(column(table, "mean")[-1], Absent)
    assert "t2" in table.noted("en")[0]


def test_categories_of_shared_scales_and_of_others():
    shared, others = tables.category_tables(study().items)
    assert [c.key for c in shared.columns] == ["item", *(f"n_{k}" for k in range(1, 8))]
    assert shared.columns[1].title("en") == "1"  # t2 was turned round: its 1 meant the other end
    alike, _ = tables.category_tables([item for item in study().items if not item.is_reversed])
    assert [c.title("en") for c in alike.columns[1:4]] == ["1 disagree", "2", "3"]
    assert others.shown_rows("zh")[0][2].text == "女"
    counts = answers()["gender"].value_counts()
    assert numbers(others, "n") == [counts[1.0], counts[2.0]]


@pytest.mark.parametrize(
    ("options", "english"),
    [
        ({"bootstrap": 20, "seed": 3}, "from 20 draws, seed 3"),
        ({"bootstrap": 20, "seed": 3, "ci": "bca"}, "(bias-corrected and accelerated) from 20 draws"),
        ({"ci": "monte_carlo", "seed": 3}, "Monte Carlo 95% intervals, seed 3"),
        ({}, "Delta-method"),
    ],
)
def test_the_note_of_effects_says_how_their_intervals_were_found(options, english):
    rng = np.random.default_rng(1)
    x = rng.normal(size=80)
    m = x + rng.normal(size=80)
    data = pd.DataFrame({"x": x, "m": m, "y": m + rng.normal(size=80)})
    table = tables.effects_table(ss.sem("m ~ a*x\ny ~ b*m\nab := a*b", data, **options))
    assert english in spoken(table.notes[0], "en")
    assert spoken(table.notes[0], "zh")


def linear(formula: str, **coefficients: float) -> dict[str, object]:
    """A linear regression as a run keeps it, as far as the table beside the model reads it."""
    rows = [
        {"term": term, "est": value, "std_beta": value, "ci_lower": value - 0.1, "ci_upper": value + 0.1}
        for term, value in {"Intercept": 1.0, **coefficients}.items()
    ]
    return {"name": formula, "family": "gaussian", "formula": formula, "estimates": rows}


def test_the_regression_beside_the_model_is_one_and_the_most_like_it():
    paths = structural().estimates.query("op == '~'")
    outcome = paths["lhs"].mode()[0]
    predictors = list(paths.query(f"lhs == '{outcome}'")["rhs"])
    same = linear(f"{outcome} ~ {' + '.join(predictors)}", **dict.fromkeys(predictors, 0.3))
    alone = linear(f"{outcome} ~ {predictors[0]}", **{predictors[0]: 0.5})
    product = linear(f"{outcome} ~ {predictors[0]} * z", **{**dict.fromkeys(predictors, 0.7), "a:z": 0.1})
    for records in ([same, alone, product], [product, alone, same]):
        table = side_by_side_table(records, study())
        assert table is not None
        assert set(numbers(table, "regression_beta")) == {0.3}
        assert same["formula"] in table.noted("en")[0]
    assert side_by_side_table([linear("other ~ x", x=0.1)], study()) is None

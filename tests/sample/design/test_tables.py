"""Cross-tables and tests of independence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from survey_designs import close, designed, stored

import survey_sem as ss
from survey_sem.sampling.chi_squares import saddlepoint_f_tail

STORED = stored("tables")


@pytest.mark.reference
@pytest.mark.parametrize("name", list(STORED["chisq"]))
def test_independence(name: str) -> None:
    design = designed(name.removesuffix("_subset"))
    if name.endswith("_subset"):
        design = design.subset(design.data["api99"] > 500)
    for statistic, expected in STORED["chisq"][name].items():
        found = design.chisq("comp.imp", "stype", statistic=statistic)
        dfs = [found.df] if found.df_denominator is None else [found.df, found.df_denominator]
        close([found.statistic], np.ravel(expected["statistic"]))
        close(dfs, expected["parameter"])
        close([found.p_value], np.ravel(expected["p"]))


@pytest.mark.reference
def test_independence_from_replicates() -> None:
    found = designed("clus1").as_replicates().chisq("comp.imp", "stype")
    expected = STORED["replicated"]
    close([found.statistic], np.ravel(expected["statistic"]))
    close([found.df, found.df_denominator], expected["parameter"])
    close([found.p_value], np.ravel(expected["p"]))


@pytest.mark.reference
def test_cells() -> None:
    design = designed("clus1")
    share = design.table("comp.imp", "stype")
    close(share.cells.estimate, STORED["table"]["estimate"])
    close(share.cells.cov, STORED["table"]["vcov"])
    columns = design.table("comp.imp", "stype", of="column")
    order = [1, 0] if columns.wide().index[0] == "Yes" else [0, 1]
    cells = np.arange(6).reshape(2, 3)[order].ravel()
    close(columns.cells.estimate[cells], STORED["by"]["estimate"])
    close(columns.cells.cov[np.ix_(cells, cells)], STORED["by"]["vcov"])


def test_shares_add_up() -> None:
    design = designed("strat")
    np.testing.assert_allclose(design.table("comp.imp", "stype", of="row").wide().sum(axis=1), 1)
    np.testing.assert_allclose(design.table("comp.imp", "stype", of="column").wide().sum(axis=0), 1)
    total = design.table("comp.imp", "stype", of="total")
    np.testing.assert_allclose(total.wide().to_numpy().sum(), design.weights.sum())
    np.testing.assert_allclose(design.table("comp.imp", "stype").wide().to_numpy().sum(), 1)
    assert total.wide("se").shape == (2, 3)
    assert "<table" in total._repr_html_()
    yes = design.assign(yes=design.data["api00"] > 600).table("yes", "stype").wide()
    assert yes.index.tolist() == [False, True]
    with pytest.raises(ss.SurveySemError, match="a cell has no 'median'"):
        total.wide("median")


def test_a_simple_random_sample_has_the_textbook_chi_square() -> None:
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"a": rng.integers(0, 3, 400), "b": rng.integers(0, 4, 400)})
    found = ss.design(rows).chisq("a", "b", statistic="Chisq")
    table = pd.crosstab(rows["a"], rows["b"])
    np.testing.assert_allclose(found.chisq, stats.chi2_contingency(table, correction=False).statistic)
    np.testing.assert_allclose(found.design_effects, 1.0, atol=0.12)
    assert "independent?" in repr(found)


def test_the_saddlepoint_is_near_the_distribution() -> None:
    for df in (20.0, 400.0):
        for value in (1.2, 4.0, 12.0):
            exact = stats.f.sf(value / 3, 3, df)
            assert saddlepoint_f_tail(value, np.ones(3), df) == pytest.approx(exact, rel=0.05)
    mean = saddlepoint_f_tail(6.0, np.array([3.0, 2.0, 1.0]), 50.0)
    assert 0.3 < mean < 0.5
    assert designed("clus1").chisq("sch.wide", "stype", statistic="saddlepoint").p_value == pytest.approx(
        0.0229, abs=1e-3
    )


def test_what_is_refused() -> None:
    design = designed("clus1")
    calls: dict[str, Any] = {
        "named-twice": lambda: design.chisq("stype", "stype"),
        "one-level": lambda: design.subset(design.data["stype"] == "E").chisq("stype", "awards"),
        "unknown-option": lambda: design.chisq("stype", "awards", statistic="LR"),
        "unknown-variable": lambda: design.table("stypes", "awards"),
        "missing-not-chosen": lambda: design.table("stype", "target"),
    }
    for code, call in calls.items():
        with pytest.raises(ss.SurveySemError) as caught:
            call()
        assert caught.value.code == code
    with pytest.raises(ss.SurveySemError, match="of does not know"):
        design.table("stype", "awards", of="cells")
    few = design.subset(design.data["dnum"].isin([61, 135])).assign(x=design.data["cds"] % 4)
    with pytest.raises(ss.SurveySemError) as caught:
        few.chisq("x", "both", statistic="adjWald")
    assert caught.value.code == "no-degrees-of-freedom"


@pytest.mark.parametrize("statistic", ["F", "Chisq", "Wald"])
def test_known_cells_are_not_tested(statistic: Any) -> None:
    data = designed("clus1").data
    cells = (data.groupby(["sch.wide", "both"], observed=True).size() * 30.0).to_dict()
    calibrated = designed("clus1").poststratify({("sch.wide", "both"): cells})
    census = ss.design(data.assign(fraction=1.0), fpc="fraction")
    for design in (calibrated, census):
        with pytest.raises(ss.SurveySemError) as caught:
            design.chisq("sch.wide", "both", statistic=statistic)
        assert caught.value.code == "no-variance"
        assert design.mean("both").test(0.5)[["t", "p_value"]].isna().all(axis=None)


def test_levels_without_rows_are_named() -> None:
    design = designed("clus1")
    found = design.subset(design.data["stype"] != "H").chisq("sch.wide", "stype")
    assert found.df <= 1
    assert "levels without a row: stype = H" in repr(found)

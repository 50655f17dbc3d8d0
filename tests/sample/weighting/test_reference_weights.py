"""Weights, and estimates and variances under them, equal those of R's survey."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from survey_designs import close, designed, rows, stored

import survey_sem as ss
from survey_sem.errors import DataError

STORED = stored("weights")["cases"]
MARGINS = {
    "stype": {"E": 4421, "H": 755, "M": 1018},
    "sch.wide": {"No": 1072, "Yes": 5122},
    "comp.imp": {"No": 1811, "Yes": 4383},
}
API99 = {"api99": 3914069}
Step = Callable[[ss.SurveyDesign], ss.SurveyDesign]

pytestmark = pytest.mark.reference


def of(*names: str) -> dict[str, Any]:
    return {name: MARGINS[name] for name in names}


STEPS: dict[str, Step] = {
    "rake2": lambda d: d.rake(of("stype", "sch.wide")),
    "rake3": lambda d: d.rake(of("comp.imp", "stype", "sch.wide")),
    "post": lambda d: d.poststratify(of("stype")),
    "linear": lambda d: d.calibrate(of("stype") | API99),
    "raking": lambda d: d.calibrate(of("stype", "sch.wide") | API99, method="raking"),
    "logit": lambda d: d.calibrate(of("stype") | API99, method="logit", bounds=(0.4, 2.5)),
    "linear_bounds": lambda d: d.calibrate(of("stype") | API99, bounds=(0.6, 1.7)),
    "raking_bounds": lambda d: d.calibrate(of("stype", "sch.wide"), method="raking", bounds=(0.85, 1.9)),
    "no_margin": lambda d: d.calibrate(API99, method="raking", total=6194),
    "rake_trim": lambda d: d.rake(of("stype", "sch.wide")).trim(lower=25, upper=55),
    "post_trim_strict": lambda d: d.poststratify(of("comp.imp")).trim(lower=20, upper=45, strict=True),
    "linear_post": lambda d: d.calibrate(of("stype") | API99).poststratify(of("sch.wide")),
    "linear_constant_bounds": lambda d: d.calibrate(of("stype"), bounds=(20, 70), bounds_on="weight"),
}
CASES = [(name, step) for name, cases in STORED.items() for step in cases]
# raking stops there at a relative error of 1e-10 of a margin, which differs a little more in single weights
RTOL = 2e-9


@pytest.mark.parametrize(("name", "step"), CASES)
def test_weights_and_variances(name: str, step: str) -> None:
    sample, _, kind = name.partition("_")
    design = designed(sample)
    if kind:
        design = design.as_replicates({"jk1": "JK1", "jkn": "JKn"}[kind])
    check(STEPS[step](design), STORED[name][step])


def check(design: ss.SurveyDesign, expected: dict[str, Any], rtol: float = RTOL) -> None:
    close(design.weights, expected["weights"], rtol)
    mean, total = design.mean(["api00", "meals"], deff=False), design.total("meals", deff=False)
    close(mean.estimate, expected["mean"], rtol)
    close(mean.cov, expected["mean_vcov"], rtol)
    close(total.estimate, expected["total"], rtol)
    close(total.cov, expected["total_vcov"], rtol)
    domain = design.subset(design.data["meals"] > 30).mean(["api00", "meals"], deff=False)
    close(domain.cov, expected["domain_vcov"], rtol)
    close(design.ratio("api00", "meals").cov, expected["ratio_vcov"], rtol)


def test_what_r_cannot_meet_is_refused() -> None:
    with pytest.raises(DataError) as problem:
        STEPS["raking_bounds"](designed("clus2"))
    assert problem.value.code == "unreachable-bounds" and "sch.wide = No" in problem.value.what
    with pytest.raises(DataError) as problem:
        STEPS["post_trim_strict"](designed("clus2"))
    assert problem.value.code == "impossible-limits"


def test_weights_without_a_design_are_the_same() -> None:
    data = rows("apiclus1")
    assert ss.rake(data, of("stype", "sch.wide"), "pw").weights.to_numpy() == pytest.approx(
        STORED["clus1"]["rake2"]["weights"], rel=RTOL
    )
    weighting = ss.calibrate(data, of("stype") | API99, "pw", method="logit", bounds=(0.4, 2.5))
    close(weighting.weights.to_numpy(), STORED["clus1"]["logit"]["weights"], RTOL)
    joint = {("stype", "sch.wide"): {("E", "No"): 472, ("E", "Yes"): 3949, ("H", "No"): 334, ("H", "Yes"): 421,
                                     ("M", "No"): 266, ("M", "Yes"): 752}}  # fmt: skip
    found = ss.poststratify(data, joint, "pw")
    close(sorted(set(np.round(found.weights, 9)))[:1], [29.916666667], 1e-9)


def test_regression_residuals_after_raking() -> None:
    """With one margin both rules are the post-stratified variance; with two they are near where margins hardly mix."""
    design = designed("clus1")
    post = design.poststratify(of("stype"))
    raked = design.rake(of("stype"), residuals="regression")
    close(raked.mean("api00").cov, post.mean("api00").cov)
    two = of("stype", "sch.wide")
    calibrated, raked = design.calibrate(two, method="raking"), design.rake(two, residuals="regression")
    close(raked.mean("api00").cov, calibrated.mean("api00").cov, 1e-8)


def test_replicate_weights_of_a_provider_are_calibrated_too() -> None:
    made = designed("clus1").as_replicates("JK1")
    assert made.replicates is not None
    columns = {f"r{k}": made.replicates.weights(made.weights, k) for k in range(made.replicates.n_replicates)}
    data = made.data.assign(**columns)
    scale = made.replicates.scale
    given = ss.replicate_design(data, "pw", list(columns), type="JK1", scale=scale, rscales=made.replicates.rscales)
    for step in ("rake2", "linear"):
        check(STEPS[step](given), STORED["clus1_jk1"][step])

"""Write docs/explanation/simulation-checks.md and its figures from the stored tables of tests/monte_carlo.

python docs/generate_simulation.py           # write
python docs/generate_simulation.py --check   # exit 1 where the page or a figure is not that of the tables
"""

from __future__ import annotations

import hashlib
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.monte_carlo.population import DISTRIBUTIONS, mediation  # noqa: E402
from tests.monte_carlo.studies import BROWNE, LARGE, N_DRAWS  # noqa: E402

PAGE = ROOT / "docs" / "explanation" / "simulation-checks.md"
IMAGES = ROOT / "docs" / "images"
TABLES = ROOT / "tests" / "monte_carlo" / "results"
FIGURES = {
    "coverage": "simulation-coverage.png",
    "tests": "simulation-tests.png",
}
PLACES = ["distribution", "n"]
OWN_TESTS = {
    "ML": "standard",
    "MLM": "satorra.bentler",
    "MLMV": "scaled.shifted",
    "MLMVS": "mean.var.adjusted",
    "MLR": "yuan.bentler.mplus",
    "ML robust.huber.white": "yuan.bentler",
    "MLF": "standard",
    "GLS": "standard",
    "ULS": "standard",
    "ULSM": "satorra.bentler",
    "ULSMV": "scaled.shifted",
    "ULSMVS": "mean.var.adjusted",
    "WLS": "standard",
    "DWLS": "standard",
    "WLSM": "satorra.bentler",
    "WLSMV": "scaled.shifted",
    "WLSMVS": "mean.var.adjusted",
}
SAME = {"MLM": "MLM, MLMV, MLMVS", "ULSM": "ULSM, ULSMV, ULSMVS", "WLSM": "WLSM, WLSMV, WLSMVS"}
SIZES = {200: ("#1f5fa8", 0.17), 1000: ("#c2571a", -0.17)}
"""Colour of a sample size, and how far above the line of its estimator it stands."""
GREY = "#8a8a8a"


def table(study: str, kind: str) -> pd.DataFrame:
    """A stored table; an empty one where the study has not been run."""
    path = TABLES / f"{study}-{kind}.csv"
    return pd.read_csv(path) if path.exists() else pd.DataFrame(columns=[*PLACES, "missing", "estimator", "test"])


# -- numbers in text ---------------------------------------------------------------------------------------------------


def percent(value: float, digits: int = 1) -> str:
    """A share in percent."""
    return f"{100.0 * value:.{digits}f}"


def spread(values: pd.Series, digits: int = 2, scale: float = 1.0) -> str:
    """The smallest and the largest value."""
    low, high = scale * values.min(), scale * values.max()
    return f"{low:.{digits}f} to {high:.{digits}f}"


def markdown(heads: list[str], rows: Iterable[list[str]]) -> str:
    """A table whose columns after the first are numbers."""
    lines = [" | ".join(heads), " | ".join(["---", *["---:"] * (len(heads) - 1)])]
    return "\n".join(f"| {line} |" for line in [*lines, *(" | ".join(row) for row in rows)])


def conditions(frame: pd.DataFrame) -> list[tuple[str, int]]:
    """Distribution and size of the conditions that a table has, normal ones first."""
    found = frame[PLACES].drop_duplicates().itertuples(index=False)
    return [(str(each.distribution), int(each.n)) for each in found]


def tests_of_complete_rows() -> pd.DataFrame:
    """Tests of all estimators, and the one that was run by itself in the same samples."""
    found = [table("estimators", "tests"), table("yuan_bentler", "tests")]
    return pd.concat([each for each in found if len(each)], ignore_index=True)


def at(frame: pd.DataFrame, place: tuple[str, int]) -> pd.DataFrame:
    return frame[(frame["distribution"] == place[0]) & (frame["n"] == place[1])]


def named(place: tuple[str, int]) -> str:
    return f"{place[0]}, {place[1]:,}"


# -- tables ------------------------------------------------------------------------------------------------------------


def accuracy(frame: pd.DataFrame, names: dict[str, str] | None = None) -> str:
    """Standard errors and coverage of every estimator under every condition: ranges over parameters."""
    places = conditions(frame)
    heads = ["standard error / SD", *[named(place) for place in places]]
    by = {"se_ratio": (2, 1.0), "coverage": (1, 100.0)}
    parts = []
    for column, (digits, scale) in by.items():
        heads[0] = "mean SE / SD" if column == "se_ratio" else "coverage, %"
        rows = []
        for estimator in frame["estimator"].drop_duplicates():
            own = frame[frame["estimator"] == estimator]
            cells = [at(own, place)[column] for place in places]
            shown = [spread(cell, digits, scale) if len(cell) else "" for cell in cells]
            rows.append([(names or {}).get(estimator, estimator), *shown])
        parts.append(markdown(list(heads), rows))
    return "\n\n".join(parts)


def bias(frame: pd.DataFrame, names: dict[str, str] | None = None) -> str:
    """The largest relative bias of every estimator, with the parameter that has it."""
    places = conditions(frame)
    rows = []
    for estimator in frame["estimator"].drop_duplicates():
        cells = []
        for place in places:
            own = at(frame[frame["estimator"] == estimator], place)
            if own.empty:
                cells.append("")
                continue
            relative = own["bias"] / own["truth"]
            worst = relative.abs().idxmax()
            error = own.loc[worst, "bias_mcse"] / abs(own.loc[worst, "truth"])
            cells.append(f"{percent(relative[worst])} ± {percent(error)} (`{own.loc[worst, 'parameter']}`)")
        rows.append([(names or {}).get(estimator, estimator), *cells])
    return markdown(["largest bias, % of the value", *[named(place) for place in places]], rows)


def rejections(frame: pd.DataFrame, label: str = "estimator", column: str = "rejected_05") -> str:
    """Shares of rejections at a level, with their Monte Carlo errors."""
    places = conditions(frame)
    rows = []
    for name in frame["name"].drop_duplicates():
        cells = []
        for place in places:
            own = at(frame[frame["name"] == name], place)
            cells.append(
                f"{percent(own[column].iloc[0])} ± {percent(own[f'{column}_mcse'].iloc[0])}" if len(own) else ""
            )
        rows.append([name, *cells])
    return markdown([label, *[named(place) for place in places]], rows)


def own_tests(frame: pd.DataFrame) -> pd.DataFrame:
    """The test that goes with every estimator, named for reading, and Browne's tests after maximum likelihood."""
    parts = []
    for estimator, test in OWN_TESTS.items():
        own = frame[(frame["estimator"] == estimator) & (frame["test"] == test)]
        parts.append(own.assign(name=f"{estimator}: {test}"))
    for test in BROWNE[:3]:  # with distribution-free weights the fourth is the third
        parts.append(frame[(frame["estimator"] == "ML") & (frame["test"] == test)].assign(name=f"ML: {test}"))
    return pd.concat(parts, ignore_index=True)


def joined(frame: pd.DataFrame) -> pd.DataFrame:
    """Tests with estimator and test as one name; without the uncorrected ones of corrected estimators."""
    is_plain = frame["test"].str.endswith("standard") & frame["estimator"].str.contains("ML[MR]")
    frame = frame[~is_plain]
    return frame.assign(name=frame["estimator"] + ": " + frame["test"])


# -- figures -----------------------------------------------------------------------------------------------------------


def draw_coverage(path: Path) -> None:
    """Coverage of 95 percent intervals by estimator and condition: every parameter a dot."""
    frame = table("estimators", "estimates")
    estimators = list(frame["estimator"].drop_duplicates())[::-1]
    figure, axes = panels(frame, [SAME.get(name, name) for name in estimators], 0.4)
    for axis, distribution in zip(axes, DISTRIBUTIONS, strict=True):
        band(axis, 95.0, frame["replications"].min())
        for n, (color, shift) in SIZES.items():
            own = at(frame, (distribution, n))
            for height, estimator in enumerate(estimators):
                values = 100.0 * own.loc[own["estimator"] == estimator, "coverage"]
                dots = [height + shift] * len(values)
                axis.plot(values.clip(lower=60.0), dots, "o", ms=3.2, mew=0, alpha=0.5, color=color)
                if len(values):
                    axis.plot([max(values.mean(), 60.0)], [height + shift], "|", ms=9, mew=1.8, color=color)
        axis.set_xlim(59.0, 101.0)
    finish(
        figure, axes, "Coverage of 95 % intervals, percent (dots: parameters; bars: their mean; edge: 60 or less)", path
    )


def draw_tests(path: Path) -> None:
    """Rejections at the 5 percent level of models that hold."""
    frame = own_tests(tests_of_complete_rows())
    names = list(frame["name"].drop_duplicates())[::-1]
    figure, axes = panels(frame, names, 0.32)
    for axis, distribution in zip(axes, DISTRIBUTIONS, strict=True):
        band(axis, 5.0, frame["replications"].min())
        for n, (color, shift) in SIZES.items():
            own = at(frame, (distribution, n)).set_index("name").reindex(names)
            share, error = 100.0 * own["rejected_05"], 196.0 * own["rejected_05_mcse"]
            heights = [height + shift for height in range(len(names))]
            axis.errorbar(share, heights, xerr=error, fmt="o", ms=3.6, color=color, elinewidth=1.2, mew=0)
        axis.set_xlim(-2.0, 42.0)
    finish(figure, axes, "Rejected at the 5 % level, percent, with 95 % Monte Carlo intervals", path)


def band(axis, level: float, replications: int) -> None:  # type: ignore[no-untyped-def]
    """Where 95 percent of the dots of something right lie."""
    chance = 196.0 * (level / 100.0 * (1.0 - level / 100.0) / replications) ** 0.5
    axis.axvspan(level - chance, level + chance, color="#e6e6e6", lw=0)
    axis.axvline(level, color=GREY, lw=0.8)


def panels(frame: pd.DataFrame, names: list[str], height: float):  # type: ignore[no-untyped-def]
    """A figure with one panel per distribution and one line per name."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    figure, axes = plt.subplots(1, 2, figsize=(9.0, 1.2 + height * len(names)), sharey=True)
    for axis, distribution in zip(axes, DISTRIBUTIONS, strict=True):
        axis.set_title(f"{distribution} rows", fontsize=10)
        axis.set_yticks(range(len(names)), names)
        axis.tick_params(labelsize=9, length=2)
        axis.grid(axis="x", color="#e9e9e9", lw=0.6)
        axis.set_axisbelow(True)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    shown = [
        Line2D([], [], marker="o", ls="", ms=5, color=color, label=f"n = {n:,}") for n, (color, _) in SIZES.items()
    ]
    figure.legend(handles=shown, loc="upper left", fontsize=9, frameon=False)
    return figure, list(axes)


def finish(figure, axes, title: str, path: Path) -> None:  # type: ignore[no-untyped-def]
    """Write a figure that says which tables it shows."""
    import matplotlib.pyplot as plt

    figure.supxlabel(title, fontsize=10)
    figure.tight_layout()
    figure.savefig(path, dpi=130, metadata={"Description": tables_hash(), "Software": None})
    plt.close(figure)


def tables_hash() -> str:
    """What the tables of a study of all estimators hold, as a hash."""
    digest = hashlib.sha256()
    for name in ("estimators-estimates", "estimators-tests", "yuan_bentler-tests"):
        digest.update((TABLES / f"{name}.csv").read_bytes())
    return f"sha256:{digest.hexdigest()}"


def figures_are_current() -> bool:
    paths = [IMAGES / name for name in FIGURES.values()]
    return all(path.exists() and tables_hash().encode() in path.read_bytes() for path in paths)


# -- the page ----------------------------------------------------------------------------------------------------------


def prose(text: str) -> str:
    """Paragraphs and list items at the width of a page."""
    parts = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    lines = []
    for part in parts:
        rest = "  " if part.startswith("* ") else ""
        lines.append(textwrap.fill(part, 116, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False))
    return "\n\n".join(lines)


def coverage_of(frame: pd.DataFrame, estimators: Iterable[str], place: tuple[str, int], names: str = "") -> str:
    """Coverage of some estimators in one condition, percent, over all parameters or those of a pattern."""
    own = at(frame[frame["estimator"].isin(list(estimators))], place)
    return spread(own.loc[own["parameter"].str.contains(names), "coverage"], 0, 100.0) + " %"


def share(frame: pd.DataFrame, estimator: str, test: str, place: tuple[str, int]) -> str:
    """How often a test rejects at the 5 percent level, percent."""
    own = at(frame[(frame["estimator"] == estimator) & (frame["test"] == test)], place)
    return percent(own["rejected_05"].iloc[0], 0) + " %"


def samples(frame: pd.DataFrame) -> str:
    """How many samples a study has."""
    found = frame.groupby([*PLACES, "missing"])["fits"].max()
    return f"{found.min():,}" if found.min() == found.max() else f"{found.min():,} to {found.max():,}"


FEW, MANY = ("skewed", 200), ("skewed", 1000)
PLAIN, ROBUST = ("ML", "GLS", "ULS"), ("MLM", "MLR", "ULSM", "WLSM")
PATHS, VARIANCES = "^(?:std )?[fgh]~[fgh]$|indirect", "~~"


def reading_text() -> str:
    """What holds and what does not, in words with numbers of the tables."""
    estimates, tests = table("estimators", "estimates"), tests_of_complete_rows()
    mlf = at(estimates[estimates["estimator"] == "MLF"], ("normal", 200))["se_ratio"]
    gls = at(estimates[estimates["estimator"] == "GLS"], ("normal", 200))
    low = (gls["bias"] / gls["truth"]).min()

    def rejected(name: str, place: tuple[str, int]) -> str:
        return share(tests, name, OWN_TESTS[name], place)

    return prose(f"""
**What holds.**

* *Normal rows.* ML, its corrected versions, GLS and ULS do what they say: intervals hold the value in
{coverage_of(estimates, (*PLAIN, *ROBUST), ("normal", 1000))} of samples of 1,000. In samples of 200 standard
errors of
MLF are {percent(mlf.min() - 1, 0)} to {percent(mlf.max() - 1, 0)} % too large and variances of GLS up to
{percent(-low, 0)} % too small: both are known and both vanish with n.

* *Skewed rows, corrected standard errors* (MLM, MLR, ULSM, WLSM and their relatives): coverage of
{coverage_of(estimates, ROBUST, MANY)} in samples of 1,000. With 200 rows it is
{coverage_of(estimates, ROBUST, FEW, PATHS)} for paths and the indirect effect and
{coverage_of(estimates, ROBUST, FEW, VARIANCES)} for variances: a sandwich of fourth moments needs rows, whatever the
program.

* *Skewed rows, corrected tests.* The Satorra-Bentler test of MLM rejects a true model in {rejected("MLM", MANY)} of
samples of 1,000 and in {rejected("MLM", FEW)} of those of 200; the shifted one of MLMV, ULSMV and WLSMV in
{rejected("MLMV", MANY)}, {rejected("ULSMV", MANY)}, {rejected("WLSMV", MANY)} and, rather too seldom,
{rejected("MLMV", FEW)}, {rejected("ULSMV", FEW)}, {rejected("WLSMV", FEW)}.

* *Normal rows and corrections*: nothing is lost by them in samples of 1,000.

**What does not.**

* *Normal-theory standard errors and tests of skewed rows.* ML, GLS and ULS cover in
{coverage_of(estimates, PLAIN, MANY)}, and more rows do not help; ML's chi-square rejects
{share(tests, "ML", "standard", MANY)} of true models. MLF's standard errors are the worst: they are right under
normality only.

* *MLR's default test with few skewed rows* (Yuan-Bentler in Mplus' form, as in lavaan): it rejects
{rejected("MLR", FEW)} with 200 rows and {rejected("MLR", MANY)} with 1,000. The test of
2000 (`estimator="ML", se="robust.huber.white", test="yuan.bentler"`) rejects {rejected("ML robust.huber.white", FEW)}
and {rejected("ML robust.huber.white", MANY)}, with the same standard errors.

* *ULSM and WLSM correct the mean of their chi-square alone*, and reject {rejected("ULSM", ("normal", 1000))} and
{rejected("WLSM", ("normal", 1000))} even of normal samples of 1,000: prefer ULSMV and WLSMV.

* *WLS* (asymptotically distribution free). With 200 rows it covers in
{coverage_of(estimates, ["WLS"], ("normal", 200))}
of normal and {coverage_of(estimates, ["WLS"], FEW)} of skewed samples and rejects
{share(tests, "WLS", "standard", ("normal", 200))} and {share(tests, "WLS", "standard", FEW)} of true models;
with 1,000,
{share(tests, "WLS", "standard", ("normal", 1000))} and {share(tests, "WLS", "standard", MANY)}. So does Browne's
residual
test with the same weights (`browne.residual.adf`). Its weight matrix of {_n_moments()} moments needs thousands
of rows.

* *DWLS without correction.* Coverage of {coverage_of(estimates, ["DWLS"], ("normal", 1000))} and a chi-square
that never
rejects, with any number of rows; the fit warns. WLSMV has the same estimates.
""")


def _n_moments() -> int:
    p = len(mediation().names)
    return p * (p + 1) // 2


def population_text() -> str:
    skewness, kurtosis = (values.mean() for values in mediation().skewed_shape())
    head = prose("""
Written by `docs/generate_simulation.py` from the tables in `tests/monte_carlo/results`; a test fails when it is not
current. `python -m tests.monte_carlo` draws everything anew, with the same seeds and so to the same numbers.

A standard error is right when it is the standard deviation of its estimate over samples; a 95 % interval, when
it holds
the true value in 95 of 100 samples; a test at the 5 % level, when it rejects a true model in 5 of 100. This page
counts
that for every estimator, where the model holds exactly.
""")
    told = prose(f"""
**Population.** Three factors of three items, paths f → g → h and f → h, an indirect effect (24 degrees of
freedom). The
items are multivariate normal, or *skewed*: every row is a mixture of independent exponential variables times a
random
scale that its items share (skewness {skewness:.1f}, excess kurtosis {kurtosis:.1f}; the covariance matrix is
exactly the
model's). The mixture leaves no part of the model independent of another: the lucky cases in which normal theory
holds for
such data do not apply.

**Numbers.** Ranges are over loadings, paths, the indirect effect, variances, and standardised loadings, paths
and effects.
± is one Monte Carlo standard error; with 1,000 samples it is 0.7 for a coverage of 95 % and for a rejection rate
of 5 %, and
.02 to .04 for a ratio of standard errors, so that the extremes of a range are partly chance. All numbers, by
parameter, are in
the tables.
""")
    return "\n\n".join(["# Simulation checks", head, reading_text(), told])


def complete_text() -> str:
    estimates, tests = table("estimators", "estimates"), tests_of_complete_rows()
    counts = tests.groupby([*PLACES, "estimator"])[["fits", "not_converged", "inadmissible"]].max()
    failed, improper = int(counts["not_converged"].sum()), int(counts["inadmissible"].sum())
    return "\n\n".join(
        [
            "## Complete rows",
            prose(f"""
{samples(tests)} samples per condition. Of {int(counts["fits"].sum()):,} fits {failed} did not converge (they are
left out)
and {improper} were improper solutions (they stay in). The mean of the standard errors over the standard
deviation of the
estimates, and the coverage of 95 % intervals:"""),
            accuracy(estimates, SAME),
            f"![Coverage of 95 % intervals by estimator](../images/{FIGURES['coverage']})",
            "Bias, with the parameter that has the largest:",
            bias(estimates, SAME),
            prose("""
The test of the model that goes with each estimator, and Browne's residual-based ones after ML. The model is
true; 5 %
should be rejected:"""),
            rejections(own_tests(tests), "rejected, %"),
            f"![Rejections of a true model](../images/{FIGURES['tests']})",
        ]
    )


def missing_text() -> str:
    estimates, tests = table("missing", "estimates"), table("missing", "tests")
    if estimates.empty:
        return ""
    parts = [
        "## Missing values",
        prose(f"""
The same population; {samples(tests)} samples per condition. *Completely at random*: every item but two misses 15
% of its
values. *At random*: six items miss about a quarter of theirs, the likelier the higher the respondent's value of
an item that
is complete. Full information (`missing="fiml"`) beside listwise deletion of the same rows.

Of normal rows full information has no bias where listwise deletion has much. Skewed rows with values missing at
random are
another matter: the normal likelihood of incomplete rows assumes that items depend on each other linearly, and
where they do
not, what is filled in beyond the observed values is wrong. That is bias of the estimator and not of its standard
errors;
lavaan has the same estimates to six digits.
"""),
    ]
    for how, words in (("mcar", "Completely at random"), ("mar", "At random")):
        own, own_ = estimates[estimates["missing"] == how], tests[tests["missing"] == how]
        if len(own):
            parts += [f"### {words}", accuracy(own), bias(own), rejections(joined(own_), "rejected, %")]
    return "\n\n".join(parts)


def groups_text() -> str:
    estimates, tests = table("groups", "estimates"), table("groups", "tests")
    if estimates.empty:
        return ""
    return "\n\n".join(
        [
            "## Two groups",
            prose(f"""
Two factors of three items in two groups of n rows each; {samples(tests)} samples per condition. Loadings and
intercepts are
equal, everything else differs, latent means by .4 and -.2. The scalar model is fitted:"""),
            accuracy(estimates),
            prose("""
Its own tests, and the tests of the difference between the configural and the scalar model (8 degrees of
freedom):"""),
            rejections(joined(tests), "rejected, %"),
        ]
    )


def bootstrap_text() -> str:
    estimates, tests = table("bootstrap", "estimates"), table("bootstrap", "tests")
    if estimates.empty:
        return ""
    effect = estimates[estimates["parameter"] == "indirect"]
    effect = effect.assign(
        name=effect["estimator"], rejected_05=effect["coverage"], rejected_05_mcse=effect["coverage_mcse"]
    )
    return "\n\n".join(
        [
            "## Bootstrap",
            f"{N_DRAWS} draws in each of {samples(tests)} samples per condition. Over all parameters:",
            accuracy(estimates[~estimates["estimator"].str.contains("Monte Carlo")]),
            "Coverage of the indirect effect:",
            rejections(effect, "coverage, %"),
            "The Bollen-Stine test of the model:",
            rejections(joined(tests), "rejected, %"),
        ]
    )


def large_text() -> str:
    estimates, tests = table("large", "estimates"), table("large", "tests")
    if estimates.empty:
        return ""
    return "\n\n".join(
        [
            f"## {LARGE:,} rows",
            prose(f"""
{samples(tests)} samples per condition, values missing completely at random under full information: enough to see a
standard error that is far off, or a bias of a hundredth."""),
            accuracy(estimates),
            bias(estimates),
            rejections(joined(tests), "rejected, %"),
        ]
    )


def page() -> str:
    """The whole page."""
    sections = [population_text(), complete_text(), missing_text(), groups_text(), bootstrap_text(), large_text()]
    return "\n\n".join(section for section in sections if section) + "\n"


def main() -> int:
    """Write the page and its figures, or compare them."""
    text = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text and figures_are_current() else 1
    PAGE.write_text(text, encoding="utf-8")
    draw_coverage(IMAGES / FIGURES["coverage"])
    draw_tests(IMAGES / FIGURES["tests"])
    return 0


if __name__ == "__main__":
    sys.exit(main())

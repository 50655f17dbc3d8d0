"""A result as readable text, in the order in which lavaan's users look for things."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from survey_sem.reporting.contents import display_width
from survey_sem.reporting.tables.reading import Estimate, read_estimates
from survey_sem.results import SemResult
from survey_sem.results.pooled import PooledResult

WIDTH = 88
_NAME = 24
_VALUE = 12
_SECTIONS = (
    ("Latent variables", "=~"),
    ("Composites", "<~"),
    ("Regressions", "~"),
    ("Covariances", "~~"),
    ("Intercepts", "~1"),
    ("Thresholds", "|"),
    ("Variances", "~~"),
    ("Scales", "~*~"),
    ("Defined parameters", ":="),
)
_RESIDUAL = "."
_RELATED = {"=~": " =~", "<~": " <~", "~": " ~", "~~": " ~~"}
_FIT_GROUPS = (
    ("Test of the model", (("chisq", "Chi-square"), ("df", "Degrees of freedom"), ("pvalue", "p-value"))),
    ("Bollen-Stine bootstrap of the chi-square", (("pvalue_bollen_stine", "p-value"),)),
    (
        "Test of the baseline model (no relations)",
        (("baseline_chisq", "Chi-square"), ("baseline_df", "Degrees of freedom"), ("baseline_pvalue", "p-value")),
    ),
    ("Against the baseline model", (("cfi", "CFI"), ("tli", "TLI"))),
    (
        "Close fit",
        (
            ("rmsea", "RMSEA"),
            ("rmsea_ci", "{:.0%} interval"),
            ("rmsea_pvalue", "p-value, RMSEA <= {}"),
            ("srmr", "SRMR"),
        ),
    ),
    (
        "Adjusted test",
        (
            ("chisq_scaled", "Chi-square"),
            ("df_scaled", "Degrees of freedom"),
            ("pvalue_scaled", "p-value"),
            ("chisq_scaling_factor", "Scaling factor"),
            ("chisq_shift_parameter", "Shift"),
            ("cfi_robust", "CFI, robust"),
            ("tli_robust", "TLI, robust"),
            ("rmsea_robust", "RMSEA, robust"),
        ),
    ),
    (
        "Likelihood and information criteria",
        (
            ("logl", "Log-likelihood, model"),
            ("unrestricted_logl", "Log-likelihood, unrestricted"),
            ("aic", "AIC"),
            ("bic", "BIC"),
            ("bic2", "BIC, sample-size adjusted"),
        ),
    ),
)
_COUNTS = ("df", "baseline_df", "df_scaled")
_P_VALUES = ("pvalue", "pvalue_bollen_stine", "baseline_pvalue", "rmsea_pvalue", "pvalue_scaled")


@dataclass(frozen=True, slots=True)
class Summary:
    """A result as text; ``print(fit.summary())`` shows it, a notebook shows its tables.

    Parameters
    ----------
    result : SemResult
        What to show.
    fit_measures, estimates, standardized, ci, r_squared : bool
        Which parts; `standardized` and `ci` are columns of the estimates.
    """

    result: SemResult = field(repr=False)
    fit_measures: bool = True
    estimates: bool = True
    standardized: bool = True
    ci: bool = True
    r_squared: bool = True

    def __str__(self) -> str:
        result = self.result
        parts: list[Iterable[str]] = [_head(result), _warnings(result)]
        if self.fit_measures:
            parts.append(_fit(result))
        if self.estimates:
            parts.append(_estimates(result, self.ci, self.standardized))
        if self.r_squared:
            parts.append(_r_squared(result))
        blocks = ["\n".join(lines) for lines in map(list, parts) if lines]
        return "\n\n".join(blocks) + "\n"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from survey_sem.reporting.notebook import notebook_html

        return notebook_html(self.result)


def _head(result: SemResult) -> Iterator[str]:
    steps = result.optimum["n_iterations"]
    ended = f"converged after {steps} iterations" if result.converged else f"did NOT converge ({steps} iterations)"
    pooled = result if isinstance(result, PooledResult) else None
    if pooled is None:
        yield f"survey_sem {version('survey-sem')}: the search {ended}"
    else:
        yield f"survey_sem {version('survey-sem')}: pooled over {pooled.n_imputations} imputed data sets"
    yield ""
    options = result.options
    yield _pair("Estimator", str(options["estimator"]))
    yield _pair("Free parameters", str(result.n_par))
    n_total = sum(moments.n_total or moments.n_rows for moments in result.moments)
    yield _pair("Observations", f"{result.n_obs}" + (f" of {n_total}" if n_total > result.n_obs else ""))
    if result.n_groups > 1:
        yield _pair("Groups", str(result.n_groups))
        for moments in result.moments:
            yield _pair(f"  {moments.label}", str(moments.n_rows))
    yield from _design(result)
    yield _pair("Missing values", str(options["missing"]))
    if pooled is not None:
        yield _pair("Test of the model", str(options["pool_test"]))
        yield _pair("Pooled standard errors", str(options["pool_vcov"]))
    yield _pair("Standard errors", str(options["se"]))
    if result.resampled is not None:
        drawn = result.bootstrap
        yield _pair("Bootstrap draws, failed", f"{drawn.n_draws}, {drawn.n_failed}")
        yield _pair("Seed", str(drawn.seed))
    if options.get("ci", "normal") != "normal":
        yield _pair("Intervals", str(options["ci"]).replace("_", " "))
    yield _pair("Information", str(options["information"]))
    yield ""
    for finding in ("converged", "identified", "admissible"):
        yield from _finding(finding, bool(getattr(result, finding)), result.findings.get(finding, ""))


def _design(result: SemResult) -> Iterator[str]:
    """How rows were weighted and sampled."""
    options = result.options
    if options.get("weights"):
        yield _pair("Weights", f"{options['weights']} ({options['sampling_weights_normalization']})")
    for name, label in (("cluster", "Sampling units"), ("strata", "Strata"), ("fpc", "Population sizes")):
        if options.get(name):
            yield _pair(label, ", ".join(options[name]))
    if options.get("replicate_weights"):
        yield _pair("Replicate weights", str(len(options["replicate_weights"])))


def _pair(name: str, value: str) -> str:
    return f"  {name:<36}{value:>{_VALUE + 8}}"


def _finding(name: str, holds: bool, evidence: str) -> list[str]:
    first = f"  {name.capitalize():<12}{'yes' if holds else 'NO':<5}"
    return textwrap.wrap(evidence, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [first.rstrip()]


def _warnings(result: SemResult) -> Iterator[str]:
    if not result.warnings:
        return
    yield "Warnings"
    for warning in result.warnings:
        place = f" ({warning.where})" if warning.where else ""
        yield from textwrap.wrap(warning.what + place, WIDTH, initial_indent="  ! ", subsequent_indent="    ")
        if warning.hint:
            yield from textwrap.wrap(warning.hint, WIDTH, initial_indent="    ", subsequent_indent="    ")


def _fit(result: SemResult) -> Iterator[str]:
    is_first = True
    for title, measures in _FIT_GROUPS:
        lines = [line for name, label in measures for line in _measure(result, name, label)]
        if not lines:
            continue
        if not is_first:
            yield ""
        is_first = False
        yield title
        yield from lines


def _measure(result: SemResult, name: str, label: str) -> list[str]:
    fit = result.fit_measures
    if name == "rmsea_ci":
        if "rmsea_ci_lower" not in fit:
            return []
        bounds = f"[{_fixed(fit['rmsea_ci_lower'])}, {_fixed(fit['rmsea_ci_upper'])}]"
        return [_pair(label.format(fit["rmsea_ci_level"]), bounds)]
    label = label.format(fit.get("rmsea_close_h0", 0.05))
    if result.has_pseudo_likelihood and "og-likelihood" in label:
        label = "Pseudo " + label[0].lower() + label[1:]
    if name in fit:
        shown = f"{fit[name]:g}" if name in _COUNTS else _p(fit[name]) if name in _P_VALUES else _fixed(fit[name])
        return [_pair(label, shown)]
    if name in result.not_applicable:
        return [_pair(label, "-") + f"   {result.not_applicable[name]}"]
    return []


def _estimates(result: SemResult, ci: bool, standardized: bool) -> Iterator[str]:
    estimates = read_estimates(result)
    explained = explained_variables(estimates)
    headings = ["Estimate", "Std.Err", "z", "p"]
    headings += ["CI lower", "CI upper"] if ci else []
    headings += ["Std.lv", "Std.all"] if standardized else []
    headings += ["FMI"] if isinstance(result, PooledResult) else []
    levels = f" ({100 * float(result.options['ci_level']):g}% intervals)" if ci else ""
    yield f"Parameter estimates{levels}"
    groups = list(dict.fromkeys(row.group for row in estimates if row.group)) or [1]
    for group in groups:
        if len(groups) > 1:
            yield ""
            yield f"Group {group}: {result.moments[group - 1].label}"
        shown = [row for row in estimates if row.group in (group, 0 if group == groups[-1] else group)]
        for title, op in _SECTIONS:
            rows = [row for row in shown if row.op == op and (op != "~~" or row.is_variance == (title == "Variances"))]
            if rows:
                yield ""
                yield f"{title:<{_NAME}}" + "".join(f"{heading:>10}" for heading in headings)
                yield from _section(rows, explained, ci, standardized)


def explained_variables(estimates: Iterable[Estimate]) -> frozenset[str]:
    """Variables that others explain: their variances and intercepts are those of residuals."""
    rows = tuple(estimates)
    return frozenset(
        [row.lhs for row in rows if row.op == "~"] + [row.rhs for row in rows if row.op == "=~"],
    )


def _section(rows: Sequence[Estimate], explained: frozenset[str], ci: bool, standardized: bool) -> Iterator[str]:
    """Rows of one kind; a dot marks what belongs to a residual, as in lavaan."""
    before = ""
    for row in rows:
        is_related = row.op in _RELATED and not row.is_variance
        dot = _RESIDUAL if row.op in ("~~", "~1") and row.lhs in explained else ""
        if is_related and row.lhs != before:
            yield f" {dot or ' '}{row.lhs}{_RELATED[row.op]}"
            before = row.lhs
        if is_related:
            name = f"   {(_RESIDUAL if dot and row.rhs in explained else '') or ' '}{row.rhs}"
        else:
            name = f" {dot or ' '}{row.lhs}" + (row.rhs if row.op == "|" else "")
        if row.label and row.op != ":=":
            name += f" ({row.label})"
        yield from _row(name, row, ci, standardized)


def _row(name: str, row: Estimate, ci: bool, standardized: bool) -> Iterator[str]:
    bounds = (row.ci.low, row.ci.high)
    has_test = not row.is_fixed and math.isfinite(row.se)
    values = [_fixed(row.est), *((_fixed(row.se), _fixed(row.z), _p(row.p_value)) if has_test else ("", "", ""))]
    values += [_fixed(bound) if has_test else "" for bound in bounds] if ci else []
    values += [_fixed(row.std_lv), _fixed(row.std_all)] if standardized else []
    values += [_fixed(row.fmi)] if math.isfinite(row.fmi) else []
    cells = "".join(f"{value:>10}" for value in values).rstrip()
    if display_width(name) > _NAME:
        yield name
        name = ""
    yield _padded(name, _NAME) + cells


def _r_squared(result: SemResult) -> Iterator[str]:
    for group in range(1, result.n_groups + 1):
        explained = result.r_squared(group)
        if not len(explained):
            continue
        if group > 1:
            yield ""
        yield "R-squared" + (f", group {result.moments[group - 1].label}" if result.n_groups > 1 else "")
        for name, value in explained.items():
            yield _padded(f"  {name}", _NAME) + f"{_fixed(float(value)):>10}"


def _padded(name: str, width: int) -> str:
    return name + " " * (width - display_width(name))


def _fixed(value: float) -> str:
    if not math.isfinite(value):
        return ""
    size = abs(value)
    if size >= 1e6 or 1e-9 < size < 5e-4:
        return f"{value:.2e}"
    text = f"{value:.3f}"
    return text.lstrip("-") if float(text) == 0 else text


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"

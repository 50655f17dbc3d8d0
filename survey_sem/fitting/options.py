"""The options of a fit: lavaan's names and values, checked, with defaults resolved and nothing swallowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from survey_sem.errors import OptionError, did_you_mean
from survey_sem.sampling import LONELY

Function = Literal["sem", "cfa", "growth", "lavaan"]

ESTIMATORS = (
    "ML", "MLM", "MLMV", "MLMVS", "MLR", "MLF", "GLS", "ULS", "ULSM", "ULSMV", "ULSMVS",
    "WLS", "DWLS", "WLSM", "WLSMV", "WLSMVS",
)  # fmt: skip
TABLE_SWITCHES = (
    "std_lv", "orthogonal", "orthogonal_x", "orthogonal_y", "auto_fix_first", "auto_fix_single", "auto_var",
    "auto_cov_lv_x", "auto_cov_y", "int_ov_free", "int_lv_free",
)  # fmt: skip

BOUNDS = ("none", "pos.var", "pos.ov.var", "pos.lv.var", "standard", "wide", "wide.zerovar", "default")

# option -> (values that this version fits, all values that lavaan knows)
CHOICES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "estimator": (ESTIMATORS, ESTIMATORS),
    "missing": (
        ("listwise", "fiml", "ml", "direct", "mi"),
        ("listwise", "fiml", "ml", "direct", "pairwise", "mi", "two_stage", "robust_two_stage"),
    ),
    "likelihood": (("normal", "wishart"), ("normal", "wishart")),
    "information": (("expected", "observed", "first.order"), ("expected", "observed", "first.order")),
    "se": (
        (
            "standard", "none", "robust", "robust.sem", "robust.huber.white", "robust.cluster", "robust.cluster.sem",
            "robust.design", "replicate", "first.order", "bootstrap",
        ),
        (
            "standard", "none", "robust", "robust.sem", "robust.huber.white", "robust.cluster", "robust.cluster.sem",
            "robust.design", "replicate", "first.order", "bootstrap",
        ),
    ),
    "observed_information": (("hessian", "h1"), ("hessian", "h1")),
    "h1_information": (("structured", "unstructured"), ("structured", "unstructured")),
    "sampling_weights_normalization": (("total", "group", "none"), ("total", "group", "none")),
    "bounds": (BOUNDS, BOUNDS),
    "mimic": (("lavaan",), ("lavaan", "mplus", "eqs")),
    "engine": (("native", "semopy"), ("native", "semopy")),
    "pool_test": (("D2", "D3", "D4"), ("D1", "D2", "D3", "D4")),
    "pool_vcov": (("rubin", "scaled"), ("rubin", "scaled")),
}  # fmt: skip

TESTS = (
    "standard", "none", "satorra.bentler", "yuan.bentler", "yuan.bentler.mplus", "mean.var.adjusted", "scaled.shifted",
    "browne.residual.adf", "browne.residual.nt", "browne.residual.adf.model", "browne.residual.nt.model",
    "bollen.stine",
)  # fmt: skip
KNOWN_TESTS = TESTS

# options of later versions: any value but the neutral one is refused by name
NOT_YET: dict[str, tuple[Any, ...]] = {
    "ordered": (None, False, (), []),
    "parameterization": (None, "delta"),
    "rotation": (None,),
    "rotation_args": (None,),
    "zero_add": (None,),
    "group_w_free": (None, False),
    "auto_th": (None, True),
    "auto_delta": (None, True),
    "auto_efa": (None, True),
}


@dataclass(frozen=True, slots=True)
class FitOptions:
    """Options of one fit; None means the default that `function` or the data decide.

    Names and values are lavaan's, dots in names written as underscores.
    """

    function: Function = "sem"
    estimator: str = "ML"
    missing: str | None = None
    likelihood: str = "normal"
    information: str | None = None
    se: str | None = None
    test: tuple[str, ...] = ()
    observed_information: str | None = None
    h1_information: str = "structured"
    bounds: str = "none"
    mimic: str = "lavaan"
    engine: str = "native"
    meanstructure: bool | None = None
    fixed_x: bool | None = None
    conditional_x: bool = False
    effect_coding: tuple[str, ...] = ()
    auxiliary: tuple[str, ...] = ()
    group: str | None = None
    group_label: tuple[str, ...] = ()
    group_equal: tuple[str, ...] = ()
    group_partial: tuple[str, ...] = ()
    weights: str | None = None
    sampling_weights_normalization: str = "total"
    cluster: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    fpc: tuple[str, ...] = ()
    lonely_psu: str | None = None
    nest: bool = False
    replicate_weights: tuple[str, ...] = ()
    replicate_type: str | None = None
    replicate_scale: float | None = None
    replicate_rscales: tuple[float, ...] = ()
    fay_rho: float | None = None
    sample_cov_rescale: bool = True
    imputations: int | None = None
    cycles: int | None = None
    pool_test: str | None = None
    pool_vcov: str | None = None
    bootstrap: int | None = None
    ci: str | None = None
    seed: int | None = None
    workers: int = 1
    progress: Callable[[int, int], None] | None = None
    max_iterations: int | None = None
    ci_level: float = 0.95
    switches: Mapping[str, bool] = field(default_factory=dict)

    @property
    def names_design(self) -> bool:
        """Whether the options name more of a sampling design than weights and one level of clusters."""
        return bool(self.strata or self.fpc or self.replicate_weights or len(self.cluster) > 1)

    @property
    def uses_incomplete_rows(self) -> bool:
        """Whether rows with missing values are used for what they have."""
        return self.missing == "fiml"

    def to_dict(self) -> dict[str, Any]:
        """Options as plain data, for results and manifests; how the work is done is none of their business."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in ("switches", *_OF_THE_WORK)}
        plain |= {name: list(plain[name]) for name in ("effect_coding", "test", "replicate_rscales", *_LISTS)}
        return {**plain, **self.switches}


def fit_options(function: Function, given: Mapping[str, Any]) -> FitOptions:
    """Checked options from keywords.

    Raises
    ------
    OptionError
        An unknown keyword or value (the nearest known one is suggested), or one that this version does not fit.
    """
    values: dict[str, Any] = {}
    switches: dict[str, bool] = {}
    for name, value in given.items():
        if name in CHOICES:
            if value is not None:
                values[name] = _choice(name, value)
                if values[name] in ("ml", "direct"):
                    values[name] = "fiml"
                elif values[name] == "robust.cluster.sem":  # Gamma knows clusters by itself
                    values[name] = "robust.sem"
        elif name in TABLE_SWITCHES:
            if value is not None:
                switches[name] = _switch(name, value)
        elif name in NOT_YET:
            _refuse_unless_neutral(name, value)
        elif name in _READERS:
            if value is not None:
                values.update(_READERS[name](value))
        else:
            raise _unknown(name)
    return FitOptions(function=function, switches=switches, **values)


def known_options() -> tuple[str, ...]:
    """All keywords that a fit takes or names."""
    return (*CHOICES, *TABLE_SWITCHES, *_READERS, *NOT_YET)


def _choice(name: str, value: Any) -> str:
    return _chosen(name, value, *CHOICES[name])


def _chosen(name: str, value: Any, supported: tuple[str, ...], known: tuple[str, ...]) -> str:
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise OptionError("bad-option", f"{name} takes a name", where=name, expected=", ".join(known), got=repr(value))
    spelled = {_plain(choice): choice for choice in known}
    choice = spelled.get(_plain(value))
    if choice is None:
        hint = did_you_mean(value, known)
        raise OptionError(
            "bad-option", f"{name} has no value '{value}'", where=name, expected=", ".join(known), hint=hint
        )
    if choice not in supported:
        raise OptionError(
            "not-supported",
            f"{name}='{choice}' is not supported by this version",
            where=name,
            expected=", ".join(supported),
            got=str(value),
        )
    return choice


def _plain(value: str) -> str:
    return value.lower().replace("_", ".").replace("-", ".")


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, str | float) and value in (0, 1):  # numpy's True and False too
        return bool(value)
    raise OptionError("bad-option", f"{name} is True or False", where=name, got=repr(value))


def _refuse_unless_neutral(name: str, value: Any) -> None:
    neutral = NOT_YET[name]
    if not any(value is choice or (type(value) is type(choice) and value == choice) for choice in neutral):
        raise OptionError("not-supported", f"{name} is not supported by this version", where=name, got=repr(value)[:80])


def _unknown(name: str) -> OptionError:
    known = known_options()
    return OptionError(
        "unknown-option",
        f"there is no option '{name}'",
        where=name,
        expected=", ".join(sorted(known)),
        hint=did_you_mean(name.replace(".", "_"), known),
    )


def _read_switch(name: str) -> Any:
    return lambda value: {name: _switch(name, value)}


_OF_THE_WORK = ("workers", "progress")
_INTERVALS = ("percentile", "bc", "bca", "normal", "monte_carlo")
_LAVAAN_INTERVALS = {"perc": "percentile", "bca.simple": "bc", "norm": "normal"}
_LISTS = (
    "auxiliary", "group_label", "group_equal", "group_partial", "cluster", "strata", "fpc", "replicate_weights",
)  # fmt: skip
_REPLICATE_TYPES = ("JK1", "JKn", "BRR", "Fay", "bootstrap", "other")


def _read_tests(value: Any) -> dict[str, Any]:
    given = value if isinstance(value, list | tuple) else (value,)
    found = tuple(dict.fromkeys(_chosen("test", each, TESTS, KNOWN_TESTS) for each in given))
    if "none" in found and len(found) > 1:
        raise OptionError("bad-option", "test='none' goes with no other test", where="test", got=repr(value)[:80])
    return {"test": found}


def _read_name(name: str) -> Any:
    """Reader of the name of one column."""

    def read(value: Any) -> dict[str, Any]:
        if isinstance(value, list | tuple) and len(value) == 1:
            (value,) = value
        if not isinstance(value, str):
            raise OptionError("bad-option", f"{name} is the name of one column", where=name, got=repr(value)[:80])
        return {name: value}

    return read


def _read_number(name: str, low: float, high: float) -> Any:
    """Reader of a number above `low` and below `high`."""

    def read(value: Any) -> dict[str, Any]:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low < value < high:
            expected = f"a number above {low:g}" + (f" and below {high:g}" if high < float("inf") else "")
            raise OptionError("bad-option", f"{name} is a number", where=name, expected=expected, got=repr(value)[:80])
        return {name: float(value)}

    return read


def _read_replicate_type(value: Any) -> dict[str, Any]:
    return {"replicate_type": _chosen("replicate_type", value, _REPLICATE_TYPES, _REPLICATE_TYPES)}


def _read_rscales(value: Any) -> dict[str, Any]:
    given = (value,) if isinstance(value, int | float) else value
    try:
        found = tuple(float(each) for each in given)
    except (TypeError, ValueError):
        found = (float("nan"),)
    if not all(0.0 <= each < float("inf") for each in found):
        raise OptionError(
            "bad-option", "replicate_rscales are numbers from 0, one per replicate", where="replicate_rscales",
            got=repr(value)[:80],
        )  # fmt: skip
    return {"replicate_rscales": found}


def _read_lonely(value: Any) -> dict[str, Any]:
    return {"lonely_psu": _chosen("lonely_psu", value, LONELY, LONELY)}


def _read_list(name: str) -> Any:
    """Reader of one name or a list of them."""

    def read(value: Any) -> dict[str, Any]:
        given = (value,) if isinstance(value, str) else value
        if not isinstance(given, list | tuple | set | frozenset) or not all(isinstance(each, str) for each in given):
            raise OptionError("bad-option", f"{name} is a name or a list of names", where=name, got=repr(value)[:80])
        return {name: tuple(given)}

    return read


def _read_effect_coding(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"effect_coding": ("loadings", "intercepts") if value else ()}
    chosen = (value,) if isinstance(value, str) else tuple(value)
    return {"effect_coding": chosen}


def _read_control(value: Any) -> dict[str, Any]:
    """lavaan's ``control=list(iter.max=...)``: the only one of its entries that means something here."""
    if not isinstance(value, Mapping):
        raise OptionError("bad-option", "control is a dict", where="control", expected='{"iter_max": 250}')
    found = {}
    for key, entry in value.items():
        if str(key).replace(".", "_") not in ("iter_max", "eval_max"):
            raise OptionError("unknown-option", f"control has no entry '{key}'", where="control", expected="iter_max")
        if not isinstance(entry, int) or entry < 0:
            raise OptionError(
                "bad-option", f"control entry '{key}' is a whole number", where="control", got=repr(entry)
            )
        if str(key).replace(".", "_") == "iter_max":
            found["max_iterations"] = entry
    return found


def _read_seed(value: Any) -> dict[str, Any]:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise OptionError("bad-option", "seed is a whole number from 0", where="seed", got=repr(value))
    return {"seed": value}


def _read_count(name: str, least: int) -> Any:
    """Reader of a whole number."""

    def read(value: Any) -> dict[str, Any]:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise OptionError("bad-option", f"{name} is a whole number from {least}", where=name, got=repr(value)[:80])
        return {name: value}

    return read


def _read_bootstrap(value: Any) -> dict[str, Any]:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0 or value == 1:
        raise OptionError(
            "bad-option",
            "bootstrap is the number of draws, 2 or more (0 for none)",
            where="bootstrap",
            got=repr(value)[:80],
            hint="1000 or more for intervals",
        )
    return {"bootstrap": value or None}


def _read_intervals(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = _LAVAAN_INTERVALS.get(_plain(value), value)
    return {"ci": _chosen("ci", value, _INTERVALS, _INTERVALS)}


def _read_workers(value: Any) -> dict[str, Any]:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise OptionError("bad-option", "workers is a whole number from 1", where="workers", got=repr(value)[:80])
    return {"workers": value}


def _read_progress(value: Any) -> dict[str, Any]:
    if not callable(value):
        raise OptionError(
            "bad-option", "progress is a function of two numbers: done, and of how many", where="progress",
            got=repr(value)[:80],
        )  # fmt: skip
    return {"progress": value}


def _read_level(value: Any) -> dict[str, Any]:
    if not isinstance(value, int | float) or not 0.0 < value < 1.0:
        raise OptionError("bad-option", "ci_level is between 0 and 1", where="ci_level", got=repr(value))
    return {"ci_level": float(value)}


_READERS: dict[str, Any] = {
    "meanstructure": _read_switch("meanstructure"),
    "fixed_x": _read_switch("fixed_x"),
    "conditional_x": _read_switch("conditional_x"),
    "sample_cov_rescale": _read_switch("sample_cov_rescale"),
    "effect_coding": _read_effect_coding,
    "group": _read_name("group"),
    "weights": _read_name("weights"),
    "lonely_psu": _read_lonely,
    "nest": _read_switch("nest"),
    "replicate_type": _read_replicate_type,
    "replicate_scale": _read_number("replicate_scale", 0.0, float("inf")),
    "replicate_rscales": _read_rscales,
    "fay_rho": _read_number("fay_rho", -1e-300, 1.0),
    "test": _read_tests,
    **{name: _read_list(name) for name in _LISTS},
    "control": _read_control,
    "bootstrap": _read_bootstrap,
    "ci": _read_intervals,
    "imputations": _read_count("imputations", 2),
    "cycles": _read_count("cycles", 1),
    "workers": _read_workers,
    "progress": _read_progress,
    "seed": _read_seed,
    "ci_level": _read_level,
}

"""What decides which rows a model gets beyond those written: lavaan's options, with underscores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from survey_sem.errors import OptionError, did_you_mean

FUNCTIONS = ("sem", "cfa", "growth", "lavaan")
GROUP_EQUAL = (
    "loadings", "composite_loadings", "intercepts", "means", "residuals", "residual_covariances", "lv_variances",
    "lv_covariances", "regressions", "thresholds",
)  # fmt: skip
EFFECT_CODING = ("loadings", "intercepts")

_NAME_LISTS = ("effect_coding", "ordered", "group_labels", "group_equal", "group_partial")
_AUTOMATIC = ("auto_fix_single", "auto_var", "auto_cov_lv_x", "auto_cov_y", "auto_th", "auto_delta", "auto_efa")


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Options of `build_table`. None means: what `function` says; lists of names may be one name or any collection.

    function : "sem", "cfa", "growth" or "lavaan" (no automatic parameters)
    meanstructure : None: on when the model has intercepts, thresholds or equal intercepts, and for growth
    fixed_x : moments of exogenous observed variables are taken from the sample
    conditional_x : slopes of exogenous variables are marked exo
    ordered : ordered variables; n_categories : name -> number of categories, where thresholds are added
    n_groups : None: from the model text; group_labels : their names, for group blocks
    group_equal, group_partial : parameters equal over groups, elements exempt from that ("visual=~x2", "x3~1")
    group_w_free : a free group frequency (log scale) for each group: rows "group % w"
    effect_coding : which of loadings and intercepts average to 1 and 0 instead of a marker
    """

    function: str = "sem"
    meanstructure: bool | None = None
    int_ov_free: bool | None = None
    int_lv_free: bool | None = None
    auto_fix_first: bool | None = None
    auto_fix_single: bool | None = None
    auto_var: bool | None = None
    auto_cov_lv_x: bool | None = None
    auto_cov_y: bool | None = None
    auto_th: bool | None = None
    auto_delta: bool | None = None
    auto_efa: bool | None = None
    fixed_x: bool = True
    conditional_x: bool = False
    std_lv: bool = False
    orthogonal: bool = False
    orthogonal_x: bool = False
    orthogonal_y: bool = False
    orthogonal_efa: bool = False
    effect_coding: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    n_categories: Mapping[str, int] = field(default_factory=dict)
    parameterization: str = "delta"
    n_groups: int | None = None
    group_labels: tuple[str, ...] = ()
    group_equal: tuple[str, ...] = ()
    group_partial: tuple[str, ...] = ()
    group_w_free: bool = False

    def __post_init__(self) -> None:
        for name in _NAME_LISTS:
            object.__setattr__(self, name, _names(name, getattr(self, name)))
        _check("function", (self.function,), FUNCTIONS)
        _check("parameterization", (self.parameterization,), ("delta", "theta"))
        _check("effect_coding", self.effect_coding, EFFECT_CODING)
        _check("group_equal", self.group_equal, GROUP_EQUAL)
        if self.conditional_x and not self.fixed_x:
            raise OptionError(
                "bad-option", "conditional_x=True needs fixed_x=True", where="conditional_x", hint="drop one of the two"
            )
        if self.n_groups is not None and self.n_groups < 1:
            raise OptionError("bad-option", "n_groups must be at least 1", got=str(self.n_groups))

    def resolved(self) -> TableOptions:
        """The options with every None that `function` decides replaced (meanstructure is decided by the model)."""
        automatic = self.function != "lavaan"
        growth = self.function == "growth"
        defaults: dict[str, bool] = dict.fromkeys(_AUTOMATIC, automatic)
        defaults["auto_fix_first"] = automatic and not self.std_lv and "loadings" not in self.effect_coding
        defaults["int_ov_free"] = automatic and not growth
        defaults["int_lv_free"] = growth
        chosen = {name: value for name, value in defaults.items() if getattr(self, name) is None}
        return replace(self, **chosen)  # type: ignore[arg-type]


def _names(option: str, value: object) -> tuple[str, ...]:
    """Names as a tuple: one name, any collection of names, or for effect_coding True (all) and False (none)."""
    if option == "effect_coding" and isinstance(value, bool):
        return EFFECT_CODING if value else ()
    given = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Iterable) else (value,)
    for name in given:
        if not isinstance(name, str):
            raise OptionError(
                "bad-option", f"{option} holds {name!r}", where=option, expected="a name or a list of names"
            )
    return tuple(name.replace(".", "_") for name in given) if option == "group_equal" else given


def _check(option: str, values: tuple[str, ...], known: tuple[str, ...]) -> None:
    for value in values:
        if value not in known:
            raise OptionError(
                "bad-option",
                f"{option} has no value '{value}'",
                where=option,
                expected=" ".join(known),
                hint=did_you_mean(str(value), known),
            )

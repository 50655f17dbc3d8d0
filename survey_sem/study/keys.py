"""The keys of a study file, section by section."""

TOP = (
    "schema", "id", "title", "instrument", "data", "metadata", "seed", "sample", "missing", "model", "fit", "effects",
    "report", "simulation", "groups", "regressions",
    "comparisons", "design", "weighting", "robustness", "screening",
)  # fmt: skip
DATA = ("file", "files", "dialect", "encoding", "origin", "citation", "license", "key_file", "truth")
REQUIRED_METADATA = ("population", "mode", "dates", "sampling", "consent", "ethics", "funding")
OTHER_METADATA = ("recruitment", "incentives", "preregistration", "contact", "notes")
METADATA = REQUIRED_METADATA + OTHER_METADATA
SAMPLE = ("reverse", "keep", "distributed", "opened", "completed", "probability", "broken", "dispositions")
DISPOSITIONS = ("I", "P", "R", "NC", "O", "UH", "UO", "NE", "e", "e_source")
CONDITION = ("item", "relation", "value", "reason")
MODEL = ("measurement", "measurement_file", "structural", "structural_file", "function")
FLAGS = ("std_lv", "meanstructure", "fixed_x", "orthogonal")
TEXT_OPTIONS = (
    "estimator", "likelihood", "information", "observed_information", "se", "test", "ci", "effect_coding",
    "pool_test", "pool_vcov", "auxiliary",
)  # fmt: skip
NUMBERS = ("bootstrap", "imputations", "cycles")
FIT = FLAGS + TEXT_OPTIONS + NUMBERS
EFFECT = ("name", "definition", "label")
REPORT = ("languages", "formats")
GROUPS = ("of", "levels", "equal", "partial")
REGRESSION = ("name", "label", "formula", "family", "link", "vcov", "quantile", "equivalence")
COMPARISON = ("of", "by", "test", "pairs")

"""Every key of a population file, section by section: one table for the loader and for the test of the JSON Schema."""

from __future__ import annotations

TOP = (
    "schema", "model", "answers", "background", "groups", "clusters", "response", "times", "places", "faults",
)  # fmt: skip
ANSWERS = ("shares", "thresholds")
DISTRIBUTIONS = (
    "shares", "classes", "lognormal", "poisson", "logistic", "choices", "utilities", "texts", "dates",
)  # fmt: skip
BACKGROUND = ("item", *DISTRIBUTIONS, "by", "round", "codes", "answered")
CLASS = ("from", "to", "share")
LOGNORMAL = ("median", "sd_log", "on")
POISSON = ("mean", "on")
LOGISTIC = ("share", "on")
DATES = ("from", "to")
GROUPS = ("of", "parts")
GROUP = ("means", "model")
CLUSTERS = ("item", "n", "icc")
RESPONSE = ("of", "rates", "on", "rate")
TIMES = ("seconds_per_item", "sd_log")
FAULTS = (
    "careless", "attention_pass", "missing", "routing", "duplicates", "illegal_codes", "out_of_range", "encoding",
    "late",
)  # fmt: skip
CARELESS = ("straightlining", "pattern", "random", "midpoint", "speeding")
ATTENTION_PASS = ("careless", "careful")
MISSING_KINDS = ("mcar", "mar", "mnar")
MISSING = ("items", *MISSING_KINDS, "on")

SHARE_TOLERANCE = 1e-6
"""How far written shares may be from a sum of 1; they are then scaled to it."""

"""Every key of an instrument file, section by section: one table for the loader and for the test of the JSON Schema."""

from __future__ import annotations

TOP = (
    "schema", "instrument", "source", "missing", "scales", "items", "matrices", "constructs", "partitions", "quality",
    "paradata", "pii", "quotas", "design", "weighting",
)  # fmt: skip
HEAD = ("id", "version", "title", "population", "mode", "dates", "consent", "ethics")
SOURCE = ("platform", "encoding", "columns")
MISSING = ("code", "kind", "text")
SCALE = ("ordinal", "min", "max", "labels")
ITEM = (
    "id", "column", "type", "scale", "reverse", "text", "source", "min", "max", "whole", "format", "relevant",
    "required", "columns", "exclusive",
)  # fmt: skip
MATRIX = ("id", "text", "column", "items", "scale", "type", "relevant", "required", "source")
INHERITED = ("scale", "type", "relevant", "required", "source")
"""What an item that leaves it out takes from its matrix."""
CONSTRUCT = ("id", "label", "items", "source", "parts")
PARTITION = ("id", "label", "of", "source", "parts")
PART = ("id", "label", "from", "to", "below", "codes")
QUALITY = ("attention", "seconds_per_item")
ATTENTION = ("item", "answer")
PARADATA = (
    "id", "started", "submitted", "duration", "ip", "device", "user", "time_format", "field_period",
    "shortest_seconds", "longest_seconds",
)  # fmt: skip
FIELD_PERIOD = ("from", "to")
PII = ("drop", "hash", "generalise", "free_text")
GENERALISE = ("name", "to", "width")
QUOTA = ("of", "cells")
CELL = ("min", "max")
DESIGN = ("strata", "psu", "weight", "fpc", "lonely_psu")
WEIGHTING = ("method", "bounds", "targets")
TARGET = ("of", "source", "shares")
LISTED = {
    "missing": MISSING,
    "items": ITEM,
    "matrices": MATRIX,
    "constructs": CONSTRUCT,
    "partitions": PARTITION,
    "quotas": QUOTA,
}
"""Sections that are lists of entries."""

"""What the tests of fits share."""

from __future__ import annotations

import pytest
import reference_cases as cases


@pytest.fixture(scope="module")
def fits():
    """A stored case and our fit of it, by name; each is fitted once."""
    cache = {}

    def get(name):
        if name not in cache:
            case = cases.load(name)
            cache[name] = case, cases.call(case)
        return cache[name]

    return get

"""The promised names exist, and `dir` shows them."""

from __future__ import annotations

from importlib.metadata import version

import pytest

import survey_sem


def test_version_is_the_installed_one() -> None:
    assert survey_sem.__version__ == version("survey-sem")


def test_every_name_in_all_resolves() -> None:
    for name in survey_sem.__all__:
        assert getattr(survey_sem, name) is not None


def test_dir_shows_all() -> None:
    assert set(survey_sem.__all__) <= set(dir(survey_sem))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        survey_sem.no_such_name  # noqa: B018

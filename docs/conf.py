"""Sphinx configuration: MyST pages, API from docstrings, every warning an error (see the Makefile)."""

from __future__ import annotations

from importlib.metadata import version as installed_version

project = "survey_sem"
author = "survey_sem contributors"
copyright = "2026, survey_sem contributors"
release = installed_version("survey-sem")
version = release

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_typehints = "none"  # the signature shows them; twice is noise
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True

default_role = "code"  # `name` in a docstring is shown as code

html_theme = "furo"
html_title = "survey_sem"
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None  # the same sources give the same pages

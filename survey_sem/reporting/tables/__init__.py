"""Tables of results: each reads a result or a record and answers a :class:`~survey_sem.reporting.table.Table`."""

from survey_sem.reporting.tables.background import choices_tables, margins_table, quantities_table
from survey_sem.reporting.tables.codebook import codebook_table, missing_table, partitions_table, scales_table
from survey_sem.reporting.tables.fit import fit_table
from survey_sem.reporting.tables.measurement import factor_correlations_table, loadings_table, reliability_table
from survey_sem.reporting.tables.misfit import modifications_table, residuals_table
from survey_sem.reporting.tables.moments import correlations_table, covariance_table
from survey_sem.reporting.tables.parameters import parameters_table
from survey_sem.reporting.tables.sample import category_tables, flow_table, items_table
from survey_sem.reporting.tables.structure import (
    covariances_table,
    effects_table,
    latent_means_table,
    paths_table,
    r_squared_table,
)
from survey_sem.reporting.tables.validation import availability_table, findings_table

__all__ = [
    "availability_table",
    "category_tables",
    "choices_tables",
    "codebook_table",
    "correlations_table",
    "covariance_table",
    "covariances_table",
    "effects_table",
    "findings_table",
    "factor_correlations_table",
    "fit_table",
    "flow_table",
    "items_table",
    "latent_means_table",
    "loadings_table",
    "margins_table",
    "missing_table",
    "modifications_table",
    "parameters_table",
    "partitions_table",
    "paths_table",
    "quantities_table",
    "r_squared_table",
    "reliability_table",
    "residuals_table",
    "scales_table",
]

"""What estimates tell: information, standard errors, tests, fit, standardised values, residuals, scores. Arrays only."""

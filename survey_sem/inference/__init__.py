"""What estimates tell: standard errors, tests, fit, standardised values, residuals, scores. Arrays only."""

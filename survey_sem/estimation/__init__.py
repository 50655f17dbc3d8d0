"""Structural equation models on moments: implied moments, discrepancies, optimiser, estimates. Arrays only."""

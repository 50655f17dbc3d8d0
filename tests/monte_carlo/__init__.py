"""Simulation checks: what standard errors, intervals and tests do in repeated samples; see `__main__`."""

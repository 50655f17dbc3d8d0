"""Timings beside peers, on this machine, in one run: ``python -m benchmarks`` from the repository's root."""

"""Random numbers by name: what one part of a simulation draws does not depend on what any other part draws."""

from __future__ import annotations

import hashlib

import numpy as np


class Streams:
    """Independent generators, one for each name, all from one seed.

    A stream's first k draws are the same whatever is drawn after them, and whichever other streams are used: to add a
    fault or an item leaves everything else as it was.

    Parameters
    ----------
    seed : int
        Not negative.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, name: str) -> np.random.Generator:
        """The generator of that name, at its beginning."""
        digest = hashlib.blake2b(name.encode("utf-8"), digest_size=16).digest()
        key = tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self._seed, spawn_key=key)))

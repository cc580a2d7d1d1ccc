"""What the whole pass over many texts is measured against: MinHash in numpy, as short as it goes.

128 permutations over shingles of four characters, 32 bands of 4, pairs that share a band, and the
likeness estimated from their signatures. It cuts out nothing, and shows no passages.
"""

from collections.abc import Sequence

import numpy as np

PERMUTATIONS, BANDS, SHINGLE = 128, 32, 4
ALIKE = 0.25
AT_ONCE = 20_000


def alike(texts: Sequence[str]) -> set[tuple[int, int]]:
    """Return the pairs whose estimated likeness is high enough."""
    chance = np.random.default_rng(1)
    turns = chance.integers(1, 2**32, (PERMUTATIONS, 1), dtype=np.uint32) | np.uint32(1)
    flips = chance.integers(0, 2**32, (PERMUTATIONS, 1), dtype=np.uint32)
    signatures = np.empty((len(texts), PERMUTATIONS), dtype=np.uint32)
    for place, text in enumerate(texts):
        signatures[place] = ((_shingles(text) ^ flips) * turns).min(axis=1)
    found = set()
    pairs = _pairs(signatures)
    for begin in range(0, len(pairs), AT_ONCE):
        one, other = np.divmod(pairs[begin : begin + AT_ONCE], len(texts))
        equal = (signatures[one] == signatures[other]).mean(axis=1) >= ALIKE
        found.update(zip(one[equal].tolist(), other[equal].tolist(), strict=True))
    return found


def _shingles(text: str) -> np.ndarray:
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    count = len(codes) - SHINGLE + 1
    mixed = np.zeros(count, dtype=np.uint32)
    for place in range(SHINGLE):
        mixed = mixed * np.uint32(0x9E3779B1) + codes[place : place + count]
    mixed ^= mixed >> np.uint32(15)
    return mixed * np.uint32(0x85EBCA77)


def _pairs(signatures: np.ndarray) -> np.ndarray:
    rows = signatures.reshape(len(signatures), BANDS, -1).astype(np.uint64)
    factors = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 1], "u8")
    values = (rows * factors).sum(axis=2)
    found = []
    for band in range(BANDS):
        order = np.argsort(values[:, band], kind="stable")
        ranked, step = values[order, band], 1
        while (same := np.flatnonzero(ranked[step:] == ranked[:-step])).size:
            found.append(order[same] * len(signatures) + order[same + step])
            step += 1
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

"""All texts against all (整批比对): which pairs of many are alike."""

from collections.abc import Sequence

import numpy as np

from reform.text import likeness
from reform.text.likeness import BANDS, PERMUTATIONS, Keys, Plain, Words
from reform.text.passages import Comparison, Shared

TOGETHER = 50  # texts of one key that are paired each with each; of more, each with the next
LIKELY = 0.12  # of their signatures that two texts have in common to be read
AT_ONCE = 20_000  # pairs whose signatures are compared at a time


def alike(texts: Sequence[Plain]) -> list[tuple[int, int, Shared]]:
    """Return the pairs that are alike, by their places in `texts`, the closest first."""
    signatures = np.full((len(texts), PERMUTATIONS), likeness.NONE)
    for place, text in enumerate(texts):
        words = likeness.signature(text)
        if words is not None:
            signatures[place] = words
    likely = _likely(candidates(texts, signatures), signatures)
    found = []
    last, comparison = -1, None
    for one, other in likely:
        if one != last or comparison is None:
            last, comparison = one, Comparison(texts[one])
        shared = comparison.shared(texts[other])
        if shared.is_alike:
            found.append((one, other, shared))
    return sorted(found, key=lambda pair: (-pair[2].share, pair[:2]))


def candidates(texts: Sequence[Plain], signatures: Words) -> Keys:
    """Return the pairs that share two keys or more, as rows of two places."""
    values, places = _all_keys(texts, signatures)
    if not len(values):
        return np.empty((0, 2), dtype=np.int64)
    order = np.lexsort((places, values))
    values, places = values[order], places[order]
    begins = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    sizes = np.diff(np.r_[begins, len(values)])
    codes = []
    for step in range(1, TOGETHER):
        # Each text of a key with the one `step` further on; of a crowd with the next only.
        wide = (sizes > step) & ((sizes <= TOGETHER) | (step == 1))
        if not wide.any():
            break
        counts = sizes[wide] - step
        firsts = np.repeat(begins[wide] - np.r_[0, counts[:-1].cumsum()], counts)
        firsts = firsts + np.arange(len(firsts))
        codes.append(places[firsts] * np.int64(len(texts)) + places[firsts + step])
    if not codes:
        return np.empty((0, 2), dtype=np.int64)
    pairs, shared = np.unique(np.concatenate(codes), return_counts=True)
    pairs = pairs[shared > 1]
    return np.stack([pairs // len(texts), pairs % len(texts)], axis=1)


def _all_keys(texts: Sequence[Plain], signatures: Words) -> tuple[Keys, Keys]:
    some = np.flatnonzero((signatures != likeness.NONE).any(axis=1))
    bands = likeness.band_keys(signatures[some]).ravel()
    sentences = [likeness.sentence_keys(text) for text in texts]
    counts = [len(keys) for keys in sentences]
    flat = np.array([key for keys in sentences for key in keys], dtype=np.int64)
    places = np.r_[np.repeat(some, BANDS), np.repeat(np.arange(len(texts)), counts)]
    return np.r_[bands, flat], places.astype(np.int64)


def _likely(pairs: Keys, signatures: Words) -> list[tuple[int, int]]:
    """Return the pairs whose signatures agree often enough, in order."""
    kept = []
    for begin in range(0, len(pairs), AT_ONCE):
        some = pairs[begin : begin + AT_ONCE]
        equal = signatures[some[:, 0]] == signatures[some[:, 1]]
        kept.append(some[equal.mean(axis=1) >= LIKELY])
    return [(int(one), int(other)) for one, other in np.concatenate(kept)] if kept else []

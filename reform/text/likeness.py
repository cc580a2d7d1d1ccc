"""Texts that are alike (雷同): what is compared of a text, and the keys by which it is found again.

Two roads lead from a text to those like it. MinHash in bands finds texts with words changed all
over; the sentences taken whole find what was copied in parts and put in another order. Both come
out as numbers of 64 bits, so one index serves them. Phrases that the form, the guidance or the
plan says are cut out beforehand: everybody writes them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.int64]

SHINGLE = 4  # characters
BANDS, ROWS = 32, 4
PERMUTATIONS = BANDS * ROWS
SENTENCES = 24  # at most, of one text; the same ones of two texts that share them
SENTENCE = 12  # letters that a sentence has at least to be known by
PHRASE = 6  # letters that an exempt phrase has at least
CUT = "\0"  # stands for each letter of an exempt phrase
MARK = "\1"  # ends a sentence

_ENDS = "。！？；!?;\n"
_SAME: dict[int, int | str] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **{code + 0xFEE0: code + 32 for code in range(65, 91)},
    **{code: code + 32 for code in range(65, 91)},
    **dict.fromkeys(map(ord, _ENDS), MARK),
}
_DROPPED = re.compile(rf"[^\w{MARK}]+|_+")
# How much of a sentence one takes over: all, a clause, an item of a list.
_SPLITS = (re.compile(f"[{_ENDS}]+"), re.compile("[，,：:（）()]+"), re.compile("[、“”]+"))


@dataclass(frozen=True)
class Plain:
    """A text as it is compared: letters and digits alone, in half width and lower case."""

    source: str
    letters: str  # CUT in place of what is exempt
    sentences: tuple[str, ...]  # what is left of each, long enough to be known by

    @property
    def size(self) -> int:
        """How many letters are compared."""
        return len(self.letters) - self.letters.count(CUT)

    def places(self) -> list[int]:
        """Return where in `source` each letter stands."""
        return [place for place, letter in enumerate(self.source) if letter.isalnum()]


def plain(text: str, exempt: Sequence[str] = ()) -> Plain:
    """Return `text` as it is compared, without the phrases that `phrases` returned."""
    marked = _DROPPED.sub("", text.translate(_SAME))
    for phrase in exempt:
        if phrase in marked:
            marked = marked.replace(phrase, CUT * len(phrase))
    parts = (part.replace(CUT, "") for part in marked.split(MARK))
    whole = tuple(part for part in parts if len(part) >= SENTENCE)
    return Plain(text, marked.replace(MARK, ""), whole)


def phrases(texts: Iterable[str]) -> tuple[str, ...]:
    """Return what is cut out because `texts` say it: their sentences, and each clause of them."""
    parts = list(texts)
    found: set[str] = set()
    for split in _SPLITS:
        parts = [part for text in parts for part in split.split(text)]
        found.update(map(_letters, parts))
    return tuple(sorted((one for one in found if len(one) >= PHRASE), key=lambda one: -len(one)))


def _letters(text: str) -> str:
    return _DROPPED.sub("", text.translate(_SAME)).replace(MARK, "")


# ---------------------------------------------------------------- signatures


def _numbers(count: int, seed: int) -> list[int]:
    """Return numbers of 64 bits (SplitMix64): kept keys must not depend on a library's version."""
    found, state = [], seed
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        value = state
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB % 2**64
        found.append(value ^ (value >> 31))
    return found


_FACTORS = np.array(_numbers(SHINGLE, 1), dtype=np.uint64) | np.uint64(1)
_TURNS = np.array([n >> 32 | 1 for n in _numbers(PERMUTATIONS, 2)], dtype=np.uint32)[:, None]
_FLIPS = np.array([n >> 32 for n in _numbers(PERMUTATIONS, 3)], dtype=np.uint32)[:, None]
_ROWS = np.array(_numbers(ROWS, 4), dtype=np.uint64) | np.uint64(1)
_BANDS = np.array(_numbers(BANDS, 5), dtype=np.uint64)
_AT_ONCE = 1024  # shingles: their products stay in the processor's cache
NONE = np.uint32(2**32 - 1)


def signature(text: Plain) -> Words | None:
    """Return the smallest shingle under each permutation; None for a text without shingles."""
    shingles = _shingles(text.letters)
    if not len(shingles):
        return None
    found = np.full(PERMUTATIONS, NONE)
    for begin in range(0, len(shingles), _AT_ONCE):
        some = shingles[begin : begin + _AT_ONCE]
        np.minimum(found, ((some ^ _FLIPS) * _TURNS).min(axis=1), out=found)
    return found


def _shingles(letters: str) -> Words:
    codes = np.frombuffer(letters.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    count = len(codes) - SHINGLE + 1
    if count < 1:
        return np.empty(0, dtype=np.uint32)
    mixed = codes[:count] * _FACTORS[0]
    for place in range(1, SHINGLE):
        mixed += codes[place : place + count] * _FACTORS[place]
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    found = (mixed >> np.uint64(32)).astype(np.uint32)
    if CUT in letters:
        whole = codes != 0
        found = found[np.logical_and.reduce([whole[at : at + count] for at in range(SHINGLE)])]
    return found


# ---------------------------------------------------------------- keys


def keys(text: Plain) -> list[int]:
    """Return the numbers (64 bits, signed) by which texts like this one are found."""
    words = signature(text)
    if words is None:
        return []
    return list(dict.fromkeys([*band_keys(words[None, :])[0].tolist(), *sentence_keys(text)]))


def band_keys(signatures: Words) -> Keys:
    """Return one key a band, for signatures of any number of texts (a row each)."""
    rows = signatures.reshape(-1, BANDS, ROWS).astype(np.uint64)
    mixed = (rows * _ROWS).sum(axis=2, dtype=np.uint64) + _BANDS
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(29)
    return mixed.view(np.int64)


def sentence_keys(text: Plain) -> list[int]:
    """Return a key for each sentence; of a long text those with the smallest keys."""
    found = {_key(sentence) for sentence in text.sentences}
    return sorted(found)[:SENTENCES]


def _key(sentence: str) -> int:
    digest = blake2b(sentence.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def mixed(values: list[int], salt: int) -> list[int]:
    """Return keys that match only those mixed with the same `salt`."""
    grain = _numbers(1, salt)[0] - 2**63
    return [value ^ grain for value in values]

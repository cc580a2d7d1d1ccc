"""The passages (相同段落) two texts share: where they stand in each, whatever their order."""

from collections.abc import Iterator
from dataclasses import dataclass

from reform.text.likeness import CUT, Plain

SEED = 6  # letters that begin a passage
LEAST = 18  # letters that a passage has in common at least: most sentences have more
GAP = 4  # letters changed, put in or left out that do not end a passage
GOES_ON = 4  # letters after such a gap
TRIED = 4  # places of one seed that are looked at: texts that say one thing over and over
# Alike is what shares this much of what is compared; where that is little, half of it.
SHARE, HALF = 0.3, 0.5
LETTERS, MANY = 30, 120


@dataclass(frozen=True)
class Passage:
    """From where to where in one text and in the other, in characters of what was written."""

    start: int
    end: int
    other_start: int
    other_end: int


@dataclass(frozen=True)
class Shared:
    share: float  # of the one text, in what is compared: 0 to 1
    letters: int
    passages: tuple[Passage, ...]

    @property
    def is_alike(self) -> bool:
        if self.letters < LETTERS:
            return False
        return self.share >= (SHARE if self.letters >= MANY else HALF)


NOTHING = Shared(0.0, 0, ())
Run = tuple[int, int, int]  # where in one, where in the other, how many letters


class Comparison:
    """One text, held against others one after the other."""

    def __init__(self, text: Plain) -> None:
        self.text = text
        self.letters = text.letters
        self.seeds: dict[str, list[int]] = {}
        for place in range(len(self.letters) - SEED + 1):
            seed = self.letters[place : place + SEED]
            here = self.seeds.setdefault(seed, [])
            if len(here) < TRIED:
                here.append(place)

    def shared(self, other: Plain) -> Shared:
        """Return what of the text stands in `other`, too."""
        if not self.text.size:
            return NOTHING
        found = list(self._stretches(other.letters.replace(CUT, "\2")))
        covered = _covered([run for runs in found for run in runs])
        if not covered:
            return NOTHING
        here, there = self.text.places(), other.places()
        passages = sorted(
            (
                Passage(
                    here[runs[0][0]],
                    here[runs[-1][0] + runs[-1][2] - 1] + 1,
                    there[runs[0][1]],
                    there[runs[-1][1] + runs[-1][2] - 1] + 1,
                )
                for runs in found
            ),
            key=lambda passage: (passage.start, passage.other_start),
        )
        return Shared(covered / self.text.size, covered, tuple(passages))

    def _stretches(self, other: str) -> Iterator[list[Run]]:
        """Yield stretches in common, each as its runs of equal letters."""
        seeds, place, last = self.seeds, 0, len(other) - SEED
        # How far a run reaches that came to nothing, by its offset: from a later letter of it one
        # comes to less still.
        vain: dict[int, int] = {}
        while place <= last:
            best: list[Run] = []
            for at in seeds.get(other[place : place + SEED], ()):
                if vain.get(at - place, 0) > place:
                    continue
                runs = self._follow(at, other, place)
                if _length(runs) < LEAST:
                    vain[at - place] = place + runs[0][2]
                elif _length(runs) > _length(best):
                    best = runs
            place = best[-1][1] + best[-1][2] if best else place + 1
            if best:
                yield best

    def _follow(self, here: int, other: str, there: int) -> list[Run]:
        runs = []
        step: tuple[int, int] | None = (here, there)
        while step:
            here, there = step
            length = _equal(self.letters, here, other, there)
            runs.append((here, there, length))
            step = self._beyond(here + length, other, there + length)
        return runs

    def _beyond(self, here: int, other: str, there: int) -> tuple[int, int] | None:
        """Return where both go on alike, after a few letters that differ: as few as can be, and
        of those as many in the one as in the other."""
        ahead = other[there : there + GAP + GOES_ON]
        found: list[tuple[int, int, int, int]] = []
        for skipped in range(GAP + 1):
            some = self.letters[here + skipped : here + skipped + GOES_ON]
            if len(some) < GOES_ON:
                break
            other_skipped = ahead.find(some)
            if other_skipped >= 0:
                skips = skipped + other_skipped
                found.append((skips, abs(skipped - other_skipped), skipped, other_skipped))
        if not found:
            return None
        _, _, skipped, other_skipped = min(found)
        return here + skipped, there + other_skipped


def _equal(one: str, here: int, two: str, there: int) -> int:
    """Return how many letters are equal from there on. Compared in blocks: C is quicker."""
    length, block, growing = 0, 8, True
    while block:
        begin, other = here + length, there + length
        if begin + block <= len(one) and one[begin : begin + block] == two[other : other + block]:
            length += block
            block = block * 2 if growing else block // 2
        else:
            growing, block = False, block // 2
    return length


def _length(runs: list[Run]) -> int:
    return sum(run[2] for run in runs)


def _covered(runs: list[Run]) -> int:
    """Return how many letters of the one text the runs cover, each counted once."""
    total = end = 0
    for begin, _, length in sorted(runs):
        total += max(0, begin + length - max(begin, end))
        end = max(end, begin + length)
    return total

"""Checking the seals (校验): whether the trail is still what was sealed, and if not, which entry.

Four things are held together: the entries, the digests in the seals, the chain of the seals, and
the anchor outside the database. See decision 0014.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.db.models import Sum

from reform.actions import anchors, seals, trail
from reform.actions.anchors import AnchorLine
from reform.errors import Refused
from reform.models import Act, TrailEntry, TrailSeal
from reform.models.seal import FORM
from reform.models.trail import SHELL
from reform.models.trail_line import lines

SHOWN = 50  # faults told one by one
LATE = timedelta(days=1)
COPIED = 16  # characters of a digest that are enough to tell it
Tell = Callable[[int, int], None]


@dataclass
class Result:
    """What a check found; no faults means that everything sealed is as it was."""

    seals: int = 0
    entries: int = 0
    newest: TrailSeal | None = None
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    more: int = 0  # faults beyond those told

    @property
    def holds(self) -> bool:
        return not self.faults

    def add(self, faults: Iterable[str]) -> None:
        for fault in faults:
            if len(self.faults) < SHOWN:
                self.faults.append(fault)
            else:
                self.more += 1

    def sentences(self) -> list[str]:
        """Say it all, the verdict first."""
        if self.holds:
            verdict = "校验通过："
            verdict += (
                f"{self.seals}次封存、{self.entries}条留痕，均与封存时一致。"
                if self.newest
                else "还没有封存过，没有可以校验的内容。"
            )
        else:
            verdict = f"校验不通过，发现{len(self.faults) + self.more}处不符："
        more = [f"……另有{self.more}处，未逐一列出。"] if self.more else []
        last = [self.last_in_words()] if self.newest else []
        return [verdict, *self.faults, *more, *self.warnings, *last]

    def last_in_words(self) -> str:
        assert self.newest is not None  # noqa: S101 -- the caller has asked
        return f"最近一次封存：第{self.newest.number}号，摘要 {self.newest.digest}"


def check(*, at: datetime, expect: str = "", tell: Tell = lambda _done, _total: None) -> Result:
    """Check everything that was sealed. `expect` is a digest written down elsewhere before."""
    result, known = Result(), list[AnchorLine]()
    total = TrailSeal.objects.aggregate(total=Sum("count"))["total"] or 0
    for seal, faults in _walk():
        result.add(faults)
        if seal is None:
            continue
        result.newest = seal
        result.seals += 1
        result.entries += seal.count
        known.append(AnchorLine.of(seal))
        tell(result.entries, total)
    result.add(_against_anchor(known))
    if expect:
        result.add(_expected(expect, known))
    result.warnings += _unsealed(result.newest, at=at)
    return result


# ---------------------------------------------------------------- the chain


def renew_anchor(*, at: datetime) -> Path | None:
    """Put the anchor aside and write another from the seals: the database came from a backup.

    Returns where the old one lies. Raises Refused when the seals themselves do not hold.
    """
    if any(faults for _, faults in _walk()):
        raise Refused("封存链本身校验不通过，不能另起锚文件。请先执行 verify_trail 查明。")
    anchors.prepare()
    newest = seals.newest()
    with anchors.held():
        aside = anchors.put_aside(at=at)
        # A backup of before the first seal has none, and begins at number one again.
        if newest is None and aside is None:
            raise Refused("还没有封存过，不需要另起锚文件。")
        for seal in TrailSeal.objects.defer("leaves").order_by("number"):
            anchors.append(seal)
    trail.record(
        Act.ANCHOR_RENEWED,
        newest or TrailSeal(pk=0, number=0),
        by=None,
        at=at,
        unknown="系统（命令行）",
        address=SHELL,
    )
    return aside


def _walk() -> Iterator[tuple[TrailSeal | None, list[str]]]:
    """Yield each seal in order with what is wrong about it; one at a time, for they are large."""
    before: TrailSeal | None = None
    keys = list(TrailSeal.objects.order_by("number", "pk").values_list("pk", "number"))
    for key, number in keys:
        seal = _legible(key)
        if seal is None:
            yield None, [f"第{number}号封存记录被改动，内容已无法读取。"]
            continue
        link = _link(seal, before)
        # Where the chain is broken the seal itself says where it begins.
        after = before.last_id if before else None
        if link:
            after = (seal.first_id or seal.last_id + 1) - 1
        yield seal, link + _sealed(seal, after)
        before = seal


def _legible(key: int) -> TrailSeal | None:
    """Return the seal, or None when one of its columns no longer holds a value of its kind."""
    try:
        seal = TrailSeal.objects.get(pk=key)
        seal.clean_fields()
    except (ValueError, DatabaseError, ValidationError):
        return None
    return seal


def _link(seal: TrailSeal, before: TrailSeal | None) -> list[str]:
    number, digest = (before.number, before.digest) if before else (0, "")
    if seal.number != number + 1:
        return [f"缺少{_numbers(number + 1, seal.number - 1)}封存：封存记录被删除，或序号被改。"]
    if seal.previous != digest:
        if before is None:
            return ["第1号封存记录被改动：它前面不应再有封存。"]
        return [f"第{seal.number}号封存与第{number}号接不上：其中一个被改动，或次序被调换。"]
    return []


def _sealed(seal: TrailSeal, after: int | None) -> list[str]:
    """Compare one seal with the entries it covers."""
    name = f"第{seal.number}号封存"
    if seal.form != FORM:
        return [f"{name}记录被改动，或由更新的程序写成：不认识格式{seal.form}。"]
    try:
        seals.require(seal.algorithm, to=f"校验{name}")
    except Refused as refusal:
        return [str(refusal)]
    found = seals.digests(seal, lines(after=after, until=seal.last_id))
    whole = found.digest == seal.digest
    was, now = bytes(seal.leaves), found.leaves
    if whole and was != now:
        return [f"{name}的逐条摘要被改动，所封存的留痕本身未变。"]
    if was == now or _is_other_algorithm(seal, after, was):
        return [] if whole else [f"{name}记录被改动。"]
    return _differences(was, now, name)


def _is_other_algorithm(seal: TrailSeal, after: int | None, was: bytes) -> bool:
    """Whether the entries are as they were, and it is the name of the algorithm that is not."""
    others = set(seals.ALGORITHMS) & hashlib.algorithms_available - {seal.algorithm}
    return any(
        was
        == b"".join(seals.leaf(other, *entry) for entry in lines(after=after, until=seal.last_id))
        for other in sorted(others)
    )


def _differences(was: bytes, now: bytes, name: str) -> list[str]:
    """Name the entries that were changed, deleted or added, from both lists of leaves."""
    old, new = dict(_leaves(was)), dict(_leaves(now))
    faults = []
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            faults.append(f"留痕第{key}条被删除（{name}）。")
        elif key not in old:
            faults.append(f"留痕第{key}条是封存之后插入的（{name}）。")
        elif old[key] != new[key]:
            faults.append(f"留痕第{key}条被改动（{name}）。")
    return faults


def _leaves(data: bytes) -> Iterator[tuple[int, bytes]]:
    for place in range(0, len(data), seals.LEAF):
        piece = data[place : place + seals.LEAF]
        yield int.from_bytes(piece[: seals.KEY], "big", signed=True), piece[seals.KEY :]


# ---------------------------------------------------------------- outside the database


class _Seen(NamedTuple):
    """What the file says by number, and what is wrong with the file as such."""

    by_number: dict[int, AnchorLine]
    faults: list[str]


def _against_anchor(known: list[AnchorLine]) -> list[str]:
    """Compare the seals with the file; a seal that came meanwhile is in both."""
    found = anchors.read()
    if found is None:
        return [f"锚文件“{anchors.place()}”不存在，无法与库外记录核对。"] if known else []
    seen = _seen(*found)
    ours = {line.number: line for line in known}
    missing = sorted(ours.keys() - seen.by_number.keys())
    differing = [n for n in sorted(ours.keys() & seen.by_number.keys()) if ours[n] != seen[0][n]]
    here = TrailSeal.objects.filter(number__in=sorted(seen.by_number.keys() - ours.keys()))
    digests_here = dict(here.values_list("number", "digest"))
    cut = [
        number
        for number, line in sorted(seen.by_number.items())
        if number not in ours and digests_here.get(number) != line.digest
    ]
    return [
        *seen.faults,
        *(f"锚文件缺少{words}封存的一行。" for words in _ranges(missing)),
        *(f"{words}封存与锚文件所记不一致：其中一个被改动。" for words in _ranges(differing)),
        *(f"锚文件记有{words}封存，数据库中没有：封存记录被删除。" for words in _ranges(cut)),
    ]


def _seen(read: list[AnchorLine], broken: list[int]) -> _Seen:
    faults = [f"锚文件第{number}行不是封存记录：文件被改动。" for number in broken]
    by_number = {line.number: line for line in read}
    faults += [
        f"锚文件对第{line.number}号封存有两种记载：文件被改动。"
        for line in read
        if by_number[line.number] != line
    ]
    numbers = [line.number for line in read]
    if numbers != sorted(numbers):
        faults.append("锚文件各行的次序被调换：文件被改动。")
    return _Seen(by_number, faults)


def _expected(expect: str, known: list[AnchorLine]) -> list[str]:
    copied = "".join(expect.split()).lower()
    if len(copied) < COPIED:
        raise Refused(f"摘要至少抄写前{COPIED}位，现在只有{len(copied)}位。")
    if any(line.digest.startswith(copied) for line in known):
        return []
    return [f"封存链中没有抄录的摘要 {copied}：抄录之前封存的内容被改动或截去。"]


def _unsealed(newest: TrailSeal | None, *, at: datetime) -> list[str]:
    """Say when what was written more than a day ago is not sealed yet."""
    rows = TrailEntry.objects.filter(pk__gt=newest.last_id) if newest else TrailEntry.objects.all()
    oldest = rows.order_by("pk").values_list("at", flat=True).first()
    if oldest is None or at - oldest <= LATE:
        return []
    return [
        "提醒：有超过一天的留痕还没有封存。请查看定时任务是否在运行，或执行 verify_trail --seal。"
    ]


def _ranges(numbers: list[int]) -> Iterator[str]:
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        yield _numbers(members[0], members[-1])


def _numbers(first: int, last: int) -> str:
    return f"第{first}号" if first == last else f"第{first}至{last}号"

"""Keeping submitted texts to compare with, and finding those like one (雷同提示).

Hints, never verdicts: no score is kept, nobody is told of another, nothing is refused. Callers keep
what was submitted and nothing else, in the transaction that submits it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Case, OuterRef, Q, Subquery, When

from campaigns.models import Campaign, GivenText, KeptText, TextKey
from campaigns.models.word_list import said_by_all
from reform.models import Organization, User
from reform.models.organization import within
from reform.text import likeness, pairs
from reform.text.likeness import Plain
from reform.text.passages import Comparison, Passage, Shared

Kind = KeptText.Kind

WRITTEN = (Kind.EXAMINATION, Kind.REFLECTION)  # by many: these are found by their keys
VERIFIED = 24  # candidates that are read, of those that share keys
COMPARED = 30  # one's own, the team's and the superior's texts: few, and all are read
TOLD = 5  # of one kind


class Alike(models.TextChoices):
    """Whose the other text is, as seen from the author."""

    COLLEAGUE = "colleague", "本次活动中另一份已提交的材料"
    OWN = "own", "您本人以前的材料"
    TEAM = "team", "班子的材料"
    SUPERIOR = "superior", "上级的材料"


@dataclass(frozen=True)
class Likeness:
    """Another text that has passages in common with one.

    To an author a colleague's is shown by `quotes` of his own text, without a name; `kept` is the
    key of the other text, for pages whose policy lets their reader read that one.
    """

    kind: Alike
    kept: int
    share: float
    passages: tuple[Passage, ...]
    words: str

    def quotes(self, text: str) -> list[str]:
        """Return the passages as they stand in the author's own text."""
        return [text[one.start : one.end] for one in self.passages]


# ---------------------------------------------------------------- keeping


@transaction.atomic
def keep(
    kind: str,
    *,
    campaign: Campaign,
    author: User | None,
    organization: Organization,
    source: int,
    text: str,
    year: int | None = None,
) -> KeptText:
    """Keep a submitted text; what was kept for the same source before makes room for it."""
    forget(kind, source)
    row = KeptText.objects.create(
        kind=kind,
        campaign=campaign,
        author=author,
        organization=organization,
        source=source,
        year=year or campaign.year,
        length=len(text),
        text=text,
    )
    if kind in WRITTEN:  # the others are few, and read one by one
        values = _values(likeness.plain(text, _exempt(campaign)), campaign)
        common = TextKey.objects.common(values)
        TextKey.objects.bulk_create(
            TextKey(text=row, value=value) for value in values if value not in common
        )
    return row


def forget(kind: str, source: int) -> None:
    """Keep it no longer: withdrawn, or deleted."""
    KeptText.objects.of(kind, source).delete()


def _exempt(campaign: Campaign) -> tuple[str, ...]:
    return likeness.phrases(said_by_all(campaign))


def _values(text: Plain, campaign: Campaign) -> list[int]:
    return likeness.mixed(likeness.keys(text), campaign.pk)


# ---------------------------------------------------------------- finding


def found(
    text: str, *, campaign: Campaign, author: User | None, organization: Organization | None = None
) -> list[Likeness]:
    """Return the texts that are like `text`, those with most in common first.

    Of colleagues those submitted in the same campaign; of the team and the superior those of
    `organization` and of those above it.
    """
    exempt = _exempt(campaign)
    mine = likeness.plain(text, exempt)
    if mine.size < likeness.SENTENCE:
        return []
    comparison = Comparison(mine)
    alike = [
        _likeness(kind, row, shared)
        for kind, row in _candidates(mine, campaign, author, organization)
        if (shared := comparison.shared(likeness.plain(row.text, exempt))).is_alike
    ]
    alike.sort(key=lambda one: (-one.share, one.kept))
    counts: dict[str, int] = {}
    told = []
    for one in alike:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        if counts[one.kind] <= TOLD:
            told.append(one)
    return told


def _candidates(
    mine: Plain, campaign: Campaign, author: User | None, organization: Organization | None
) -> Iterator[tuple[Alike, KeptText]]:
    near = TextKey.objects.nearest(_values(mine, campaign), VERIFIED)
    for row in KeptText.objects.filter(pk__in=near).not_by(author):
        yield Alike.COLLEAGUE, row
    if author is not None:
        yield from ((Alike.OWN, row) for row in _earlier(campaign, author))
    if organization is not None:
        yield from ((Alike(row.kind), row) for row in _above(campaign, organization))


def _titled(*kinds: Kind) -> Case:
    """The name under which a text was given; what was submitted here has none."""
    given = GivenText.objects.filter(kind=OuterRef("kind"), pk=OuterRef("source"))
    return Case(When(kind__in=kinds, then=Subquery(given.values("title"))))


def _earlier(campaign: Campaign, author: User) -> Iterable[KeptText]:
    """His own, but for what he submits now."""
    rows = KeptText.objects.by_person(author)
    rows = rows.filter(Q(kind=Kind.EARLIER) | Q(kind__in=WRITTEN) & ~Q(campaign=campaign))
    return rows.annotate(title=_titled(Kind.EARLIER)).order_by("-year", "-pk")[:COMPARED]


def _above(campaign: Campaign, organization: Organization) -> Iterable[KeptText]:
    rows = KeptText.objects.filter(campaign=campaign, kind__in=[Kind.TEAM, Kind.SUPERIOR])
    rows = rows.filter(organization__path__in=organization.lineage)
    rows = rows.annotate(title=_titled(Kind.TEAM, Kind.SUPERIOR))
    return rows.order_by("-organization__depth", "-pk")[:COMPARED]


def _likeness(kind: Alike, row: KeptText, shared: Shared) -> Likeness:
    whose = f"您本人{row.year}年的材料" if kind == Alike.OWN else kind.label
    if title := getattr(row, "title", None):  # it was given, by a name
        whose += f"“{title}”"
    places = f"{len(shared.passages)}处（共{shared.letters}字）"
    words = f"有{places}与{whose}相同，请看看说的是不是自己的实际。"
    return Likeness(kind, row.pk, shared.share, shared.passages, words)


# ---------------------------------------------------------------- for who reviews


@dataclass(frozen=True)
class Pair:
    """Two kept texts that are alike, by their keys."""

    one: int
    other: int
    share: float
    passages: tuple[Passage, ...]


def among(campaign: Campaign, organization: Organization) -> list[Pair]:
    """Return which texts submitted at `organization` and below are alike, the closest first."""
    rows = KeptText.objects.filter(campaign=campaign, kind=Kind.EXAMINATION)
    rows = rows.filter(within(organization.path, "organization__path")).order_by("pk")
    people = dict(User.objects.exclude(same_as=None).values_list("pk", "same_as"))
    known = list(rows.values_list("pk", "author", "text"))
    exempt = _exempt(campaign)
    plains = [likeness.plain(text, exempt) for _, _, text in known]
    same = [people.get(author, author) for _, author, _ in known]
    return [
        Pair(known[one][0], known[other][0], shared.share, shared.passages)
        for one, other, shared in pairs.alike(plains)
        if same[one] is None or same[one] != same[other]
    ]

"""Texts kept to be compared with (留存比对), and the keys by which those like one are found.

Only what was submitted is ever kept: a draft is its author's alone, and never comes here.
"""

from collections.abc import Iterable, Sequence
from typing import Self

from django.db import models
from django.db.models import Count, Q

from campaigns.models.campaign import Campaign
from reform.models import Organization, User
from reform.text.passages import Passage

COMMON = 30  # texts that have a key: more tell nothing, they say what everybody says


class KeptTextQuerySet(models.QuerySet["KeptText"]):
    def of(self, kind: str, source: int) -> Self:
        return self.filter(kind=kind, source=source)

    def by_person(self, author: User) -> Self:
        """Return what that person wrote, under whichever account (SOD-16)."""
        return self.filter(Q(author=author.person_id) | Q(author__same_as=author.person_id))

    def not_by(self, author: User | None) -> Self:
        if author is None:
            return self
        accounts = User.objects.of_person(author).values("pk")
        return self.exclude(author__in=accounts)


class KeptText(models.Model):
    class Kind(models.TextChoices):
        EXAMINATION = "examination", "自查剖析"
        REFLECTION = "reflection", "心得体会"
        EARLIER = "earlier", "往年材料"
        TEAM = "team", "班子材料"
        SUPERIOR = "superior", "上级材料"

    kind = models.CharField("种类", max_length=12, choices=Kind)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="kept_texts")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # The key of the row it was submitted with, among those of its kind.
    source = models.BigIntegerField("来源（编号）")
    year = models.PositiveSmallIntegerField("年度")
    length = models.PositiveIntegerField("字数")
    text = models.TextField("正文")

    objects = KeptTextQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "留存比对的材料"
        constraints = [
            models.UniqueConstraint(fields=["kind", "source"], name="kept_text_once_per_source"),
        ]
        indexes = [models.Index(fields=["campaign", "kind"], name="kept_text_by_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（{self.year}年）"

    def quoted(self, passages: Iterable[Passage]) -> list[str]:
        """Return the passages as they stand here: for who may read this text."""
        return [self.text[one.other_start : one.other_end] for one in passages]


class TextKeyQuerySet(models.QuerySet["TextKey"]):
    def nearest(self, keys: Sequence[int], most: int) -> list[int]:
        """Return the texts that share most keys, the best first."""
        rows = self.filter(value__in=keys).values("text").annotate(shared=Count("pk"))
        return [row["text"] for row in rows.order_by("-shared", "-text")[:most]]

    def common(self, keys: Sequence[int]) -> set[int]:
        """Return the keys that so many texts have that they tell nothing."""
        rows = self.filter(value__in=keys).values("value").annotate(texts=Count("pk"))
        return set(rows.filter(texts__gte=COMMON).values_list("value", flat=True))


class TextKey(models.Model):
    """One of the numbers a kept text is found by: a band of its MinHash, or one of its sentences.

    The campaign is mixed into the number, so a look-up meets texts of one campaign only.
    """

    text = models.ForeignKey(KeptText, models.CASCADE, related_name="keys")
    value = models.BigIntegerField()

    objects = TextKeyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "比对特征"
        indexes = [models.Index(fields=["value", "text"], name="text_key_by_value")]

    def __str__(self) -> str:
        return str(self.value)

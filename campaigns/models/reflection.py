"""Reflections (心得体会): one person's text, his own; submitted it is done, and nobody judges it.

What is being written is the author's alone: no queryset but `of` shows it. Others read what was
submitted, and only those whom the author chose. What may be shown is a copy (models/showcase.py).
"""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from campaigns.models.activity import NOT_BUSINESS
from campaigns.models.campaign import Campaign
from campaigns.models.named_reader import NamedReader, NamedReaderQuerySet
from reform.models import Actor, Lifecycle, Organization, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from campaigns.models.showcase import Consent

LONGEST = 20_000  # characters of what is submitted
DRAFT = 250_000  # of what is kept while it is being written: never refused for its length


class Audience(models.TextChoices):
    """Whom the author lets read his text."""

    SECRETARY = "secretary", "列明的书记等阅看人"
    BRANCH = "branch", "列明的阅看人和本党组织的同志"
    NOBODY = "nobody", "只登记已交，正文不给别人看"


class ReflectionQuerySet(models.QuerySet["Reflection"]):
    def of(self, actor: Actor) -> Self:
        """Return the actor's own, by whichever of his accounts he wrote them."""
        return self.filter(author__in=User.objects.of_person(actor.user))

    def submitted(self) -> Self:
        return self.filter(status=Reflection.Status.SUBMITTED)

    def readable_by(self, actor: Actor) -> Self:
        """Return those of others that the actor reads, as their authors said at submission."""
        named = ReflectionReader.objects.for_actor(actor).filter(reflection=OuterRef("pk"))
        # Comrades of the branch (本党组织的同志) are who belongs there, not who stands in for one.
        held = (one for one in actor.duties if one.behalf is None)
        here = {one.organization_id for one in held if one.role not in NOT_BUSINESS}
        branch = Q(audience=Audience.BRANCH, organization__in=here)
        rows = self.submitted().filter(Q(Exists(named)) | branch)
        rows = rows.exclude(audience=Audience.NOBODY)
        return rows.exclude(author__in=User.objects.of_person(actor.user))

    def visible_to(self, actor: Actor) -> Self:
        mine = self.of(actor).order_by().values("pk")
        others = self.readable_by(actor).order_by().values("pk")
        return self.filter(Q(pk__in=mine) | Q(pk__in=others))


class Reflection(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", "起草中"
        SUBMITTED = "submitted", "已提交"

    NEXT = {Status.DRAFT: (Status.SUBMITTED,), Status.SUBMITTED: ()}

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="reflections")
    author = models.ForeignKey(
        User, models.PROTECT, related_name="reflections", verbose_name="本人"
    )
    # Where he belonged when he began, and again when he submitted.
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="reflections", verbose_name="党组织"
    )
    title = models.CharField("题目", max_length=100, blank=True)
    text = models.TextField("正文", blank=True)
    audience = models.CharField(
        "给谁看", max_length=10, choices=Audience, default=Audience.SECRETARY
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    # Raised by every save: he may have it open twice.
    version = models.PositiveIntegerField(default=1, editable=False)
    begun_at = models.DateTimeField("开始时间")
    saved_at = models.DateTimeField("保存时间")
    submitted_at = models.DateTimeField("提交时间", null=True)

    objects = ReflectionQuerySet.as_manager()

    if TYPE_CHECKING:
        readers: RelatedManager["ReflectionReader"]
        consents: RelatedManager["Consent"]

    class Meta:
        verbose_name = verbose_name_plural = "心得体会"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "author"],
                condition=Q(status="draft"),
                name="reflection_one_draft_a_person",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", submitted_at=None)
                | Q(status="submitted", submitted_at__isnull=False) & ~Q(text="") & ~Q(title=""),
                name="reflection_submitted_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author.name}的心得体会"

    def get_absolute_url(self) -> str:
        return reverse("reflection", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT


class ReflectionReader(NamedReader):
    """Who reads a reflection, as the page said when its author submitted it."""

    reflection = models.ForeignKey(Reflection, models.PROTECT, related_name="readers")

    objects = NamedReaderQuerySet["ReflectionReader"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "心得体会阅看人"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["reflection", "person"], name="reflection_reader_once"),
        ]

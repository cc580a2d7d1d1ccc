"""Campaigns (以案促改): what is asked of whom, in its own words and with its own dates."""

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from reform.models import Actor, Lifecycle, Organization, Role
from reform.models.organization import successor
from reform.models.scope import Reach

DRAFTS: dict[str, str] = {Role.OFFICE: "D", Role.LEADER: "D", Role.LIAISON: "U"}


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the campaigns the actor's organizations, or those below them, take part in.

        `ca.read` in PERMISSIONS.md: published campaigns of one's own organization and of those
        above; offices, inspectors and leaders also those below.
        """
        condition = Q(pk__in=[])
        for duty in actor.duties:
            place = duty.organization
            if duty.role in {Role.SYSTEM, Role.SECURITY, Role.AUDIT}:
                continue
            condition |= Q(organization__path__in=place.lineage)
            joined = Participation.objects.filter(campaign=OuterRef("pk"))
            here = Q(organization__path__in=place.lineage)
            if duty.role in {Role.OFFICE, Role.INSPECTOR, Role.LEADER}:
                inside = {
                    "organization__path__gte": place.path,
                    "organization__path__lt": successor(place.path),
                }
                condition |= Q(**inside)
                here |= Q(**inside)
            condition |= Q(Exists(joined.filter(here)))
        return self.filter(condition).exclude(status=Campaign.Status.DRAFT)

    def drafts_of(self, actor: Actor) -> Self:
        """Return the drafts the actor prepares or decides on: those of an office or a leader at
        its organization or above, and of a liaison there, who may enter what was signed on paper.
        Nobody else sees a draft on any page."""
        reach = Reach.of(actor, DRAFTS, key="pk")
        drafts = self.filter(status=Campaign.Status.DRAFT)
        if reach.whole:
            return drafts
        places = Organization.objects.filter(reach.condition()).order_by()
        return drafts.filter(organization__in=places.values("pk"))

    def workable_by(self, actor: Actor) -> Self:
        """Return what the actor sees, drafts of his included: the one rule of who sees both."""
        mine = self.drafts_of(actor).order_by().values("pk")
        seen = self.visible_to(actor).order_by().values("pk")
        return self.filter(Q(pk__in=mine) | Q(pk__in=seen))

    def open(self) -> Self:
        return self.filter(status=Campaign.Status.PUBLISHED)


class Campaign(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", "草案"
        PUBLISHED = "published", "进行中"
        CLOSED = "closed", "已结束"

    NEXT = {
        Status.DRAFT: (Status.PUBLISHED,),
        Status.PUBLISHED: (Status.CLOSED,),
        Status.CLOSED: (),
    }

    title = models.CharField("名称", max_length=200)
    code = models.SlugField("代码", max_length=20, unique=True)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="campaigns", verbose_name="牵头单位"
    )
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    status = models.CharField("状态", max_length=20, choices=Status, default=Status.DRAFT)
    # Each campaign carries its own words (PERMISSIONS.md, “Words on pages”).
    word = models.CharField("称呼", max_length=10, default="工作", help_text="工作、整治或活动")
    office_name = models.CharField("办公室简称", max_length=20, default="活动办")
    # DESIGN §3: 立行立改 gets a control day this many days after it is issued.
    at_once_days = models.PositiveSmallIntegerField("立行立改控制天数", default=30)
    standing_review_days = models.PositiveSmallIntegerField(
        "长期坚持最长复核间隔（天）", default=92
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "以案促改"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_it_starts",
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.PUBLISHED

    def includes(self, organization: Organization) -> bool:
        """Return whether the organization, or one above it, leads or takes part."""
        here = self.participations.filter(organization__path__in=organization.lineage)
        return organization.path.startswith(self.organization.path) or here.exists()

    @property
    def year(self) -> int:
        return self.starts_on.year


class Participation(models.Model):
    """An organization takes part in a campaign, and with it everything below."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="participations")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="participations", verbose_name="参加单位"
    )

    class Meta:
        verbose_name = verbose_name_plural = "参加单位"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "organization"], name="participation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.organization}"

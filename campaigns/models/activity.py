"""Activities and meetings (活动和会议): a line each, counted for the reports' “先后N次”."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Count, Q

from campaigns.models.campaign import Campaign
from reform.models import Actor, Organization, Role, User
from reform.models.organization import within
from reform.models.scope import Reach

# `ca.read`, of the organization that held it: one's own and those above; for some, those below.
DOWN: dict[str, str] = {Role.OFFICE: "D", Role.INSPECTOR: "D", Role.LEADER: "D"}
NOT_BUSINESS = (Role.SYSTEM, Role.SECURITY, Role.AUDIT)


class Kind(models.TextChoices):
    """What activities are; the official wording of each is in PHRASES."""

    MEETING = "meeting", "专题会"
    SURVEY = "survey", "调研"
    WARNING = "warning", "警示教育"
    LECTURE = "lecture", "党课"
    PARTY_DAY = "party_day", "主题党日"
    STUDY = "study", "集中学习"
    TRAINING = "training", "专题培训"
    BRANCH_LIFE = "branch_life", "组织生活会"
    TEAM_LIFE = "team_life", "民主生活会"
    VISIT = "visit", "现场检查"
    OTHER = "other", "其他"


PHRASES: dict[str, str] = {
    Kind.MEETING: "召开专题会议",
    Kind.SURVEY: "开展调研",
    Kind.WARNING: "开展警示教育",
    Kind.LECTURE: "讲党课",
    Kind.PARTY_DAY: "开展主题党日",
    Kind.STUDY: "组织集中学习",
    Kind.TRAINING: "举办专题培训",
    Kind.BRANCH_LIFE: "召开组织生活会",
    Kind.TEAM_LIFE: "召开民主生活会",
    Kind.VISIT: "开展现场检查",
    Kind.OTHER: "开展其他活动",
}


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return those of one's organizations and of those above; for offices, inspectors and
        leaders also of those below; all in campaigns one sees."""
        own = {
            path
            for duty in actor.duties
            if duty.role not in NOT_BUSINESS
            for path in duty.organization.lineage
        }
        reach = Reach.of(actor, DOWN, key="pk")
        seen = Campaign.objects.visible_to(actor)
        rows = self.filter(campaign__in=seen.order_by().values("pk"))
        if reach.whole:
            return rows
        places = Organization.objects.order_by().filter(reach.condition())
        return rows.filter(Q(organization__path__in=own) | Q(organization__in=places.values("pk")))

    def counted(
        self,
        campaign: Campaign,
        *,
        under: str = "",
        kinds: Iterable[str] = (),
        since: date | None = None,
        until: date | None = None,
    ) -> Self:
        """Return the rows that a count of activities counts, and that it opens: of a campaign, of
        the organization with the path `under` and all below it, of some kinds, from a day to a
        day (both included)."""
        rows = self.filter(campaign=campaign)
        if under:
            rows = rows.filter(within(under, "organization__path"))
        if chosen := list(kinds):
            rows = rows.filter(kind__in=chosen)
        if since:
            rows = rows.filter(on__gte=since)
        if until:
            rows = rows.filter(on__lte=until)
        return rows

    def by_kind(self) -> dict[str, int]:
        """Return how many of each kind that is there, in the order of the list."""
        rows = self.order_by().values_list("kind").annotate(n=Count("pk"))
        found = dict(rows)
        return {kind: found[kind] for kind in Kind.values if kind in found}


class Activity(models.Model):
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="activities")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="activities", verbose_name="单位"
    )
    kind = models.CharField("种类", max_length=12, choices=Kind)
    other = models.CharField("名称", max_length=20, blank=True)  # what it is, where 其他
    on = models.DateField("日期")
    place = models.CharField("地点", max_length=60, blank=True)
    leader = models.CharField("主持或带队领导", max_length=60, blank=True)
    topic = models.CharField("主题", max_length=200)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "活动记录"
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="other") | ~Q(other=""), name="activity_other_is_said"
            ),
        ]
        indexes = [models.Index(fields=["campaign", "-on"], name="activity_by_day")]

    def __str__(self) -> str:
        return f"{self.on.month}月{self.on.day}日{self.kind_in_words}"

    @property
    def kind_in_words(self) -> str:
        return self.other if self.kind == Kind.OTHER else str(self.get_kind_display())


def counted(
    campaign: Campaign,
    *,
    under: str = "",
    kinds: Iterable[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> ActivityQuerySet:
    """Return the activities that reports count (“先后N次”); whoever opens the figure gets these."""
    rows: ActivityQuerySet = Activity.objects.all()
    return rows.counted(campaign, under=under, kinds=kinds, since=since, until=until)


def sentence(counts: dict[str, int]) -> str:
    """Return what reports say of {kind: number}: “先后召开专题会议3次、开展调研2次。”"""
    parts = [f"{PHRASES[kind]}{number}次" for kind, number in counts.items()]
    return f"先后{'、'.join(parts)}。" if parts else ""

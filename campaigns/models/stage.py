"""Stages (阶段) of a campaign: planned, opened and closed one after the other; who is excused."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from campaigns.models.campaign import Campaign
from reform.models import Actor, Attachment, Duty, Lifecycle, Organization, Role, User
from reform.models.organization import within
from reform.models.scope import Reach, admits

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

# Who reads by name who is excused and who was missing: those who answer for the campaign.
NAMES: dict[str, str] = {Role.OFFICE: "D", Role.LEADER: "D", Role.INSPECTOR: "D"}
OWN_NAMES = NAMES | {Role.SECRETARY: "U"}  # who of one's own part of the tree is excused


class Condition(models.TextChoices):
    """What a stage may ask for before it closes; how each is found out is said above, on the floor
    that sees all of it."""

    EXAMINATIONS_SUBMITTED = "examinations_submitted", "自查剖析都已提交或免交"
    EXAMINATIONS_ACCEPTED = "examinations_accepted", "自查剖析都已审阅通过"
    FINDINGS_LISTED = "findings_listed", "查摆问题都已入账"
    SWEEPS = "sweeps", "风险排查表都已报送"
    ASSIGNMENTS_DONE = "assignments_done", "本阶段任务都已完成"
    PROBLEMS_CLOSED = "problems_closed", "问题都已销号"
    SUMMARY_FILED = "summary_filed", "阶段总结已交"


class StageQuerySet(models.QuerySet["Stage"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the stages of campaigns one sees; a draft's are days of its plan, and no rows."""
        seen = Campaign.objects.visible_to(actor)
        return self.filter(campaign__in=seen.order_by().values("pk"))


class Stage(Lifecycle):
    class Status(models.TextChoices):
        PLANNED = "planned", "未开始"
        OPEN = "open", "进行中"
        CLOSED = "closed", "已结束"

    NEXT = {
        Status.PLANNED: (Status.OPEN,),
        Status.OPEN: (Status.CLOSED,),
        Status.CLOSED: (),
    }

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField("顺序")
    title = models.CharField("名称", max_length=40)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    goal = models.TextField("目标", blank=True)
    conditions = models.JSONField("结束条件", default=list)  # codes of Condition
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PLANNED)
    summary = models.TextField("阶段总结", blank=True)
    summary_file = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name="总结文件"
    )
    closed_on = models.DateField("实际结束日期", null=True)
    # What it was closed without: [{"code": …, "words": 条件, "names": [谁, …]}, …].
    missing = models.JSONField("结束时未完成", default=list)
    # Raised by every change, so that nobody closes or shifts what he has not seen.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = StageQuerySet.as_manager()

    if TYPE_CHECKING:
        excuses: RelatedManager["Excuse"]

    class Meta:
        verbose_name = verbose_name_plural = "阶段"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="stage_in_order"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(status="open"), name="stage_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="stage_ends_after_it_starts",
                violation_error_message="阶段的结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_on__isnull=False)
                | ~Q(status="closed") & Q(closed_on=None),
                name="stage_closed_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("stages", args=[self.campaign_id])

    @property
    def has_summary(self) -> bool:
        return bool(self.summary) or self.summary_file_id is not None

    @property
    def conditions_in_words(self) -> list[str]:
        known = dict(Condition.choices)
        return [str(known.get(code, code)) for code in self.conditions]


class StageChange(models.Model):
    """One stage closed, the next opened; at each it is asked 是否邀请纪检组监督. Only added."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="stage_changes")
    closed = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="+")
    opened = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="+")
    invited = models.BooleanField("邀请纪检组监督")
    told = models.PositiveIntegerField("通知纪检人数", default=0)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField("办理人", max_length=40)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "阶段转换"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed__isnull=False) | Q(opened__isnull=False),
                name="stage_change_is_of_a_stage",
            ),
        ]

    def __str__(self) -> str:
        words = [f"“{self.closed}”结束"] if self.closed else []
        return "，".join([*words, f"“{self.opened}”开始"] if self.opened else words)

    def get_absolute_url(self) -> str:
        return reverse("stages", args=[self.campaign_id])


class ExcuseQuerySet(models.QuerySet["Excuse"]):
    def in_force(self) -> Self:
        return self.filter(ended=None)

    def seen_by(self, actor: Actor, campaign: Campaign) -> Self:
        """Return those whose name and reason the actor may read: all of them for those who answer
        for the campaign; of a part of the tree for those who answer for that; and one's own."""
        if may_read_names(actor, campaign):
            return self
        own = [duty.organization_id for duty in actor.duties]
        reach = Reach.of(actor, OWN_NAMES, key="pk")
        places = Organization.objects.order_by().filter(reach.condition()).values("pk")
        there = Duty.objects.in_force(actor.on).filter(organization__in=places).order_by()
        mine = Q(person=actor.user) | Q(organization__in=own)
        return self.filter(mine | Q(organization__in=places) | Q(person__in=there.values("user")))


def may_read_names(actor: Actor, campaign: Campaign) -> bool:
    return admits(NAMES, actor, campaign.organization.path)


class Excuse(models.Model):
    """A person, or an organization with all below it, leaves the denominator of a stage (免计)."""

    class Reason(models.TextChoices):
        SICK = "sick", "病休"
        SECONDED = "seconded", "借调"
        LEAVE = "leave", "产假、探亲等休假"
        STUDY = "study", "脱产学习"
        RETIRED = "retired", "退休、调离"
        ABROAD = "abroad", "出国（境）"
        OTHER = "other", "其他"

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="excuses")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    reason = models.CharField("原因", max_length=10, choices=Reason)
    words = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField("登记人", max_length=40)
    at = models.DateTimeField("登记时间")

    objects = ExcuseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "免计"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, organization=None)
                | Q(person=None, organization__isnull=False),
                name="excuse_of_one",
            ),
            models.CheckConstraint(
                condition=~Q(reason="other") | ~Q(words=""), name="excuse_other_is_said"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person or self.organization)


class ExcuseEnd(models.Model):
    """An excuse is taken back by a row of its own: what was said stays on record."""

    excuse = models.OneToOneField(Excuse, models.CASCADE, related_name="ended")
    words = models.CharField("原因", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField("办理人", max_length=40)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "取消免计"

    def __str__(self) -> str:
        return f"取消{self.excuse}的免计"


class Excused:
    """Who is excused from a stage, read once: the condition by which rows of them are left out."""

    def __init__(self, stage: Stage) -> None:
        found = Excuse.objects.filter(stage=stage).in_force()
        rows = list(found.select_related("person", "organization"))
        self.paths = [row.organization.path for row in rows if row.organization]
        persons = {row.person.person_id for row in rows if row.person}
        same = User.objects.filter(Q(pk__in=persons) | Q(same_as__in=persons)) if persons else []
        self.people = {user.pk for user in same}

    def organizations(self, path: str = "organization__path") -> Q:
        """Return the condition “of an excused organization, or below one”, over a path column."""
        found = Q(pk__in=[])
        for top in self.paths:
            found |= within(top, path)
        return found

    def persons(self, column: str) -> Q:
        """Return the condition “of an excused person”, over a column that names people."""
        return Q((f"{column}__in", sorted(self.people)))

"""Who leads a campaign (组织领导): the leading group, its office, task forces; and their members.

Membership opens nothing: what a person may do comes from duties alone (decision 0031).
"""

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Prefetch, Q

from campaigns.models.campaign import Campaign
from reform.models import Actor, Organization, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

# As lists of members are read aloud: who leads first. A title that is not here stands between.
LEADING = ("第一组长", "组长", "常务副组长", "副组长", "主任", "常务副主任", "副主任", "召集人")
TITLES = (*LEADING, "成员", "联络员")
BETWEEN, ORDINARY = 50, 90


def rank_of(title: str) -> int:
    """Return where a title stands among the others of its body."""
    if title in LEADING:
        return LEADING.index(title)
    return ORDINARY + TITLES.index(title) if title in TITLES else BETWEEN


def workable(actor: Actor) -> Q:
    """Read as `ca.read`; of a draft by those who see the draft."""
    seen = Campaign.objects.workable_by(actor)
    return Q(campaign__in=seen.order_by().values("pk"))


class BodyQuerySet(models.QuerySet["Body"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(workable(actor))

    def current(self) -> Self:
        return self.filter(until=None)

    def with_members(self) -> Self:
        """Add `members_now` and `members_before`, each a list in its order."""
        rows = BodyMember.objects.select_related("user")
        before = rows.filter(mistaken=False).exclude(until=None).order_by("-until", "rank", "pk")
        return self.prefetch_related(
            Prefetch("members", rows.current(), to_attr="members_now"),
            Prefetch("members", before, to_attr="members_before"),
        )


class Body(models.Model):
    class Kind(models.TextChoices):
        LEADING_GROUP = "leading_group", "领导小组"
        OFFICE = "office", "办公室"
        TASK_FORCE = "task_force", "工作专班"
        SUPERVISION = "supervision", "督查问效组"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="bodies")
    kind = models.CharField("种类", max_length=20, choices=Kind)
    name = models.CharField("名称", max_length=60)
    host = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name="设在"
    )
    purpose = models.TextField("职责", blank=True)
    # 一名领导、一套班子、一个方案 [S004]: what a task force goes by.
    plan = models.TextField("方案", blank=True)
    since = models.DateField("设立日期")
    until = models.DateField("撤销日期", null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = BodyQuerySet.as_manager()

    if TYPE_CHECKING:
        members: RelatedManager["BodyMember"]
        members_now: list["BodyMember"]
        members_before: list["BodyMember"]

    class Meta:
        verbose_name = verbose_name_plural = "组织机构"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind"],
                condition=Q(until=None, kind__in=["leading_group", "office"]),
                name="body_one_leads_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["campaign", "name"], condition=Q(until=None), name="body_named_once"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="body_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(plan="") | Q(kind="task_force"), name="body_plan_of_a_task_force"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_task_force(self) -> bool:
        return self.kind == self.Kind.TASK_FORCE

    def by_title(self) -> list[tuple[str, list["BodyMember"]]]:
        """Return the members of now under their titles; asks for `with_members`."""
        return [
            (title, list(rows)) for title, rows in groupby(self.members_now, lambda one: one.title)
        ]


class BodyMemberQuerySet(models.QuerySet["BodyMember"]):
    def current(self) -> Self:
        return self.filter(until=None)

    def of_person(self, user: User) -> Self:
        """Return what is held by any account of the same person."""
        same = User.objects.of_person(user).order_by().values("pk")
        return self.filter(user__in=same)


class BodyMember(models.Model):
    """Somebody in a body from a day to a day; an account, or a name alone. Never rewritten, by
    trigger: a new title or post is another row, and leaving ends this one."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="members")
    title = models.CharField("职务", max_length=20)
    rank = models.PositiveSmallIntegerField(editable=False)
    position = models.PositiveSmallIntegerField("顺序")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="账号")
    name = models.CharField("姓名", max_length=40)
    post = models.CharField("时任职务", max_length=60, blank=True)
    since = models.DateField("自")
    until = models.DateField("至", null=True)
    mistaken = models.BooleanField("误录", default=False)  # then no page shows it

    objects = BodyMemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "组成人员"
        ordering = ["rank", "title", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "user"],
                condition=Q(until=None, user__isnull=False),
                name="body_member_once",
            ),
            models.UniqueConstraint(
                fields=["body", "name"],
                condition=Q(until=None, user=None),
                name="body_name_once",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="body_member_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(mistaken=False) | Q(until__isnull=False),
                name="body_member_mistaken_is_ended",
            ),
        ]
        indexes = [models.Index(fields=["user"], name="body_member_by_user")]

    def __str__(self) -> str:
        return f"{self.title}{self.name}"

    @property
    def named(self) -> str:
        """As a list in a sentence has it: 张三（书记）."""
        return f"{self.name}（{self.post}）" if self.post else self.name

    @property
    def is_gone(self) -> bool:
        """Whether the account is closed: his place here is to be seen to."""
        return self.user is not None and not self.user.is_active


def in_order(bodies: Iterable[Body]) -> list[Body]:
    """Return bodies as a chart reads: leading group, office, task forces, supervision."""
    kinds = list(Body.Kind.values)
    return sorted(bodies, key=lambda one: (kinds.index(one.kind), one.pk))

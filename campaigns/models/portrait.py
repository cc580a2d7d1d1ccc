"""Portraits (画像比对): what four sources say of each person of a branch, merged by its secretary.

Criticism that is to help, never points or an order of people. The subject reads what was merged;
who spoke he learns by no road (docs/decisions/0032).
"""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from campaigns.models.campaign import Campaign
from campaigns.models.submission import Finding
from reform.models import Actor, Lifecycle, Organization, Role, User
from reform.models.organization import within
from reform.models.scope import Reach

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from campaigns.models.opinion import Opinion

FEW = 3  # other people: among fewer, “互相提” would say who


class PortraitSource(models.TextChoices):
    """The four ways of domain §1 C13; what is found by oneself is drawn from findings."""

    SUPERIOR = "superior_pointed", "上级点"
    PEER = "peer_raised", "互相提"
    SELF = "self_found", "自己找"
    COLLECTIVE = "collective_discussed", "集体议"


class PortraitSessionQuerySet(models.QuerySet["PortraitSession"]):
    def taken_part_by(self, actor: Actor) -> Self:
        """Return those of the actor's branch, of the branches whose secretary he is, and those
        with somebody whose portrait he merges from above."""
        here = {duty.organization_id for duty in actor.holding(Role.SECRETARY)}
        if actor.home and actor.holds(Role.MEMBER):
            here.add(actor.home.pk)
        merges = Portrait.objects.merged_by(actor).order_by().values("session")
        place = Q(organization__in=here) | Q(organization__succeeded_by__in=here)
        return self.filter(place | Q(pk__in=merges))

    def overseen_by(self, actor: Actor, scopes: dict[str, str]) -> Self:
        """Return those of which the actor is told how far they are, in figures (`po.status`)."""
        reach = Reach.of(actor, scopes, key="pk")
        if reach.whole:
            return self.all()
        places = Organization.objects.order_by().filter(reach.condition())
        return self.filter(organization__in=places.values("pk"))

    def visible_to(self, actor: Actor) -> Self:
        """Return those whose page the actor opens."""
        return self.taken_part_by(actor)


class PortraitSession(Lifecycle):
    """One round of a branch: while it is open everybody may say something of the others."""

    class Status(models.TextChoices):
        OPEN = "open", "正在征求意见"
        CLOSED = "closed", "征求意见已截止"

    NEXT = {Status.OPEN: (Status.CLOSED,), Status.CLOSED: ()}

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="portrait_sessions")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="portrait_sessions", verbose_name="党组织"
    )
    on = models.DateField("日期")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("开始时间")

    objects = PortraitSessionQuerySet.as_manager()

    if TYPE_CHECKING:
        portraits: RelatedManager["Portrait"]

    class Meta:
        verbose_name = verbose_name_plural = "画像比对"
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "organization", "on"],
                name="portrait_session_once_a_day",
                violation_error_message="这一天的画像比对已经开始。",
            ),
            models.UniqueConstraint(
                fields=["campaign", "organization"],
                condition=Q(status="open"),
                name="portrait_session_one_open",
                violation_error_message="还有一次画像比对正在征求意见。",
            ),
        ]

    def __str__(self) -> str:
        day = f"{self.on.year}年{self.on.month}月{self.on.day}日"
        return f"{self.organization}画像比对（{day}）"

    def get_absolute_url(self) -> str:
        return reverse("portrait-session", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def place(self) -> Organization:
        """Where it is carried on: the branch, or what took it over."""
        return self.organization.succeeded_by or self.organization


class PortraitQuerySet(models.QuerySet["Portrait"]):
    def of(self, actor: Actor) -> Self:
        """Return the actor's own, by whichever of his accounts."""
        return self.filter(person__in=User.objects.of_person(actor.user))

    def readable(self) -> Self:
        """Return those whose subject may read what was merged."""
        return self.filter(status__in=READABLE)

    def merged_by(self, actor: Actor) -> Self:
        """Return those the actor merges: whoever holds the seat today, but never his own, nor that
        of somebody in whose place he stands (SOD-01, 14, 16)."""
        condition = Q(pk__in=[])
        for duty in actor.holding(Role.SECRETARY, Role.LEADER):
            place = duty.organization_id
            here = Q(seat=place) | Q(seat__succeeded_by=place)
            here &= Q(seat_role=duty.role)
            if duty.has_field:
                covered = Q(pk__in=[])
                for top in duty.field:
                    covered |= within(top.path, "session__organization__path")
                here &= covered
            if duty.behalf is not None:
                here &= ~Q(person__in=User.objects.of_person(duty.behalf))
            condition |= here
        return self.filter(condition).exclude(person__in=User.objects.of_person(actor.user))

    def visible_to(self, actor: Actor) -> Self:
        """Return one's own, once there is something to read, and those one merges."""
        own = self.of(actor).readable().order_by().values("pk")
        merges = self.merged_by(actor).order_by().values("pk")
        return self.filter(Q(pk__in=own) | Q(pk__in=merges))


class Portrait(Lifecycle):
    """One person's in one session."""

    class Status(models.TextChoices):
        MERGING = "merging", "合并中"
        SHOWN = "shown", "待本人阅看"
        READ = "read", "本人已阅"
        FILED = "filed", "已送归档"
        SET_ASIDE = "set_aside", "不再办理"

    NEXT = {
        Status.MERGING: (Status.SHOWN, Status.SET_ASIDE),
        Status.SHOWN: (Status.READ, Status.MERGING, Status.SET_ASIDE),
        Status.READ: (Status.FILED, Status.SET_ASIDE),
        Status.FILED: (),
        Status.SET_ASIDE: (),
    }

    session = models.ForeignKey(PortraitSession, models.PROTECT, related_name="portraits")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="本人")
    name = models.CharField("姓名", max_length=40)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.MERGING)
    # Who merges it is whoever holds this role there; nobody where it goes the paper way.
    seat_role = models.CharField("由谁合并", max_length=20, choices=Role, blank=True)
    seat = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name="合并人所在党组织"
    )
    # Raised by every act of whoever merges it: there may be two of them.
    version = models.PositiveIntegerField(default=1, editable=False)
    own_words = models.TextField("本人意见", max_length=2000, blank=True)
    read_on = models.DateField("本人阅看日期", null=True)
    # Who has no account is told face to face, and by whom.
    told_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    why_aside = models.CharField("不再办理的原因", max_length=200, blank=True)

    objects = PortraitQuerySet.as_manager()

    if TYPE_CHECKING:
        opinions: RelatedManager["Opinion"]
        items: RelatedManager["PortraitItem"]

    class Meta:
        verbose_name = verbose_name_plural = "画像"
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="portrait_once_a_session"),
            models.CheckConstraint(
                condition=Q(seat=None, seat_role="") | Q(seat__isnull=False) & ~Q(seat_role=""),
                name="portrait_seat_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["read", "filed"], read_on__isnull=False)
                | Q(status__in=["merging", "shown"], read_on=None, told_by=None)
                | Q(status="set_aside"),
                name="portrait_read_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="set_aside") | ~Q(why_aside=""),
                name="portrait_set_aside_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}的画像"

    def get_absolute_url(self) -> str:
        return reverse("portrait", args=[self.pk])

    @property
    def is_final(self) -> bool:
        return self.status in {self.Status.FILED, self.Status.SET_ASIDE}


READABLE = (Portrait.Status.SHOWN, Portrait.Status.READ, Portrait.Status.FILED)


class PortraitItem(models.Model):
    """What was merged, in the words of who merged it: the one thing the subject reads."""

    portrait = models.ForeignKey(Portrait, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField("顺序")
    text = models.TextField("合并后的意见", max_length=2000)
    # As the subject reads it; said when it is shown to him, by `said_source`.
    source = models.CharField("来源", max_length=20, choices=PortraitSource, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    findings = models.ManyToManyField(Finding, related_name="+", verbose_name="自己找的")

    if TYPE_CHECKING:
        opinions: RelatedManager["Opinion"]

    class Meta:
        verbose_name = verbose_name_plural = "合并意见"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"第{self.position}条"


class PortraitReceipt(models.Model):
    """That the list was handed to the discipline side: all that is kept of the handing over."""

    portrait = models.OneToOneField(Portrait, models.PROTECT, related_name="receipt")
    on = models.DateField("送交日期")
    receiver_name = models.CharField("接收人", max_length=40)
    receiver_post = models.CharField("接收人单位和职务", max_length=60)
    items = models.PositiveSmallIntegerField("条数")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="送交人")
    by_name = models.CharField("送交人姓名", max_length=40)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "画像归档回执"
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.portrait}归档回执"

"""Taking texts of examinations out of the system (导出申请, SOD-20): asked for by one, approved by
another, open for a day. The file is made when it is fetched and kept nowhere.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from campaigns.models.examination import Examination
from campaigns.models.submission import Submission
from reform.models import Actor, Lifecycle, Organization, Role, User
from reform.models.scope import Reach

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

OPEN = timedelta(hours=24)
APPROVES: dict[str, str] = {Role.LEADER: "D"}  # `ex.approve`


class CopyRequestQuerySet(models.QuerySet["CopyRequest"]):
    def asked_by_person(self, actor: Actor) -> Self:
        return self.filter(asked_by__in=User.objects.of_person(actor.user))

    def to_approve(self, actor: Actor) -> Self:
        """Return those all texts of which lie in the actor's part of the tree; never of his own."""
        if not actor.holds(*APPROVES):
            return self.none()
        reach = Reach.of(actor, APPROVES, key="pk")
        places = Organization.objects.all()
        places = places if reach.whole else places.filter(reach.condition())
        lines = CopyLine.objects.filter(request=OuterRef("pk"))
        outside = lines.exclude(submission__examination__organization__in=places)
        own = lines.filter(submission__examination__author__in=User.objects.of_person(actor.user))
        mine = self.asked_by_person(actor).values("pk")
        return self.filter(~Exists(outside), ~Exists(own)).exclude(pk__in=mine)

    def visible_to(self, actor: Actor) -> Self:
        mine = self.asked_by_person(actor).values("pk").order_by()
        theirs = self.to_approve(actor).values("pk").order_by()
        return self.filter(Q(pk__in=mine) | Q(pk__in=theirs))

    def pending(self) -> Self:
        return self.filter(status=CopyRequest.Status.PENDING)


class CopyRequest(Lifecycle):
    class Status(models.TextChoices):
        PENDING = "pending", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    NEXT = {
        Status.PENDING: (Status.APPROVED, Status.REFUSED, Status.WITHDRAWN),
        # Approved by mistake, or no longer needed: the asker, or who approved, shuts it.
        Status.APPROVED: (Status.WITHDRAWN,),
        Status.REFUSED: (),
        Status.WITHDRAWN: (),
    }

    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PENDING)
    reason = models.TextField("用途", max_length=500)
    asked_by = models.ForeignKey(
        User, models.PROTECT, related_name="copy_requests", verbose_name="申请人"
    )
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="批准人"
    )
    decided_by_name = models.CharField("批准人姓名", max_length=40, blank=True)
    decided_at = models.DateTimeField("办理时间", null=True)
    words = models.TextField("意见", max_length=500, blank=True)
    open_until = models.DateTimeField("下载截止", null=True)

    objects = CopyRequestQuerySet.as_manager()

    if TYPE_CHECKING:
        lines: RelatedManager["CopyLine"]

    class Meta:
        verbose_name = verbose_name_plural = "自查剖析导出申请"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="copy_not_approved_by_asker",
            ),
            models.CheckConstraint(
                condition=Q(open_until=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="copy_open_once_approved",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(open_until__isnull=False),
                name="copy_approved_for_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"导出申请{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("examination-copy", args=[self.pk])

    def is_open(self, at: datetime) -> bool:
        return (
            self.status == self.Status.APPROVED
            and self.open_until is not None
            and at < self.open_until
        )

    def state(self, at: datetime) -> str:
        if self.status == self.Status.APPROVED and not self.is_open(at):
            return "已过期"
        return self.get_status_display()


class CopyLine(models.Model):
    """One text that is asked for: this version, with or without what is marked 仅班子."""

    request = models.ForeignKey(CopyRequest, models.PROTECT, related_name="lines")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="copies")
    whole = models.BooleanField("含仅班子部分", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "自查剖析导出申请所列材料"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "submission"], name="copy_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.request}：{self.submission}"

    @property
    def examination(self) -> Examination:
        return self.submission.examination

"""Decisions about a campaign: who took them, here or on paper (线下签批)."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from campaigns.models.campaign import Campaign, CampaignQuerySet
from reform.models import Actor, Attachment, Lifecycle, User


class Signed(models.Model):
    """Somebody decided; on paper, another entered it with the day, the words and the scan."""

    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    decided_by_name = models.CharField("批准人姓名", max_length=40, blank=True)
    decided_by_post = models.CharField("批准人职务", max_length=60, blank=True)
    decided_at = models.DateTimeField("办理时间", null=True, blank=True)
    opinion = models.TextField("意见", max_length=2000, blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="录入人"
    )
    signed_on = models.DateField("签批日期", null=True, blank=True)
    scan = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="扫描件"
    )

    class Meta:
        abstract = True

    @property
    def signed(self) -> str:
        """“王某某签批（李某代录）”, or the name of who decided here."""
        if self.recorded_by is None:
            return self.decided_by_name
        return f"{self.decided_by_name}签批（{self.recorded_by.name}代录）"


class Publication(Signed):
    """A campaign was published, and what its review chain lacked then (审核链体检)."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="publication")
    # Each {organization, name, step, levels}, in official order; seen and confirmed.
    gaps = models.JSONField("审核链缺口", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "活动发布"

    def __str__(self) -> str:
        return f"{self.campaign} 发布"


class ChangeRequestQuerySet(models.QuerySet["ChangeRequest"]):
    def visible_to(self, actor: Actor) -> Self:
        campaigns: CampaignQuerySet = Campaign.objects.visible_to(actor)
        return self.filter(campaign__in=campaigns)

    def pending(self) -> Self:
        return self.filter(status=ChangeRequest.Status.PENDING)


class ChangeRequest(Lifecycle, Signed):
    """What the office asks to change of a published campaign (变更申请)."""

    class Status(models.TextChoices):
        PENDING = "pending", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    NEXT = {
        Status.PENDING: (Status.APPROVED, Status.REFUSED, Status.WITHDRAWN),
        Status.APPROVED: (),
        Status.REFUSED: (),
        Status.WITHDRAWN: (),
    }

    class Kind(models.TextChoices):
        DATES = "dates", "调整起止日期"
        OFFICE_NAME = "office_name", "更改办公室简称"
        PARTICIPANT = "participant", "增加参加单位"
        ITEM = "item", "增加检查条目"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="change_requests")
    kind = models.CharField("变更事项", max_length=20, choices=Kind)
    facts = models.JSONField("变更内容", default=dict)  # as the kind asks; see actions.changes
    before = models.CharField("现为", max_length=300, blank=True)
    after = models.CharField("改为", max_length=400)
    reason = models.TextField("理由", max_length=1000)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PENDING)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    # While an approved change is not applied, the database lets its item in
    # (reform/models/checklist_triggers.py).
    applied_at = models.DateTimeField("生效时间", null=True, blank=True)

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "变更申请"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind"],
                condition=Q(status="pending"),
                name="change_request_one_pending_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
                name="change_request_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（{self.campaign}）"

"""Duties proposed (拟授职责): by an import of people, or by one administrator for another.

SOD-10: nobody grants to himself; inspector, leader, audit and security need a second one.
"""

from typing import Self

from django.db import models
from django.db.models import Q

from reform.models.organization import Organization
from reform.models.user import Role, User

TWO_SIGN = (Role.INSPECTOR, Role.LEADER, Role.AUDIT, Role.SECURITY)


class DutyProposalQuerySet(models.QuerySet["DutyProposal"]):
    def waiting(self) -> Self:
        return self.filter(state=DutyProposal.State.WAITING)


class DutyProposal(models.Model):
    class Origin(models.TextChoices):
        IMPORT = "import", "人员导入"
        GRANT = "grant", "授予待复核"
        REORGANIZED = "merger", "组织调整"

    class State(models.TextChoices):
        WAITING = "waiting", "待确认"
        CONFIRMED = "confirmed", "已确认"
        DECLINED = "declined", "未同意"

    user = models.ForeignKey(User, models.PROTECT, related_name="proposals", verbose_name="人员")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="党组织"
    )
    role = models.CharField("职责", max_length=20, choices=Role)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    principal = models.BooleanField("主要负责人", default=False)
    unit_admin = models.BooleanField("单位管理员", default=False)
    fields = models.ManyToManyField(
        Organization, blank=True, related_name="+", verbose_name="分管单位"
    )
    origin = models.CharField("来源", max_length=10, choices=Origin)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    decided_at = models.DateTimeField("确认时间", null=True)
    reason = models.CharField("不同意的理由", max_length=200, blank=True)

    objects = DutyProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "拟授职责"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                condition=Q(state="waiting"),
                name="proposal_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | ~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="proposal_decision_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organization} · {self.get_role_display()}"

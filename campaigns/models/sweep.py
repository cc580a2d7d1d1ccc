"""Risk sweeps (风险排查表, 举一反三): the sheet of one organization for one list of questions.

Domain C11, C12. A sheet answers a checklist of the campaign, or one question that an office asks
(`SweepRequest`). What is swept is an object in words (a post, a process, a business), never a
person's life: no personal surveillance data.
"""

from typing import TYPE_CHECKING, Any, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse

from campaigns.models.campaign import Campaign
from campaigns.models.checklist import PARTS, Checklist
from reform.models import Actor, Lifecycle, Organization, Role, User
from reform.models.scope import RELATIONS, Reach

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from campaigns.models.sweep_submission import SweepSubmission

# As unit rows of the ledger (`pb.read` in PERMISSIONS.md).
READ: dict[str, str] = {
    Role.MEMBER: "U",
    Role.LIAISON: "U",
    Role.SECRETARY: "U",
    Role.INSPECTOR: "V",
    Role.OFFICE: "D",
    Role.LEADER: "D",
}
# Who fills it in for his organization: to the others it is there once it was submitted.
FILL: dict[str, str] = {Role.LIAISON: "U", Role.SECRETARY: "U", Role.LEADER: "U"}


def places_read(actor: Actor) -> Q:
    """Return the condition on organizations whose sheets the actor reads."""
    reach = Reach.of(actor, READ, key="pk")
    for duty in actor.holding(Role.SECRETARY):
        if duty.organization.reads_below:
            reach.add(duty, RELATIONS["D"])
    return Q() if reach.whole else reach.condition()


class SweepRequest(models.Model):
    """An office asks organizations to look at one question of their own by a day (对照排查). Only
    added: who was asked what stays on record."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="sweep_requests")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="发起单位"
    )
    question = models.CharField("排查内容", max_length=300)
    explanation = models.TextField("说明", max_length=2000, blank=True)
    due_on = models.DateField("完成日期")
    asked = models.ManyToManyField(Organization, related_name="+", verbose_name="排查单位")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发起人")
    by_name = models.CharField("发起人姓名", max_length=40)
    at = models.DateTimeField("发起时间")

    class Meta:
        verbose_name = verbose_name_plural = "对照排查"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(question=""), name="sweep_request_asks"),
        ]

    def __str__(self) -> str:
        return f"第{self.pk}号对照排查"  # the trail names it so: its words are no auditor's

    def get_absolute_url(self) -> str:
        return f"{reverse('sweeps', args=[self.campaign_id])}?list=r{self.pk}"


class SweepQuerySet(models.QuerySet["Sweep"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the sheets the actor reads: those that were submitted, as unit rows of the
        ledger; and those he fills in."""
        rows = Organization.objects.order_by()
        filled = Reach.of(actor, FILL, key="pk")
        ours = Q(organization__in=rows.filter(filled.condition()).values("pk"))
        read = Q(organization__in=rows.filter(places_read(actor)).values("pk"))
        return self.filter(ours | read & Q(submitted_at__isnull=False))


class Sweep(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", "填写中"
        SUBMITTED = "submitted", "已报送"
        RETURNED = "returned", "退回修改"
        ACCEPTED = "accepted", "已审阅"

    NEXT = {
        Status.DRAFT: (Status.SUBMITTED,),
        Status.SUBMITTED: (Status.RETURNED, Status.ACCEPTED),
        Status.RETURNED: (Status.SUBMITTED,),
        Status.ACCEPTED: (),
    }

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="sweeps")
    checklist = models.ForeignKey(Checklist, models.PROTECT, null=True, related_name="sweeps")
    request = models.ForeignKey(SweepRequest, models.PROTECT, null=True, related_name="sweeps")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="sweeps", verbose_name="填报单位"
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    # Raised by every change of an object: what is submitted is what was on the page.
    version = models.PositiveIntegerField(default=1, editable=False)
    begun_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填表人")
    begun_at = models.DateTimeField("开始时间")
    saved_at = models.DateTimeField("保存时间")
    submitted_at = models.DateTimeField("最近报送时间", null=True)

    objects = SweepQuerySet.as_manager()

    if TYPE_CHECKING:
        swept: RelatedManager["SweepObject"]
        submissions: RelatedManager["SweepSubmission"]

    class Meta:
        verbose_name = verbose_name_plural = "风险排查表"
        constraints = [
            models.CheckConstraint(
                condition=Q(checklist__isnull=False, request=None)
                | Q(checklist=None, request__isnull=False),
                name="sweep_of_list_or_request",
            ),
            models.UniqueConstraint(
                fields=["checklist", "organization"], name="sweep_once_per_list"
            ),
            models.UniqueConstraint(
                fields=["request", "organization"], name="sweep_once_per_request"
            ),
            models.CheckConstraint(
                condition=Q(status="draft", submitted_at=None)
                | ~Q(status="draft") & Q(submitted_at__isnull=False),
                name="sweep_submitted_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}风险排查表（{self.checklist or self.request}）"

    def get_absolute_url(self) -> str:
        return reverse("sweep", args=[self.pk])

    @property
    def title(self) -> str:
        return self.request.question if self.request else str(self.checklist)

    @property
    def parts(self) -> list[str]:
        return list(self.checklist.parts if self.checklist else PARTS)

    @property
    def is_writable(self) -> bool:
        return self.status in {self.Status.DRAFT, self.Status.RETURNED}


class SweepObject(models.Model):
    """One object swept (排查对象), and what was answered to each question about it."""

    class Kind(models.TextChoices):
        BUSINESS = "business", "业务"
        LINK = "link", "环节"
        POST = "post", "岗位（人员）"
        FIELD = "field", "领域"
        PLACE = "place", "机构"
        ISSUE = "issue", "问题"
        OTHER = "other", "其他"

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="swept")
    kind = models.CharField("对象类别", max_length=10, choices=Kind, default=Kind.BUSINESS)
    name = models.CharField("排查对象", max_length=60)
    # Key of the question → its answer, in the shape of models/sweep_sheet.py.
    lines = models.JSONField("排查情况", default=dict, encoder=DjangoJSONEncoder)
    version = models.PositiveIntegerField(default=1, editable=False)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = verbose_name_plural = "排查对象"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="sweep_object_has_name"),
            models.UniqueConstraint(fields=["sweep", "kind", "name"], name="sweep_object_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("sweep-object", args=[self.pk])

    def as_kept(self) -> dict[str, Any]:
        return {"kind": self.get_kind_display(), "name": self.name, "lines": self.lines}

"""Self-examinations (自查剖析): one person's text about himself, and who may read it.

What is being written (`content`) is the author's alone: no queryset but `of` shows it to anybody.
Others read submissions (models/submission.py), and only those of which the author was told.
"""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from campaigns.models.campaign import Campaign
from campaigns.models.checklist import Checklist
from reform.models import Actor, Attachment, Lifecycle, Organization, Role, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from campaigns.models.submission import Submission


class ExaminationQuerySet(models.QuerySet["Examination"]):
    def of(self, actor: Actor) -> Self:
        """Return the actor's own, by whichever of his accounts he wrote them."""
        return self.filter(author__in=User.objects.of_person(actor.user))

    def submitted(self) -> Self:
        """Return those of which some submission stands: sent in, and not taken back unread."""
        sent = Examination.objects.filter(
            submissions__isnull=False, submissions__withdrawal=None
        ).order_by()
        return self.filter(pk__in=sent.values("pk"))

    def told_to(self, actor: Actor) -> Self:
        """Return those whose author knows that the actor reads them."""
        mine = Reader.objects.for_actor(actor).filter(examination=OuterRef("pk"))
        return self.filter(Exists(mine))

    def of_his_branch(self, actor: Actor) -> Self:
        """Return those of the organizations whose secretary the actor is, by what he holds today.

        Whoever stands in for a secretary on leave does not come to that secretary's own.
        """
        return self._of_secretary(actor, "organization")

    def of_his_team(self, actor: Actor) -> Self:
        """Return those with parts for the leading team (仅班子) whose secretary the actor is."""
        return self._of_secretary(actor, "team")

    def _of_secretary(self, actor: Actor, column: str) -> Self:
        condition = Q(pk__in=[])
        for duty in actor.holding(Role.SECRETARY):
            here = Q((column, duty.organization_id))
            here |= Q((f"{column}__succeeded_by", duty.organization_id))
            if duty.behalf is not None:
                here &= ~Q(author__in=User.objects.of_person(duty.behalf))
            condition |= here
        return self.filter(condition)

    def readable_by(self, actor: Actor) -> Self:
        """Return those of others whose submissions the actor reads, once the author knows.

        `se.read` in PERMISSIONS.md: U of a secretary, X of everybody else (docs/decisions/0026).
        """
        known = self.told_to(actor).values("pk").order_by()
        branch = self.of_his_branch(actor).values("pk").order_by()
        team = self.of_his_team(actor).values("pk").order_by()
        rows = self.filter(Q(pk__in=known) | Q(pk__in=branch) | Q(pk__in=team))
        return rows.exclude(author__in=User.objects.of_person(actor.user)).submitted()

    def visible_to(self, actor: Actor) -> Self:
        """Return whatever has a page for the actor: his own, and what he may read of others."""
        mine = self.of(actor).values("pk").order_by()
        others = self.readable_by(actor).values("pk").order_by()
        return self.filter(Q(pk__in=mine) | Q(pk__in=others))


class Examination(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", "起草中"
        SUBMITTED = "submitted", "已提交"
        RETURNED = "returned", "退回修改"
        ACCEPTED = "accepted", "已审阅"

    # Taken back unread, it is what it was before it was submitted.
    NEXT = {
        Status.DRAFT: (Status.SUBMITTED,),
        Status.SUBMITTED: (Status.DRAFT, Status.RETURNED, Status.ACCEPTED),
        Status.RETURNED: (Status.SUBMITTED,),
        Status.ACCEPTED: (),
    }

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="examinations")
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="examinations")
    author = models.ForeignKey(
        User, models.PROTECT, related_name="examinations", verbose_name="本人"
    )
    # Where he belonged when he began, and again when he submitted.
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="examinations", verbose_name="党组织"
    )
    # Whose leading team reads the parts marked 仅班子; none where nothing was marked.
    team = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name="班子所在单位"
    )
    # Those who were named are gone and nobody here follows them: reviewed on paper since.
    paper_since = models.DateTimeField("转线下审阅时间", null=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    # What is being written, in the shape of models/answers.py.
    content = models.JSONField("正在写的内容", default=dict, encoder=DjangoJSONEncoder)
    # Raised by every save: he may have it open twice.
    version = models.PositiveIntegerField(default=1, editable=False)
    begun_at = models.DateTimeField("开始时间")
    saved_at = models.DateTimeField("保存时间")
    # Typed from his handwriting by somebody else (代录); he submits it, and so confirms it.
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="代录人"
    )
    scan = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")

    objects = ExaminationQuerySet.as_manager()

    if TYPE_CHECKING:
        submissions: RelatedManager["Submission"]
        readers: RelatedManager["Reader"]

    class Meta:
        verbose_name = verbose_name_plural = "自查剖析"
        constraints = [
            models.UniqueConstraint(
                fields=["checklist", "author"],
                name="examination_once_per_checklist",
                violation_error_message="这份清单已经开始填写。",
            ),
            models.CheckConstraint(
                condition=Q(recorded_by=None, scan=None)
                | Q(recorded_by__isnull=False, scan__isnull=False),
                name="examination_recorded_with_scan",
            ),
        ]
        indexes = [
            models.Index(fields=["checklist", "organization"], name="examination_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.author.name}的自查剖析（{self.checklist.title}）"

    def get_absolute_url(self) -> str:
        return reverse("examination", args=[self.pk])

    @property
    def is_writable(self) -> bool:
        return self.status in {self.Status.DRAFT, self.Status.RETURNED}

    def standing(self) -> "models.QuerySet[Submission]":
        """Return what was submitted and not taken back, oldest first."""
        return self.submissions.filter(withdrawal=None).order_by("number")


class ReaderQuerySet(models.QuerySet["Reader"]):
    def in_force(self, on: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)

    def for_actor(self, actor: Actor) -> Self:
        """Return the rows by which the actor reads today: those that rest on a duty end with it,
        and to an office or a plain member none opens anything (`se.read`)."""
        if not actor.holds(Role.SECRETARY, Role.LEADER, Role.INSPECTOR):
            return self.none()
        duty = Q(organization=None)
        for held in actor.duties:
            duty |= Q(organization=held.organization_id, role=held.role)
        mine = Q(person__in=User.objects.of_person(actor.user))
        return self.in_force(actor.on).filter(mine & duty)


class Reader(models.Model):
    """Who reads an examination, and by what right (阅看人). The author is told first."""

    class Basis(models.TextChoices):
        BRANCH = "branch", "所在党组织书记"
        DEPARTMENT = "department", "部门负责人"
        FIELD = "field", "分管领导"
        ABOVE = "above", "上级党组织书记"
        PRINCIPAL = "principal", "上级主要负责人"
        SUCCESSOR = "successor", "接任书记"
        DELEGATE = "delegate", "受托代行书记职责"
        TEAM = "team", "班子现任书记"
        ASSIGNED = "assigned", "指派阅看"

    examination = models.ForeignKey(Examination, models.CASCADE, related_name="readers")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="阅看人")
    basis = models.CharField("依据", max_length=12, choices=Basis)
    # Post and place in words, as the author is told: “第一党支部书记”, or the reason.
    words = models.CharField("说明", max_length=200)
    # The duty it rests on; none when somebody was assigned for himself.
    role = models.CharField("职责", max_length=20, choices=Role, blank=True)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name="单位"
    )
    since = models.DateField("自")
    until = models.DateField("至", null=True)
    told_at = models.DateTimeField("告知本人时间")
    # Whether he reads the parts marked 仅班子, too.
    whole = models.BooleanField("含仅班子部分", default=True)
    assigned_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="指派人"
    )

    objects = ReaderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自查剖析阅看人"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["examination", "person"],
                condition=Q(until=None),
                name="examination_reader_once",
            ),
            models.CheckConstraint(
                condition=Q(assigned_by=None)
                | Q(basis="assigned", until__isnull=False, organization__isnull=False),
                name="examination_assigned_for_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person.name}（{self.words}）"

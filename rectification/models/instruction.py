"""Instructions of leaders (批示), and what was answered (答复).

The words of either never change (SOD-18, by trigger): what is to be added is another entry.
"""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, Prefetch, Q, When
from django.urls import reverse

from campaigns.models import BEIJING, Campaign
from rectification.models.problem import Problem
from reform.models import Actor, Attachment, Lifecycle, Organization, Role, User
from reform.models.scope import Reach

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

# `is.read` (decision 0023): those above, and the organization it is addressed to.
READ: dict[str, str] = {
    Role.LIAISON: "U",
    Role.SECRETARY: "U",
    Role.OFFICE: "D",
    Role.LEADER: "D",
}
RECENT = timedelta(days=30)


class InstructionQuerySet(models.QuerySet["Instruction"]):
    def visible_to(self, actor: Actor) -> Self:
        reach = Reach.of(actor, READ, key="pk")
        places = Organization.objects.order_by()
        mine = Q(author=actor.user)
        if reach.whole:
            return self
        return self.filter(mine | Q(organization__in=places.filter(reach.condition()).values("pk")))

    def open(self) -> Self:
        return self.exclude(status=Instruction.Status.DONE)

    def recent(self, on: date) -> Self:
        """Return all that are open, and those written in the last month."""
        since = datetime.combine(on - RECENT, time(), BEIJING)
        return self.filter(~Q(status=Instruction.Status.DONE) | Q(written_at__gte=since))

    def late(self, on: date) -> Self:
        """Return those whose answer is overdue; the same meaning as `Instruction.is_late`."""
        return self.filter(status=Instruction.Status.OPEN, answer_by__lt=on)

    def unanswered_at(self, places: list[int]) -> Self:
        """Return those that one of these organizations has to answer."""
        return self.filter(status=Instruction.Status.OPEN, organization__in=places)

    def whole(self) -> Self:
        """Add what a list shows beside the words."""
        entries = InstructionEntry.objects.select_related("by")
        return self.select_related(
            "organization", "place", "problem", "author", "recorded_by"
        ).prefetch_related(Prefetch("entries", entries))


class Instruction(Lifecycle):
    class Status(models.TextChoices):
        OPEN = "open", "待答复"
        ANSWERED = "answered", "已答复"
        DONE = "done", "已办结"

    # Answered again, or asked again, as often as it takes.
    NEXT = {
        Status.OPEN: (Status.ANSWERED, Status.DONE),
        Status.ANSWERED: (Status.ANSWERED, Status.OPEN, Status.DONE),
        Status.DONE: (),
    }

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="instructions")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="instructions", verbose_name="办理单位"
    )
    problem = models.ForeignKey(
        Problem, models.PROTECT, null=True, related_name="instructions", verbose_name="所涉问题"
    )
    text = models.TextField("批示内容")
    answer_by = models.DateField("答复期限", null=True)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    author_name = models.CharField("批示人", max_length=40)
    author_post = models.CharField("职务", max_length=60, blank=True)
    # From where: the organization whose leader wrote, or whose office recorded.
    place = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="单位")
    written_at = models.DateTimeField("时间")
    # Written on paper: who entered it, the day on the paper, its scan where there is one.
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_on = models.DateField("批示日期", null=True)
    scan = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN)
    # Since when an answer is waited for: written, or asked again.
    asked_at = models.DateTimeField("要求答复时间")
    # An answer that is being prepared (联络员起草); of the addressed organization alone.
    draft = models.TextField("答复草稿", blank=True)
    drafted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = InstructionQuerySet.as_manager()

    if TYPE_CHECKING:
        entries: RelatedManager["InstructionEntry"]

    class Meta:
        verbose_name = verbose_name_plural = "批示"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="instruction_has_text"),
            models.CheckConstraint(
                condition=Q(recorded_by=None, signed_on=None, scan=None, author__isnull=False)
                | Q(recorded_by__isnull=False, signed_on__isnull=False),
                name="instruction_on_paper_is_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization"], condition=Q(status="open"), name="instruction_unanswered"
            ),
        ]

    def __str__(self) -> str:
        day = self.day
        return f"{self.author_name}{day.year}年{day.month}月{day.day}日批示"

    def get_absolute_url(self) -> str:
        return reverse("instruction", args=[self.pk])

    @property
    def day(self) -> date:
        """The day it bears: on paper the day on the paper."""
        return self.signed_on or self.written_at.astimezone(BEIJING).date()

    @property
    def signed(self) -> str:
        """“王某某批示（李某代录）”, or the name alone."""
        if self.recorded_by:
            return f"{self.author_name}批示（{self.recorded_by.name}代录）"
        return f"{self.author_name}批示"

    @property
    def answers(self) -> list["InstructionEntry"]:
        """What was answered; from what is prefetched."""
        kind = InstructionEntry.Kind.ANSWER
        return [entry for entry in self.entries.all() if entry.kind == kind]

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE

    def days_open(self, on: date) -> int:
        """Return for how many days an answer has been waited for."""
        return (on - self.asked_at.astimezone(BEIJING).date()).days

    def is_late(self, on: date) -> bool:
        waits = self.status == self.Status.OPEN
        return waits and self.answer_by is not None and self.answer_by < on


# In lists: what waits for an answer first, what is done last.
OPEN_FIRST = Case(When(status="open", then=0), When(status="answered", then=1), default=2)


class InstructionEntry(models.Model):
    """What came after: an answer, another question, or that it is done. Rows are only added."""

    class Kind(models.TextChoices):
        ANSWER = "answer", "答复"
        AGAIN = "again", "再次批示"
        DONE = "done", "办结"

    instruction = models.ForeignKey(Instruction, models.PROTECT, related_name="entries")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    text = models.TextField("内容", blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # Who stands for it, as he was called; who had prepared it.
    by_name = models.CharField("办理人", max_length=40)
    prepared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "批示办理"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="done") | ~Q(text=""), name="instruction_entry_has_text"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instruction} {self.get_kind_display()}"

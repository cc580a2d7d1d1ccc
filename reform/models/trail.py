"""The trail (操作留痕): who did what to which row, for whom, when, from where, in which words."""

from typing import Self

from django.db import models
from django.db.models import Q

from reform.models.actor import Actor
from reform.models.organization import Organization
from reform.models.user import Role, User

# Where acts come from that come from no address.
SHELL, WORKER = "命令行", "后台任务"


def target_of(row: models.Model) -> str:
    return f"{row._meta.label_lower}:{row.pk}"  # noqa: SLF001 -- the public road to a label


class TrailQuerySet(models.QuerySet["TrailEntry"]):
    def of(self, row: models.Model) -> Self:
        return self.filter(target=target_of(row)).order_by("pk")

    def visible_to(self, actor: Actor) -> Self:
        """What an administrator may search: `au.read`, `au.read_admin`, `au.read_auditor`.

        Nobody watches himself: what auditors did is the security administrator's to see.
        """
        by_auditors = Q(made_as=Role.AUDIT)
        if actor.holds(Role.AUDIT):
            return self.exclude(by_auditors)
        return self.filter(by_auditors) if actor.holds(Role.SECURITY) else self.none()

    def saying(self, words: str) -> Self:
        """Whose sentence, as an auditor reads it, holds these words."""
        return self.filter(sentence__contains=words).exclude(subject="")

    def newest_first(self) -> Self:
        """By moment and key, which every index of the trail ends in."""
        return self.order_by("-at", "-pk")


class TrailEntry(models.Model):
    """One act. Rows are added by actions.trail.record; a trigger forbids anything else.

    The target is label and key, not a foreign key, so the trail outlives the row. `act` is for
    filters and code, `sentence` is what a person reads, in the words of that day. `quote` and
    `detail` hold what was written: for who may read the row, not for who audits (au.read shows
    metadata). An entry without `subject` was written before those were kept apart.

    Rows are sealed by what models/trail_line.py says of each column: a new column needs a new form.
    """

    act = models.CharField("事项", max_length=50)
    sentence = models.CharField("说明", max_length=400)
    quote = models.CharField("原话", max_length=400, blank=True)
    target = models.CharField("对象", max_length=100)
    subject = models.CharField("对象名称", max_length=100, blank=True)
    # No index of their own where one of those below begins with the column.
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="操作人", db_index=False
    )
    by_name = models.CharField("操作人姓名", max_length=100, blank=True)
    behalf_name = models.CharField("代谁", max_length=40, blank=True)
    # One of the three administrators, or empty.
    made_as = models.CharField("身份", max_length=20, blank=True)
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="操作人单位",
        db_index=False,
    )
    at = models.DateTimeField("时间")
    address = models.CharField("来源地址", max_length=45, blank=True)
    detail = models.JSONField("明细", default=dict)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "操作留痕"
        indexes = [
            models.Index(fields=["target", "id"], name="trail_by_target"),
            models.Index(fields=["subject"], name="trail_by_subject"),
            models.Index(fields=["at", "id"], name="trail_by_time"),
            models.Index(fields=["by", "at", "id"], name="trail_by_person"),
            models.Index(fields=["act", "at", "id"], name="trail_by_act"),
            models.Index(fields=["organization", "at", "id"], name="trail_by_organization"),
            models.Index(fields=["address", "at", "id"], name="trail_by_address"),
            models.Index(fields=["made_as", "at", "id"], name="trail_by_capacity"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def in_full(self) -> str:
        """The sentence with what was written, for the page of the row itself."""
        if not self.quote:
            return self.sentence
        return f"{self.sentence.removesuffix(f'：{self.subject}')}：{self.quote}"

    @property
    def for_audit(self) -> str:
        """What an auditor reads: who, what, which row. Older entries hold texts between."""
        return self.sentence if self.subject else self.act_in_words

    @property
    def said(self) -> str:
        """What stands behind the act's words, for an auditor."""
        words = self.for_audit.partition("：")[2]
        return "" if words == self.subject else words

    @property
    def act_in_words(self) -> str:
        """The act's own words of that day, which every sentence begins with."""
        return self.sentence.partition("：")[0]

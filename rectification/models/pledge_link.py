"""What became of a promise (承诺兑现): the problems on the ledger that it is about."""

from datetime import date, datetime

from django.db import models
from django.db.models import Prefetch

from campaigns.models import BEIJING, PledgeItem
from rectification.models.problem import Problem
from reform.models import Actor, User


class PledgeLink(models.Model):
    """A promise is about a problem; who may not read the problem does not learn that it is."""

    item = models.ForeignKey(PledgeItem, models.CASCADE, related_name="links")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="pledge_links")
    linked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    linked_at = models.DateTimeField("关联时间")

    class Meta:
        verbose_name = verbose_name_plural = "承诺所涉问题"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "problem"], name="pledge_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item} · {self.problem}"

    @property
    def standing(self) -> tuple[str, str, date | None]:
        """Return how the problem stands, from the ledger alone: word, what the day is, the day."""
        row = self.problem
        if row.status == Problem.Status.CLOSED:
            return str(row.get_status_display()), "销号", _day_of(row.closed_at)
        if row.due_kind == Problem.DueKind.STANDING:
            return "长期坚持", "下次复核", row.review_on or row.due_on
        return str(row.get_status_display()), "整改时限", row.due_on


def _day_of(at: datetime | None) -> date | None:
    return at.astimezone(BEIJING).date() if at else None


def seen_links(actor: Actor) -> "Prefetch[str]":
    """Return the links to problems that the actor may read, as `seen_links` of each promise."""
    seen = Problem.objects.visible_to(actor).order_by().values("pk")
    rows = PledgeLink.objects.filter(problem__in=seen).select_related("problem")
    return Prefetch("links", rows, to_attr="seen_links")

from django.db import models
from django.db.models import Q

from campaigns.models import ReferenceCase
from rectification.models.problem import Problem
from reform.models import User
from reform.text import key_of


class CaseLink(models.Model):
    """A problem came of a reference case (由案例引出). Closed rows keep theirs, by trigger."""

    case = models.ForeignKey(ReferenceCase, models.PROTECT, related_name="links")
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="case_links")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("关联时间")

    class Meta:
        verbose_name = verbose_name_plural = "由案例引出"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "problem"], name="case_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.problem}"


def came_of(value: str) -> Q:
    """Return the rows that came of the case whose key stands in an address."""
    links = CaseLink.objects.filter(case=key_of(value)).order_by()
    return Q(pk__in=links.values("problem"))


def came_of_any() -> Q:
    """Return the rows that came of a case, whichever."""
    return Q(pk__in=CaseLink.objects.order_by().values("problem"))

"""What figures were at an earlier moment, from facts that have a day of their own.

When a row was registered, issued, applied for, closed, and from which day each change moved its
deadline: with the trail's 退回交办 this says exactly which rows a figure counted then. They are the
rows that lie in the field today: a change of the tree is not undone.
"""

from datetime import datetime

from django.db.models import DateField, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan

from campaigns.models import BEIJING
from rectification.models.act import Act
from rectification.models.closure import ClosureApplication
from rectification.models.deadline_change import DeadlineChange
from rectification.models.problem import Problem
from reform.models import TrailEntry

HANDED = (Act.ISSUED, Act.ASSIGNED, Act.ASSIGNMENT_RETURNED)


def at(then: datetime) -> dict[str, Q]:
    """Return the rows that each figure counted at the moment `then`, by its code.

    Of what has been sent back since then (退回交办) nobody knows the day it was due: `unsure` holds
    these rows, and where there are any the earlier 逾期 is not known.
    """
    went_back = Q(pk__in=_returned_since(then))
    not_closed = Q(closed_at=None) | Q(closed_at__gte=then)
    issued = ~Q(status__in=["draft", "registered"]) & Q(issued_at__lt=then) & not_closed
    under_way = issued | went_back
    reviewed = ClosureApplication.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=then), problem=OuterRef("pk"), applied_at__lt=then
    )
    moved = DeadlineChange.objects.filter(problem=OuterRef("pk"), at__gte=then).order_by("pk")
    due = Coalesce(Subquery(moved.values("was")[:1]), F("due_on"), output_field=DateField())
    late = Q(LessThan(due, then.astimezone(BEIJING).date()))
    return {
        "total": Q(registered_at__lt=then),
        "closed": Q(closed_at__lt=then),
        "under_way": under_way,
        "in_review": issued & Q(Exists(reviewed)),
        "overdue": issued & ~Q(Exists(reviewed)) & late,
        "unsure": went_back,
    }


def _returned_since(then: datetime) -> list[int]:
    """Return the rows that were issued at that moment and have been sent back since."""
    since = TrailEntry.objects.filter(at__gte=then)
    back = since.filter(act=Act.ASSIGNMENT_RETURNED).values("target")
    found: dict[str, str] = {}
    entries = since.filter(act__in=HANDED, target__in=back).order_by("pk")
    for target, act in entries.values_list("target", "act"):
        found.setdefault(target, act)
    label = Problem._meta.label_lower  # noqa: SLF001 -- its public name
    return [
        int(target.removeprefix(f"{label}:"))
        for target, first in found.items()
        if first == Act.ASSIGNMENT_RETURNED
    ]

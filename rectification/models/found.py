"""What people found in themselves (自查发现的问题), and what became of it on the ledger.

A finding has a problem or has none yet: drawn, not pushed (HOUSE). Its words are an examination's:
whoever has not opened that is shown none of them.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Examination, Finding, Reading
from reform.models import Actor, User

# State in the address → its word, and which findings those are.
STATES: dict[str, tuple[str, Q]] = {
    "waiting": ("未入账", Q(problem=None)),
    "taken": ("已入账", Q(problem__isnull=False)),
    "all": ("全部", Q()),
}
# What a page says of a finding.
WHOLE = (
    "item",
    "question",
    "problem",
    "submission__examination__author",
    "submission__examination__campaign",
    "submission__examination__checklist",
    "submission__examination__organization",
    "submission__examination__team",
)


def of_his_branch(actor: Actor) -> QuerySet[Finding]:
    """Return the findings of the organizations whose secretary the actor is, his own among them,
    with `is_read`: whether he wrote the text or has opened it, which the author then saw.

    What was marked 仅班子 is the secretary's of the leading team, and never the branch's."""
    branch, team = (
        Q(submission__examination__in=rows.order_by().values("pk"))
        for rows in (
            Examination.objects.of_his_branch(actor),
            Examination.objects.of_his_team(actor),
        )
    )
    of_team = Q(team_only=True, submission__examination__team__isnull=False)
    mine = User.objects.of_person(actor.user)
    opened = Reading.objects.filter(submission=OuterRef("submission"), person__in=mine)
    return Finding.objects.filter(branch & ~of_team | team & of_team).annotate(
        is_read=Exists(opened) | Q(submission__examination__author__in=mine)
    )


def of_himself(actor: Actor) -> QuerySet[Finding]:
    """Return what the actor found in himself."""
    rows = Examination.objects.of(actor).order_by().values("pk")
    return Finding.objects.filter(submission__examination__in=rows)


def waiting(actor: Actor) -> int:
    """Return how many wait for the actor to take them onto the ledger."""
    rows = of_his_branch(actor).filter(
        problem=None, submission__examination__campaign__status="published"
    )
    return rows.count()

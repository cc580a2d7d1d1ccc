"""The desk (工作台): what waits for me, what is due, what is late, what came back."""

from typing import Any

from django.db.models import Q
from django.views.generic import TemplateView

from campaigns.models import Campaign, ClosingStep
from rectification import policy, statistics
from rectification.models import Problem, ReviewStep, Upload
from rectification.models.ledger_filter import SOON
from rectification.models.problem_queryset import REVIEWERS, due_within, overdue
from rectification.views.imports import may_import
from reform.models import Actor

SHOWN = 8


class Desk(TemplateView):
    template_name = "rectification/desk.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        context = super().get_context_data(**kwargs) | {"on": actor.on}
        if actor.is_administrator:
            return context | {"administrator": True}
        rows = Problem.objects.visible_to(actor)
        waiting = list(waiting_steps(actor)[: SHOWN + 1])
        return context | {
            "stands_for": actor.delegated,
            "my_steps": waiting[:SHOWN],
            "more_waiting": len(waiting) > SHOWN,
            "may_review": bool(waiting) or actor.holds(*REVIEWERS),
            "sections": [
                section(words, empty, rows.filter(condition), query)
                for words, empty, condition, query in sections(actor)
            ],
            "figures": figures(rows, actor),
            "uploads": Upload.objects.filter(by=actor.user, state="read").order_by("-pk")[:3],
            "campaigns": Campaign.objects.visible_to(actor).open().order_by("pk"),
            "may_file": actor.holds(*policy.scopes("pb.create")),
            "may_import": may_import(actor),
        }


def waiting_steps(actor: Actor) -> Any:
    """Return the open steps that lie where the actor holds the role for them, oldest first.

    Those he applied for himself are left out: he may not take them (SOD-01). So are rows he may
    not read: somebody's personal row, and for a leader what lies outside his field.
    """
    condition = Q(appointments__user=actor.user, appointments__until__gte=actor.on)
    for duty in actor.duties:
        kinds = [kind for kind, roles in ClosingStep.ROLES.items() if duty.role in roles]
        if kinds:
            condition |= Q(holder=duty.organization, kind__in=kinds)
    mine = Q(application__applicant=actor.user) | Q(application__entered_by=actor.user)
    rows = ReviewStep.objects.open().visible_to(actor).filter(condition).exclude(mine)
    rows = rows.select_related("application__problem__organization", "holder")
    return rows.distinct().order_by("opened_at", "pk")


def sections(actor: Actor) -> list[tuple[str, str, Q, str]]:
    """Return the lists of the desk: words, what to say when empty, rows, the ledger's address."""
    answers = actor.user.answers_for.filter(part="responsible").values("problem")
    mine = Q(pk__in=answers, is_open=True, status="rectifying")
    back = Q(is_open=True, status="rectifying", applications__outcome="returned")
    to_assign = Q(is_open=True, status__in=["registered", "assigned"])
    return [
        ("由我整改", "", mine, f"view=rectifying&sort=due&q={actor.user.name}"),
        ("已逾期", "没有逾期的问题。", overdue(actor.on), "view=overdue&sort=due"),
        (
            f"{SOON}日内到期",
            "近期没有到期的问题。",
            due_within(SOON, actor.on),
            "view=soon&sort=due",
        ),
        ("退回补改", "没有被退回的问题。", back, "view=rectifying&sort=due"),
        ("待交办、待签收", "没有等待交办或签收的问题。", to_assign, "view=registered"),
    ]


def section(words: str, empty: str, rows: Any, query: str) -> dict[str, Any]:
    found = list(
        rows.select_related("organization").distinct().order_by("due_on", "pk")[: SHOWN + 1]
    )
    return {
        "words": words,
        "empty": empty,
        "rows": found[:SHOWN],
        "more": len(found) > SHOWN,
        "query": query,
    }


def figures(rows: Any, actor: Actor) -> list[tuple[str, str, str]]:
    """Return (words, count, the ledger's address) for the tiles on top."""
    counts = statistics.chip_counts(rows, on=actor.on)
    tiles = (
        ("已入账", "all"),
        ("整改中", "rectifying"),
        ("已逾期", "overdue"),
        ("已销号", "closed"),
    )
    return [(words, statistics.shown(counts[code]), f"view={code}") for words, code in tiles]

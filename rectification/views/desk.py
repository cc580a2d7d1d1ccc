"""The desk (工作台): what waits for me, what is due, what is late, what came back."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.views.generic import TemplateView

from campaigns.models import Campaign, ClosingStep
from rectification import policy, statistics
from rectification.actions import deadlines
from rectification.models import Problem, ReviewStep, Upload
from rectification.models.ledger_filter import SOON
from rectification.models.problem_queryset import REVIEWERS, due_within, overdue
from rectification.views.imports import may_import
from reform.models import Actor, User
from reform.views import administrators

SHOWN = 8
LOOKED_AT = 50  # waiting steps of which the desk tells whose they may be


class Desk(TemplateView):
    template_name = "rectification/desk.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        context = super().get_context_data(**kwargs) | {"on": actor.on}
        if actor.is_administrator:
            return context | administrators.desk(actor, now=timezone.now())
        rows = Problem.objects.visible_to(actor)
        mine, barred, unlooked = my_steps(actor)
        return context | {
            "stands_for": actor.delegated,
            "my_steps": mine[:SHOWN],
            "more_waiting": unlooked or len(mine) > SHOWN,
            "barred": barred,
            "may_review": bool(mine) or actor.holds(*REVIEWERS),
            "sections": [
                section(words, empty, rows.filter(condition), query, on=actor.on)
                for words, empty, condition, query in sections(actor)
            ],
            "figures": figures(rows, actor),
            "uploads": Upload.objects.filter(by=actor.user, state="read").order_by("-pk")[:3],
            "campaigns": Campaign.objects.visible_to(actor).open().order_by("pk"),
            "may_file": actor.holds(*policy.scopes("pb.create")),
            "may_import": may_import(actor),
        }


def my_steps(actor: Actor) -> tuple[list[ReviewStep], int, bool]:
    """Return which steps the actor may take of the oldest that wait at his place; from how many
    of these he has to keep out (回避); and whether more wait than were looked at."""
    steps = list(waiting_steps(actor)[: LOOKED_AT + 1])
    looked = steps[:LOOKED_AT]
    barred = policy.barred_from(actor.user, looked, on=actor.on) if looked else {}
    for person, lent in in_place_of(actor, looked).items():
        barred |= policy.barred_from(person, lent, on=actor.on)
    mine = [step for step in looked if step.pk not in barred]
    return mine, len(barred), len(steps) > LOOKED_AT


def in_place_of(actor: Actor, steps: list[ReviewStep]) -> dict[User, list[ReviewStep]]:
    """Return which of the steps lie with the actor only by what he holds for somebody on leave:
    that person's conflicts keep him out as well (SOD-14)."""
    found: dict[User, list[ReviewStep]] = {}
    for step in steps if actor.delegated else ():
        roles = ClosingStep.ROLES[ClosingStep.Kind(step.kind)]
        here = [duty for duty in actor.holding(*roles) if duty.organization_id == step.holder_id]
        if here and all(duty.behalf for duty in here):
            found.setdefault(here[0].user, []).append(step)
    return found


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
    rows = rows.select_related(
        "application__problem__organization",
        "application__applicant",
        "application__entered_by",
        "holder",
    )
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


def section(words: str, empty: str, rows: Any, query: str, *, on: date) -> dict[str, Any]:
    found = list(
        rows.select_related("organization").distinct().order_by("due_on", "pk")[: SHOWN + 1]
    )
    waiting = [row.pk for row in found if row.status == Problem.Status.REGISTERED]
    lacks = deadlines.lacking_of(waiting, on=on) if waiting else {}
    return {
        "words": words,
        "empty": empty,
        "rows": [(row, "、".join(lacks.get(row.pk, ()))) for row in found[:SHOWN]],
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

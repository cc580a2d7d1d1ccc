"""The desk (工作台): what waits for me, what is due, what is late, what came back."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.views.generic import TemplateView

from campaigns.models import Campaign, ClosingStep
from campaigns.views import examination_lists
from rectification import policy, statistics
from rectification.actions import deadlines
from rectification.models import (
    Appointment,
    ClosureApplication,
    EarlierDeadline,
    Instruction,
    Problem,
    ReviewStep,
    Upload,
    found,
)
from rectification.models.problem_queryset import REVIEWERS, SOON, due_within, overdue
from rectification.views import campaign_desk, weekly_desk
from rectification.views.imports import may_import
from reform.models import Actor, Role, User
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
        due = campaign_desk.waiting(actor)
        return context | {
            "stands_for": actor.delegated,
            "my_steps": mine[:SHOWN],
            "more_waiting": unlooked or len(mine) > SHOWN,
            "barred": barred,
            "may_review": bool(mine) or actor.holds(*REVIEWERS),
            "sections": filled(rows, actor),
            "figures": figures(rows, actor),
            "uploads": Upload.objects.filter(by=actor.user, state="read").order_by("-pk")[:3],
            "earlier": earlier(actor),
            "weekly": weekly_desk.waiting(actor, at=timezone.now()),
            "unanswered": unanswered(actor),
            "to_take": found.waiting(actor) if actor.holds(Role.SECRETARY) else 0,
            "examining": examination_lists.waiting(actor),
            "due": due[:SHOWN],
            "more_due": len(due) > SHOWN,
            "urges": actor.holds(*policy.scopes("pb.urge")),
            "leads": actor.holds(Role.LEADER),
            "campaigns": Campaign.objects.visible_to(actor).open().order_by("pk"),
            "may_file": actor.holds(*policy.scopes("pb.create")),
            "may_import": may_import(actor),
        }


def earlier(actor: Actor) -> int:
    """Return how many deadlines a changed calendar would bring forward if the actor approves."""
    if not actor.holds(*policy.scopes("cal.approve")):
        return 0
    return EarlierDeadline.objects.waiting().to_decide(actor).count()


def unanswered(actor: Actor) -> list[Instruction]:
    """Return the instructions (批示) that the actor's organizations have to answer, the longest
    waiting first."""
    places = [duty.organization_id for duty in actor.holding(*policy.scopes("is.draft"))]
    if not places:
        return []
    rows = Instruction.objects.unanswered_at(places).select_related("organization", "recorded_by")
    return list(rows.order_by("asked_at", "pk")[:SHOWN])


def my_steps(actor: Actor) -> tuple[list[ReviewStep], int, bool]:
    """Return which steps the actor may take of the oldest that wait at his place; from how many
    of these he has to keep out (回避); and whether more wait than were looked at."""
    steps = waiting_steps(actor, LOOKED_AT + 1)
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


def waiting_steps(actor: Actor, most: int) -> list[ReviewStep]:
    """Return at most so many open steps that lie where the actor holds the role for them, oldest
    first.

    Those he applied for himself are left out: he may not take them (SOD-01). So are rows he may
    not read: somebody's personal row, and for a leader what lies outside his field. Keys first:
    thousands may wait at a county's office, and their rows are wide.
    """
    appointed = Appointment.objects.filter(user=actor.user, until__gte=actor.on)
    steps = ReviewStep.objects.open()
    held = Q(pk__in=[])
    for duty in actor.duties:
        kinds = [kind for kind, roles in ClosingStep.ROLES.items() if duty.role in roles]
        if kinds:
            held |= Q(holder=duty.organization, kind__in=kinds)
    # A union: joined by OR, PostgreSQL looks through all that wait anywhere.
    here = appointed.values("step").union(steps.filter(held).order_by().values("pk"), all=True)
    mine = Q(application__applicant=actor.user) | Q(application__entered_by=actor.user)
    rows = steps.visible_to(actor).filter(pk__in=here).exclude(mine)
    oldest = rows.order_by("opened_at", "pk").values("pk")[:most]
    whole = ReviewStep.objects.filter(pk__in=oldest).select_related(
        "application__problem__organization",
        "application__applicant",
        "application__entered_by",
        "holder",
    )
    return list(whole.order_by("opened_at", "pk"))


def sections(actor: Actor) -> list[tuple[str, str, list[Q], str]]:
    """Return the lists of the desk: words, what to say when empty, rows, the ledger's address."""
    answers = actor.user.answers_for.filter(part="responsible").values("problem")
    returned = ClosureApplication.objects.filter(outcome="returned").values("problem")
    # Not “is being rectified”: SQLite would start from all that are, not from the few keys.
    rectifying = ~Q(status__in=sorted(set(Problem.Status) - {Problem.Status.RECTIFYING}))
    mine, back = Q(pk__in=answers) & rectifying, Q(pk__in=returned) & rectifying
    return [
        ("由我整改", "", [mine], f"view=rectifying&sort=due&q={actor.user.name}"),
        ("已逾期", "没有逾期的问题。", [overdue(actor.on)], "view=overdue&sort=due"),
        (
            f"{SOON}日内到期",
            "近期没有到期的问题。",
            [due_within(SOON, actor.on)],
            "view=soon&sort=due",
        ),
        ("退回补改", "没有被退回的问题。", [back], "view=rectifying&sort=due"),
        # Each by itself: no index has two states in the order of their days, and the engines put
        # what has no day yet at opposite ends.
        (
            "待交办、待签收",
            "没有等待交办或签收的问题。",
            [
                Q(status=status, due_on__isnull=undated)
                for undated in (False, True)
                for status in ("registered", "assigned")
            ],
            "view=registered",
        ),
    ]


def filled(rows: Any, actor: Actor) -> list[dict[str, Any]]:
    """Return the lists with their rows, those due first in front.

    Keys first, from an index alone: thousands may be late in a county, and rows are wide. Then all
    rows of all lists at once.
    """
    asked = [
        (words, empty, [pk for one in lists for pk in first_due(rows.filter(one))], query)
        for words, empty, lists, query in sections(actor)
    ]
    whole = Problem.objects.select_related("organization")
    known = whole.in_bulk({pk for _, _, keys, _ in asked for pk in keys})
    waiting = {row.pk for row in known.values() if row.status == Problem.Status.REGISTERED}
    lacks = deadlines.lacking_of(waiting, on=actor.on) if waiting else {}
    found = []
    for words, empty, keys, query in asked:
        shown = sorted((known[pk] for pk in keys if pk in known), key=due_order)
        found.append(
            {
                "words": words,
                "empty": empty,
                "rows": [(row, "、".join(lacks.get(row.pk, ()))) for row in shown[:SHOWN]],
                "more": len(shown) > SHOWN,
                "query": query,
            }
        )
    return found


def first_due(rows: Any) -> list[int]:
    """Return the keys of those due first, one more than shown."""
    return list(rows.order_by("due_on", "pk").values_list("pk", flat=True)[: SHOWN + 1])


def due_order(row: Problem) -> tuple[bool, date, int]:
    """Those without a day stand last."""
    return row.due_on is None, row.due_on or date.max, row.pk


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

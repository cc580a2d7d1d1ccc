"""What the actor has to write and to review (自查剖析), and beginning one's own."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from campaigns import policy
from campaigns.actions import examinations
from campaigns.models import (
    Campaign,
    Checklist,
    CopyRequest,
    Examination,
    Item,
    PartVerdict,
    Question,
    Reader,
    Reading,
)
from reform.errors import Refused
from reform.models import Actor, Role, User
from reform.views.lists import PagedList

# What a page of an examination asks about it.
WHOLE = (
    *("campaign", "checklist", "author", "recorded_by", "scan"),
    *("organization__succeeded_by", "team__succeeded_by"),
)

READING = (Role.SECRETARY, Role.LEADER, Role.INSPECTOR)
SHOWN = 8  # on the desk
LATER = ("草稿", "未开始")  # states that nobody else waits for, below all others


def asked_of(actor: Actor) -> QuerySet[Checklist]:
    """Return the checklists by which the actor examines himself now."""
    home = actor.home
    if home is None or not actor.holds(*policy.BUSINESS):
        return Checklist.objects.none()
    above = Q(organization__path__in=home.lineage)
    above |= Q(participations__organization__path__in=home.lineage)
    campaigns = Campaign.objects.open().filter(above).values("pk")
    return examining(campaign__in=campaigns)


def examining(**where: Any) -> QuerySet[Checklist]:
    """Return the checklists of self-examination that ask for anything."""
    items, questions = (
        Exists(model.objects.filter(checklist=OuterRef("pk"))) for model in (Item, Question)
    )
    rows = Checklist.objects.filter(
        items | questions, purpose=Checklist.Purpose.EXAMINATION, **where
    )
    return rows.select_related("campaign").order_by("campaign", "position")


def recordable(actor: Actor) -> QuerySet[Checklist]:
    """Return the checklists for which the actor may type in what others wrote by hand."""
    campaigns = Campaign.objects.visible_to(actor).open().values("pk")
    if not actor.holds(*policy.TABLE["se.record"][1]):
        return Checklist.objects.none()
    return examining(campaign__in=campaigns)


class ExaminationList(PagedList):
    """One's own on top, and below them those of others that one reviews or has reviewed."""

    template_name = "campaigns/examinations/list.html"
    title = "自查剖析"

    def get_queryset(self) -> QuerySet[Examination]:
        rows = Examination.objects.readable_by(self.request.actor).select_related(*WHOLE)
        return rows.order_by("-status", "organization__sequence", "author__name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        mine = list(Examination.objects.of(actor).select_related(*WHOLE).order_by("-pk"))
        begun = {row.checklist_id for row in mine}
        return super().get_context_data(**kwargs) | {
            "mine": mine,
            "unbegun": [one for one in asked_of(actor) if one.pk not in begun],
            "reviews": actor.holds(*READING),
            "may_record": actor.holds(*policy.TABLE["se.record"][1]),
            "recordable": recordable(actor),
            "may_see_status": actor.holds(*policy.STATUS),
            "may_see_copies": actor.holds(*policy.EXPORTERS, *policy.TABLE["ex.approve"][1]),
            "is_secretary": actor.holds(Role.SECRETARY),
            "campaigns": Campaign.objects.visible_to(actor).open().order_by("pk"),
        }


class Begin(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        checklist = get_object_or_404(
            Checklist.objects.filter(campaign__in=Campaign.objects.visible_to(request.actor)), pk=pk
        )
        try:
            row = examinations.begin(checklist, by=request.actor, at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("examinations")
        return redirect("examination-write", row.pk)


def waiting(actor: Actor) -> list[dict[str, Any]]:
    """Return what the desk says of examinations: one's own that are not submitted, and those that
    wait for one's review; what was sent back and what others wait for in front. Each with words,
    state, address and what it begins."""
    own = Examination.objects.of(actor).select_related("campaign", "checklist")
    begun = {row.checklist_id: row for row in own}
    found = [
        _line(f"{one.campaign} · {one}", "未开始", reverse("examinations"), begins=one.pk)
        for one in asked_of(actor)
        if one.pk not in begun
    ]
    for row in begun.values():
        if row.is_writable and row.campaign.is_open:
            words = f"{row.campaign} · {row.checklist}"
            state = "退回修改" if row.status == row.Status.RETURNED else "草稿"
            if row.recorded_by_id and row.status == row.Status.DRAFT:
                state = "代录，待本人确认"
            found.append(_line(words, state, reverse("examination-write", args=[row.pk])))
    if not actor.holds(*READING):
        return sorted(found, key=_urgency)
    return sorted([*found, *_of_others(actor), *_copies(actor)], key=_urgency)


def _urgency(line: dict[str, Any]) -> int:
    return LATER.index(line["state"]) + 1 if line["state"] in LATER else 0


def _copies(actor: Actor) -> Iterator[dict[str, Any]]:
    """Yield the copies of texts that wait for his approval (SOD-20)."""
    if not actor.holds(*policy.TABLE["ex.approve"][1]):
        return
    rows = CopyRequest.objects.to_approve(actor).pending().select_related("asked_by")
    for row in rows.order_by("pk")[:SHOWN]:
        words = f"{row.asked_by.name}申请导出自查剖析"
        yield _line(words, "等您审批", row.get_absolute_url())


def _of_others(actor: Actor) -> Iterator[dict[str, Any]]:
    """Yield what waits for his review, and what he was assigned to read and has not opened."""
    me = User.objects.of_person(actor.user)
    mine = Reader.objects.for_actor(actor).filter(examination=OuterRef("pk"))
    assigned = Exists(mine.filter(assigned_by__isnull=False))
    seated = Exists(mine.filter(role__in=policy.REVIEWERS))
    here = {"submission__examination": OuterRef("pk"), "submission__verdict": None}
    opened = Reading.objects.filter(submission__examination=OuterRef("pk"), person__in=me)
    given = Exists(PartVerdict.objects.filter(**here, by__in=me))
    rows = Examination.objects.readable_by(actor).filter(Exists(mine))
    rows = rows.annotate(
        reviews=Q(status=Examination.Status.SUBMITTED) & Q(seated) & ~Q(given)
    ).filter(Q(reviews=True) | Q(assigned) & ~Exists(opened))
    for row in rows.select_related("author", "checklist").order_by("pk")[:SHOWN]:
        state = "等您审阅" if row.reviews else "指派您阅看"
        yield _line(str(row), state, row.get_absolute_url())


def _line(words: str, state: str, url: str, *, begins: int | None = None) -> dict[str, Any]:
    """`begins` is the checklist whose examination the desk offers to begin at once."""
    return {"words": words, "state": state, "url": url, "begins": begins}

"""Sessions of portraits (画像比对): the list, beginning and closing one, and what one says in it.

No address names who is spoken of, nor an opinion: addresses are written into logs.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import DetailView

from campaigns import policy
from campaigns.actions import opinions, portraits
from campaigns.forms.portraits import (
    WORDS_OF_WIPING,
    AnswerForm,
    BeginForm,
    ConfirmForm,
    SpeakForm,
    WithdrawForm,
)
from campaigns.models import Campaign, Opinion, Portrait, PortraitReceipt, PortraitSession
from campaigns.models.portrait import FEW
from reform.models import Actor
from reform.views.act import ActView
from reform.views.lists import PagedList

OFFICIAL = ("session__organization__sequence", "pk")
Status = Portrait.Status


def overseen(actor: Actor) -> QuerySet[PortraitSession]:
    return PortraitSession.objects.overseen_by(actor, policy.TABLE["po.status"][1])


class PortraitList(PagedList):
    """The sessions one takes part in, and those of which one is told how far they are."""

    template_name = "campaigns/portraits/list.html"
    title = "画像比对"

    def get_queryset(self) -> QuerySet[PortraitSession]:
        actor = self.request.actor
        mine = PortraitSession.objects.taken_part_by(actor).order_by().values("pk")
        seen = overseen(actor).order_by().values("pk")
        rows = PortraitSession.objects.filter(Q(pk__in=mine) | Q(pk__in=seen))
        done = Count("portraits", filter=Q(portraits__status=Status.FILED))
        return (
            rows.select_related("organization", "campaign")
            .annotate(people=Count("portraits"), filed=done)
            .order_by("-on", "organization__sequence", "-pk")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        context = super().get_context_data(**kwargs)
        shown = [row.pk for row in context["page_obj"].object_list]
        opened = PortraitSession.objects.taken_part_by(actor).filter(pk__in=shown)
        own = Portrait.objects.of(actor).readable().select_related("session__organization")
        return context | {
            "opened": set(opened.order_by().values_list("pk", flat=True)),
            "mine": own.order_by("-session__on", "-pk"),
            "campaigns": beginnable(actor),
            "may_see_receipts": actor.holds(*policy.TABLE["po.receipts"][1]),
            "few": FEW,
        }


def beginnable(actor: Actor) -> QuerySet[Campaign]:
    """Return the campaigns in which the actor may begin a session of his branch."""
    if not policy.places(actor, "po.merge").exists():
        return Campaign.objects.none()
    return Campaign.objects.visible_to(actor).open().order_by("pk")


class ReceiptList(PagedList):
    """That lists were handed over: day, receiver, by whom. Nothing of what stood in them."""

    template_name = "campaigns/portraits/receipts.html"
    title = "画像归档回执"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.actor.holds(*policy.TABLE["po.receipts"][1]):
            raise PermissionDenied("画像归档回执由纪检和所在党组织书记查看。")
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[PortraitReceipt]:
        scopes = policy.TABLE["po.receipts"][1]
        seen = PortraitSession.objects.overseen_by(self.request.actor, scopes)
        rows = PortraitReceipt.objects.filter(
            portrait__session__in=seen.order_by().values("pk")
        ).select_related("portrait__session__organization", "portrait__session__campaign")
        return rows.order_by("-on", "portrait__session__organization__sequence", "pk")


class Begin(ActView):
    form_class = BeginForm
    title = "开始画像比对"
    done = "已开始，并通知支部的同志提意见。"
    template_name = "campaigns/portraits/act.html"

    def load(self) -> Campaign:
        rows = Campaign.objects.visible_to(self.request.actor)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, _campaign: Campaign) -> bool:
        return policy.places(actor, "po.merge").exists()

    def get_form_kwargs(self) -> dict[str, Any]:
        actor = self.request.actor
        return super().get_form_kwargs() | {
            "places": policy.places(actor, "po.merge"),
            "initial": {"on": actor.on},
        }

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **facts: Any) -> PortraitSession:
        return portraits.begin(campaign, **facts, by=by, at=at)

    def back(self) -> str:
        return reverse("portraits")

    def next_page(self, result: PortraitSession) -> PortraitSession:
        return result


class SessionPage(DetailView):
    """What one may do in a session: say something of the others, see what one has said; and for
    whoever merges, where each portrait stands."""

    template_name = "campaigns/portraits/session.html"
    context_object_name = "session"

    def get_queryset(self) -> QuerySet[PortraitSession]:
        rows = PortraitSession.objects.visible_to(self.request.actor)
        return rows.select_related("campaign", "organization__succeeded_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        session, actor = self.object, self.request.actor
        keeps = policy.may_here(actor, "po.merge", session.place)
        waiting = Count("opinions", filter=Q(opinions__item=None, opinions__refused=""))
        merged = Portrait.objects.merged_by(actor).filter(session=session).order_by("pk")
        mine = own_opinions(session, actor).select_related("portrait", "item")
        theirs = Portrait.objects.of(actor).readable().filter(session=session)
        return super().get_context_data(**kwargs) | {
            "keeps": keeps,
            "may_speak": session.is_open and policy.may_speak(actor, session),
            "mine": mine.order_by("portrait", "pk"),
            "merged": merged.annotate(waiting=waiting),
            "unseated": session.portraits.filter(seat=None) if keeps else (),
            "to_file": merged.filter(status=Status.READ).exists(),
            "own": theirs.first(),
            "wiping": WORDS_OF_WIPING,
            "title": str(session),
        }


def own_opinions(session: PortraitSession, actor: Actor) -> QuerySet[Opinion]:
    rows: QuerySet[Opinion] = Opinion.objects.by(actor).filter(portrait__session=session)
    return rows


class SessionAct(ActView):
    """An act in a session. `permit` names the act of the secretary; a member's is asked of him."""

    model: Any = PortraitSession
    form_class: Any = ConfirmForm
    template_name = "campaigns/portraits/act.html"

    def load(self) -> PortraitSession:
        rows = PortraitSession.objects.visible_to(self.request.actor)
        rows = rows.select_related("campaign", "organization__succeeded_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, session: PortraitSession) -> bool:
        return policy.may_here(actor, "po.merge", session.place)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if type(form) is ConfirmForm:
            form.submit = self.title
        return form


class Speak(SessionAct):
    form_class = SpeakForm
    title = "提意见"
    done = "已提出。书记看得到内容，看不到是谁提的。"
    template_name = "campaigns/portraits/speak.html"
    extra_context = {"wiping": WORDS_OF_WIPING}

    def may(self, actor: Actor, session: PortraitSession) -> bool:
        return policy.may_speak(actor, session)

    def get_form_kwargs(self) -> dict[str, Any]:
        mine = Portrait.objects.of(self.request.actor).order_by().values("pk")
        rows = self.object.portraits.filter(status=Status.MERGING).exclude(pk__in=mine)
        return super().get_form_kwargs() | {"portraits": rows.order_by("pk")}

    def act(self, _session: PortraitSession, *, by: Actor, at: datetime, **facts: Any) -> Opinion:
        return opinions.give(facts["portrait"], text=facts["text"], by=by, at=at)


class Own(SessionAct):
    """An act on something one has said; nobody else has any such thing."""

    def may(self, actor: Actor, session: PortraitSession) -> bool:
        return self.chosen().exists() or policy.may_speak(actor, session)

    def chosen(self) -> QuerySet[Opinion]:
        rows = own_opinions(self.object, self.request.actor).filter(item=None, refused="")
        return rows.select_related("portrait").order_by("portrait", "pk")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"opinions": self.chosen()}


class Withdraw(Own):
    form_class = WithdrawForm
    title = "撤回意见"
    done = "已撤回。"

    def act(self, session: PortraitSession, *, by: Actor, at: datetime, **facts: Any) -> None:
        opinions.withdraw(session, opinion=facts["opinion"], by=by, at=at)


class Answer(Own):
    form_class = AnswerForm
    title = "补充意见"
    done = "已补充。"

    def chosen(self) -> QuerySet[Opinion]:
        return super().chosen().exclude(question="").filter(answer="")

    def act(self, session: PortraitSession, *, by: Actor, at: datetime, **facts: Any) -> None:
        opinions.answer(session, opinion=facts["opinion"], text=facts["text"], by=by, at=at)


class Close(SessionAct):
    title = "截止征求意见"
    done = "已截止，不再收意见。"
    extra_context = {"words": "截止后支部的同志不能再提意见，书记可以把会上提的补录进去。"}

    def act(self, session: PortraitSession, *, by: Actor, at: datetime, **_: Any) -> Any:
        return portraits.close(session, by=by, at=at)


class SeatAnew(SessionAct):
    title = "重新确定由谁合并"
    done = "已按现在的职责重新确定。"
    extra_context = {"words": "书记、领导变动以后办理：书记本人的由上一级合并，他人的由书记合并。"}

    def act(self, session: PortraitSession, *, by: Actor, at: datetime, **_: Any) -> Any:
        return portraits.seat_anew(session, by=by, at=at)

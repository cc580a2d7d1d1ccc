"""The showcase (心得展示): reading it, agreeing to be shown, choosing what stands there."""

import hashlib
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns import policy
from campaigns.actions import showcases
from campaigns.forms.examinations import PlainForm
from campaigns.forms.reflections import ConsentForm, ShowForm
from campaigns.models import Campaign, Consent, Reflection, Showing
from campaigns.models.identifying import Trace
from campaigns.views.assignments import campaign_of
from campaigns.views.reflections import OwnAct
from reform.models import Actor
from reform.views.act import ActView
from reform.views.lists import PagedList

MONTH = timedelta(days=30)  # offered; the chooser changes it


class Showcase(PagedList):
    """A list to read: no names but those who chose so, no counts, no order but that of days."""

    template_name = "campaigns/showcases/list.html"
    title = "心得展示"
    paginate_by = 20

    @cached_property
    def campaign(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    def get_queryset(self) -> Any:
        rows = Showing.objects.visible_to(self.request.actor)
        rows = rows.filter(consent__reflection__campaign=self.campaign)
        return rows.select_related(
            "consent__reflection__author", "consent__reflection__organization"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        return super().get_context_data(**kwargs) | {
            "campaign": self.campaign,
            "may_choose": actor.holds(*policy.TABLE["sc.choose"][1]),
        }


def mark_of(traces: list[Trace]) -> str:
    """Return what a page keeps of what it told, to see whether there is more to tell."""
    words = "\n".join(f"{one.what}{one.words}" for one in traces)
    return hashlib.sha256(words.encode()).hexdigest() if traces else ""


class AgreeToShow(OwnAct):
    """The author makes the copy; what may tell who he is stands beside it before he agrees."""

    form_class = ConsentForm
    title = "同意展示"
    done = "已同意展示。选用以后才会展示，您随时可以撤回。"
    template_name = "campaigns/showcases/consent.html"

    @cached_property
    def last(self) -> Any:
        return self.object.consents.last()

    def get_initial(self) -> dict[str, Any]:
        now = self.last or self.object
        signed = bool(self.last and self.last.is_signed)
        return {
            "title": now.title,
            "text": now.text,
            "is_signed": "yes" if signed else "no",
            "seen": mark_of(showcases.traces(now.title, now.text)),
        }

    def form_valid(self, form: ConsentForm) -> HttpResponse:
        """What is told now and was not told before is told first; it keeps nobody from agreeing."""
        found = showcases.traces(form.cleaned_data["title"], form.cleaned_data["text"])
        seen = form.cleaned_data.pop("seen")
        if found and seen != mark_of(found):
            form.data = form.data.copy()
            form.data["seen"] = mark_of(found)
            return self.render_to_response(
                self.get_context_data(form=form, traces=found, told=True)
            )
        return super().form_valid(form)

    def act(self, row: Reflection, *, by: Actor, at: datetime, **facts: Any) -> Consent:
        return showcases.consent(row, by=by, at=at, **facts)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if "traces" not in context:
            form = context["form"]
            texts = [form["title"].value() or "", form["text"].value() or ""]
            context["traces"] = showcases.traces(*texts)
        return context

    def back(self) -> Any:
        return self.object.get_absolute_url()


class WithdrawConsent(OwnAct):
    title = "撤回同意"
    done = "已撤回，展示稿不再给任何人看。"
    extra_context = {"words": "撤回后立即不再展示，书记和活动办也不再看到展示稿。"}

    def act(self, row: Reflection, *, by: Actor, at: datetime, **_: Any) -> None:
        showcases.withdraw(row, by=by, at=at)

    def back(self) -> Any:
        return self.object.get_absolute_url()


# ---------------------------------------------------------------- choosing


class Choose(PagedList):
    """The copies consented to, within the actor's reach: without names where the author said so."""

    template_name = "campaigns/showcases/choose.html"
    title = "选用心得展示"
    paginate_by = 20

    @cached_property
    def campaign(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.campaign and not request.actor.holds(*policy.TABLE["sc.choose"][1]):
            raise PermissionDenied("心得展示由书记和活动办选用。")
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        actor = self.request.actor
        rows = Consent.objects.choosable_by(actor).filter(reflection__campaign=self.campaign)
        rows = rows.select_related("reflection__author", "reflection__organization")
        showing = Prefetch("showings", Showing.objects.not_over(actor.on), to_attr="standing")
        return rows.prefetch_related(showing).order_by("reflection__organization__sequence", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, person = super().get_context_data(**kwargs), self.request.actor.user.person_id
        for row in context["object_list"]:
            row.is_own = row.reflection.author.person_id == person
        return context | {"campaign": self.campaign}


class ShowOne(ActView):
    model: Any = Consent
    form_class: Any = ShowForm
    title = "选用展示"
    done = "已选用。"
    template_name = "campaigns/showcases/act.html"

    def load(self) -> Any:
        rows = Consent.objects.choosable_by(self.request.actor)
        rows = rows.select_related("reflection__campaign", "reflection__author")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def consent(self) -> Consent:
        return self.object

    def may(self, actor: Actor, _row: Any) -> bool:
        row = self.consent.reflection
        here = policy.may_here(actor, "sc.choose", row.organization)
        return here and row.author.person_id != actor.user.person_id

    def get_initial(self) -> dict[str, Any]:
        on = self.request.actor.on
        return {"since": on, "until": on + MONTH}

    def act(self, consent: Consent, *, by: Actor, at: datetime, **facts: Any) -> Showing:
        return showcases.choose(consent, by=by, at=at, **facts)

    def back(self) -> str:
        return reverse("showcase-choose", args=[self.consent.reflection.campaign_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign = self.consent.reflection.campaign
        return super().get_context_data(**kwargs) | {"campaign": campaign, "consent": self.consent}


class TakeDown(ShowOne):
    model = Showing
    form_class = PlainForm
    title = "撤下展示"
    done = "已撤下。"

    def load(self) -> Any:
        mine = Consent.objects.choosable_by(self.request.actor).order_by().values("pk")
        rows = Showing.objects.filter(consent__in=mine)
        return get_object_or_404(
            rows.select_related("consent__reflection__campaign", "consent__reflection__author"),
            pk=self.kwargs["pk"],
        )

    @property
    def consent(self) -> Consent:
        return self.object.consent

    def may(self, actor: Actor, _row: Any) -> bool:
        return policy.may_here(actor, "sc.choose", self.consent.reflection.organization)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.submit = self.title
        return form

    def get_initial(self) -> dict[str, Any]:
        return {}

    def act(self, showing: Showing, *, by: Actor, at: datetime, **_: Any) -> None:  # type: ignore[override]
        showcases.take_down(showing, by=by, at=at)

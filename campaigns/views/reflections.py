"""Reflections (心得体会): one's own, those one may read; writing, submitting; who has submitted."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, View

from campaigns import policy
from campaigns.actions import reflections, reviewers, weekly_plans
from campaigns.actions.homes import home_in
from campaigns.forms.examinations import PlainForm
from campaigns.forms.reflections import SubmitForm, WriteForm
from campaigns.models import Audience, Campaign, Reflection, reflection_roll
from campaigns.models.examination_roll import belonging
from campaigns.views.assignments import campaign_of
from reform.errors import Refused, Stale
from reform.models import Actor
from reform.models.scope import Reach
from reform.templatetags.reform import moment
from reform.views.act import ActView
from reform.views.lists import PagedList

WHOLE = ("campaign", "author", "organization")
NAMES = 60  # of people of one organization


class ReflectionList(PagedList):
    """One's own on top, below them those that their authors let one read."""

    template_name = "campaigns/reflections/list.html"
    title = "心得体会"

    @cached_property
    def campaign(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    def get_queryset(self) -> Any:
        rows = Reflection.objects.readable_by(self.request.actor).filter(campaign=self.campaign)
        return rows.select_related(*WHOLE).order_by("organization__sequence", "author__name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        mine = Reflection.objects.of(actor).filter(campaign=self.campaign)
        rows = list(mine.select_related(*WHOLE).order_by("-pk"))
        return super().get_context_data(**kwargs) | {
            "campaign": self.campaign,
            "mine": rows,
            "has_draft": any(row.is_draft for row in rows),
            "may_begin": self.campaign.is_open and actor.holds(*policy.BUSINESS),
            "sees_status": actor.holds(*policy.STATUS),
            "may_choose": actor.holds(*policy.TABLE["sc.choose"][1]),
        }


class Begin(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = campaign_of(request, pk)
        try:
            row = reflections.begin(campaign, by=request.actor, at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("reflections", campaign.pk)
        return redirect("reflection-write", row.pk)


class ReflectionPage(DetailView):
    model = Reflection
    template_name = "campaigns/reflections/page.html"
    context_object_name = "reflection"

    def get_queryset(self) -> Any:
        return Reflection.objects.visible_to(self.request.actor).select_related(*WHOLE)

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        self.object = row = self.get_object()
        if row.is_draft:
            return redirect("reflection-write", row.pk)
        reflections.read(row, by=request.actor, at=timezone.now())
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, actor = self.object, self.request.actor
        own = row.author.person_id == actor.user.person_id
        consent = row.consents.filter(end=None).first() if own else None
        return super().get_context_data(**kwargs) | {
            "title": row.title,
            "own": own,
            "readers": row.readers.select_related("person") if own else (),
            "consent": consent,
            "showing": consent.showings.not_over(actor.on).first() if consent else None,
        }


class OwnAct(ActView):
    """An act on one's own reflection: for everybody else it is not there."""

    form_class: Any = PlainForm
    template_name = "campaigns/reflections/act.html"

    def load(self) -> Reflection:
        rows = Reflection.objects.of(self.request.actor).select_related(*WHOLE)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, _row: Any) -> bool:
        return actor.holds(*policy.TABLE["rf.write"][1])

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if type(form) is PlainForm:
            form.submit = self.title
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"reflection": self.object}

    def expected(self) -> dict[str, Any]:
        """Who would read it if it were submitted now, and in which words the page keeps that."""
        row, actor = self.object, self.request.actor
        try:
            place = home_in(row.campaign, by=actor)
        except Refused as refusal:
            return {"nowhere": str(refusal), "promise": ""}
        seats = reviewers.of(row.author, place, on=actor.on)
        return {
            "readers": [seat.promise for seat in seats],
            "promise": reviewers.key_of(seats),
            "place": place,
        }


class Draft(OwnAct):
    """A page of a draft; once it is submitted, there is nothing to do on it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.object.is_draft:
            return redirect(self.object)
        return super().get(request, *args, **kwargs)


class Write(Draft):
    form_class = WriteForm
    title = "写心得体会"
    template_name = "campaigns/reflections/write.html"

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        return {"title": row.title, "text": row.text, "version": row.version}

    def act(self, row: Reflection, *, by: Actor, at: datetime, **facts: Any) -> Reflection:
        return reflections.save(row, by=by, at=at, **facts)

    def next_page(self, _result: Any) -> str:
        if "next" in self.request.POST:
            return reverse("reflection-submit", args=[self.object.pk])
        messages.success(self.request, "已保存，只有您自己看得到。")
        return self.back()

    def back(self) -> str:
        return reverse("reflection-write", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | self.expected()


class Save(View):
    """What the page sends by itself while one writes: kept, or answered in words."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Reflection.objects.of(request.actor).select_related(*WHOLE), pk=pk)
        if not request.actor.holds(*policy.TABLE["rf.write"][1]):
            raise PermissionDenied("您没有办理此事项的权限。")
        form = WriteForm(request.POST)
        if not form.is_valid():
            words = " ".join(str(one) for found in form.errors.values() for one in found)
            return JsonResponse({"words": words}, status=422)
        facts = {name: form.cleaned_data[name] for name in ("title", "text", "version")}
        try:
            row = reflections.save(row, by=request.actor, at=timezone.now(), **facts)
        except Stale as stale:
            answer = {"words": str(stale), "version": stale.version, "there": stale.now}
            return JsonResponse(answer, status=409)
        except Refused as refusal:
            return JsonResponse({"words": str(refusal)}, status=422)
        return JsonResponse({"version": row.version, "saved": moment(row.saved_at)})


class Submit(Draft):
    """The text as its readers will see it, who they are, and the one button."""

    form_class = SubmitForm
    title = "核对并提交"
    done = "已提交。"
    template_name = "campaigns/reflections/submit.html"

    def get_initial(self) -> dict[str, Any]:
        return {
            "version": self.object.version,
            "promise": self.expected()["promise"],
            "audience": Audience.SECRETARY,
        }

    def act(self, row: Reflection, *, by: Actor, at: datetime, **facts: Any) -> Reflection:
        return reflections.submit(row, by=by, at=at, **facts)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Refused: what the page says now, of text and readers, is what the next press sends."""
        return self._again(form)

    def conflict(self, form: Any, stale: Stale) -> HttpResponse:
        form.add_error(None, str(stale))
        return self._again(form, status=409)

    def _again(self, form: Any, status: int = 200) -> HttpResponse:
        self.object = self.load()
        chosen = {"audience": form.data.get("audience") or Audience.SECRETARY}
        fresh = SubmitForm(initial=self.get_initial() | chosen)
        words = form.non_field_errors() or ["请选择给谁看，再提交。"]
        context = self.get_context_data(form=fresh, refused=words)
        return render(self.request, self.template_name, context, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        told = reflections.alike(row)
        return (
            super().get_context_data(**kwargs)
            | self.expected()
            | {
                "obstacles": reflections.missing(row),
                "alike": [(one.words, one.quotes(row.text)) for one in told],
            }
        )


class Delete(Draft):
    title = "删除草稿"
    done = "草稿已删除。"
    extra_context = {"words": "删除后不能恢复。"}

    def act(self, row: Reflection, *, by: Actor, at: datetime, **_: Any) -> None:
        reflections.delete(row, by=by, at=at)

    def back(self) -> str:
        return reverse("reflection-write", args=[self.object.pk])

    def next_page(self, _result: None) -> str:
        return reverse("reflections", args=[self.object.campaign_id])


class StatusPage(PagedList):
    """Organizations in official order, and in each who has submitted. Nobody's text."""

    template_name = "campaigns/reflections/status.html"
    title = "心得提交情况"

    @cached_property
    def campaign(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.campaign and not request.actor.holds(*policy.STATUS):
            raise PermissionDenied(
                "各单位的提交情况由书记、活动办、纪检和领导查看；您自己的在“心得体会”中。"
            )
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        actor = self.request.actor
        places = weekly_plans.taking_part(self.campaign, on=actor.on)
        scopes = {role: policy.TABLE["se.status"][1][role] for role in policy.STATUS}
        reach = Reach.of(actor, scopes, key="pk")
        rows = places if reach.whole else places.filter(reach.condition())
        return rows.filter(Exists(belonging(actor.on).filter(organization=OuterRef("pk"))))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, on = super().get_context_data(**kwargs), self.request.actor.on
        lines = reflection_roll.lines(self.campaign, list(context["object_list"]), on=on)
        return context | {"campaign": self.campaign, "lines": lines, "names": NAMES}

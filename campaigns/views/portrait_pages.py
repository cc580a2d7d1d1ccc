"""One person's portrait (画像): its page, showing it to him, his reading it, setting it aside."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import DetailView

from campaigns import policy
from campaigns.actions import portrait_items, portraits
from campaigns.forms.portraits import AsideForm, ConfirmForm, ReadForm, ShowForm, TellForm
from campaigns.models import Portrait
from reform.actions import notices
from reform.models import Actor
from reform.views.act import ActView

Status = Portrait.Status
WHOLE = ("session__campaign", "session__organization__succeeded_by", "person", "told_by")


class PortraitPage(DetailView):
    """What was merged, in the words of who merged it. To the subject nothing else is told: not how
    many spoke, nor whether an opinion was left out."""

    template_name = "campaigns/portraits/portrait.html"
    context_object_name = "portrait"

    def get_queryset(self) -> QuerySet[Portrait]:
        return Portrait.objects.visible_to(self.request.actor).select_related(*WHOLE, "receipt")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.get_object()
        if row.status == Status.MERGING:  # whoever merges it: nobody else sees it yet
            return redirect("portrait-merge", row.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, actor = self.object, self.request.actor
        merges = policy.may_merge(actor, row)
        return super().get_context_data(**kwargs) | {
            "items": row.items.all(),
            "own": row.person.person_id == actor.user.person_id,
            "merges": merges,
            "told_on_paper": merges and not notices.reads(row.person),
            "may_register": row.session.campaign.is_open,
            "title": str(row),
        }


class PortraitAct(ActView):
    """An act of whoever merges the portrait."""

    model: Any = Portrait
    form_class: Any = ConfirmForm
    template_name = "campaigns/portraits/act.html"

    def load(self) -> Any:
        rows = Portrait.objects.visible_to(self.request.actor).select_related(*WHOLE)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def portrait(self) -> Portrait:
        return self.object

    def may(self, actor: Actor, _row: Any) -> bool:
        return policy.may_merge(actor, self.portrait)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if type(form) in {ConfirmForm, ShowForm}:
            form.submit = self.title
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "portrait": self.portrait,
            "session": self.portrait.session,
        }


class ToMerge(PortraitAct):
    """An act on a portrait that is still being merged; of another its page is shown."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.portrait.status != Status.MERGING:
            return redirect(self.portrait)
        return super().get(request, *args, **kwargs)

    def back(self) -> str:
        return reverse("portrait-merge", args=[self.portrait.pk])


class Show(ToMerge):
    form_class = ShowForm
    title = "交本人阅看"
    done = "已交本人阅看，并通知本人。"
    template_name = "campaigns/portraits/show.html"
    extra_context = {"words": "交出以后，本人确认已阅看之前，还可以收回修改。"}

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.portrait.version}

    def act(self, row: Portrait, *, version: int, by: Actor, at: datetime) -> Portrait:
        return portraits.show(row, version=version, by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"items": self.portrait.items.all()}

    def next_page(self, _result: Portrait) -> Any:
        return self.portrait.session


class TakeBack(PortraitAct):
    title = "收回修改"
    done = "已收回，可以修改后再交本人阅看。"
    extra_context = {"words": "本人还没有确认阅看，可以收回修改；改好后再交本人。"}

    def act(self, row: Portrait, *, by: Actor, at: datetime, **_: Any) -> Portrait:
        return portraits.take_back(row, by=by, at=at)


class Tell(PortraitAct):
    form_class = TellForm
    title = "登记已当面告知"
    done = "已登记。"
    extra_context = {"words": "本人没有账号的，当面把合并后的意见读给本人，再登记。"}

    def act(self, row: Portrait, *, by: Actor, at: datetime, **facts: Any) -> Portrait:
        return portraits.tell(row, **facts, by=by, at=at)


class SetAside(PortraitAct):
    form_class = AsideForm
    title = "不再办理"
    done = "已记录，是谁提的意见也已抹去。"
    extra_context = {"words": "本人已调离，或者没有意见的，不再办理；办理后不能恢复。"}

    def act(self, row: Portrait, *, by: Actor, at: datetime, **facts: Any) -> Portrait:
        return portraits.set_aside(row, **facts, by=by, at=at)

    def next_page(self, _result: Portrait) -> Any:
        return self.portrait.session


class Read(PortraitAct):
    """The subject's one act: he has read it, and may say a word of his own."""

    form_class = ReadForm
    title = "确认已阅看"
    done = "已确认。"
    template_name = "campaigns/portraits/read.html"

    def may(self, actor: Actor, row: Portrait) -> bool:
        return row.person.person_id == actor.user.person_id

    def get_initial(self) -> dict[str, Any]:
        return {"mark": portrait_items.mark_of(self.portrait)}

    def act(self, row: Portrait, *, by: Actor, at: datetime, **facts: Any) -> Portrait:
        return portraits.read(row, **facts, by=by, at=at)

    def form_invalid(self, form: Any) -> HttpResponse:
        """What the page shows now is what the next press confirms; his words stay."""
        form.data = form.data.copy()
        form.data["mark"] = portrait_items.mark_of(self.portrait)
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"items": self.portrait.items.all()}

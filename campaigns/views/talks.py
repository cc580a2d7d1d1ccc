"""Admonition talks (提醒谈话): the two who talk see them, and nobody else."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.views.generic import DetailView

from campaigns.actions import talks
from campaigns.forms.portraits import CallForm, TalkForm
from campaigns.models import AdmonitionTalk, Portrait
from campaigns.views.portrait_pages import PortraitAct
from reform.models import Actor
from reform.views.act import ActView
from reform.views.lists import PagedList

WHOLE = ("leader", "person")


class TalkList(PagedList):
    """With whom and when; what it was about and what was said stand on its page only."""

    template_name = "campaigns/talks/list.html"
    title = "提醒谈话"

    def get_queryset(self) -> QuerySet[AdmonitionTalk]:
        rows = AdmonitionTalk.objects.visible_to(self.request.actor)
        return rows.select_related(*WHOLE).order_by("-day", "-pk")


class TalkPage(DetailView):
    template_name = "campaigns/talks/talk.html"
    context_object_name = "talk"

    def get_queryset(self) -> QuerySet[AdmonitionTalk]:
        return AdmonitionTalk.objects.visible_to(self.request.actor).select_related(*WHOLE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "leads": self.object.is_led_by(self.request.actor),
            "title": str(self.object),
        }


class CallTalk(PortraitAct):
    form_class = CallForm
    done = "已约定，并通知对方。"
    extra_context = {"words": "谈话与画像分开记录：只有您和对方看得到，不计次数，不进入任何名单。"}

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"约定提醒谈话：{self.portrait.name}"

    def get_initial(self) -> dict[str, Any]:
        return {"day": self.request.actor.on}

    def act(self, row: Portrait, *, by: Actor, at: datetime, **facts: Any) -> AdmonitionTalk:
        return talks.call(row, **facts, by=by, at=at)

    def next_page(self, result: AdmonitionTalk) -> AdmonitionTalk:
        return result


class WriteTalk(ActView):
    form_class = TalkForm
    title = "登记谈话情况"
    done = "已保存。"
    template_name = "campaigns/talks/act.html"

    def load(self) -> AdmonitionTalk:
        rows = AdmonitionTalk.objects.visible_to(self.request.actor).select_related(*WHOLE)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, talk: AdmonitionTalk) -> bool:
        return talk.is_led_by(actor)

    def get_initial(self) -> dict[str, Any]:
        talk = self.object
        return {
            "held_on": talk.held_on or self.request.actor.on,
            "content": talk.content,
            "version": talk.version,
        }

    def act(self, talk: AdmonitionTalk, *, by: Actor, at: datetime, **facts: Any) -> AdmonitionTalk:
        return talks.write(talk, **facts, by=by, at=at)

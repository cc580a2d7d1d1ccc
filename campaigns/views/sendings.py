"""Sending a draft to those who may publish it (送请批准发布), and their sending it back."""

from datetime import datetime
from typing import Any

from campaigns.actions import drafts, sendings
from campaigns.forms.signatures import ReturnDraftForm
from campaigns.models import Campaign
from campaigns.views.drafts import DraftAct
from reform.forms.act import ActForm
from reform.models import Actor


class SendDraft(DraftAct):
    form_class = ActForm
    title = "送请批准发布"
    submit = title
    done = "已送请批准，可以批准的领导会在工作台和收件箱看到。"
    template_name = "campaigns/drafts/send.html"
    extra_context = None

    def get_initial(self) -> dict[str, Any]:
        return {}

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **_: Any) -> Campaign:
        return sendings.send(campaign, by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign, actor = self.object, self.request.actor
        authors = [*drafts.authors(campaign), actor.user]
        return super().get_context_data(**kwargs) | {
            "people": sendings.deciders(campaign, "ca.publish", authors=authors, on=actor.on)
        }


class ReturnDraft(DraftAct):
    form_class = ReturnDraftForm
    permit = "ca.publish"
    title = "退回修改"
    done = "草案已退回，送请人和起草人会收到退回理由。"
    template_name = "campaigns/drafts/return.html"
    extra_context = None

    def get_initial(self) -> dict[str, Any]:
        return {}

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, reason: str) -> Campaign:
        return sendings.give_back(campaign, reason=reason, by=by, at=at)

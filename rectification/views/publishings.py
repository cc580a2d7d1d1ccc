"""Publishing a campaign with the check of its review chain (审核链体检), and ending one."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns import policy
from campaigns.actions import drafts, readiness, signatures
from campaigns.forms.signatures import paper_of
from campaigns.models import Campaign, Publication
from campaigns.views.drafts import plan_of
from rectification.actions import chain_checks, conclusions, publishings
from rectification.forms.publishings import ConcludeForm, PublishForm, PublishPaperForm
from reform.models import Actor
from reform.views.act import ActView
from reform.views.lists import PagedList
from reform.views.scans import ScanAct

SHOWN = 20  # gaps on the page of publishing; all of them have a page of their own


class PublishAct(ActView):
    """Shows what is published and what its chain lacks; the gaps are looked up once a request."""

    permit = "ca.publish"
    done = "活动已发布。"
    template_name = "rectification/publishings/publish.html"

    def load(self) -> Campaign:
        rows = Campaign.objects.drafts_of(self.request.actor).select_related("organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, campaign: Campaign) -> bool:
        return policy.may_here(actor, self.permit, campaign.organization)

    @cached_property
    def gaps(self) -> list[chain_checks.Gap]:
        return chain_checks.check(self.object, on=self.request.actor.on)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"gaps": len(self.gaps)}

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"seen": chain_checks.digest(self.gaps)}

    def form_invalid(self, form: Any) -> HttpResponse:
        """What is shown below is what stands now: that is what a second press confirms."""
        form.data = form.data.copy()
        form.data["seen"] = chain_checks.digest(self.gaps)
        return super().form_invalid(form)

    def why_not(self, lacking: int) -> str:
        """Say why the button cannot be pressed now, or nothing."""
        people = {user.person_id for user in drafts.authors(self.object)}
        if self.request.actor.user.person_id in people:
            return "您参与了起草，不能由您批准或录入签批，请由他人办理。"
        return f"方案还有{lacking}项没有齐备，补齐后才能发布。" if lacking else ""

    def back(self) -> str:
        return reverse("draft", args=[self.object.pk])

    def next_page(self, result: Campaign) -> str:
        return reverse("campaign", args=[result.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign, actor = self.object, self.request.actor
        missing = [
            {"text": one.text, "url": reverse(one.page, args=[one.pk])}
            for one in readiness.obstacles(campaign, on=actor.on)
        ]
        return (
            super().get_context_data(**kwargs)
            | plan_of(campaign)
            | {
                "campaign": campaign,
                "obstacles": missing,
                "gaps": [gap.data() for gap in self.gaps[:SHOWN]],
                "all_gaps": len(self.gaps),
                "why_not": self.why_not(len(missing)),
            }
        )


class Publish(PublishAct):
    form_class = PublishForm
    title = "批准发布"

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, seen: str, confirmed: bool = False
    ) -> Campaign:
        return publishings.publish(campaign, seen=seen, confirmed=confirmed, by=by, at=at)


class PublishOnPaper(ScanAct, PublishAct):
    """Enter that a leader approved the plan on paper (线下签批)."""

    form_class = PublishPaperForm
    permit = "sign.record"
    title = "录入线下签批并发布"

    def get_form_kwargs(self) -> dict[str, Any]:
        found = signatures.signers(self.object, "ca.publish", on=self.request.actor.on)
        return super().get_form_kwargs() | {"signers": found}

    def act(
        self,
        campaign: Campaign,
        *,
        by: Actor,
        at: datetime,
        seen: str,
        confirmed: bool = False,
        **facts: Any,
    ) -> Campaign:
        paper = paper_of(facts)
        return publishings.publish(
            campaign, seen=seen, confirmed=confirmed, paper=paper, by=by, at=at
        )


class ChainCheck(PagedList):
    """Every step that nobody can take: as it is now, or as it was when the campaign was published
    (`?kept=1`)."""

    template_name = "rectification/publishings/gaps.html"
    title = "审核链体检"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Campaign.objects.workable_by(request.actor).select_related("organization")
        self.campaign = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not signatures.may_read(request.actor, self.campaign):
            raise PermissionDenied("审核链体检供牵头单位和上级的活动办、领导查看。")
        return super().get(request, *args, **kwargs)

    @cached_property
    def publication(self) -> Publication | None:
        return Publication.objects.filter(campaign=self.campaign).first()

    @property
    def kept(self) -> bool:
        return bool(self.request.GET.get("kept")) and self.publication is not None

    def get_queryset(self) -> Any:
        if self.kept and self.publication:
            return self.publication.gaps
        found = chain_checks.check(self.campaign, on=self.request.actor.on)
        return [gap.data() for gap in found]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "campaign": self.campaign,
            "publication": self.publication,
            "kept": self.kept,
        }


class Conclude(ActView):
    """End a campaign; first it says what is still open."""

    model = Campaign
    form_class = ConcludeForm
    title = "结束活动"
    done = "活动已结束。"
    template_name = "rectification/publishings/conclude.html"

    def load(self) -> Campaign:
        rows = Campaign.objects.visible_to(self.request.actor).select_related("organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, campaign: Campaign) -> bool:
        return policy.may_here(actor, "ca.close", campaign.organization)

    @cached_property
    def left(self) -> list[tuple[str, str, int]]:
        return conclusions.still_open(self.object)

    def get_initial(self) -> dict[str, Any]:
        return {"seen": sum(count for _, _, count in self.left)}

    def form_invalid(self, form: Any) -> HttpResponse:
        form.data = form.data.copy()
        form.data["seen"] = sum(count for _, _, count in self.left)
        return super().form_invalid(form)

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, seen: int, reason: str
    ) -> Campaign:
        return conclusions.conclude(campaign, seen=seen, reason=reason, by=by, at=at)

    def back(self) -> str:
        return reverse("campaign", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "campaign": self.object,
            "left": self.left,
            "all_left": sum(count for _, _, count in self.left),
        }

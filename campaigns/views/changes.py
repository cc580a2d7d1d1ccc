"""Changes of a published campaign (变更), and the scans of what was signed about it."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views import View

from campaigns import policy
from campaigns.actions import changes, signatures
from campaigns.forms.signatures import ChangeForm, DecideForm, PaperForm, paper_of
from campaigns.models import Campaign, ChangeRequest, Publication
from reform.forms.act import ActForm
from reform.models import Actor
from reform.views.act import ActView
from reform.views.files import send
from reform.views.scans import ScanAct

Kind = ChangeRequest.Kind


class RequestChange(ActView):
    """Ask for a change; `kind` in the address says of what."""

    model = Campaign
    form_class = ChangeForm
    done = "变更申请已提出，等待批准。"
    template_name = "campaigns/changes/request.html"

    def load(self) -> Campaign:
        rows = Campaign.objects.visible_to(self.request.actor).select_related("organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def kind(self) -> Kind:
        asked = self.request.GET.get("kind", "")
        return Kind(asked) if asked in Kind.values else Kind.DATES

    @property
    def title(self) -> str:  # type: ignore[override]
        return str(self.kind.label)

    def may(self, actor: Actor, campaign: Campaign) -> bool:
        return policy.may_here(actor, "ca.change_request", campaign.organization)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"campaign": self.object, "kind": self.kind}

    def get_initial(self) -> dict[str, Any]:
        campaign = self.object
        return {
            "starts_on": campaign.starts_on,
            "ends_on": campaign.ends_on,
            "name": campaign.office_name,
        }

    def form_valid(self, form: Any) -> Any:
        self.typed = form
        return super().form_valid(form)

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, reason: str, **_: Any
    ) -> ChangeRequest:
        facts = self.typed.facts()
        return changes.request(campaign, kind=self.kind, facts=facts, reason=reason, by=by, at=at)

    def back(self) -> str:
        return reverse("campaign", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "campaign": self.object,
            "kinds": Kind.choices,
            "kind": self.kind.value,
        }


class ChangeAct(ActView):
    """An act on one request."""

    model = ChangeRequest
    permit = "ca.change_approve"
    template_name = "campaigns/changes/decide.html"

    def load(self) -> ChangeRequest:
        rows = ChangeRequest.objects.visible_to(self.request.actor)
        rows = rows.select_related("campaign__organization", "requested_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, row: ChangeRequest) -> bool:
        return policy.may_here(actor, self.permit, row.campaign.organization)

    def back(self) -> str:
        return reverse("campaign", args=[self.object.campaign_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.object.campaign}


class DecideChange(ChangeAct):
    form_class = DecideForm
    title = "办理变更申请"
    done = "意见已提交。"

    def act(
        self, row: ChangeRequest, *, by: Actor, at: datetime, decision: str, opinion: str
    ) -> ChangeRequest:
        if decision == "approve":
            return changes.approve(row, opinion=opinion, by=by, at=at)
        return changes.refuse(row, opinion=opinion, by=by, at=at)


class RecordChange(ScanAct, ChangeAct):
    """Enter that a change was approved on paper (线下签批); it is applied at once."""

    form_class = PaperForm
    permit = "sign.record"
    title = "录入线下签批：变更申请"
    done = "线下签批已录入，变更已生效。"

    def get_form_kwargs(self) -> dict[str, Any]:
        campaign, on = self.object.campaign, self.request.actor.on
        found = signatures.signers(campaign, "ca.change_approve", on=on)
        return super().get_form_kwargs() | {"signers": found}

    def act(self, row: ChangeRequest, *, by: Actor, at: datetime, **facts: Any) -> ChangeRequest:
        return changes.approve(row, paper=paper_of(facts), by=by, at=at)


class WithdrawChange(ChangeAct):
    form_class = ActForm
    permit = "ca.change_request"
    title = "撤回变更申请"
    submit = title
    done = "申请已撤回。"

    def act(self, row: ChangeRequest, *, by: Actor, at: datetime, **_: Any) -> ChangeRequest:
        return changes.withdraw(row, by=by, at=at)


class SignedScan(View):
    """Send the scan of a decision on paper; who prepares or decides may read it."""

    http_method_names = ["get", "head", "options"]

    signed: Any  # the row that the actor may see, by its key

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        row = self.signed(request.actor, pk)
        if not signatures.may_read(request.actor, row.campaign):
            raise PermissionDenied("签批扫描件供活动办和领导查看。")
        return send(signatures.read_scan(row, by=request.actor, at=timezone.now()))


class PublicationScan(SignedScan):
    """By the key of the campaign: it is published once."""

    def signed(self, actor: Actor, pk: int) -> Publication:
        campaigns = Campaign.objects.visible_to(actor).filter(pk=pk).order_by().values("pk")
        rows = Publication.objects.filter(campaign__in=campaigns).exclude(scan=None)
        return get_object_or_404(rows.select_related("campaign__organization", "scan"))


class ChangeScan(SignedScan):
    def signed(self, actor: Actor, pk: int) -> ChangeRequest:
        rows = ChangeRequest.objects.visible_to(actor).exclude(scan=None)
        return get_object_or_404(rows.select_related("campaign__organization", "scan"), pk=pk)

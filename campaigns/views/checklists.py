"""Pages of a draft's checklists (检查清单)."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns import policy
from campaigns.actions import checklists
from campaigns.forms.checklists import ChecklistForm, written
from campaigns.models import Campaign, Checklist
from campaigns.views.drafts import DraftAct
from reform.forms.act import ActForm
from reform.models import Actor


class NewChecklist(DraftAct):
    form_class = ChecklistForm
    permit = "ck.edit"
    title = "新建清单"
    done = "清单已保存。"

    def get_initial(self) -> dict[str, Any]:
        usual = {"mode": Checklist.Mode.PICK, "purpose": Checklist.Purpose.EXAMINATION}
        return super().get_initial() | usual

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, edition: int, **_: Any
    ) -> Checklist:
        return checklists.add(campaign, **self.typed.facts(), edition=edition, by=by, at=at)


class ListAct(DraftAct):
    """An act on one checklist of a draft."""

    permit = "ck.edit"

    def load(self) -> Checklist:
        drafts = Campaign.objects.drafts_of(self.request.actor).order_by()
        rows = Checklist.objects.filter(campaign__in=drafts.values("pk"))
        rows = rows.select_related("campaign__organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object.campaign

    def may(self, actor: Actor, checklist: Checklist) -> bool:
        return policy.may_here(actor, self.permit, checklist.campaign.organization)


class EditChecklist(ListAct):
    form_class = ChecklistForm
    done = "清单已保存。"
    template_name = "campaigns/drafts/checklist.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"清单：{self.object}"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | written(self.object)

    def act(
        self, checklist: Checklist, *, by: Actor, at: datetime, edition: int, **_: Any
    ) -> Checklist:
        return checklists.change(checklist, **self.typed.facts(), edition=edition, by=by, at=at)


class DropChecklist(ListAct):
    form_class = ActForm
    title = "删除清单"
    done = "清单已删除。"
    template_name = "campaigns/drafts/drop.html"
    extra_context = None

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.submit = self.title
        return form

    def act(self, checklist: Checklist, *, by: Actor, at: datetime, **_: Any) -> Campaign:
        return checklists.drop(checklist, by=by, at=at)

    def back(self) -> str:
        return reverse("draft", args=[self.campaign.pk])

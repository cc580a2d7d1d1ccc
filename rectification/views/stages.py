"""The stages of a campaign (阶段): how far each is, who is missing; and closing one."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views import View
from django.views.generic import TemplateView

from campaigns import policy
from campaigns.actions import stages
from campaigns.forms.stages import CloseForm
from campaigns.models import Act, Campaign, Excuse, Stage
from campaigns.models.stage import may_read_names
from campaigns.views.stages import WithFile
from rectification.actions import stage_closings
from rectification.models.stage_standing import standings
from rectification.reports import stage_summary
from reform.actions import trail
from reform.models import Actor
from reform.views.files import WORD, send_bytes

SHOWN = 200  # excuses on the page
Status = Stage.Status


class Stages(TemplateView):
    template_name = "rectification/stages/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        rows = Campaign.objects.visible_to(actor).select_related("organization")
        campaign = get_object_or_404(rows, pk=self.kwargs["pk"])
        every = list(campaign.stages.select_related("summary_file"))
        begun = any(stage.status != Status.PLANNED for stage in every)
        first = next((stage for stage in every if stage.status == Status.PLANNED), None)
        is_open = campaign.status != Campaign.Status.CLOSED
        may_set = policy.may_here(actor, "st.close", campaign.organization)
        return super().get_context_data(**kwargs) | {
            "title": "阶段",
            "campaign": campaign,
            "stages": self.shown(campaign, every),
            "rows": every,
            "on": actor.on,
            "changes": campaign.stage_changes.select_related("closed", "opened"),
            "names": may_read_names(actor, campaign),
            "may_set": may_set and is_open,
            "may_excuse": is_open and actor.holds(*policy.TABLE["st.close"][1]),
            "may_add": may_set and is_open and not begun and len(every) < stages.MOST,
            "may_drop": may_set and is_open and not begun,
            # The first opens by hand; the others as the one before closes.
            "to_open": first if may_set and campaign.is_open and not begun else None,
        }

    def shown(self, campaign: Campaign, every: list[Stage]) -> list[dict[str, Any]]:
        """What the page says of each stage; only of the open one it is counted how it stands."""
        of_these = Excuse.objects.filter(stage__campaign=campaign)
        seen = of_these.seen_by(self.request.actor, campaign)
        seen = seen.select_related("person", "organization", "ended").order_by("-pk")
        excuses: dict[int, list[Excuse]] = {}
        for row in seen[:SHOWN]:
            excuses.setdefault(row.stage_id, []).append(row)
        on = self.request.actor.on
        counts = Counter(of_these.in_force().order_by().values_list("stage", flat=True))
        return [
            {
                "stage": stage,
                "standings": standings(stage, on=on) if stage.status == Status.OPEN else [],
                "excuses": excuses.get(stage.pk, []),
                "excused": counts[stage.pk],
            }
            for stage in every
        ]


class StageDraft(View):
    """A Word draft of the summary (阶段小结), counted, for the office to finish."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
        rows = Stage.objects.visible_to(actor).select_related("campaign__organization")
        stage = get_object_or_404(rows, pk=pk)
        if not policy.may_here(actor, "st.close", stage.campaign.organization):
            raise PermissionDenied("阶段小结由牵头单位的活动办起草。")
        if stage.status == Status.PLANNED:
            raise PermissionDenied(f"“{stage}”还没有开始，没有可以小结的内容。")
        trail.record(Act.STAGE_DRAFTED, stage, by=actor, at=now)
        data = stage_summary.word_of(stage, on=actor.on, at=now)
        return send_bytes(data, name=f"{stage.campaign}{stage}阶段小结.docx", kind=WORD)


class CloseStage(WithFile):
    """Shows who is missing; who confirms sends along what he has seen."""

    form_class = CloseForm
    template_name = "rectification/stages/close.html"
    done = "阶段已结束。"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if self.may(request.actor, self.object) and self.object.status == Status.PLANNED:
            raise PermissionDenied(f"“{self.object}”还没有开始，不能结束。")

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"结束阶段：{self.object}"

    def mark(self) -> str:
        return stage_closings.mark(self.load(), on=self.request.actor.on)

    def get_initial(self) -> dict[str, Any]:
        return {"summary": self.object.summary, "seen": self.mark()}

    def form_invalid(self, form: Any) -> Any:
        """The page comes back with who is missing now, and then that has been seen."""
        form.data = form.data.copy()
        form.data["seen"] = self.mark()
        return super().form_invalid(form)

    def act(self, stage: Stage, *, by: Actor, at: datetime, **facts: Any) -> Stage:
        return stage_closings.close(stage, **facts, by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stage = self.load()
        later = stage.campaign.stages.filter(status=Status.PLANNED).first()
        return super().get_context_data(**kwargs) | {
            "stage": stage,
            "standings": standings(stage, on=self.request.actor.on),
            "following": later,
            "excused": stage.excuses.in_force().count(),
        }

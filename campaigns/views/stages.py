"""Acts on stages (阶段) that one floor decides: planning, opening, the summary, excuses. Their page
and their closing stand on the floor above, which sees the ledger as well."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views import View

from campaigns import policy
from campaigns.actions import excuses, stage_turns, stages
from campaigns.forms.stages import (
    EndExcuseForm,
    ExcuseForm,
    ShiftStageForm,
    StageForm,
    SummaryForm,
    TurnForm,
)
from campaigns.models import Act, Campaign, Excuse, Stage
from reform.actions import attachments, trail
from reform.forms.act import ActForm
from reform.models import Actor
from reform.views.act import ActView
from reform.views.files import send

Status = Stage.Status


class StageAct(ActView):
    """An act on one stage, or on the stages of a campaign, by its office."""

    model: Any = Stage
    template_name = "campaigns/stages/act.html"

    def load(self) -> Any:
        rows = Stage.objects.visible_to(self.request.actor)
        rows = rows.select_related("campaign__organization", "summary_file")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object.campaign

    def may(self, actor: Actor, _row: Any) -> bool:
        return policy.may_here(actor, "st.close", self.campaign.organization)

    def back(self) -> str:
        return reverse("stages", args=[self.campaign.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.campaign}


class NewStage(StageAct):
    form_class = StageForm
    title = "新增阶段"
    done = "阶段已新增。"

    def load(self) -> Campaign:
        rows = Campaign.objects.visible_to(self.request.actor)
        return get_object_or_404(rows.select_related("organization"), pk=self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **facts: Any) -> Stage:
        return stages.add(campaign, facts=facts, by=by, at=at)


class ChangeStage(StageAct):
    form_class = ShiftStageForm
    done = "已保存。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"调整阶段时间：{self.object}"

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in (*stages.DAYS, "version")}

    def act(
        self,
        stage: Stage,
        *,
        version: int,
        by: Actor,
        at: datetime,
        reason: str,
        **days: Any,
    ) -> Stage:
        return stages.shift(stage, version=version, days=days, reason=reason, by=by, at=at)


class DropStage(StageAct):
    form_class = ActForm
    done = "阶段已删除。"
    submit = "删除这个阶段"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"删除阶段：{self.object}"

    @property
    def meaning(self) -> str:
        return f"从“{self.campaign}”中删除阶段{stages.said(self.object)}，连同它的目标和结束条件。"

    def act(self, stage: Stage, *, by: Actor, at: datetime, **_: Any) -> None:
        stages.drop(stage, by=by, at=at)


class OpenStage(StageAct):
    form_class = TurnForm
    done = "阶段已开始。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"开始阶段：{self.object}"

    def act(self, stage: Stage, *, invited: bool, by: Actor, at: datetime) -> Stage:
        return stage_turns.open_next(stage, invited=invited, by=by, at=at)


class WithFile(StageAct):
    """An act whose form has a `file`; the act gets it stored as `attachment`, or None."""

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        file = data.pop("file", None)
        self.kept = file and attachments.keep(
            file, name=file.name, by=self.request.actor, at=self.at
        )
        return data | {"attachment": self.kept or None}

    def discard(self, data: dict[str, Any]) -> None:  # noqa: ARG002 -- the file is all there is
        if kept := getattr(self, "kept", None):
            attachments.drop(kept)


class Summarize(WithFile):
    form_class = SummaryForm
    done = "阶段总结已提交。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"阶段总结：{self.object}"

    def get_initial(self) -> dict[str, Any]:
        return {"summary": self.object.summary}

    def act(self, stage: Stage, *, summary: str, attachment: Any, by: Actor, at: datetime) -> Stage:
        return stage_turns.summarize(stage, text=summary, attachment=attachment, by=by, at=at)


class StageFile(View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        rows = Stage.objects.visible_to(actor).exclude(summary_file=None)
        row = get_object_or_404(rows.select_related("summary_file"), pk=pk)
        trail.record(Act.STAGE_FILE_READ, row, by=actor, at=timezone.now())
        return send(row.summary_file)


# ---------------------------------------------------------------- excuses


class ExcuseSomebody(StageAct):
    """Also for an office below the one that leads: of its own people, the act asks."""

    form_class = ExcuseForm
    chosen_decides = True
    done = "已登记，不再计入本阶段应完成的人数或单位。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"登记免计：{self.object}"

    def may(self, actor: Actor, _row: Any) -> bool:
        return actor.holds(*policy.TABLE["st.close"][1])

    def act(self, stage: Stage, *, by: Actor, at: datetime, **facts: Any) -> Excuse:
        return excuses.excuse(stage, **facts, by=by, at=at)


class EndExcuse(StageAct):
    form_class = EndExcuseForm
    done = "已取消免计，重新计入。"

    def load(self) -> Excuse:
        actor = self.request.actor
        stages_seen = Stage.objects.visible_to(actor).order_by().values("pk")
        rows = Excuse.objects.filter(stage__in=stages_seen).select_related(
            "stage__campaign__organization", "person", "organization"
        )
        row = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not Excuse.objects.seen_by(actor, row.stage.campaign).filter(pk=row.pk).exists():
            raise Http404
        return row

    @property
    def campaign(self) -> Campaign:
        return self.object.stage.campaign

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"取消免计：{self.object}"

    @property
    def meaning(self) -> str:
        row = self.object
        return f"{row}（{row.get_reason_display()}）重新计入“{row.stage}”应完成的人数或单位。"

    def may(self, actor: Actor, _row: Any) -> bool:
        return actor.holds(*policy.TABLE["st.close"][1])

    def act(self, excuse: Excuse, *, words: str, by: Actor, at: datetime) -> Any:
        return excuses.end(excuse, words=words, by=by, at=at)

"""Pages for measures, progress and evidence."""

from typing import Any

from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views import View

from rectification import policy
from rectification.actions import evidences, measures
from rectification.forms.measures import (
    BehalfForm,
    EvidenceForm,
    FinishForm,
    MeasureForm,
    ProgressForm,
)
from rectification.forms.problems import ConfirmForm, ReasonForm
from rectification.models import Evidence, Measure, Problem
from rectification.views.problems import ProblemAct, may_plan
from reform.actions import attachments
from reform.models import Actor
from reform.views.files import send


def people_of(actor: Actor, problem: Problem) -> list[str]:
    """Return in whose name the actor may enter: himself first, then those who answer for it."""
    named = [person.name for person in problem.people.all() if person.part == "responsible"]
    return list(dict.fromkeys([actor.user.name, *named]))


class BehalfAct(ProblemAct):
    """An act that may be done for somebody else (代填); a clerk's form offers that person first."""

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if issubclass(self.get_form_class(), BehalfForm):  # a mere question is nobody's report
            kwargs["people"] = people_of(self.request.actor, self.problem)
        return kwargs

    def get_initial(self) -> dict[str, Any]:
        actor = self.request.actor
        people = people_of(actor, self.problem)
        clerk = actor.holds("liaison", "office") and len(people) > 1
        return super().get_initial() | {"behalf": people[1] if clerk else people[0]}


class MeasureAct(BehalfAct):
    """An act on one measure of a problem in scope."""

    def load(self) -> Measure:
        rows = Measure.objects.filter(Problem.objects.seen_from(self.request.actor, "problem"))
        return get_object_or_404(rows.select_related("problem"), pk=self.kwargs["pk"])

    @property
    def problem(self) -> Problem:
        return self.object.problem

    def may(self, actor: Any, measure: Measure) -> bool:
        return policy.may(actor, "pb.progress", measure.problem)

    def back(self) -> models.Model:
        return self.problem

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"problem": self.problem, "measure": self.object}


class PlanMeasure(BehalfAct):
    form_class = MeasureForm
    title = "添加措施"
    done = "措施已添加。"

    def may(self, actor: Any, problem: Problem) -> bool:
        return may_plan(actor, problem)

    def act(self, problem: Problem, *, by: Any, at: Any, **facts: Any) -> Measure:
        behalf = facts.pop("behalf", "")
        facts.pop("version", None)
        return measures.plan(problem, facts=facts, behalf=behalf, by=by, at=at)


class ChangeMeasure(MeasureAct):
    form_class = MeasureForm
    title = "修改措施"
    done = "措施已修改。"

    def may(self, actor: Any, measure: Measure) -> bool:
        return may_plan(actor, measure.problem)

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        names = ("text", "kind", "person_name", "due_on")
        now = {name: getattr(row, name) for name in names}
        return super().get_initial() | now | {"version": row.problem.version}

    def act(self, measure: Measure, *, by: Any, at: Any, **facts: Any) -> Measure:
        facts.pop("behalf", None)
        version = facts.pop("version") or 0
        return measures.change(measure, version=version, facts=facts, by=by, at=at)


class DropMeasure(MeasureAct):
    form_class = ConfirmForm
    title = "删除措施"
    meaning = "删除后不再显示；办理记录中仍可查到。"
    done = "措施已删除。"

    def may(self, actor: Any, measure: Measure) -> bool:
        return may_plan(actor, measure.problem)

    def act(self, measure: Measure, *, by: Any, at: Any, **_: Any) -> None:
        measures.drop(measure, by=by, at=at)


class UnfinishMeasure(MeasureAct):
    form_class = ReasonForm
    title = "撤回完成"
    done = "已撤回，请重新填报完成。"

    def act(self, measure: Measure, *, by: Any, at: Any, reason: str, **_: Any) -> Measure:
        return measures.unfinish(measure, reason=reason, by=by, at=at)


class FinishMeasure(MeasureAct):
    form_class = FinishForm
    title = "措施完成"
    done = "已记为完成。"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"done_on": self.request.actor.on}

    def act(self, measure: Measure, *, by: Any, at: Any, **facts: Any) -> Measure:
        return measures.finish(measure, by=by, at=at, **facts)


class AddProgress(BehalfAct):
    form_class = ProgressForm
    permit = "pb.progress"
    title = "填报进展"
    done = "进展已填报。"

    def get_initial(self) -> dict[str, Any]:
        problem = self.object
        return super().get_initial() | {
            "on": self.request.actor.on,
            "progress": problem.progress or "under_way",
            "effect": problem.effect_achieved,
        }

    def act(self, problem: Problem, *, by: Any, at: Any, **facts: Any) -> Any:
        return measures.report(problem, by=by, at=at, **facts)


class AddEvidence(BehalfAct):
    form_class = EvidenceForm
    permit = "ev.upload"
    title = "添加佐证材料"
    done = "佐证材料已添加。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"problem": self.object}

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"measure": self.request.GET.get("measure")}

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        files = data.pop("files") if data["kind"] == Evidence.Kind.FILE else []
        data.pop("files", None)
        data["attachments"] = []
        for file in files:
            kept = attachments.keep(file, name=file.name, by=self.request.actor, at=self.at)
            data["attachments"].append(kept)
            self.kept = data["attachments"]
        return data

    def discard(self, data: dict[str, Any]) -> None:  # noqa: ARG002 -- also when prepare stopped
        for attachment in getattr(self, "kept", []):
            attachments.drop(attachment)

    def act(self, problem: Problem, *, by: Any, at: Any, **facts: Any) -> list[Evidence]:
        behalf, files = facts.pop("behalf", ""), facts.pop("attachments")
        return evidences.prove_all(problem, facts=facts, files=files, behalf=behalf, by=by, at=at)


class DropEvidence(ProblemAct):
    form_class = ConfirmForm
    title = "删除佐证材料"
    meaning = "删除后文件不再保留；申请销号后不能再删除。"
    done = "佐证材料已删除。"

    def load(self) -> Evidence:
        rows = Evidence.objects.visible_to(self.request.actor).select_related("problem")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def problem(self) -> Problem:
        return self.object.problem

    def may(self, actor: Any, evidence: Evidence) -> bool:
        return evidence.entered_by_id == actor.user.pk

    def back(self) -> Problem:
        return self.object.problem

    def act(self, evidence: Evidence, *, by: Any, at: Any, **_: Any) -> None:
        evidences.unprove(evidence, by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"problem": self.object.problem, "evidence": self.object}


class EvidenceFile(View):
    """Send the file of a piece of evidence, through the scope of its problem."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        rows = Evidence.objects.visible_to(request.actor).exclude(attachment=None)
        evidence = get_object_or_404(rows.select_related("problem", "attachment"), pk=pk)
        return send(evidences.read(evidence, by=request.actor, at=timezone.now()))

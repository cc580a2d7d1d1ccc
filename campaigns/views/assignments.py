"""The table of assignments (任务分解表): list, a line of progress each, rows, Excel."""

import uuid
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views import View
from django.views.generic import DetailView

from campaigns import policy
from campaigns.actions import assignment_imports, assignments
from campaigns.exports import assignments as papers
from campaigns.forms.assignments import AssignmentFilter, AssignmentForm, ProgressForm
from campaigns.models import Act, Assignment, AssignmentEntry, Campaign, Clause
from reform.actions import trail
from reform.forms.act import ActForm
from reform.models import Actor, TrailEntry
from reform.text import key_of
from reform.views.act import ActView
from reform.views.files import EXCEL, send_bytes
from reform.views.lists import PagedList

LACKING = 20  # clauses without an assignment that the list shows; all are on their own page


def campaign_of(request: HttpRequest, pk: int) -> Campaign:
    """Return a campaign that one sees, or none (404)."""
    rows = Campaign.objects.visible_to(request.actor)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("organization"), pk=pk)


def whole(rows: QuerySet) -> QuerySet:
    """Add what a list or a table shows of each row: its last entry, in words, and its places."""
    last = AssignmentEntry.objects.filter(assignment=OuterRef("pk")).order_by("-pk")
    rows = rows.annotate(
        latest=Subquery(last.values("text")[:1]), latest_on=Subquery(last.values("on")[:1])
    )
    rows = rows.select_related("organization", "clause", "stage", "person", "campaign")
    return rows.prefetch_related("cooperating")


class AssignmentList(PagedList):
    template_name = "campaigns/assignments/list.html"
    title = "任务分解表"

    @cached_property
    def campaign(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    @cached_property
    def filter(self) -> AssignmentFilter:
        return AssignmentFilter(self.request.GET, campaign=self.campaign)

    def get_queryset(self) -> Any:
        """One's own organization's first, then as the table numbers them."""
        actor = self.request.actor
        mine = Q(organization__in=[duty.organization_id for duty in actor.duties])
        rows = Assignment.objects.filter(campaign=self.campaign)
        rows = self.filter.narrow(rows, actor.on)
        ours = Case(When(mine | Q(person=actor.user), then=0), default=1)
        return whole(rows.annotate(others=ours)).order_by("others", "position")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        actor, on = self.request.actor, self.request.actor.on
        for row in context["object_list"]:
            row.late = row.is_overdue(on)
            row.may_progress = self.campaign.is_open and policy.may_progress(actor, row)
            row.token = uuid.uuid4()
        lacking = Clause.objects.filter(campaign=self.campaign).with_tasks().filter(has_task=False)
        may_edit = self.campaign.is_open and assignment_imports.may_import(actor)
        return context | {
            "campaign": self.campaign,
            "may_edit": may_edit,
            "may_enter_clauses": policy.may_here(actor, "as.edit", self.campaign.organization),
            "lacking": lacking[:LACKING],
            "lacking_count": lacking.count(),
            "statuses": ProgressForm.base_fields["status"].choices,
        }


class ExportAssignments(View):
    """The same rows as the list with the same filters, in the order of the table."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign, actor = campaign_of(request, pk), request.actor  # type: ignore[attr-defined]
        chosen = AssignmentFilter(request.GET, campaign=campaign)
        rows = chosen.narrow(Assignment.objects.filter(campaign=campaign), actor.on)
        rows = list(whole(rows).order_by("position"))
        data = papers.write(
            campaign,
            rows,
            unit=actor.home,
            filters=chosen.in_words(),
            by=actor.user,
            on=actor.on,
        )
        say = f"{campaign}，{len(rows)}项"
        trail.record(
            Act.ASSIGNMENTS_EXPORTED,
            campaign,
            by=actor,
            at=timezone.now(),
            say=say,
            count=len(rows),
        )
        return send_bytes(data, name=papers.name_of(campaign, actor.on), kind=EXCEL)


class AssignmentPage(DetailView):
    template_name = "campaigns/assignments/detail.html"
    context_object_name = "assignment"

    def get_queryset(self) -> Any:
        return whole(Assignment.objects.visible_to(self.request.actor))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, actor = self.object, self.request.actor
        is_open = row.campaign.is_open
        may_edit = is_open and policy.may_here(actor, "as.edit", row.organization)
        return super().get_context_data(**kwargs) | {
            "title": str(row),
            "campaign": row.campaign,
            "late": row.is_overdue(actor.on),
            "due": papers.due_in_words(row),
            "entries": row.entries.all(),
            "may_progress": is_open and policy.may_progress(actor, row),
            "may_edit": may_edit,
            "may_drop": may_edit and not row.entries.exists(),
            "trail": TrailEntry.objects.of(row),
        }


# ---------------------------------------------------------------- acts


class AssignmentAct(ActView):
    model: Any = Assignment
    template_name = "campaigns/assignments/act.html"
    list_page = ("assignments", "任务分解表")

    def load(self) -> Any:
        rows = whole(Assignment.objects.visible_to(self.request.actor))
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object.campaign

    def may(self, actor: Actor, row: Assignment) -> bool:
        return policy.may_here(actor, "as.edit", row.organization)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"campaign": self.campaign}


class OfForm(AssignmentAct):
    """An act whose form is the whole assignment."""

    form_class = AssignmentForm
    chosen_decides = True

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"campaign": self.campaign, "actor": self.request.actor}
        return super().get_form_kwargs() | more


class NewAssignment(OfForm):
    title = "新增任务"
    done = "任务已新增。"

    def load(self) -> Campaign:
        return campaign_of(self.request, self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        return self.object

    def may(self, actor: Actor, _campaign: Any) -> bool:
        """For which organizations, the act asks."""
        return assignment_imports.may_import(actor)

    def get_initial(self) -> dict[str, Any]:
        """`?clause=17` breaks down that clause."""
        pk = key_of(self.request.GET.get("clause", ""))
        clause = Clause.objects.filter(campaign=self.campaign, pk=pk).first()
        return {"clause": str(clause)} if clause else {}

    def act(
        self,
        campaign: Campaign,
        *,
        cooperating: Any,
        by: Actor,
        at: datetime,
        version: Any = None,  # noqa: ARG002 -- there is none yet
        **facts: Any,
    ) -> Assignment:
        return assignments.add(campaign, facts=facts, cooperating=cooperating, by=by, at=at)

    def back(self) -> str:
        return reverse("assignments", args=[self.campaign.pk])

    def next_page(self, result: Assignment) -> Assignment:
        return result


class ChangeAssignment(OfForm):
    done = "已保存。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"修改{self.object}"

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        names = [place.name for place in row.cooperating.all()]
        plain = ("task", "content", "organization", "stage", "leader_name", "person_name", "remark")
        return {name: getattr(row, name) for name in (*plain, "version")} | {
            "clause": str(row.clause or ""),
            "is_prescribed": "yes" if row.is_prescribed else "no",
            "cooperating": "、".join([*names, *filter(None, [row.cooperating_text])]),
            "due": papers.due_in_words(row),
        }

    def act(
        self,
        row: Assignment,
        *,
        cooperating: Any,
        version: int | None,
        by: Actor,
        at: datetime,
        **facts: Any,
    ) -> Assignment:
        return assignments.change(
            row, version=version or 0, facts=facts, cooperating=cooperating, by=by, at=at
        )


class DropAssignment(AssignmentAct):
    form_class = ActForm
    done = "任务已删除。"
    submit = "删除这项任务"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"删除{self.object}"

    @property
    def meaning(self) -> str:
        return f"“{self.object.task}”（{self.object.organization}）还没有进展记录，删除后不再列入。"

    def act(self, row: Assignment, *, by: Actor, at: datetime, **_: Any) -> None:
        assignments.drop(row, by=by, at=at)

    def next_page(self, _result: None) -> str:
        return reverse("assignments", args=[self.campaign.pk])


class ProgressAssignment(AssignmentAct):
    """Also what the line in the list is sent to; from there one goes back to the list."""

    form_class = ProgressForm
    done = "进展已填报。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"填报进展：{self.object}"

    @property
    def meaning(self) -> str:
        return str(self.object.task)

    def may(self, actor: Actor, row: Assignment) -> bool:
        return policy.may_progress(actor, row)

    def get_initial(self) -> dict[str, Any]:
        now = self.object.status
        return {
            "on": self.request.actor.on,
            "status": "under_way" if now == Assignment.Status.NOT_STARTED else now,
        }

    def act(self, row: Assignment, *, by: Actor, at: datetime, **facts: Any) -> AssignmentEntry:
        return assignments.progress(row, **facts, by=by, at=at)

    def next_page(self, _result: Any) -> str:
        if "in_list" in self.request.POST:
            return f"{reverse('assignments', args=[self.campaign.pk])}#task-{self.object.pk}"
        return self.object.get_absolute_url()

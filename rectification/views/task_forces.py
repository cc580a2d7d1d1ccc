"""A task force (工作专班): who is in it, its plan, and the problems it works on."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns.models import Body, Campaign
from rectification import policy
from rectification.actions import task_forces
from rectification.forms.task_forces import LinkForm
from rectification.models import Problem, TaskForceProblem
from reform.forms.act import ActForm
from reform.models import Actor
from reform.views.act import ActView
from reform.views.lists import PagedList


class TaskForcePage(PagedList):
    """The problems are those that one may read, and the figures count exactly these rows."""

    template_name = "rectification/task_forces/page.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return str(self.body)

    def get_queryset(self) -> Any:
        actor = self.request.actor
        bodies = Body.objects.visible_to(actor).filter(kind=Body.Kind.TASK_FORCE)
        bodies = bodies.select_related("campaign__organization", "host").with_members()
        self.body = get_object_or_404(bodies, pk=self.kwargs["pk"])
        seen = Problem.objects.visible_to(actor).order_by().values("pk")
        self.links = TaskForceProblem.objects.filter(body=self.body, problem__in=seen)
        rows = self.links.select_related("problem__organization").prefetch_related(
            "problem__people"
        )
        return rows.order_by("problem__organization__sequence", "problem")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, actor = super().get_context_data(**kwargs), self.request.actor
        closed = self.links.filter(problem__status=Problem.Status.CLOSED).count()
        campaign = self.body.campaign
        is_open = campaign.status == Campaign.Status.PUBLISHED and self.body.until is None
        for link in context["page_obj"].object_list:
            link.may_go = (
                is_open
                and link.problem.status != Problem.Status.CLOSED
                and policy.may(actor, "bd.link", link.problem)
            )
        return context | {
            "body": self.body,
            "campaign": campaign,
            "on": actor.on,
            "total": context["paginator"].count,
            "closed": closed,
            "may_link": is_open and may_link(actor),
        }


def may_link(actor: Actor) -> bool:
    """Whether some problem may be put on a list by the actor; which, the act asks."""
    return actor.holds(*policy.scopes("bd.link"))


class LinkProblems(ActView):
    model: Any = Body
    form_class: Any = LinkForm
    template_name = "rectification/task_forces/act.html"
    done = "已列入专班。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"列入问题：{self.body}"

    def load(self) -> Any:
        rows = Body.objects.visible_to(self.request.actor).filter(kind=Body.Kind.TASK_FORCE)
        return get_object_or_404(rows.select_related("campaign"), pk=self.kwargs["pk"])

    @property
    def body(self) -> Body:
        return self.object

    def may(self, actor: Actor, _row: Any) -> bool:
        return may_link(actor)

    def back(self) -> str:
        return reverse("task-force", args=[self.body.pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"body": self.body, "actor": self.request.actor}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"body": self.body}

    def act(self, body: Body, *, problems: list[Problem], by: Actor, at: datetime) -> Any:
        return task_forces.link(body, problems=problems, by=by, at=at)


class UnlinkProblem(LinkProblems):
    form_class = ActForm
    done = "已移出专班。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"移出专班：{self.object.problem}"

    def load(self) -> TaskForceProblem:
        rows = TaskForceProblem.objects.visible_to(self.request.actor)
        return get_object_or_404(
            rows.select_related("body__campaign", "problem__organization"), pk=self.kwargs["pk"]
        )

    @property
    def body(self) -> Body:
        return self.object.body

    def may(self, actor: Actor, row: Any) -> bool:
        return policy.may(actor, "bd.link", row.problem)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super(LinkProblems, self).get_form_kwargs()

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.submit = "移出"
        return form

    def act(self, row: TaskForceProblem, *, by: Actor, at: datetime) -> None:  # type: ignore[override]
        task_forces.unlink(row, by=by, at=at)

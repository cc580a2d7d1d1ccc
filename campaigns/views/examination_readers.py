"""Who reads somebody's text by assignment (指派阅看): without a word of the text."""

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns import policy
from campaigns.actions import examination_readers
from campaigns.forms.examination_readers import AssignForm
from campaigns.forms.examinations import PlainForm
from campaigns.models import Examination, Reader
from campaigns.views.examination_lists import WHOLE
from reform.models import Actor
from reform.views.act import ActView

USUAL = timedelta(days=14)


class Assign(ActView):
    """Name an inspector or a leader, and see who was named before."""

    model = Examination
    form_class = AssignForm
    title = "指派阅看"
    chosen_decides = True
    done = "已指派，并告知本人和阅看人。"
    template_name = "campaigns/examinations/assign.html"

    def load(self) -> Examination:
        rows = Examination.objects.submitted().select_related(*WHOLE)
        row = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not policy.may_here(self.request.actor, "se.assign", row.organization):
            raise Http404("没有这份自查剖析。")
        return row

    def may(self, actor: Actor, examination: Examination) -> bool:
        return examination.author.person_id != actor.user.person_id

    def get_initial(self) -> dict[str, Any]:
        return {"until": self.request.actor.on + USUAL}

    def act(self, examination: Examination, *, by: Actor, at: datetime, **facts: Any) -> Reader:
        return examination_readers.assign(examination, by=by, at=at, **facts)

    def back(self) -> str:
        return reverse("examination-assign", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self.object.readers.filter(basis=Reader.Basis.ASSIGNED).select_related("person")
        on = self.request.actor.on
        return super().get_context_data(**kwargs) | {
            "assigned": [(row, bool(row.until) and row.until >= on) for row in rows],
        }


class EndAssignment(ActView):
    model = Reader
    form_class = PlainForm
    title = "结束指派阅看"
    done = "已结束，并告知本人。"
    template_name = "campaigns/examinations/end_assignment.html"

    def load(self) -> Reader:
        rows = Reader.objects.filter(basis=Reader.Basis.ASSIGNED, examination__isnull=False)
        rows = rows.select_related("person", *(f"examination__{name}" for name in WHOLE))
        row = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not policy.may_here(self.request.actor, "se.assign", row.examination.organization):
            raise Http404("没有这项指派。")
        return row

    def may(self, actor: Actor, reader: Reader) -> bool:
        return reader.examination.author.person_id != actor.user.person_id

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.submit = self.title
        return form

    def act(self, reader: Reader, *, by: Actor, at: datetime, **_: Any) -> Reader:
        return examination_readers.end(reader, by=by, at=at)

    def back(self) -> str:
        return reverse("examination-assign", args=[self.object.examination_id])

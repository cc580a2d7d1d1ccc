"""Copies of what others submitted (导出申请): asked for, approved by somebody else, fetched."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, View

from campaigns import policy
from campaigns.actions import examination_copies
from campaigns.forms.examination_readers import AskCopyForm, DecideCopyForm
from campaigns.forms.examinations import PlainForm
from campaigns.models import CopyRequest
from campaigns.models.copy_request import APPROVES
from campaigns.reports.examination import copies_of
from reform.errors import Forbidden, Refused
from reform.models import Actor
from reform.views.act import ActView
from reform.views.files import WORD, send_bytes
from reform.views.lists import PagedList

NOT_YOURS = "他人的自查剖析由受指派阅看的纪检人员申请导出、由领导批准；您自己的在其页面直接导出。"
Status = CopyRequest.Status


class CopyList(PagedList):
    """What one has asked for, and what waits for one's approval or was decided in one's part."""

    template_name = "campaigns/examinations/copies.html"
    title = "自查剖析导出申请"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.actor.holds(*policy.EXPORTERS, *APPROVES):
            raise PermissionDenied(NOT_YOURS)
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[CopyRequest]:
        rows = CopyRequest.objects.visible_to(self.request.actor)
        rows = rows.select_related("asked_by").annotate(count=Count("lines"))
        return rows.order_by("-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        context = super().get_context_data(**kwargs)
        for row in context["page_obj"]:
            row.now = row.state(now)
        return context | {"may_ask": self.request.actor.holds(*policy.EXPORTERS)}


class AskCopy(ActView):
    form_class = AskCopyForm
    title = "申请导出自查剖析"
    done = "已提交申请，批准后24小时内可以下载。"
    template_name = "campaigns/examinations/ask_copy.html"

    def load(self) -> Any:
        self.rows = {str(row.pk): row for row in examination_copies.exportable(self.request.actor)}
        return None

    def may(self, actor: Actor, _object: None) -> bool:
        return actor.holds(*policy.EXPORTERS)

    def get_form_kwargs(self) -> dict[str, Any]:
        texts = [
            (key, f"{row.author.name}（{row.organization}）　{row.checklist}")
            for key, row in self.rows.items()
        ]
        return super().get_form_kwargs() | {"texts": texts}

    def get_initial(self) -> dict[str, Any]:
        return {"texts": self.request.GET.getlist("text")}

    def act(self, _object: None, *, by: Actor, at: datetime, **facts: Any) -> CopyRequest:
        chosen = [self.rows[key] for key in facts["texts"]]
        return examination_copies.ask(chosen, reason=facts["reason"], by=by, at=at)

    def back(self) -> str:
        return reverse("examination-copies")

    def next_page(self, result: CopyRequest) -> Any:
        return result

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"rows": self.rows}


class CopyPage(DetailView):
    template_name = "campaigns/examinations/copy.html"
    context_object_name = "copy"

    def get_queryset(self) -> QuerySet[CopyRequest]:
        rows = CopyRequest.objects.visible_to(self.request.actor)
        return rows.select_related("asked_by", "decided_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, actor, now = self.object, self.request.actor, timezone.now()
        mine = row.asked_by.person_id == actor.user.person_id
        decided = row.decided_by is not None and row.decided_by.person_id == actor.user.person_id
        is_open, pending = row.is_open(now), row.status == Status.PENDING
        return super().get_context_data(**kwargs) | {
            "title": str(row),
            "now": row.state(now),
            "lines": row.lines.select_related(
                "submission__examination__author", "submission__examination__organization"
            ),
            "is_open": is_open,
            "may_take": mine and is_open,
            "may_decide": pending and not mine,
            "may_withdraw": (pending and mine) or (is_open and (mine or decided)),
        }


class CopyAct(ActView):
    model = CopyRequest

    def may(self, actor: Actor, copy: CopyRequest) -> bool:
        mine = copy.asked_by.person_id == actor.user.person_id
        decided = copy.decided_by is not None and copy.decided_by.person_id == actor.user.person_id
        return mine or decided


class DecideCopy(CopyAct):
    form_class = DecideCopyForm
    title = "审批导出申请"
    done = "已办理，并告知申请人；批准的，已告知本人。"
    template_name = "campaigns/examinations/decide_copy.html"

    def may(self, actor: Actor, copy: CopyRequest) -> bool:
        return CopyRequest.objects.to_approve(actor).filter(pk=copy.pk).exists()

    def act(self, copy: CopyRequest, *, by: Actor, at: datetime, **facts: Any) -> CopyRequest:
        approved = facts["decision"] == Status.APPROVED
        words = facts["words"]
        return examination_copies.decide(copy, approved=approved, words=words, by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = self.object.lines.select_related(
            "submission__examination__author", "submission__examination__organization"
        )
        return super().get_context_data(**kwargs) | {"lines": lines}


class WithdrawCopy(CopyAct):
    form_class = PlainForm
    title = "撤回导出申请"
    done = "已撤回，不能再下载。"
    template_name = "campaigns/examinations/withdraw_copy.html"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.submit = self.title
        return form

    def act(self, copy: CopyRequest, *, by: Actor, at: datetime, **_: Any) -> CopyRequest:
        return examination_copies.withdraw(copy, by=by, at=at)


class CopyFile(View):
    """Made anew each time it is fetched, and kept nowhere."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor, now = request.actor, timezone.now()
        row = get_object_or_404(CopyRequest.objects.visible_to(actor), pk=pk)
        try:
            lines = examination_copies.take(row, by=actor, at=now)
        except Forbidden as forbidden:
            raise PermissionDenied(str(forbidden)) from forbidden
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(row)
        texts = [(line.submission, examination_copies.sheet_of(line)) for line in lines]
        data = copies_of(row, texts, by=actor, at=now)
        return send_bytes(data, name=f"自查剖析_{row}.docx", kind=WORD)

"""Writing one's self-examination: the sheet, and submitting it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from campaigns import policy
from campaigns.actions import advice, examination_readers, examinations, reviewers
from campaigns.forms.examinations import PlainForm, SheetForm, SubmitForm
from campaigns.models import Examination, answers, parts
from campaigns.views.examination_lists import WHOLE
from reform.errors import Refused, Stale
from reform.models import Actor
from reform.templatetags.reform import moment
from reform.views.act import ActView


class OwnAct(ActView):
    """An act on one's own examination: for everybody else it is not there."""

    form_class: Any = PlainForm
    permit = ""

    def load(self) -> Examination:
        rows = Examination.objects.of(self.request.actor).select_related(*WHOLE)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, examination: Examination) -> bool:
        return policy.may(actor, self.permit, examination)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if type(form) is PlainForm:
            form.submit = self.title
        return form

    def expected(self, *, nothing: bool = False) -> dict[str, Any]:
        """Who would read it if it were submitted now, and in which words the page keeps that;
        `nothing`: if 不存在此类问题 were, of which nothing is 仅班子."""
        try:
            place = examinations.place_of(self.request.actor, self.object.checklist)
        except Refused as refusal:
            return {"nowhere": str(refusal), "promise": ""}
        row, on = self.object, self.request.actor.on
        sheet = {} if nothing else examination_readers.sheet_of(row, on=on)
        seating = reviewers.seating(row.author, place, sheet, campaign=row.campaign, on=on)
        promised = examination_readers.promised(row, seating, on=on)
        return {
            "readers": promised,
            "promise": reviewers.key_of(seating.seats),
            "seating": seating,
        }


class Write(OwnAct):
    """The sheet. 保存 keeps it as it is; 核对 goes on to where it is submitted."""

    form_class = SheetForm
    permit = "se.edit_draft"
    title = "自查剖析"
    template_name = "campaigns/examinations/write.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.object.is_writable:
            return redirect(self.object)
        return super().get(request, *args, **kwargs)

    @property
    def sheet(self) -> answers.Sheet:
        return answers.frozen(self.object.checklist, self.object.content)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"sheet": self.sheet}

    def get_initial(self) -> dict[str, Any]:
        now = SheetForm.initial_of(self.object.content)
        promise = self.expected(nothing=True)["promise"]  # of the one press, which alone sends it
        return now | {"version": self.object.version, "promise": promise}

    def form_valid(self, form: SheetForm) -> HttpResponse:
        self.typed = form
        return super().form_valid(form)

    def act(self, examination: Examination, *, by: Actor, at: datetime, **_: Any) -> bool:
        """Return whether it was submitted: 不存在此类问题 is one press."""
        content, data = self.typed.content(), self.typed.cleaned_data
        nothing = "nothing" in self.request.POST
        if nothing:
            content |= {"picked": [], "absent": [answers.ALL]}
        version = data["version"]
        row = examinations.save(examination, content=content, version=version, by=by, at=at)
        if nothing:
            examinations.submit(row, version=row.version, promise=data["promise"], by=by, at=at)
        return nothing

    def conflict(self, form: Any, stale: Stale) -> HttpResponse:
        stale.now = SheetForm.initial_of(stale.now)
        names = [name for name in form.fields if name not in stale.now]
        stale.now |= {name: "" for name in names if name not in {"token", "version", "promise"}}
        return super().conflict(form, stale)

    def form_invalid(self, form: Any) -> HttpResponse:
        form.data = form.data.copy()
        form.data["promise"] = self.expected(nothing=True)["promise"]  # as the page says now
        return super().form_invalid(form)

    def next_page(self, submitted: bool) -> Any:
        if submitted:
            messages.success(self.request, "已提交。")
            return self.object.get_absolute_url()
        if "next" in self.request.POST:
            return reverse("examination-submit", args=[self.object.pk])
        messages.success(self.request, "已保存，只有您自己看得到。")
        return reverse("examination-write", args=[self.object.pk])

    def back(self) -> str:
        return reverse("examination-write", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        last = row.submissions.filter(verdict__isnull=False).order_by("number").last()
        return (
            super().get_context_data(**kwargs)
            | self.expected()
            | {
                "examination": row,
                "sheet": self.sheet,
                "verdict": last.verdict if last and row.status == row.Status.RETURNED else None,
                "if_nothing": self.expected(nothing=True).get("readers", ()),
                "team": reviewers.team_of(row.author, row.campaign, on=self.request.actor.on),
                "may_delete": not row.submissions.exists(),
            }
        )


class Save(View):
    """What the page sends by itself while one writes: kept, or answered in words."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = Examination.objects.of(request.actor).select_related(*WHOLE)
        row = get_object_or_404(rows, pk=pk)
        if not policy.may(request.actor, "se.edit_draft", row):
            raise PermissionDenied("您没有办理此事项的权限。")
        form = SheetForm(request.POST, sheet=answers.frozen(row.checklist, row.content))
        if not form.is_valid():
            words = " ".join(str(one) for found in form.errors.values() for one in found)
            return JsonResponse({"words": words}, status=422)
        version, now = form.cleaned_data["version"], timezone.now()
        try:
            row = examinations.save(
                row, content=form.content(), version=version, by=request.actor, at=now
            )
        except Stale as stale:
            there = SheetForm.initial_of(stale.now)
            answer = {"words": str(stale), "version": stale.version, "there": there}
            return JsonResponse(answer, status=409)
        except Refused as refusal:
            return JsonResponse({"words": str(refusal)}, status=422)
        return JsonResponse({"version": row.version, "saved": moment(row.saved_at)})


class Submit(OwnAct):
    """The sheet as its readers will see it, who they are, and the one button."""

    form_class = SubmitForm
    permit = "se.submit"
    title = "核对并提交"
    done = "已提交。"
    template_name = "campaigns/examinations/submit.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.object.is_writable:
            return redirect(self.object)
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "promise": self.expected()["promise"]}

    def act(self, examination: Examination, *, by: Actor, at: datetime, **facts: Any) -> Any:
        return examinations.submit(examination, by=by, at=at, **facts)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Refused: what the page says now, of text and readers, is what the next press sends."""
        self.object = self.load()
        return self._again(form)

    def conflict(self, form: Any, stale: Stale) -> HttpResponse:
        form.add_error(None, str(stale))
        self.object = self.load()
        return self._again(form, status=409)

    def _again(self, form: Any, status: int = 200) -> HttpResponse:
        fresh = SubmitForm(initial=self.get_initial())
        words = form.non_field_errors() or ["页面已过期，请核对后再提交。"]
        context = self.get_context_data(form=fresh, refused=words)
        return render(self.request, self.template_name, context, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        sheet = examination_readers.sheet_of(row, on=self.request.actor.on)
        expected = self.expected()
        split = any(one.get("part") == "branch" for one in expected.get("readers", ()))
        return (
            super().get_context_data(**kwargs)
            | expected
            | {
                "examination": row,
                "sections": answers.sections(sheet),
                "branch_sections": answers.sections(parts.for_branch(sheet)) if split else [],
                "obstacles": answers.missing(sheet),
                "advice": advice.to_author(row, sheet, on=self.request.actor.on),
            }
        )


class Withdraw(OwnAct):
    permit = "se.withdraw"
    title = "撤回自查剖析"
    done = "已撤回，可以修改后再提交。"
    template_name = "campaigns/examinations/act.html"
    extra_context = {
        "words": "还没有人阅看时可以撤回。撤回后改好再提交，阅看人以再次提交时列出的为准。"
    }

    def act(self, examination: Examination, *, by: Actor, at: datetime, **_: Any) -> Examination:
        return examinations.withdraw(examination, by=by, at=at)


class Delete(OwnAct):
    permit = "se.delete_draft"
    title = "删除草稿"
    done = "草稿已删除。"
    template_name = "campaigns/examinations/act.html"
    extra_context = {"words": "删除后不能恢复。"}

    def act(self, examination: Examination, *, by: Actor, at: datetime, **_: Any) -> None:
        examinations.delete(examination, by=by, at=at)

    def next_page(self, _result: None) -> str:
        return reverse("examinations")

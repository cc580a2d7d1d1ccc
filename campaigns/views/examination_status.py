"""Who has submitted and who has not; and what comes on paper (自查情况、代录、线下审阅)."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns import policy
from campaigns.actions import examination_records, weekly_plans
from campaigns.forms.examinations import RecordForm, SignForm
from campaigns.models import Campaign, Checklist, Examination, Verdict, answers
from campaigns.models.examination_roll import EXCUSED, belonging, lines, totals
from campaigns.views.examination_lists import WHOLE, examining
from reform.actions import attachments
from reform.models import Actor
from reform.models.scope import Reach
from reform.text import key_of
from reform.views.act import ActView
from reform.views.lists import PagedList

ENDINGS = ("pdf", "jpg", "jpeg", "png")
NAMES = 30  # of people in one state at one organization


class StatusPage(PagedList):
    """Organizations in official order, and in each who is in which state. Nobody's text."""

    template_name = "campaigns/examinations/status.html"
    title = "自查情况"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visible = Campaign.objects.visible_to(request.actor).select_related("organization")
        self.campaign = get_object_or_404(visible, pk=kwargs["pk"])
        if not request.actor.holds(*policy.STATUS):
            raise PermissionDenied(
                "各单位的提交情况由书记、活动办、纪检和领导查看；您自己的在“自查剖析”中。"
            )
        self.checklists = list(examining(campaign=self.campaign))
        wanted = key_of(request.GET.get("checklist", ""))
        found = [one for one in self.checklists if one.pk == wanted] or self.checklists
        self.checklist = found[0] if found else None
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        actor = self.request.actor
        places = weekly_plans.taking_part(self.campaign, on=actor.on)
        scopes = {role: policy.TABLE["se.status"][1][role] for role in policy.STATUS}
        reach = Reach.of(actor, scopes, key="pk")
        rows = places if reach.whole else places.filter(reach.condition())
        asked = belonging(actor.on).filter(organization=OuterRef("pk"))
        self.scope = rows
        return rows.filter(Exists(asked))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        actor = self.request.actor
        context |= {"campaign": self.campaign, "checklists": self.checklists, "names": NAMES}
        if self.checklist is None:
            return context
        asked, counts = totals(self.checklist, self.scope, on=actor.on)
        done = sum(number for state, number in counts.items() if state != EXCUSED)
        return context | {
            "checklist": self.checklist,
            "lines": lines(self.checklist, list(context["object_list"]), on=actor.on),
            "figures": [
                ("应交", asked),
                ("已交", done),
                ("已审阅", counts["accepted"]),
                ("退回修改", counts["returned"]),
                ("未交", max(asked - done, 0)),
                ("免计", counts[EXCUSED]),
            ],
            "records": actor.holds(*policy.TABLE["se.record"][1]),
            "assigns": actor.holds(*policy.TABLE["se.assign"][1]),
        }


class ScanAct(ActView):
    """An act with a scan: stored before its transaction, and gone when it fails."""

    kept: Any = None

    def form_valid(self, form: Any) -> HttpResponse:
        self.typed = form
        return super().form_valid(form)

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        file, by = data["scan"], self.request.actor
        self.kept = attachments.keep(file, name=file.name, by=by, at=self.at, endings=ENDINGS)
        return data | {"scan": self.kept}

    def discard(self, data: dict[str, Any]) -> None:  # noqa: ARG002 -- the scan is all there is
        if self.kept:
            attachments.drop(self.kept)


class Record(ScanAct):
    """A sheet written by hand, typed in for its author to confirm (代录)."""

    model = Checklist
    form_class = RecordForm
    title = "代录手写材料"
    chosen_decides = True
    template_name = "campaigns/examinations/record.html"

    def load(self) -> Checklist:
        visible = Campaign.objects.visible_to(self.request.actor)
        rows = Checklist.objects.filter(campaign__in=visible, purpose=Checklist.Purpose.EXAMINATION)
        return get_object_or_404(rows.select_related("campaign"), pk=self.kwargs["pk"])

    def may(self, actor: Actor, _checklist: Checklist) -> bool:
        return actor.holds(*policy.TABLE["se.record"][1])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"sheet": answers.frozen(self.object, {})}

    def act(self, checklist: Checklist, *, by: Actor, at: datetime, **data: Any) -> Any:
        facts = {"author": data["author"], "content": self.typed.content(), "scan": data["scan"]}
        if signed_on := data["signed_on"]:
            return examination_records.record_signed(
                checklist, signed_on=signed_on, by=by, at=at, **facts
            )
        return examination_records.record(checklist, by=by, at=at, **facts)

    @property
    def done(self) -> str:  # type: ignore[override]
        author = self.typed.cleaned_data["author"]
        if self.typed.cleaned_data["signed_on"]:
            return f"已按{author}签字的材料登记并送审，您不能再打开。"
        return f"已代录，并请{author}核对后提交。"

    def back(self) -> str:
        return reverse("examinations")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sheet = answers.frozen(self.object, {})
        return super().get_context_data(**kwargs) | {"checklist": self.object, "sheet": sheet}


class Sign(ScanAct):
    """What was decided on paper about somebody whom nobody reviews here; without the text."""

    model = Examination
    form_class = SignForm
    title = "录入线下审阅"
    done = "已录入线下审阅结果，并告知本人。"
    template_name = "campaigns/examinations/sign.html"

    def load(self) -> Examination:
        rows = Examination.objects.filter(status=Examination.Status.SUBMITTED)
        row = get_object_or_404(rows.select_related(*WHOLE), pk=self.kwargs["pk"])
        last = row.standing().last()
        inside = policy.may_here(self.request.actor, "se.record", row.organization)
        if not inside or last is None or not (last.on_paper or row.paper_since):
            raise Http404("没有等待线下审阅的自查剖析。")
        return row

    def may(self, actor: Actor, examination: Examination) -> bool:
        return policy.may_here(actor, "se.record", examination.organization)

    def get_initial(self) -> dict[str, Any]:
        return {"signed_on": self.request.actor.on}

    def act(self, examination: Examination, *, by: Actor, at: datetime, **facts: Any) -> Verdict:
        facts["decision"] = Verdict.Decision(facts["decision"])
        return examination_records.sign(examination, by=by, at=at, **facts)

    def back(self) -> str:
        return reverse("examination-status", args=[self.object.campaign_id])

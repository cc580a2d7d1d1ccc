"""What was submitted: its page for the author and for who reads it, and the acts of a reviewer."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import DetailView

from campaigns import policy
from campaigns.actions import advice, examination_readers, examination_reviews, part_verdicts
from campaigns.forms.examinations import PlainForm, ReviewForm
from campaigns.models import (
    Act,
    CopyLine,
    Examination,
    Reader,
    Reading,
    Submission,
    Verdict,
    answers,
    parts,
)
from campaigns.reports.examination import word_of
from campaigns.views.examination_lists import WHOLE
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor
from reform.text import key_of
from reform.views.act import ActView
from reform.views.files import WORD, send, send_bytes


def is_own(examination: Examination, actor: Actor) -> bool:
    return examination.author.person_id == actor.user.person_id


def versions_of(examination: Examination, actor: Actor) -> list[Submission]:
    """Return the versions the actor may read: the author all, others what was not taken back."""
    rows = examination.submissions.all()
    if not is_own(examination, actor):
        rows = examination.standing()
    return list(rows.select_related("verdict", "withdrawal", "recorded_by").order_by("number"))


def chosen(versions: list[Submission], words: str) -> Submission | None:
    """Return the version an address asks for, else the last."""
    number = key_of(words)
    found = next((one for one in versions if one.number == number), None)
    return found or (versions[-1] if versions else None)


def sheet_for(submission: Submission, *, whole: bool) -> answers.Sheet:
    """Return what a reader sees of it: what is marked 仅班子 only where he reads the whole."""
    return submission.content if whole else parts.for_branch(submission.content)


def compared(before: answers.Sheet, after: answers.Sheet) -> list[tuple[str, str, str]]:
    """Return (label, before, after) of every text that is not the same in both versions."""
    old, new = dict(_texts(before)), dict(_texts(after))
    both = [(label, old.get(label, ""), new.get(label, "")) for label in {**old, **new}]
    return [(label, was, becomes) for label, was, becomes in both if was != becomes]


def _texts(sheet: answers.Sheet) -> list[tuple[str, str]]:
    found = []
    for section in answers.sections(sheet):
        for label, text in section.lines or [("", "（勾选）")]:
            found.append((f"{section.heading}：{label}" if label else section.heading, text))
    return found


def note_reading(submission: Submission, *, by: Actor, at: datetime) -> None:
    """Note that the actor opens it, before he sees a word; where its author took it back in the
    same moment, there is nothing here."""
    try:
        examination_reviews.read(submission, by=by, at=at)
    except Refused as refusal:
        raise Http404(str(refusal)) from refusal


class Readable(DetailView):
    """An examination that is one's own, or that one reads."""

    model = Examination
    context_object_name = "examination"

    def get_queryset(self) -> Any:
        return Examination.objects.visible_to(self.request.actor).select_related(*WHOLE)


class ExaminationPage(Readable):
    template_name = "campaigns/examinations/page.html"

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        self.object = row = self.get_object()
        actor, now = request.actor, timezone.now()
        own = is_own(row, actor)
        if not own and not examination_reviews.is_told(row, actor):
            context = self.get_context_data(title=str(row))
            self.template_name = "campaigns/examinations/tell.html"
            return self.render_to_response(context)
        versions = versions_of(row, actor)
        if own and not versions:
            return redirect("examination-write", row.pk)
        shown = chosen(versions, request.GET.get("version", ""))
        against = None
        if words := request.GET.get("against"):
            others = [one for one in versions if one != shown]
            against = chosen(others, words)
        for one in filter(None, (shown, against)):
            note_reading(one, by=actor, at=now)
        whole = own or part_verdicts.reads_whole(row, actor)
        sheets = [sheet_for(one, whole=whole) for one in (against, shown) if one]
        context = self.get_context_data(
            title=str(row),
            own=own,
            whole=whole,
            versions=versions,
            shown=shown,
            against=against,
            compared=compared(*sheets) if against and shown else [],
            sections=answers.sections(sheets[-1]) if shown else [],
        )
        return self.render_to_response(context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, actor = self.object, self.request.actor
        shown = kwargs.get("shown")
        readings = Reading.objects.filter(submission__examination=row)
        waiting = row.status == row.Status.SUBMITTED
        is_last = bool(shown) and shown == kwargs["versions"][-1]
        may_export = bool(kwargs.get("own")) and policy.may(actor, "se.export_one", row)
        verdict, whole = getattr(shown, "verdict", None), bool(kwargs.get("whole"))
        return super().get_context_data(**kwargs) | {
            "verdict": verdict,
            # What the other reader says of the whole may repeat what is marked 仅班子.
            "verdict_said": verdict and (whole or not parts.is_marked(shown.content)),
            "part_verdicts": shown.part_verdicts.all() if shown else (),
            "may_copy": bool(shown) and parts.is_marked(shown.content) and may_export,
            "scan_shown": bool(shown) and (whole or not parts.is_marked(shown.content)),
            "copies": CopyLine.objects.filter(
                submission__examination=row, request__open_until__isnull=False
            ).select_related("request__asked_by")
            if kwargs.get("own")
            else (),
            "later": [one for one in row.readers.select_related("person") if _is_later(one, shown)]
            if kwargs.get("own")
            else (),
            "readings": readings.select_related("person", "submission")
            if kwargs.get("own")
            else (),
            "may_review": waiting and is_last and policy.may(actor, "se.review", row),
            "may_export": may_export,
            "may_withdraw": bool(kwargs.get("own"))
            and waiting
            and not readings.filter(submission=shown).exists(),
        }


def _is_later(reader: Reader, shown: Submission | None) -> bool:
    """Whether the author was told of him beside the rule, or after he had submitted."""
    beside = reader.basis in examination_readers.BESIDE
    return beside or (shown is not None and reader.told_at > shown.submitted_at)


class ReaderAct(ActView):
    """An act of somebody who reads it."""

    model = Examination
    permit = "se.read"

    def load(self) -> Examination:
        rows = Examination.objects.readable_by(self.request.actor).select_related(*WHOLE)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, examination: Examination) -> bool:
        return policy.may(actor, self.permit, examination)


class Tell(ReaderAct):
    form_class = PlainForm
    title = "告知本人并打开"
    template_name = "campaigns/examinations/act.html"
    extra_context = {"words": "系统先告知本人由您阅看及原因，然后打开正文。"}

    def act(self, examination: Examination, *, by: Actor, at: datetime, **_: Any) -> Any:
        return examination_reviews.tell(examination, by=by, at=at)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.submit = self.title
        return form


class Review(ReaderAct):
    """The text, and beside it what the reviewer says."""

    form_class = ReviewForm
    permit = "se.review"
    title = "审阅自查剖析"
    done = "审阅意见已提交，并告知本人。"
    template_name = "campaigns/examinations/review.html"

    @property
    def waiting(self) -> Submission | None:
        row = self.object
        return row.standing().last() if row.status == row.Status.SUBMITTED else None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Who is not announced to the author yet, or comes when it is decided, goes to its page."""
        last = self.waiting
        if last is None or not examination_reviews.is_told(self.object, request.actor):
            return redirect(self.object)
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        last = self.waiting
        return {"number": last.number if last else 1}

    def act(self, examination: Examination, *, by: Actor, at: datetime, **facts: Any) -> Any:
        facts["decision"] = Verdict.Decision(facts["decision"])
        return examination_reviews.decide(examination, by=by, at=at, **facts)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        last = self.object.standing().last()
        actor = self.request.actor
        told = last is not None and examination_reviews.is_told(self.object, actor)
        whole = told and part_verdicts.reads_whole(self.object, actor)
        if last and told:  # also where a refused form shows it again: its author sees who read it
            note_reading(last, by=actor, at=self.at)
        sheet = sheet_for(last, whole=whole) if last and told else None
        return super().get_context_data(**kwargs) | {
            "examination": self.object,
            "shown": last,
            "sections": answers.sections(sheet) if sheet else [],
            "advice": advice.to_reviewer(self.object, sheet, by=actor, on=actor.on)
            if sheet
            else None,
        }


class SheetWord(Readable):
    """One's own sheet (`se.export_one`), as it was submitted or as it is being written."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        self.object = row = self.get_object()
        actor, now = request.actor, timezone.now()
        if not is_own(row, actor) or not policy.may(actor, "se.export_one", row):
            raise PermissionDenied("他人的自查剖析须经批准才能导出，请在“导出申请”中办理。")
        shown = chosen(versions_of(row, actor), request.GET.get("version", ""))
        if shown is None or "draft" in request.GET:
            shown, sheet = None, examination_readers.sheet_of(row, on=actor.on)
        else:
            sheet = sheet_for(shown, whole=request.GET.get("part") != "branch")
        say = str(shown) if shown else f"{row}（草稿）"
        trail.record(Act.EXAMINATION_EXPORTED, row, by=actor, at=now, say=say)
        data = word_of(row, sheet, shown, by=actor, at=now)
        return send_bytes(data, name=f"{row}.docx", kind=WORD)


class SheetScan(Readable):
    """The handwriting that was typed in: for the author, and for who reads what he submitted."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        self.object = row = self.get_object()
        actor = request.actor
        told = is_own(row, actor) or examination_reviews.is_told(row, actor)
        marked = any(parts.is_marked(one.content) for one in row.standing())
        if row.scan is None or not told or (marked and not part_verdicts.reads_whole(row, actor)):
            raise Http404("没有可查看的扫描件。")
        now = timezone.now()
        if last := row.standing().last():  # who looks at the handwriting has read it
            note_reading(last, by=actor, at=now)
        trail.record(Act.EXAMINATION_SCAN_READ, row, by=actor, at=now)
        return send(row.scan)

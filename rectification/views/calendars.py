"""A year's notice read, checked and entered; and the deadlines that it would bring forward."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from rectification.actions import calendars
from rectification.forms.calendars import DecideForm
from rectification.models import EarlierDeadline
from rectification.policy import scopes
from reform import policy
from reform.actions import holidays
from reform.exports import holidays as papers
from reform.forms.holidays import EnterForm, NoticeForm
from reform.models import Actor, HolidayNotice
from reform.views.act import ActView
from reform.views.files import send_bytes
from reform.views.holidays import drawn
from reform.workdays import Calendar

AT_ONCE = 200  # deadlines decided on one page


class NoticeAct(ActView):
    title = "录入节假日安排"

    def load(self) -> None:
        return None

    def may(self, actor: Actor, _object: None) -> bool:
        return policy.may(actor, "cal.edit")

    def back(self) -> str:
        return reverse("calendar")


class ReadNotice(NoticeAct):
    """Read a notice and show what it would change; nothing is kept yet."""

    form_class = NoticeForm
    template_name = "rectification/calendars/new.html"

    def form_valid(self, form: NoticeForm) -> HttpResponse:
        data = form.cleaned_data
        notice = data["notice"]
        known = HolidayNotice.objects.filter(year=notice.year).first()
        initial = {
            "year": notice.year,
            "version": known.version if known else 0,
            "paper": data["paper"] or notice.paper,
            "lines": notice.lines(),
        }
        context = checked(EnterForm(initial=initial), notice)
        return render(self.request, EnterNotice.template_name, context)


class EnterNotice(NoticeAct):
    form_class = EnterForm
    template_name = "rectification/calendars/check.html"
    http_method_names = ["post"]
    done = "已录入。"

    def act(self, _object: None, *, by: Actor, at: Any, **data: Any) -> HolidayNotice:
        days, paper, version = data["notice"].days, data["paper"], data["version"]
        return calendars.enter(data["year"], paper=paper, days=days, version=version, by=by, at=at)

    def next_page(self, result: HolidayNotice) -> str:
        return f"{self.back()}?year={result.year}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or self.get_form()
        notice = getattr(form, "cleaned_data", {}).get("notice")
        return super().get_context_data(**kwargs) | checked(form, notice)


def checked(form: EnterForm, notice: Any) -> dict[str, Any]:
    """What the preview shows: the year as it would be, and what that changes."""
    shown: dict[str, Any] = {"title": "核对节假日安排", "form": form, "notice": notice}
    if notice is None:
        return shown
    known = HolidayNotice.objects.filter(year=notice.year).first()
    before = known.special_days() if known else []
    calendar = Calendar(notice.days, {notice.year})
    later, earlier = calendars.foreseen(notice.year, notice.days)
    return shown | {
        "later": later,
        "earlier": earlier,
        "known": known,
        "changes": holidays.changes_in_words(before, notice.days) if known else [],
        **drawn(calendar, notice.year),
    }


class Template(View):
    """The workbook to fill in, with this year's days as the example."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not policy.may(request.actor, "cal.edit"):
            raise PermissionDenied("工作日历由系统管理员录入。")
        latest = HolidayNotice.objects.order_by("-year").first()
        days = latest.special_days() if latest else []
        data = papers.template(days)
        return send_bytes(data, name="节假日安排（模板）.xlsx", kind=papers.XLSX)


class EarlierDeadlines(ActView):
    """What the calendar would bring forward waits for a leader of that part of the tree."""

    form_class = DecideForm
    title = "时限提前待批准"
    template_name = "rectification/calendars/earlier.html"

    def load(self) -> None:
        return None

    def may(self, actor: Actor, _object: None) -> bool:
        return actor.holds(*scopes("cal.approve"))

    def waiting(self) -> Any:
        rows = EarlierDeadline.objects.to_decide(self.request.actor).waiting()
        return rows.select_related("problem__organization", "notice").order_by("was", "pk")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rows": list(self.waiting()[:AT_ONCE])}

    def act(self, _object: None, *, by: Actor, at: Any, **data: Any) -> tuple[int, int]:
        return calendars.decide(**data, by=by, at=at)

    def back(self) -> str:
        return reverse("calendar-earlier")

    def next_page(self, result: tuple[int, int]) -> str:
        done, stale = result
        if done:
            messages.success(self.request, f"已办理{done}件。")
        if stale:
            messages.warning(self.request, f"{stale}件的时限已由他人改动，未作处理。")
        return self.back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"more": self.waiting().count() - len(context["form"].waiting)}

"""The working calendar (工作日历): a year to look at, and days counted.

Entering a year moves deadlines: `rectification/views/calendars.py`.
"""

from calendar import Calendar as Months
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from reform import policy
from reform.forms.holidays import CountForm
from reform.models import Actor, Holiday, HolidayNotice
from reform.workdays import Calendar, spans, unknown_in_words

AHEAD = 2  # years after this one that can be looked at


class CalendarPage(View):
    """A year with its days off and make-up days; and “the tenth working day from here”."""

    def get(self, request: HttpRequest) -> HttpResponse:
        actor: Actor = request.actor
        known = Holiday.objects.calendar()
        year = _year(request.GET.get("year", ""), actor.on.year)
        asked = {name: request.GET[name] for name in ("start", "number") if name in request.GET}
        form = CountForm(asked or None, initial={"start": actor.on, "number": 10})
        explained = None
        if form.is_bound and form.is_valid():
            explained = known.explain(**form.cleaned_data)
        return render(
            request,
            "reform/holidays/year.html",
            {
                "title": "工作日历",
                "year": year,
                "years": sorted({*known.years, *range(actor.on.year - 1, actor.on.year + AHEAD)}),
                "notice": HolidayNotice.objects.filter(year=year).first(),
                "unknown": "" if year in known.years else unknown_in_words([year]),
                "form": form,
                "explained": explained,
                "may_edit": policy.may(actor, "cal.edit"),
                **drawn(known, year, actor.on),
            },
        )


def _year(asked: str, otherwise: int) -> int:
    """Return the year in the address, where it is one that can be looked at."""
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else otherwise
    return year if HolidayNotice.FIRST <= year <= HolidayNotice.LAST else otherwise


def drawn(calendar: Calendar, year: int, today: date | None = None) -> dict[str, Any]:
    """Return the months of a year in weeks of days, and its days off and make-up days in words."""
    days = sorted(one for one in calendar.days if one.day.year == year)
    return {
        "months": [
            (month, [[_cell(calendar, day, month, today) for day in week] for week in weeks])
            for month in range(1, 13)
            for weeks in [Months().monthdatescalendar(year, month)]
        ],
        "off": spans(one for one in days if one.is_off),
        "worked": [one for one in days if not one.is_off],
        "workdays": calendar.workdays_of(year),
    }


def _cell(calendar: Calendar, day: date, month: int, today: date | None) -> dict[str, Any]:
    if day.month != month:
        return {}
    special = calendar.special(day)
    return {
        "day": day.day,
        "off": not calendar.is_workday(day),
        "special": special,
        "mark": ("休" if special.is_off else "班") if special else "",
        "today": day == today,
    }

"""What pickers ask: organizations and people by name, as `[{value, text, hint}]`, 20 at most."""

import re
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET
from pypinyin import Style, lazy_pinyin

from reform.forms.filters import PickerFilter
from reform.models import Duty, Organization, Role, User
from reform.templatetags.reform import placed
from reform.views.people import with_duties

LIMIT = 20
LETTERS = re.compile(r"[a-z]{1,12}")
LOOKED_THROUGH = 5000  # names whose initials are compared; more ask for characters


@require_GET
def organization_search(request: HttpRequest) -> JsonResponse:
    """Organizations by a name they have or had; a filter may ask for those that are gone too."""
    words, on = _asked(request)["q"], request.actor.on
    every = Organization.objects.select_related("parent")
    rows = every if "retired" in request.GET else every.in_force(on)
    if words:
        initials = _by_initials(rows, words)
        rows = rows.like(words) | rows.filter(initials) if initials else rows.like(words)
        rows = rows.annotate(near=_nearness(words))
        rows = rows.order_by("near", "sequence")
    else:
        rows = rows.official_order()
    return _answer(
        {"value": str(row.pk), "text": row.name, "hint": _above(row, on)} for row in rows[:LIMIT]
    )


@require_GET
def person_search(request: HttpRequest) -> JsonResponse:
    """People in use; `organization` keeps to the members of that organization."""
    asked, on = _asked(request), request.actor.on
    rows = with_duties(User.objects.active(), on)
    if asked["organization"]:
        members = Duty.objects.in_force(on).filter(
            organization=asked["organization"], role=Role.MEMBER
        )
        rows = rows.filter(pk__in=members.values("user"))
    if asked["q"]:
        rows = rows.filter(Q(name__contains=asked["q"]) | _by_initials(rows, asked["q"]))
        rows = rows.annotate(near=_nearness(asked["q"])).official_order(on, "near")
    else:
        rows = rows.official_order(on)
    return _answer(
        {
            "value": str(row.pk),
            "text": row.name,
            "hint": " · ".join(filter(None, [_place(row), row.post])),
        }
        for row in rows[:LIMIT]
    )


def _above(row: Organization, on: date) -> str:
    words = [row.parent.name if row.parent else "", "已撤销" if row.is_retired(on) else ""]
    return " · ".join(word for word in words if word)


def _place(person: User) -> str:
    return placed(person.held[0].organization) if person.held else ""


def _asked(request: HttpRequest) -> dict[str, Any]:
    form = PickerFilter(request.GET)
    form.is_valid()
    return {"q": "", "organization": None} | form.cleaned_data


def _answer(rows: Any) -> JsonResponse:
    return JsonResponse(list(rows), safe=False)


def _nearness(words: str) -> Case:
    """Exact first, then names that begin so, then the rest."""
    return Case(
        When(name=words, then=Value(0)),
        When(name__startswith=words, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )


def _by_initials(rows: QuerySet, words: str) -> Q:
    """张三 by “zs”: the keys of the first names whose initials contain what was typed."""
    if not LETTERS.fullmatch(words.lower()):
        return Q()
    names = rows.order_by().values_list("pk", F("name"))[:LOOKED_THROUGH]
    found = [key for key, name in names if words.lower() in initials(name)]
    return Q(pk__in=found[:LIMIT])


@lru_cache(maxsize=20_000)
def initials(name: str) -> str:
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()

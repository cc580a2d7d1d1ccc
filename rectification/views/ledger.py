"""The ledger page (问题台账): filters in the address, chips with counts, 50 rows, bulk acts."""

from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import View

from campaigns.models import Body, Campaign, Item, ReferenceCase, Source
from rectification import policy
from rectification.actions import bulk, deadlines
from rectification.exports import scope
from rectification.forms import filters
from rectification.models import Problem, ProblemPerson, Upload, ledger_filter, metric, owing
from rectification.models.problem_queryset import APPLIED, SOON, UNDER_CLOCK
from rectification.views.imports import may_import
from rectification.views.ledger_page import SIZE, Sight, page_asked, sight
from rectification.views.owing import may_look
from reform.models import Actor, Organization
from reform.models.statement import Keys, Statement, These, day_of
from reform.templatetags.reform import TONES
from reform.text import key_of

CUT = 90  # characters of a description that the list shows
CHOICES_KEPT = 60  # seconds for which the filter's lists are kept
COLUMNS = (
    "pk",
    "number",
    "text",
    "place",
    "status",
    "severity",
    "owner_kind",
    "due_on",
    "due_text",
    "first_due_on",
    "applied_on",
)
STATUS = dict(Problem.Status.choices)


class Ledger(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        actor, params = request.actor, dict(request.GET.lists())
        place = chosen_place(params)
        seen, rows = look(request, params, place)
        acts = bulk.offered(actor, seen.chip)
        body = render_to_string(
            "rectification/ledger_rows.html",
            {"rows": rows, "pick": bool(acts)},
            using="jinja2",
        )
        return render(
            request,
            "rectification/problems/list.html",
            {
                "filter": filter_drawn(actor, params, seen.chip, place),
                "chips": chips_shown(request, seen),
                "chip": seen.chip,
                "body": body,
                "rows": rows,
                "page_obj": seen.paginator(),
                "at_least": not seen.is_all,
                "bulk_acts": acts,
                "upload": chosen_upload(actor, params),
                "task_force": chosen_task_force(actor, params),
                "figure": chosen_figure(params),
                "owes": chosen_owing(params),
                "case": chosen_case(actor, params),
                "may_urge": may_look(actor),
                "filtered": any(params.get(name, [""])[-1] for name in ledger_filter.FILTERS),
                "may_file": actor.holds(*policy.scopes("pb.create")),
                "may_import": may_import(actor),
                "may_export": scope.may_export(actor),
                "on": actor.on,
            },
        )


def chosen_place(params: dict[str, list[str]]) -> Organization | None:
    """Return the organization in the address, for the picker to show by name."""
    key = key_of((params.get("organization") or [""])[-1])
    return Organization.objects.filter(pk=key).first() if key else None


def chosen_upload(actor: Actor, params: dict[str, list[str]]) -> str:
    """Return the name of the import whose rows are asked for: no field of the form shows it."""
    key = key_of((params.get("upload") or [""])[-1])
    if not key:
        return ""
    upload = Upload.objects.visible_to(actor).filter(pk=key).select_related("attachment").first()
    return str(upload) if upload else "别人的一次导入"


def chosen_task_force(actor: Actor, params: dict[str, list[str]]) -> str:
    """Return the name of the task force whose rows are asked for."""
    key = key_of((params.get("task_force") or [""])[-1])
    if not key:
        return ""
    body = Body.objects.visible_to(actor).filter(pk=key).first()
    return str(body) if body else "一个专班"


def chosen_figure(params: dict[str, list[str]]) -> str:
    """Return what a figure counts, where the address asks for its rows."""
    value = ledger_filter.asked(params).get("figure", "")
    return metric.in_words(value) if value else ""


def chosen_owing(params: dict[str, list[str]]) -> str:
    """Return what is owed, where the address asks for its rows. Names change seldom."""
    value = ledger_filter.asked(params).get("owes", "")
    key = f"ledger-owes:{blake2b(value.encode(), digest_size=16).hexdigest()}"
    return cache.get_or_set(key, lambda: owing.in_words(value), CHOICES_KEPT) if value else ""


def chosen_case(actor: Actor, params: dict[str, list[str]]) -> str:
    """Return the name of the case whose problems are asked for."""
    key = key_of((params.get("case") or [""])[-1])
    if not key:
        return ""
    case = ReferenceCase.objects.visible_to(actor).filter(pk=key).first()
    return str(case) if case else "您看不到的案例"


def filter_drawn(
    actor: Actor, params: dict[str, list[str]], chip: str, place: Organization | None
) -> str:
    """Return the filter form. Its lists change with campaigns, not with each page."""
    key = f"ledger-choices:{actor.user.pk}:{actor.on}"
    found = cache.get_or_set(key, lambda: choices(actor), CHOICES_KEPT)
    boxes = filters.boxes(params, found)
    context = {
        **boxes,
        "chip": chip,
        "place": place,
        "q": (params.get("q") or [""])[-1][:100],
        "open": any(box.value for box in boxes["more"]),
    }
    return render_to_string("rectification/ledger_filter.html", context, using="jinja2")


def look(
    request: HttpRequest, params: dict[str, list[str]], place: Organization | None
) -> tuple[Sight, list[dict[str, Any]]]:
    """Return the page that is asked for and its rows; an empty one gives way to the first."""
    actor = request.actor
    mine = Problem.objects.visible_to(actor)
    seen = sight(mine, params, actor=actor, place=place).page(page_asked(request))
    rows = ledger_rows(seen, actor=actor)
    if not rows and seen.at:
        seen = seen.page(1)
        rows = ledger_rows(seen, actor=actor)
    return seen.settled(len(rows)), rows[:SIZE]


def chips_shown(request: HttpRequest, seen: Sight) -> list[dict[str, Any]]:
    """Return the chips with their counts; each keeps the filters and goes to page 1."""
    shown, others = [], request.GET.copy()
    for name in ("page", "view"):
        others.pop(name, None)
    address = f"?{others.urlencode()}&view=" if others else "?view="
    for code, (words, _) in ledger_filter.chips().items():
        count = seen.shown(code)
        if code == "draft" and count == "0":
            continue
        shown.append(
            {
                "words": words,
                "url": f"{address}{code}",
                "count": count,
                "current": code == seen.chip,
                "tone": "red" if code == "overdue" and seen.counts[code] else "",
            }
        )
    return shown


def ledger_rows(seen: Sight, *, actor: Actor) -> list[dict[str, Any]]:
    """Return what the rows of a page show, in two statements however many rows there are.

    Values, not objects: the table body is drawn from plain data (DESIGN §8).
    """
    try:
        found = _rows(connection.vendor, seen.order).around(seen.keys()).rows({})
    except EmptyResultSet:
        return []
    rows = [dict(zip(COLUMNS, values, strict=True)) for values in found]
    names = names_of([row["pk"] for row in rows])
    for row in rows:
        if len(row["text"]) > CUT:
            row["text"] = f"{row['text'][:CUT]}…"
        row.update(names.get(row["pk"], {"people": "", "items": ""}))
        row["status_words"], row["tone"] = STATUS[row["status"]], TONES[row["status"]]
        row.update(due_cells(row, actor))
        row["missed_first"] = not row["late"] and missed_first(row, actor.on)
    mark_lacking(rows, actor)
    return rows


def mark_lacking(rows: list[dict[str, Any]], actor: Actor) -> None:
    """Say of rows that wait to be issued which of the six clarities they lack."""
    waiting = [row["pk"] for row in rows if row["status"] == Problem.Status.REGISTERED]
    found = deadlines.lacking_of(waiting, on=actor.on) if waiting else {}
    for row in rows:
        row["lacks"] = "、".join(found.get(row["pk"], ()))


def names_of(pks: list[int]) -> dict[int, dict[str, str]]:
    """Return the responsible persons and the items of some rows, in one statement."""
    found = _names(connection.vendor).rows({Keys.text([]): Keys.text(pks)})
    names: dict[int, dict[str, list[str]]] = {}
    for problem, _, name, part in sorted(found):
        names.setdefault(problem, {"people": [], "items": []})[part].append(name)
    return {
        problem: {part: "、".join(words) for part, words in parts.items()}
        for problem, parts in names.items()
    }


@lru_cache
def _rows(_vendor: str, order: tuple[str, ...]) -> Statement:
    """The columns of a page, compiled for no row in particular."""
    rows = Problem.objects.filter(pk__in=These()).named()
    shown = rows.annotate(text=Left("description", CUT + 1), place=F("unit"))
    return Statement.of(shown.order_by(*order).values_list(*COLUMNS))


@lru_cache
def _names(_vendor: str) -> Statement:
    """The statement of `names_of`, compiled for no row: it takes others as they come."""
    none = Keys([])
    people = ProblemPerson.objects.filter(problem__in=none, part="responsible").order_by()
    links = Problem.items.through.objects.filter(problem__in=none).order_by()
    return Statement.of(
        people.values_list("problem", "position", "name", Value("people")).union(
            links.values_list("problem", "item__position", "item__name", Value("items")), all=True
        )
    )


def due_cells(row: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """Return the deadline as the list shows it: the day, how far off, and whether it is 逾期."""
    due = day_of(row["due_on"])
    if due is None:
        return {"due": row["due_text"] or "未确定", "due_note": "", "late": False}
    cells = {"due": due.isoformat(), "due_note": "", "due_tone": "orange", "late": False}
    if row["status"] in UNDER_CLOCK:
        days = (due - actor.on).days
        if days < 0:
            cells |= {"due_note": f"逾期{-days}天", "due_tone": "red", "late": True}
        elif days <= SOON:
            cells["due_note"] = f"还有{days}天" if days else "今天到期"
    return cells


def missed_first(row: dict[str, Any], on: date) -> bool:
    """Whether the row was late by its first deadline: `Problem.missed_first`, of plain values."""
    first, applied = day_of(row["first_due_on"]), day_of(row["applied_on"])
    day = applied if row["status"] in APPLIED and applied else on
    return first is not None and first < day


def choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """Return the words of the filter's lists, in one statement."""
    campaigns = Campaign.objects.visible_to(actor).order_by()
    mine = campaigns.values("pk")
    items = Item.objects.filter(campaign__in=mine).order_by()
    sources = Source.objects.filter(campaign__in=mine).order_by()
    found = campaigns.values_list(Value("campaign"), "pk", "title", Value(0)).union(
        items.values_list(Value("item"), "pk", "name", "position"),
        sources.values_list(Value("source"), "pk", "name", "position"),
        all=True,
    )
    lists: dict[str, list[tuple[str, str]]] = {"campaign": [], "item": [], "source": []}
    for part, pk, name, _ in sorted(found, key=lambda row: (row[0], row[3], row[1])):
        lists[part].append((str(pk), name))
    return lists

"""What pages show: status tags, days and sizes in words, addresses of lists.

Shows and decides nothing; `unread` is the only tag that asks the database, once a page.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.db import connection
from django.shortcuts import resolve_url
from django.template import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from reform.models import Notice, Organization
from reform.models.statement import Statement

register = template.Library()

# Status → tone. Red is 逾期 and nothing else; a tag always carries its word.
TONES = {
    # a problem
    "draft": "grey",
    "registered": "slate",
    "assigned": "violet",
    "rectifying": "blue",
    "in_review": "orange",
    "closed": "green",
    # a campaign
    "published": "blue",
    # a step of the review chain, an application
    "open": "orange",
    "approved": "green",
    "returned": "brown",
    "waived": "grey",
    # an import
    "read": "orange",
    "kept": "green",
    # a job
    "waiting": "grey",
    "running": "blue",
    "done": "green",
    "failed": "brown",
    "swept": "grey",
    # a proposed duty
    "confirmed": "green",
    "declined": "brown",
}
ME = -1  # stands in for a key of a person in a statement compiled once
SOON = 7  # calendar days before a due day from which it stands out

# ---- words --------------------------------------------------------------------------------------


@register.simple_tag
@lru_cache(maxsize=200)
def icon(name: str, label: str = "") -> SafeString:
    """A Bootstrap icon; without `label` it is decoration and hidden from screen readers."""
    hidden = format_html('<span class="visually-hidden">{}</span>', label) if label else ""
    return format_html('<i class="bi bi-{}" aria-hidden="true"></i>{}', name, hidden)


@register.simple_tag
@lru_cache(maxsize=20)
def constant(part: str) -> SafeString:
    """A part of every page that depends on nothing: addresses need not be looked up each time."""
    return render_to_string(part)


@register.simple_tag
def tag(words: object, tone: str = "grey") -> SafeString:
    return format_html('<span class="tag tag--{}">{}</span>', tone, words)


@register.simple_tag
def status(row: Any, field: str = "status") -> SafeString:
    """The status of a row as a tag: `{% status problem %}`, `{% status job "state" %}`."""
    words = getattr(row, f"get_{field}_display")()
    return tag(words, TONES.get(getattr(row, field), "grey"))


@register.filter
def tone(value: str) -> str:
    return TONES.get(value, "grey")


@register.filter
def day(value: date | datetime | None) -> str:
    """2026年6月5日, as papers write it: no zero in front."""
    if not value:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter
def moment(value: datetime | None) -> str:
    """2026年6月5日 14:30, in Beijing."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(local)} {local:%H:%M}"


@register.filter
def due_words(value: date | None, on: date) -> str:
    """逾期3天, 今天到期, 还有5天."""
    if value is None:
        return ""
    left = (value - on).days
    if left < 0:
        return f"逾期{-left}天"
    return f"还有{left}天" if left else "今天到期"


@register.filter
def due_tone(value: date | None, on: date) -> str:
    """red when it is late, orange within a week, nothing before that."""
    if value is None:
        return ""
    left = (value - on).days
    if left < 0:
        return "red"
    return "orange" if left <= SOON else ""


@register.simple_tag(takes_context=True)
def due(context: Context, value: date | None, counting: bool = True) -> SafeString:
    """A due day and, while the clock runs (`counting`), how far off it is."""
    if value is None:
        return format_html('<span class="muted">{}</span>', "未定")
    words = format_html('<time datetime="{}">{}</time>', value.isoformat(), value.isoformat())
    if not counting:
        return words
    on = context["request"].actor.on
    colour = due_tone(value, on)
    left = tag(due_words(value, on), colour) if colour else _muted(due_words(value, on))
    return format_html('<span class="due">{} {}</span>', words, left)


def _muted(words: str) -> SafeString:
    return format_html('<span class="muted">{}</span>', words)


@register.filter
def filesize(value: int | None) -> str:
    """812 B, 35 KB, 1.2 MB."""
    size = float(value or 0)
    for unit in ("B", "KB", "MB"):
        if size < 1024 or unit == "MB":
            break
        size /= 1024
    digits = 1 if unit == "MB" and size < 100 else 0
    return f"{size:.{digits}f} {unit}"


SMALL = {
    Organization.Kind.BRANCH,
    Organization.Kind.GENERAL_BRANCH,
    Organization.Kind.DEPARTMENT,
}


@register.filter
def placed(organization: Organization) -> str:
    """区住建局 第一党支部: every bureau has a first branch. Wants `parent` selected."""
    above = organization.parent if organization.kind in SMALL else None
    return f"{above.short_name or above.name} {organization.name}" if above else organization.name


# ---- addresses ----------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """The address of this list with `changes`: filters stay, and a change goes back to page 1."""
    # A dict, no copy of the QueryDict: that is a deep one, and a pager has nine links.
    kept = dict(context["request"].GET.lists())
    if "page" not in changes:
        kept.pop("page", None)
    for key, value in changes.items():
        if value is None or value == "":
            kept.pop(key, None)
        else:
            kept[key] = list(value) if isinstance(value, list | tuple) else [value]
    return f"?{urlencode(kept, doseq=True)}"


@register.filter
def pages(page: Page) -> list[int | None]:
    """The numbers to show below a list; None is a gap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return [number if isinstance(number, int) else None for number in numbers]


@register.simple_tag(takes_context=True)
def sorted_by(context: Context, field: str, words: str, css: str = "") -> SafeString:
    """A table heading that sorts: up, then down. `?sort=due_on`, `?sort=-due_on`."""
    now = context["request"].GET.get("sort", "")
    state = {field: "ascending", f"-{field}": "descending"}.get(now, "none")
    follows = f"-{field}" if now == field else field
    arrow = {"ascending": "caret-up-fill", "descending": "caret-down-fill"}.get(state, "")
    return format_html(
        '<th scope="col" aria-sort="{}" class="{}"><a class="sorter" href="{}">{}{}</a></th>',
        state,
        css,
        query(context, sort=follows),
        words,
        icon(arrow) if arrow else "",
    )


@register.simple_tag
def address(to: Any) -> str:
    """Where a row, a path or a name of a page leads; nothing when it has no page."""
    try:
        return resolve_url(to) if to else ""
    except NoReverseMatch:
        return ""


# ---- the frame of the page ----------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def unread(context: Context) -> str:
    """How many notices wait, “99+” beyond that; one query."""
    count = len(_unread(connection.vendor).rows({ME: context["request"].user.pk}))
    return "99+" if count > 99 else str(count or "")


@lru_cache
def _unread(_vendor: str) -> Statement:
    mine = Notice.objects.filter(recipient=ME).unread()
    return Statement.of(mine.order_by().values("pk")[:100])


@register.inclusion_tag("_parts/wizard.html")
def wizard(at: int, *names: str) -> dict[str, Any]:
    """Steps of one piece of work: `{% wizard 2 "上传" "核对" "入账" %}` stands at the second."""
    states = {True: "done", False: "ahead"}
    return {
        "steps": [
            {
                "number": number,
                "words": words,
                "state": "now" if number == at else states[number < at],
            }
            for number, words in enumerate(names, start=1)
        ]
    }

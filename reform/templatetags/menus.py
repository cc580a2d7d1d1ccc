"""The menu (主菜单): which doors stand there for whom."""

from functools import lru_cache

from django import template
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from reform.models import ADMINISTRATORS, Role

register = template.Library()

BUSINESS = tuple(role for role in Role if role not in ADMINISTRATORS)
REPORTING = (Role.LIAISON, Role.SECRETARY, Role.INSPECTOR, Role.OFFICE, Role.LEADER)
INSTRUCTED = (Role.LIAISON, Role.SECRETARY, Role.OFFICE, Role.LEADER)
PREPARERS = (Role.LIAISON, Role.SECRETARY, Role.OFFICE)
# Page, icon, word, and for whom it stands in the menu (everybody when empty).
MENU: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("desk", "house-door", "工作台", ()),
    ("brief", "file-earmark-text", "呈阅件", (Role.LEADER,)),
    ("problems", "journal-text", "问题台账", BUSINESS),
    ("examinations", "person-lines-fill", "自查剖析", BUSINESS),
    ("weekly", "calendar-week", "周报", REPORTING),
    ("instructions", "pen", "批示", INSTRUCTED),
    ("imports", "file-earmark-arrow-up", "导入台账", PREPARERS),
    ("campaigns", "flag", "活动", BUSINESS),
    ("calendar", "calendar3", "工作日历", ()),
    ("organizations", "diagram-3", "组织", ()),
    ("people", "people", "人员", ()),
    ("proposals", "person-check", "待确认职责", (Role.SYSTEM, Role.SECURITY)),
    ("inbox", "bell", "收件箱", ()),
    ("system", "heart-pulse", "系统状态", (Role.SYSTEM,)),
    ("security", "shield-lock", "登录与安全", (Role.SECURITY,)),
    ("witness", "key", "见证码", ADMINISTRATORS),
    ("trail", "shield-check", "操作留痕", (Role.AUDIT, Role.SECURITY)),
    ("suggestions", "chat-left-text", "意见建议", (Role.OFFICE,)),
)

# Addresses of what stands in a campaign, and has no entry of its own.
OF_CAMPAIGNS = (
    "/portraits/",
    "/talks/",
    "/reflections/",
    "/showcase/",
    "/sweeps/",
    "/pledges/",
)


@register.simple_tag(takes_context=True)
def menu(context: Context) -> SafeString:
    request: HttpRequest = context["request"]
    roles = frozenset(duty.role for duty in request.actor.duties)  # type: ignore[attr-defined]
    path = _part_of(request.path)
    led_here = (url for _, url in _doors(roles) if _leads_to(url, path))
    return _drawn(roles, max(led_here, key=len, default=""))


@lru_cache(maxsize=500)
def _drawn(roles: frozenset[str], here: str) -> SafeString:
    """Every page has one, and there are few: drawn once for who holds the same roles."""
    entries = [
        {"url": url, "icon": icon, "words": words, "current": url == here}
        for (icon, words), url in _doors(roles)
    ]
    return render_to_string("_parts/menu.html", {"entries": entries})


@lru_cache(maxsize=100)
def _doors(roles: frozenset[str]) -> list[tuple[tuple[str, str], str]]:
    return [
        ((icon, words), reverse(name))
        for name, icon, words, whose in MENU
        if not whose or roles.intersection(whose)
    ]


def _part_of(path: str) -> str:
    """Return the path of the page from which one comes to a page of a campaign."""
    return reverse("campaigns") if path.startswith(OF_CAMPAIGNS) else path


def _leads_to(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)

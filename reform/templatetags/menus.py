"""The menu (主菜单): which doors stand there for whom."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse

from reform.models import ADMINISTRATORS, Role

register = template.Library()

BUSINESS = tuple(role for role in Role if role not in ADMINISTRATORS)
PREPARERS = (Role.LIAISON, Role.SECRETARY, Role.OFFICE)
# Page, icon, word, and for whom it stands in the menu (everybody when empty).
MENU: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("desk", "house-door", "工作台", ()),
    ("problems", "journal-text", "问题台账", BUSINESS),
    ("imports", "file-earmark-arrow-up", "导入台账", PREPARERS),
    ("campaigns", "flag", "活动", BUSINESS),
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


@register.inclusion_tag("_parts/menu.html", takes_context=True)
def menu(context: Context) -> dict[str, Any]:
    request: HttpRequest = context["request"]
    entries = list(_entries(request))
    here = max(
        (entry["url"] for entry in entries if _leads_to(entry["url"], request.path)),
        key=len,
        default="",
    )
    return {"entries": [entry | {"current": entry["url"] == here} for entry in entries]}


def _entries(request: HttpRequest) -> Iterable[dict[str, str]]:
    actor = request.actor  # type: ignore[attr-defined]
    for name, icon_name, words, roles in MENU:
        if not roles or actor.holds(*roles):
            yield {"name": name, "url": reverse(name), "icon": icon_name, "words": words}


def _leads_to(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)

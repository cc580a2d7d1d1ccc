"""The inbox (收件箱): what one was told, unread first."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from reform.actions import notices
from reform.forms.filters import InboxFilter
from reform.forms.suggestions import own_page
from reform.models import Notice
from reform.text import key_of
from reform.views.lists import PagedList


class Inbox(PagedList):
    title = "收件箱"
    filter_class = InboxFilter
    template_name = "reform/notices/list.html"

    def get_queryset(self) -> QuerySet:
        rows = Notice.objects.visible_to(self.request.actor).order_by("-pk")
        return rows if self.chosen.get("show") else rows.unread()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        everything = bool(self.chosen.get("show"))
        chips = [
            {"words": "未读", "url": "?", "current": not everything},
            {"words": "全部", "url": "?show=all", "current": everything},
        ]
        unread = Notice.objects.visible_to(self.request.actor).unread()
        last = unread.order_by("-pk").values_list("pk", flat=True).first()
        return context | {"chips": chips, "everything": everything, "last": last}


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark it as read and go where it leads."""
    notice = get_object_or_404(Notice.objects.visible_to(request.actor), pk=pk)
    notices.read(notice, by=request.actor, at=timezone.now())
    return redirect(own_page(notice.url) or "inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    last = key_of(request.POST.get("last", ""))
    count = notices.read_all(last=last, by=request.actor, at=timezone.now())
    messages.success(request, f"已将{count}条消息标为已读。")
    return redirect("inbox")

"""Messages that did not arrive (未送达): what the system administrator sees of them, and retries.

Who was to be told, over which channel, of which kind of thing, and why it failed: never what.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from reform import policy
from reform.actions import outbox
from reform.forms.preferences import RetryForm
from reform.models import Actor, Delivery, DeliveryNotice, Event, User
from reform.views.act import ActView
from reform.views.lists import PagedList


class DeadLetters(PagedList):
    title = "未送达的提醒"
    template_name = "reform/outbox/dead.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.may(request.actor, "nt.dead"):
            raise PermissionDenied("本页由系统管理员使用。")
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet:
        return Delivery.objects.dead().select_related("recipient__preference").order_by("-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = list(context["object_list"])
        parts = DeliveryNotice.objects.filter(delivery__in=rows)
        events = set(parts.values_list("delivery", "notice__event").distinct())
        for row in rows:
            row.kinds = [event.label for event in Event if (row.pk, event) in events]
            row.address = policy.masked_address(row)
        return context | {"object_list": rows}


class RetryDelivery(ActView):
    form_class = RetryForm
    template_name = "reform/outbox/retry.html"
    title = "重新发送"
    done = "已重新排队，几分钟内会再发。"

    def load(self) -> Delivery:
        return get_object_or_404(Delivery.objects.dead(), pk=self.kwargs["pk"])

    def may(self, actor: Actor, _row: Delivery) -> bool:
        return policy.may(actor, "nt.dead")

    def act(self, row: Delivery, *, by: Actor, at: datetime) -> None:
        outbox.retry(row, by=by, at=at)

    def back(self) -> str:
        return "dead-letters"


class RetryAll(RetryDelivery):
    title = "全部重新发送"

    def load(self) -> User:
        return self.request.user

    def act(self, _user: User, *, by: Actor, at: datetime) -> None:
        outbox.retry_all(by=by, at=at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"count": Delivery.objects.dead().count()}

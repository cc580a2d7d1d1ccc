"""Complaints and suggestions (意见建议): made from the foot of every page, read by offices."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from reform import policy
from reform.actions import suggestions
from reform.forms.suggestions import SuggestionForm, own_page
from reform.models import Actor, Duty, Role, Suggestion, User
from reform.models.organization import within
from reform.views.act import ActView
from reform.views.lists import PagedList


class Suggest(ActView):
    form_class = SuggestionForm
    template_name = "reform/suggestions/make.html"
    title = "意见建议"
    done = "已收到，感谢您的意见。"

    def load(self) -> User:
        return self.request.user

    def may(self, _actor: Actor, _user: User) -> bool:
        return True

    def get_initial(self) -> dict[str, Any]:
        return {"page": own_page(self.request.GET.get("from"))}

    def act(self, _user: User, *, text: str, page: str, by: Actor, at: datetime) -> Suggestion:
        return suggestions.make(text=text, page=page, by=by, at=at)

    def back(self) -> str:
        asked = self.request.POST.get("page") or self.request.GET.get("from")
        return own_page(asked) or "/"


class Suggestions(PagedList):
    """What the people of the offices' own part of the tree wrote."""

    title = "意见建议"
    template_name = "reform/suggestions/list.html"

    def get_queryset(self) -> QuerySet:
        actor = self.request.actor
        if not policy.may_read_suggestions(actor):
            raise PermissionDenied("意见建议由活动办阅看。")
        spans = [
            within(duty.organization.path, "organization__path")
            for duty in actor.holding(Role.OFFICE)
        ]
        held = Duty.objects.in_force(actor.on).filter(reduce(or_, spans, Q(pk__in=[])))
        rows = Suggestion.objects.filter(by__in=held.values("user"))
        return rows.select_related("by").order_by("-pk")

"""Delegations (请假委托): those one gave and holds, giving one, ending one."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from reform.actions import delegations
from reform.forms.delegations import DelegationForm
from reform.forms.register import ConfirmForm
from reform.models import Actor, Delegation, Duty, User
from reform.views.act import ActView
from reform.views.lists import PagedList


def own(actor: Actor) -> QuerySet[Delegation]:
    rows = Delegation.objects.concerning(actor.user)
    return rows.select_related("duty__user", "duty__organization__parent", "delegate")


class Delegations(PagedList):
    title = "请假委托"
    template_name = "reform/delegations/list.html"

    def get_queryset(self) -> QuerySet:
        return own(self.request.actor).order_by("-since", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        context = super().get_context_data(**kwargs)
        for row in context["object_list"]:
            row.given = row.duty.user_id == actor.user.pk
            row.over = row.is_over(actor.on)
        return context | {"may_give": bool(delegations.givable(actor)), "on": actor.on}


class GiveDelegation(ActView):
    form_class = DelegationForm
    template_name = "reform/delegations/give.html"
    title = "请假委托"
    done = "已委托，并告知受托人。"

    def load(self) -> User:
        return self.request.user

    def may(self, actor: Actor, _user: User) -> bool:
        return bool(delegations.givable(actor))

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"duties": delegations.givable(self.request.actor)}

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.request.actor.on}

    def act(self, _user: User, *, duty: Duty, **facts: Any) -> Delegation:
        return delegations.give(duty, **facts)

    def back(self) -> str:
        return reverse("delegations")


class EndDelegation(ActView):
    form_class = ConfirmForm
    template_name = "reform/delegations/give.html"
    title = "提前结束委托"
    done = "委托已结束。"

    def load(self) -> Delegation:
        return get_object_or_404(own(self.request.actor), pk=self.kwargs["pk"])

    def may(self, actor: Actor, delegation: Delegation) -> bool:
        return not delegations.may_end(actor, delegation)

    def act(self, delegation: Delegation, *, by: Actor, at: Any) -> Delegation:
        return delegations.end(delegation, by=by, at=at)

    def back(self) -> str:
        return reverse("delegations")

"""What somebody who leaves still has in hand: handing it over; and closing his account."""

from typing import Any

from django.contrib import messages
from django.urls import reverse

from campaigns.models import Body, BodyMember, FirstResponsible
from rectification.actions import handovers, leavings
from rectification.actions.handovers import Result
from rectification.forms.handovers import HandOverForm
from reform.forms.register import DisableForm
from reform.models import Actor, User
from reform.views.register import PersonAct

TOLD = 10  # refusals told one by one


def places_of(person: User) -> tuple[Any, Any]:
    """Return where he sits in bodies, and what he is named first responsible for: nothing of it is
    handed over, an office enters who comes after him (decision 0031)."""
    members = BodyMember.objects.current().of_person(person).select_related("body__campaign")
    named = FirstResponsible.objects.current().of_person(person)
    return members.order_by("pk"), named.select_related("campaign", "organization")


class HandOver(PersonAct):
    form_class = HandOverForm
    template_name = "rectification/handovers/give.html"
    title = "移交在办事项"

    def may(self, actor: Actor, _person: User) -> bool:
        return handovers.may(actor)

    @property
    def items(self) -> dict[Any, list[handovers.Item]]:
        return handovers.listed(self.object, by=self.request.actor)

    def get_form_kwargs(self) -> dict[str, Any]:
        kinds = [
            (kind.value, f"{kind.label}（{len(items)}件）")
            for kind, items in self.items.items()
            if items
        ]
        return super().get_form_kwargs() | {"kinds": kinds}

    def act(self, person: User, **facts: Any) -> list[Result]:
        return handovers.hand_over(person, **facts)

    def next_page(self, result: list[Result]) -> str:
        """Tell what went and what did not; what is left stands on the page again."""
        refused = [one for one in result if one.refused]
        if done := len(result) - len(refused):
            messages.success(self.request, f"已移交{done}件。")
        for one in refused[:TOLD]:
            about = one.item.problem or one.item.row
            messages.error(self.request, f"{about}（{one.item.kind.label}）没有移交：{one.refused}")
        if len(refused) > TOLD:
            messages.error(self.request, f"另有{len(refused) - TOLD}件没有移交，原因类似。")
        return reverse("person-hand-over", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        piles = [(kind.label, items) for kind, items in self.items.items() if items]
        members, named = places_of(self.object)
        actor = self.request.actor
        return super().get_context_data(**kwargs) | {
            "seats": members.filter(body__in=Body.objects.visible_to(actor).values("pk")),
            "named": named.visible_to(actor),
            "piles": piles,
            "personal": handovers.personal(self.object),
            "delegated": handovers.delegated(self.object, by=self.request.actor),
        }


class DisablePerson(PersonAct):
    """Close an account; beside it stands what is still open in the person's hands."""

    form_class = DisableForm
    permit = "user.disable"
    template_name = "rectification/handovers/disable.html"
    title = "停用"
    done = "已停用，不能再登录。"

    def act(self, person: User, **facts: Any) -> User:
        return leavings.disable(person, **facts)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "seated": sum(rows.count() for rows in places_of(self.object)),
            "counted": handovers.counted(self.object, on=self.request.actor.on),
            "personal": handovers.personal(self.object),
            "delegated": handovers.delegated(self.object, by=self.request.actor),
            "may_hand_over": handovers.may(self.request.actor),
        }

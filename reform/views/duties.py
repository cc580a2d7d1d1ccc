"""Granting and ending duties (授予、结束职责); 分管 and 联系点 of a leader."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from reform import policy
from reform.actions import duties, duty_marks, fields
from reform.forms.duties import EndFieldForm, EndForm, FieldForm, GrantForm, MarkForm
from reform.models import Actor, Duty, DutyField, DutyProposal, Role, User
from reform.views.act import ActView
from reform.views.register import PersonAct

WAITS = "已提出，须由另一名管理员复核后生效。"


class GrantDuty(PersonAct):
    form_class = GrantForm
    title = "授予职责"

    def may(self, actor: Actor, person: User) -> bool:
        return policy.may_give_duties(actor, person)

    def get_form_kwargs(self) -> dict[str, Any]:
        actor = self.request.actor
        every = policy.may(actor, "role.grant")
        system = policy.may(actor, "user.create")
        few = (Role.MEMBER,) if system else policy.UNIT_ADMIN_GRANTS
        return super().get_form_kwargs() | {"roles": tuple(Role) if every else few, "marks": every}

    def get_initial(self) -> dict[str, Any]:
        home = Duty.objects.in_force(self.request.actor.on).filter(user=self.object, home=True)
        place = home.values_list("organization", flat=True).first()
        return {"since": self.request.actor.on, "organization": place}

    def act(self, person: User, **facts: Any) -> Duty | DutyProposal:
        return duties.grant(person, **facts)

    def next_page(self, result: Duty | DutyProposal) -> str:
        waits = isinstance(result, DutyProposal)
        words = WAITS if waits else "已授予。"
        messages.success(self.request, words)
        return self.back()


class DutyAct(ActView):
    """An act on a duty."""

    template_name = "reform/people/act.html"

    def load(self) -> Duty:
        rows = Duty.objects.select_related("user", "organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("person", args=[self.object.user_id])


class EndDuty(DutyAct):
    form_class = EndForm
    title = "结束职责"
    done = "已定结束日期。"

    def may(self, actor: Actor, duty: Duty) -> bool:
        return not duties.may_end(actor, duty)

    def get_initial(self) -> dict[str, Any]:
        return {"until": self.request.actor.on}

    def act(self, duty: Duty, **facts: Any) -> Duty:
        return duties.end(duty, **facts)


class ChangeMark(DutyAct):
    form_class = MarkForm
    title = "改标记"

    def may(self, actor: Actor, duty: Duty) -> bool:
        if why := duty_marks.may_change(actor, duty):
            raise PermissionDenied(why)
        return True

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"mark": self.mark}

    @property
    def mark(self) -> str:
        return duty_marks.MARKS[Role(self.object.role)]

    def get_initial(self) -> dict[str, Any]:
        return {"marked": getattr(self.object, self.mark)}

    def act(self, duty: Duty, **facts: Any) -> Duty | DutyProposal:
        return duty_marks.change(duty, **facts)

    def next_page(self, result: Duty | DutyProposal) -> str:
        messages.success(self.request, self.told(result))
        return self.back()

    @staticmethod
    def told(result: Duty | DutyProposal) -> str:
        if isinstance(result, DutyProposal):
            return WAITS
        without = result.role == Role.LEADER and not result.principal
        return f"已更改。{'请接着加分管单位，否则看不到下级。' if without else ''}"


class GiveField(DutyAct):
    form_class = FieldForm
    title = "分管和联系点"
    done = "已确定。"

    def may(self, actor: Actor, duty: Duty) -> bool:
        return may_field(actor, duty)

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.request.actor.on}

    def act(self, duty: Duty, **facts: Any) -> DutyField:
        return fields.give(duty, **facts)


class EndField(ActView):
    form_class = EndFieldForm
    template_name = "reform/people/act.html"
    title = "结束分管（联系）"
    done = "已结束。"

    def load(self) -> DutyField:
        rows = DutyField.objects.select_related("duty__user", "organization")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, row: DutyField) -> bool:
        return may_field(actor, row.duty)

    def get_initial(self) -> dict[str, Any]:
        return {"until": self.request.actor.on}

    def act(self, row: DutyField, **facts: Any) -> DutyField:
        return fields.end(row, **facts)

    def back(self) -> str:
        return reverse("person", args=[self.object.duty.user_id])


def may_field(actor: Actor, duty: Duty) -> bool:
    own = duty.user.person_id == actor.user.person_id
    return policy.may(actor, "role.grant") and duty.role == Role.LEADER and not own

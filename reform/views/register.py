"""The register of people (人员): adding, changing, moving, one-time codes, opening and closing."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from reform import policy
from reform.actions import people
from reform.forms.register import (
    AccountForm,
    ConfirmForm,
    EditForm,
    PersonForm,
    ReasonForm,
    SameForm,
    TransferForm,
)
from reform.models import AccessCode, Actor, Duty, Role, User
from reform.models.user import UNPLACED
from reform.views.act import ActView


@dataclass(frozen=True)
class Offer:
    """A button on the page of a person."""

    label: str
    page: str
    person: User
    main: bool = False

    @property
    def url(self) -> str:
        return reverse(self.page, args=[self.person.pk])


def may_add(actor: Actor) -> bool:
    return policy.may(actor, "user.create") or policy.keeps_people(actor)


def offers(actor: Actor, person: User) -> list[Offer]:
    """Return what the actor may do to the person now."""
    create, close = (
        policy.may_person(actor, act, person) for act in ("user.create", "user.disable")
    )
    purpose = AccessCode.purpose_for(person)
    code = policy.may_issue_code(actor, person, purpose)
    one = policy.may_identify(actor, person)
    used = person.is_active
    rows = (
        ("修改信息", "person-edit", create, True),
        ("授予职责", "duty-grant", used and policy.may_give_duties(actor, person), True),
        ("调整隶属", "person-transfer", create and used, False),
        ("开通账号", "person-account", create and used and not person.has_account, False),
        (f"发{purpose.label}", "person-code", code and used and person.has_account, False),
        ("认定同一人", "person-same", one and person.same_as_id is None, False),
        ("取消同一人认定", "person-part", one and person.same_as_id is not None, False),
        ("移交在办事项", "person-hand-over", served_under(actor, person), False),
        ("停用", "person-disable", close and used, False),
        ("恢复", "person-enable", close and not used, False),
    )
    return [Offer(label, page, person, main) for label, page, offered, main in rows if offered]


def served_under(actor: Actor, person: User) -> bool:
    """Whether the person serves, or has served, where the actor is secretary or office."""
    if not actor.holds(Role.SECRETARY, Role.OFFICE):
        return False
    paths = list(person.duties.values_list("organization__path", flat=True))
    own = {duty.organization.path for duty in actor.holding(Role.SECRETARY)}
    tops = tuple(duty.organization.path for duty in actor.holding(Role.OFFICE))
    return any(path in own or path.startswith(tops) for path in paths)


class AddPerson(ActView):
    """Somebody new on the register."""

    form_class = PersonForm
    template_name = "reform/people/new.html"
    title = "登记人员"
    done = "已登记。开了账号的，请接着发邀请码，本人凭码首次登录。"

    def load(self) -> None:
        return None

    def may(self, actor: Actor, _object: None) -> bool:
        return may_add(actor)

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("organization", "")
        place = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
        return {"since": self.request.actor.on, "organization": place}

    def act(self, _object: None, **facts: Any) -> User:
        return people.add(**facts)

    def back(self) -> str:
        return reverse("people")

    def next_page(self, result: User) -> str:
        return reverse("person", args=[result.pk])


class PersonAct(ActView):
    """An act on somebody on the register: `permit` names the row of PERMISSIONS.md."""

    permit = "user.create"
    template_name = "reform/people/act.html"

    def load(self) -> User:
        return get_object_or_404(User, pk=self.kwargs["pk"])

    def may(self, actor: Actor, person: User) -> bool:
        return policy.may_person(actor, self.permit, person)

    def back(self) -> str:
        return reverse("person", args=[self.object.pk])


class EditPerson(PersonAct):
    form_class = EditForm
    title = "修改信息"
    done = "已保存。"

    def home(self) -> Duty | None:
        return people.home_of(self.object, self.request.actor.on)

    def get_form_kwargs(self) -> dict[str, Any]:
        person, actor = self.object, self.request.actor
        held = list(Duty.objects.in_force(actor.on).filter(user=person))
        shown = policy.contact(actor, person, held)
        return super().get_form_kwargs() | {"now": shown, "homeless": self.home() is None}

    def get_initial(self) -> dict[str, Any]:
        home = self.home()
        place = home.place if home and home.place != UNPLACED else None
        return {"name": self.object.name, "post": self.object.post, "place": place}

    def act(self, person: User, **facts: Any) -> User:
        return people.edit(person, **facts)


class OpenAccount(PersonAct):
    form_class = AccountForm
    title = "开通账号"
    done = "账号已开通，请发邀请码给本人。"

    def act(self, person: User, **facts: Any) -> User:
        return people.open_account(person, **facts)


class Identify(PersonAct):
    def may(self, actor: Actor, person: User) -> bool:
        return policy.may_identify(actor, person)


class MarkSame(Identify):
    form_class = SameForm
    title = "认定同一人"
    done = "已认定为同一人。"

    def act(self, person: User, **facts: Any) -> User:
        return people.mark_same(person, **facts)


class Part(Identify):
    form_class = ConfirmForm
    title = "取消同一人认定"
    done = "已取消认定。"

    def act(self, person: User, *, by: Actor, at: Any) -> User:
        return people.part(person, by=by, at=at)


class TransferPerson(PersonAct):
    form_class = TransferForm
    title = "调整隶属"
    done = "隶属已调整。其他职责没有变动，需要结束的请安全管理员办理。"

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.request.actor.on}

    def act(self, person: User, **facts: Any) -> Duty:
        return people.transfer(person, **facts)


class EnablePerson(PersonAct):
    form_class = ReasonForm
    permit = "user.disable"
    title = "恢复"
    done = "已恢复，可以登录。忘记密码的，由系统管理员发重置码。"

    def act(self, person: User, **facts: Any) -> User:
        return people.enable(person, **facts)


class HandCode(PersonAct):
    """Issue a one-time code and show its slip, this once: it is kept nowhere."""

    form_class = ConfirmForm
    template_name = "reform/people/code.html"
    slip: people.Slip | None = None

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"发{AccessCode.purpose_for(self.object).label}"

    def may(self, actor: Actor, person: User) -> bool:
        return policy.may_issue_code(actor, person, AccessCode.purpose_for(person))

    def act(self, person: User, *, by: Actor, at: Any) -> people.Slip:
        self.slip = people.hand_code(person, by=by, at=at)
        return self.slip

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        if self.slip is None:
            return answer
        context = {
            "slip": self.slip,
            "title": f"{self.slip.purpose}通知单",
            "address": self.request.build_absolute_uri(reverse("login")),
            "person": self.object,
        }
        answer = render(self.request, "reform/people/slip.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

"""What everybody keeps of his own sign-in: password, one-time password, devices."""

from datetime import datetime
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from reform import policy
from reform.actions import passwords, second_steps, sign_ins
from reform.actions.sign_ins import Door
from reform.forms.passwords import OwnPasswordForm
from reform.forms.sign_ins import EndForm, NumberForm, TurnOnForm
from reform.forms.suggestions import page_inside
from reform.models import Actor, SignIn, User
from reform.models.sign_in import MUST
from reform.views.act import ActView
from reform.views.lists import PagedList

SECRET = "second_step_secret"  # noqa: S105 -- where a session keeps it until a number proves it


class OwnView(ActView):
    """An act on oneself."""

    def load(self) -> User:
        return self.request.user

    def may(self, _actor: Actor, _user: User) -> bool:
        return True

    @property
    def door(self) -> Door:
        return Door(self.request.user.username, self.request.actor.address)

    def back(self) -> str:
        return "profile"

    @property
    def page(self) -> str:
        return self.request.resolver_match.url_name

    @property
    def is_owed(self) -> bool:
        """Whether this page stands before all others (GateMiddleware)."""
        return (self.request.session.get(MUST) or [""])[0] == self.page

    def passed(self) -> None:
        must = self.request.session.get(MUST) or []
        if self.page in must:
            self.request.session[MUST] = [page for page in must if page != self.page]

    def onward(self) -> str:
        """Where the person was going when this page stopped him."""
        return page_inside(self.request.GET.get("next")) or self.back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_owed": self.is_owed}


class OwnPassword(OwnView):
    form_class = OwnPasswordForm
    template_name = "reform/people/password.html"
    title = "修改密码"
    done = "密码已修改，请记住新密码。其他设备上的登录已退出。"

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        """A wrong one is counted, so outside the transaction."""
        old = data.pop("old_password")
        passwords.prove(self.request.user, old, door=self.door, at=self.at)
        return {"new": data["new_password1"]}

    def act(self, user: User, *, new: str, by: Actor, at: datetime) -> None:
        key = self.request.session.session_key or ""
        passwords.change(user, new, by=by, at=at, session=key)

    def next_page(self, _result: None) -> str:
        old = self.request.session.session_key or ""
        update_session_auth_hash(self.request, self.request.user)
        sign_ins.follow(old, self.request.session.session_key or "")
        self.passed()
        return self.onward()


class ShowsOnce(OwnView):
    """An act that makes something to be written down: its page is the answer, and never again."""

    once_template = ""
    made: Any = None

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if self.made is None:
            return response
        context = self.get_context_data(form=form) | {"made": self.made, "onward": self.onward()}
        response = render(self.request, self.once_template, context)
        response["Cache-Control"] = "private, no-store"
        return response


class SecondStep(ShowsOnce):
    """The state of one's one-time passwords; and the QR code of a new one."""

    form_class = TurnOnForm
    template_name = "reform/second_steps/turn_on.html"
    once_template = "reform/second_steps/codes.html"
    title = "动态口令"

    def get_template_names(self) -> list[str]:
        on = second_steps.is_on(self.request.user)
        return ["reform/second_steps/own.html" if on else self.template_name]

    @property
    def secret(self) -> str:
        return self.request.session.setdefault(SECRET, second_steps.new_secret())

    def act(self, user: User, *, code: str, by: Actor, at: datetime) -> None:
        self.made = second_steps.turn_on(user, secret=self.secret, code=code, by=by, at=at)

    def next_page(self, _result: None) -> str:
        self.request.session.pop(SECRET, None)
        self.passed()
        return self.onward()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, context = self.request.user, super().get_context_data(**kwargs)
        if self.made is not None or second_steps.is_on(user):
            return context | {"spare": second_steps.spare_codes(user)}
        secret = self.secret
        groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
        picture = second_steps.picture(user, secret)
        return context | {"groups": groups, "picture": picture, "cancel": "profile"}


class Proved(ShowsOnce):
    """An act on one's one-time passwords, for whom has one of them."""

    form_class = NumberForm

    def may(self, _actor: Actor, user: User) -> bool:
        return second_steps.is_on(user)

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        code = data.pop("code")
        second_steps.prove(self.request.user, code, door=self.door, at=self.at)
        return data

    def back(self) -> str:
        return "second-step"


class RecoveryCodes(Proved):
    once_template = "reform/second_steps/codes.html"
    template_name = "reform/second_steps/number.html"
    title = "重新生成备用码"
    extra_context = {"words": "重新生成后，以前的备用码全部作废。"}

    def act(self, user: User, *, by: Actor, at: datetime) -> None:
        self.made = second_steps.renew_codes(user, by=by, at=at)


class SecondStepOff(Proved):
    template_name = "reform/second_steps/number.html"
    title = "停用动态口令"
    done = "动态口令已停用。"
    extra_context = {"words": "更换手机时，先停用，再用新手机重新开通。"}

    def act(self, user: User, *, by: Actor, at: datetime) -> None:
        second_steps.turn_off(user, by=by, at=at)

    def next_page(self, _result: None) -> str:
        if second_steps.is_missing(self.request.actor):
            self.request.session[MUST] = ["second-step"]
        return self.back()


# ---- devices ------------------------------------------------------------------------------------


class Devices(PagedList):
    """Where one is signed in (登录设备)."""

    title = "登录设备"
    template_name = "reform/sign_ins/own.html"

    def get_queryset(self) -> QuerySet:
        actor = self.request.actor
        return SignIn.objects.live(timezone.now()).of(actor.user).order_by("-at", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"here": self.request.session.session_key}


class DeviceEnd(ActView):
    """End one session: one's own, or, for the security administrator, anybody's."""

    form_class = EndForm
    template_name = "reform/sign_ins/end.html"
    done = "该设备已退出登录。"

    @property
    def is_own(self) -> bool:
        return self.object.user_id == self.request.user.pk

    @property
    def title(self) -> str:
        return "退出设备" if self.is_own else "强制下线"

    def load(self) -> SignIn:
        actor, rows = self.request.actor, SignIn.objects.live(self.at).select_related("user")
        if not policy.may(actor, "session.kill"):
            rows = rows.of(actor.user)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, row: SignIn) -> bool:
        return policy.may_end(actor, row)

    def act(self, row: SignIn, *, by: Actor, at: datetime) -> None:
        sign_ins.end(row, by=by, at=at)

    def back(self) -> str:
        return "devices" if self.is_own else "signed-in"


class DevicesEnd(OwnView):
    form_class = EndForm
    template_name = "reform/sign_ins/end_all.html"
    title = "退出其他设备"
    done = "其他设备都已退出登录。"

    def act(self, user: User, *, by: Actor, at: datetime) -> None:
        sign_ins.end_all(user, by=by, at=at, spare=self.request.session.session_key or "")

    def back(self) -> str:
        return "devices"

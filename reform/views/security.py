"""Signing in and safety (登录与安全): what the security administrator sees and may do."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import TemplateView

from reform import policy
from reform.actions import access_codes, second_steps, sign_ins
from reform.forms.filters import WordsFilter
from reform.forms.sign_ins import LiftForm, ReasonForm, WitnessForm
from reform.models import AccessCode, Actor, Duty, SignIn, SignInFailure, User, password_rules
from reform.models.delegation import holding
from reform.views.act import ActView
from reform.views.lists import PagedList
from reform.views.own import ShowsOnce
from reform.views.people import with_duties


class ForSecurity:
    """A page of the security administrator alone."""

    act_id = "cfg.security"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.may(request.actor, self.act_id):
            raise PermissionDenied("本页由安全管理员使用。")
        return super().get(request, *args, **kwargs)


class Security(ForSecurity, TemplateView):
    """The figures in force, in words. They are settings: changing one is the machine's business."""

    template_name = "reform/security/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        return super().get_context_data(**kwargs) | {
            "title": "登录与安全",
            "signed_in": SignIn.objects.live(now).count(),
            "lock_outs": len(list(sign_ins.standing(at=now))),
            "missing": asked_twice(self.request.actor).filter(has_step=False).count(),
            "profile": password_rules.profile(),
            "idle": settings.SESSION_COOKIE_AGE // 60,
            "limits": [(limit, _minutes(limit.within)) for limit in sign_ins.LIMITS],
            "mfa_required": settings.MFA_REQUIRED,
            "codes": [
                (purpose.label, _minutes(AccessCode.VALID[purpose]))
                for purpose in AccessCode.Purpose
            ],
        }


def _minutes(span: timedelta) -> str:
    if span.days:
        return f"{span.days}天"
    minutes = span.seconds // 60
    return f"{minutes // 60}小时" if minutes % 60 == 0 else f"{minutes}分钟"


class SignedIn(ForSecurity, PagedList):
    title = "在线登录"
    act_id = "session.kill"
    filter_class = WordsFilter
    template_name = "reform/security/signed_in.html"

    def get_queryset(self) -> QuerySet:
        rows = SignIn.objects.live(timezone.now()).select_related("user")
        if words := self.chosen.get("q"):
            rows = rows.filter(user__name__contains=words)
        return rows.order_by("-at", "-pk")


class LockOuts(ForSecurity, PagedList):
    title = "暂停登录"
    template_name = "reform/security/lock_outs.html"

    def get_queryset(self) -> list[sign_ins.LockOut]:
        return list(sign_ins.standing(at=timezone.now()))


class LockOutLift(ActView):
    model = SignInFailure
    form_class = LiftForm
    template_name = "reform/security/lift.html"
    title = "解除暂停登录"
    done = "已解除，可以重新登录。"

    def load(self) -> SignInFailure:
        return get_object_or_404(SignInFailure, pk=self.kwargs["pk"])

    def may(self, actor: Actor, _row: SignInFailure) -> bool:
        return policy.may(actor, "cfg.security")

    def act(self, row: SignInFailure, *, by: Actor, at: datetime) -> None:
        sign_ins.lift(row, by=by, at=at)

    def back(self) -> str:
        return "lock-outs"


def asked_twice(actor: Actor) -> QuerySet:
    """Return who signs in with a one-time password by his duties, those he holds for somebody on
    leave as well, with `has_step`; who has no account signs in nowhere."""
    held = Duty.objects.in_force(actor.on).filter(role__in=policy.ASKED_TWICE)
    people = holding(held, on=actor.on).exclude(username=None)
    return people.annotate(has_step=second_steps.kept())


class SecondSteps(ForSecurity, PagedList):
    """Who has made his one-time password, those who have not first."""

    title = "动态口令"
    filter_class = WordsFilter
    template_name = "reform/security/second_steps.html"

    def get_queryset(self) -> QuerySet:
        rows = asked_twice(self.request.actor)
        if words := self.chosen.get("q"):
            everybody = User.objects.active().annotate(has_step=second_steps.kept())
            rows = everybody.filter(name__contains=words)
        return with_duties(rows.order_by("has_step", "name", "pk"), self.request.actor.on)


class SecondStepReset(ActView):
    form_class = ReasonForm
    template_name = "reform/security/reset.html"
    title = "重置动态口令"
    done = "已重置，并已告知本人和各管理员。"

    def load(self) -> User:
        return get_object_or_404(User.objects.active(), pk=self.kwargs["pk"])

    def may(self, actor: Actor, user: User) -> bool:
        return policy.may_reset_second_step(actor, user)

    def act(self, user: User, *, reason: str, by: Actor, at: datetime) -> None:
        second_steps.reset(user, reason=reason, by=by, at=at)

    def back(self) -> str:
        return "second-steps"


class Witness(ShowsOnce):
    """A code by which one administrator stands by what another does at the machine (SOD-13)."""

    form_class = WitnessForm
    template_name = "reform/security/witness.html"
    once_template = "reform/security/witness_code.html"
    title = "见证码"

    def may(self, actor: Actor, user: User) -> bool:
        return policy.may_issue_code(actor, user, AccessCode.Purpose.WITNESS)

    def act(self, user: User, *, by: Actor, at: datetime) -> None:
        self.made = access_codes.issue(user, purpose=AccessCode.Purpose.WITNESS, by=by, at=at)

    def back(self) -> str:
        return "witness"

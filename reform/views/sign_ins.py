"""The door (登录): password, then a one-time password where one is kept; and one-time codes."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView, RedirectURLMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from reform.actions import passwords, second_steps, sign_ins
from reform.actions.sign_ins import Door, LockedOut
from reform.errors import Refused
from reform.forms.sign_ins import CodeForm, SecondStepForm, SignInForm
from reform.forms.suggestions import page_inside
from reform.models import Actor, User, password_rules
from reform.models.sign_in import MUST

# Who gave the right password and still owes a number: kept in a session that is nobody's yet.
OWES = "owes_second_step"
PATIENCE = timedelta(minutes=10)

closed = (
    login_not_required,
    never_cache,
    csrf_protect,
    sensitive_post_parameters("password", "code", "new_password1", "new_password2"),
)


def door(request: HttpRequest, account: str) -> Door:
    return Door(account, request.META.get("REMOTE_ADDR", ""))


def shut(request: HttpRequest, locked: LockedOut) -> HttpResponse:
    return render(request, "registration/locked.html", {"locked": locked}, status=429)


class LeadsIn(RedirectURLMixin):
    """Goes on to the page somebody asked for, when that is one inside."""

    def get_redirect_url(self) -> str:
        return page_inside(super().get_redirect_url())


class SignIn(LeadsIn, LoginView):
    """Account and password. A door shut by mistakes is told before a password is looked at."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.door = door(request, request.POST.get("username", ""))
        try:
            sign_ins.admit(self.door, at=timezone.now())
            return super().post(request, *args, **kwargs)
        except LockedOut as locked:
            return shut(request, locked)

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        if form.data.get("username") and form.data.get("password"):
            sign_ins.failed(self.door, at=timezone.now(), what="密码不正确")
            sign_ins.admit(self.door, at=timezone.now())
        return super().form_invalid(form)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        user = form.get_user()
        if second_steps.is_on(user):
            self.request.session[OWES] = {"user": user.pk, "at": timezone.now().isoformat()}
            query = urlencode({self.redirect_field_name: self.get_redirect_url()})
            return redirect(f"{reverse('login-second')}?{query}")
        try:
            come_in(self.request, user, self.door)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return super().form_invalid(form)  # nothing was typed wrong
        return redirect(self.get_success_url())


def come_in(request: HttpRequest, user: User, at_door: Door) -> None:
    """Open a session under a new key, note it, and what has to be done before anything else.

    Raises Refused when the account was closed meanwhile.
    """
    now = timezone.now()

    def open_session() -> str:
        login(request, user)
        return request.session.session_key or ""

    agent = request.headers.get("User-Agent", "")
    sign_ins.begin(user, open_session=open_session, door=at_door, agent=agent, at=now)
    by = Actor.of(user, on=timezone.localdate(now), address=at_door.address)
    owed = {
        "password_change": password_rules.profile().is_over(user, now),
        "second-step": second_steps.is_missing(by),
    }
    if must := [page for page, is_owed in owed.items() if is_owed]:
        request.session[MUST] = must


@method_decorator(closed, name="dispatch")
class SecondStep(LeadsIn, FormView):
    """The number on the telephone, or a recovery code. Wrong ones count as wrong passwords do."""

    form_class = SecondStepForm
    template_name = "registration/second.html"
    next_page = "/"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.user = self.owing()
        if self.user is None:
            return redirect("login")
        self.door = door(request, self.user.username)
        try:
            return super().dispatch(request, *args, **kwargs)
        except LockedOut as locked:
            request.session.pop(OWES, None)
            return shut(request, locked)

    def owing(self) -> User | None:
        owes = self.request.session.get(OWES) or {}
        since = parse_datetime(owes.get("at", ""))
        if since is None or timezone.now() - since > PATIENCE:
            return None
        return User.objects.active().filter(pk=owes["user"]).first()

    def form_valid(self, form: SecondStepForm) -> HttpResponse:
        code = form.cleaned_data["code"]
        try:
            second_steps.prove(self.user, code, door=self.door, at=timezone.now())
            del self.request.session[OWES]
            come_in(self.request, self.user, self.door)
        except LockedOut:
            raise
        except Refused as refusal:
            form.add_error("code", str(refusal))
            return self.form_invalid(form)
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "next": self.get_redirect_url(),
            "person": self.user,
        }


@method_decorator(closed, name="dispatch")
class Code(FormView):
    """Who holds a one-time code sets the password of his account, and signs in with it then."""

    form_class = CodeForm
    template_name = "registration/code.html"

    def form_valid(self, form: CodeForm) -> HttpResponse:
        data = form.cleaned_data
        at_door = door(self.request, data["username"])
        try:
            passwords.set_by_code(at_door, data["code"], data["new_password1"], at=timezone.now())
        except LockedOut as locked:
            return shut(self.request, locked)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        self.request.session.flush()
        messages.success(self.request, "密码已设置，请用新密码登录。")
        return redirect("login")


class SignOut(LogoutView):
    next_page = "logged-out"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            key = request.session.session_key or ""
            sign_ins.leave(key, by=request.actor, at=timezone.now())
        return super().post(request, *args, **kwargs)

"""The edge: who is acting, on which day, from where; and how long a session lives."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import SimpleLazyObject

from reform.models import Actor

SEEN = "seen_at"
REFRESH = timedelta(minutes=1)  # a session is written at most once a minute


class SessionKeyMiddleware:
    """Forget a session cookie that cannot be one of ours, before a database is asked for it.

    A cookie may say NUL in octal digits; PostgreSQL would answer with an error page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if key and not (key.isascii() and key.isalnum()):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return self.get_response(request)


class ActorMiddleware:
    """Give each request `request.actor`, looked up when first asked for.

    A session ends SESSION_COOKIE_AGE seconds after the last request: its expiry is moved at most
    once a minute, so that reading pages does not write a row each time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            _keep_alive(request)
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor:
    return Actor.of(
        request.user,  # type: ignore[arg-type]  # LoginRequiredMiddleware lets nobody else here
        on=timezone.localdate(),
        address=request.META.get("REMOTE_ADDR", ""),
    )


def _keep_alive(request: HttpRequest) -> None:
    seen = parse_datetime(request.session.get(SEEN, ""))
    if seen is None or timezone.now() - seen >= REFRESH:
        request.session[SEEN] = timezone.now().isoformat()
        request.session.set_expiry(settings.SESSION_COOKIE_AGE)

"""The edge: who is acting, on which day, from where; how long a session lives; what is let in."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import get_resolver
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import SimpleLazyObject

from reform import logs
from reform.models import Actor
from reform.text import clean

SEEN = "seen_at"
BARE = {400, 403, 404, 405}  # what Django may answer without a word
REFRESH = timedelta(minutes=1)  # a session is written at most once a minute

# What no page of ours asks of a browser.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer"),
        *("microphone", "midi", "payment", "publickey-credentials-get", "usb"),
    )
)


class ReferenceMiddleware:
    """The outermost: a number for each request, and headers that no answer may lack.

    The number stands on the error page, in each log line and in X-Request-ID; one that came from
    outside is not taken over, for it would let others write into the log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = logs.new_reference()
        request.reference = number  # type: ignore[attr-defined]  # for lines written after us
        token = logs.reference.set(number)
        try:
            response = self.get_response(request)
            if response.status_code in BARE and not response.streaming and not response.content:
                fill = get_resolver().resolve_error_handler(405)  # ours: reform/urls.py
                response = fill(request, response)  # type: ignore[call-arg]
        finally:
            logs.reference.reset(token)
        response["X-Request-ID"] = number
        response.setdefault("Permissions-Policy", PERMISSIONS)
        # An office PC is shared: the next person's back button shows nothing of the last one's.
        response.setdefault("Cache-Control", "private, no-store")
        return response


class CleanMiddleware:
    """Query strings and headers go through the one text cleaner, as forms do (DESIGN §9).

    A NUL in an address is an error of PostgreSQL's and nothing to SQLite; here it ends for both.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name, value in request.META.items():
            if name.startswith("HTTP_") and isinstance(value, str) and not value.isprintable():
                request.META[name] = clean(value, multiline=False)
        if "%" in request.META.get("QUERY_STRING", ""):
            request.GET = _cleaned(request.GET)  # type: ignore[assignment]
        return self.get_response(request)


def _cleaned(query: QueryDict) -> QueryDict:
    found = QueryDict(mutable=True, encoding=query.encoding)
    for name, values in query.lists():
        found.setlist(
            clean(name, multiline=False), [clean(value, multiline=False) for value in values]
        )
    found._mutable = False  # noqa: SLF001 -- as Django hands it out
    return found


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

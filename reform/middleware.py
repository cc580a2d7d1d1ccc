"""The edge: who is acting, on which day, from where; how long a session lives; what is let in."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, resolve_url
from django.urls import get_resolver, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from reform import logs
from reform.models import Actor
from reform.models.sign_in import MUST
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

# For answers that nobody else has given these to: a refusal of Django's own that comes before.
ALWAYS = {
    "Permissions-Policy": PERMISSIONS,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # An office PC is shared: the next person's back button shows nothing of the last one's.
    "Cache-Control": "private, no-store",
}


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
        for name, words in ALWAYS.items():
            response.setdefault(name, words)
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


Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# What only a proxy of ours may say; from anybody else it is not even there.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")


class ClientAddressMiddleware:
    """Make REMOTE_ADDR the address of the client, for the trail and for lock-out.

    Behind a proxy it is the proxy's. X-Forwarded-For is read from its right end, where our own
    proxies wrote: the first address that is none of TRUSTED_PROXIES is the client. What stands left
    of it anybody can write, so it is not read; and nothing is, unless the peer is trusted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.proxies = networks(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        if _is_in(self.proxies, _address(peer)):
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
            request.META["REMOTE_ADDR"] = client_address(peer, forwarded, self.proxies)
        else:
            for header in FORWARDED:
                request.META.pop(header, None)
        return self.get_response(request)


def networks(names: Iterable[str]) -> list[Network]:
    """Read the networks of our proxies; whoever starts us with another word hears of it."""
    try:
        return [ip_network(name) for name in names]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXIES 中有不是网段的内容（{error}）。"
            "请写成 10.9.0.0/24 或 127.0.0.1 的样子，几个之间用逗号分隔。"
        ) from error


def client_address(peer: str, forwarded: str, proxies: list[Network]) -> str:
    """Return the nearest address that is not one of our proxies, without port or zone."""
    found, hops = _address(peer), forwarded.split(",")
    while hops and _is_in(proxies, found):
        nearer = _address(hops.pop())
        if nearer is None:  # a proxy that says nothing we can read: it is the last we know
            break
        found = nearer
    return str(found or peer)


def _address(text: str) -> Address | None:
    """Read `10.1.2.3`, `10.1.2.3:5678`, `::1` or `[::1]:5678`; an IPv4 written as IPv6 is IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_in(proxies: list[Network], found: Address | None) -> bool:
    return found is not None and any(found in network for network in proxies)


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


class GateMiddleware:
    """Let nobody by who must do something first: set a new password, make a one-time password.

    Decided when he signed in and kept in his session, so no request asks the database for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        must = request.session.get(MUST) if request.user.is_authenticated else None
        if must and request.path not in {reverse(must[0]), reverse("logout")}:
            return redirect(f"{reverse(must[0])}?{urlencode({'next': _page(request)})}")
        response = self.get_response(request)
        if _asks_for_sign_in(request, response):
            return _whole_page(request)
        return response


def _page(request: HttpRequest) -> str:
    return request.get_full_path() if request.method == "GET" else request.path


def _asks_for_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    to = response.get("Location", "")
    return bool(request.htmx) and to.startswith(f"{resolve_url(settings.LOGIN_URL)}?")  # type: ignore[attr-defined]


def _whole_page(request: HttpRequest) -> HttpResponse:
    """A part of a page that met the end of a session: the whole page goes to the sign-in page."""
    here = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
    to = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': here})}"
    response = HttpResponse(status=204)
    response["HX-Redirect"] = to
    return response

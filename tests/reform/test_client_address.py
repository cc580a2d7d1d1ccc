"""Behind a proxy the client's address is the client's, and nobody can write himself another."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from reform.middleware import ClientAddressMiddleware, client_address, networks
from reform.models import TrailEntry
from tests.factories import PASSWORD, UserFactory

PROXIES = ["10.9.0.0/24", "fd00:9::/64"]
PROXY, CLIENT = "10.9.0.2", "172.16.5.7"


@pytest.fixture(autouse=True)
def _proxies(settings):
    settings.TRUSTED_PROXIES = PROXIES


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        (PROXY, CLIENT, CLIENT),
        (PROXY, f"1.1.1.1, {CLIENT}", CLIENT),  # what the client sent stands further left
        (PROXY, f"1.1.1.1,{CLIENT} , 10.9.0.3", CLIENT),  # two proxies of ours
        (PROXY, "10.9.0.7, 10.9.0.8", "10.9.0.7"),  # everybody is one of ours: the farthest
        (PROXY, "", PROXY),
        (PROXY, "unknown", PROXY),
        (PROXY, f"{CLIENT}, 不是地址", PROXY),
        (PROXY, f"{CLIENT}, ", PROXY),
        (PROXY, f"{CLIENT}:51000", CLIENT),
        (PROXY, "[2001:db8::5]:51000", "2001:db8::5"),
        (PROXY, "fe80::1%eth0", "fe80::1"),
        (PROXY, f"::ffff:{CLIENT}", CLIENT),
        (f"::ffff:{PROXY}", CLIENT, CLIENT),
        ("fd00:9::2", CLIENT, CLIENT),
        (CLIENT, "1.1.1.1", CLIENT),  # not one of ours: what he forwards is nothing
        ("10.9.1.2", "1.1.1.1", "10.9.1.2"),
        ("", "1.1.1.1", ""),
    ],
)
def test_the_nearest_address_that_is_no_proxy_is_the_client(peer, forwarded, client):
    assert client_address(peer, forwarded, networks(PROXIES)) == client


def seen_by_the_site(peer, **headers):
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    ClientAddressMiddleware(lambda _request: HttpResponse())(request)
    names = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")
    return tuple(request.META.get(name) for name in names)


@pytest.mark.no_database
def test_who_is_no_proxy_neither_says_whom_he_speaks_for_nor_that_it_was_tls():
    forged = {"HTTP_X_FORWARDED_FOR": "1.1.1.1", "HTTP_X_FORWARDED_PROTO": "https"}

    assert seen_by_the_site(CLIENT, **forged) == (CLIENT, None, None)
    assert seen_by_the_site(PROXY, **forged) == ("1.1.1.1", "1.1.1.1", "https")


@pytest.mark.no_database
def test_without_named_proxies_nobody_is_one(settings):
    settings.TRUSTED_PROXIES = []

    assert seen_by_the_site("127.0.0.1", HTTP_X_FORWARDED_FOR="1.1.1.1")[0] == "127.0.0.1"


@pytest.mark.no_database
@pytest.mark.parametrize("name", ["nginx", "10.9.0.1/24", ""])
def test_a_proxy_that_is_no_network_lets_nobody_start(settings, name):
    settings.TRUSTED_PROXIES = [name]

    with pytest.raises(ImproperlyConfigured, match="不是网段"):
        ClientAddressMiddleware(lambda _request: HttpResponse())


def guess(client, user, password, **headers):
    data = {"username": user.username, "password": password}
    return client.post(reverse("login"), data, **headers)


@pytest.mark.parametrize(
    "headers",
    [
        lambda n: {"REMOTE_ADDR": CLIENT, "HTTP_X_FORWARDED_FOR": f"1.1.1.{n}"},
        lambda n: {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": f"1.1.1.{n}, {CLIENT}"},
    ],
    ids=["straight to us", "through the proxy"],
)
def test_who_guesses_passwords_under_ever_new_addresses_is_locked_all_the_same(client, headers):
    user = UserFactory(password=PASSWORD)

    answers = [guess(client, user, "wrong-guess", **headers(n)).status_code for n in range(5)]
    right = guess(client, user, PASSWORD, **headers(99))

    assert answers == [200, 200, 200, 200, 429]
    assert right.status_code == 429


def test_a_colleague_behind_the_same_proxy_is_not_locked_with_him(client):
    user = UserFactory(password=PASSWORD)
    for _ in range(5):
        guess(client, user, "wrong-guess", REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=CLIENT)

    right = guess(client, user, PASSWORD, REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR="172.16.5.8")

    assert right.status_code == 302


def test_the_trail_keeps_the_clients_address(signed_in, bureau):
    client = signed_in(bureau.member)
    client.post(
        reverse("suggest"),
        {"text": "导入很方便", "page": "/"},
        REMOTE_ADDR=PROXY,
        HTTP_X_FORWARDED_FOR=f"1.1.1.1, {CLIENT}",
    )

    assert TrailEntry.objects.latest("pk").address == CLIENT

"""Headers and cookies: what no answer may lack, whoever asks and whatever comes of it."""

import json
import subprocess
import sys

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, override_settings
from django.urls import reverse

from tests.test_access import (
    SHOWS,
    a_world,
    address,
    answered,
    browser,
)
from tests.test_architecture import ROOT, production

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
SAID = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FAULTS = "tests.reform.test_errors"  # our addresses, and some that fail


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with a_world(django_db_blocker, tmp_path_factory) as world:
        yield world


def unsaid(answer, *, keeps=False):
    """What the headers of an answer say otherwise than they must, or do not say."""
    rules = answer.get("Content-Security-Policy", "").split("; ")
    said = {name: answer.get(name) for name, words in SAID.items() if answer.get(name) != words}
    if {name: words for name, _, words in (rule.partition(" ") for rule in rules)} != POLICY:
        said["Content-Security-Policy"] = rules
    for name in ("Permissions-Policy", "X-Request-ID"):
        if not answer.get(name):
            said[name] = None
    if "no-store" not in answer.get("Cache-Control", "") and not keeps:
        said["Cache-Control"] = answer.get("Cache-Control")
    return said


def one_for_each(cells):
    """A visitor for each kind of answer, and nobody, who has no session that could be kept."""
    found = {answer: visitor for visitor, answer in cells.items()}
    return {*found.values(), "anonymous"}


@pytest.mark.once
def test_every_answer_of_every_page_says_what_a_browser_may_do(world):
    wrong = {}
    for line, cells in SHOWS.items():
        for visitor in one_for_each(cells):
            answer = browser(world, visitor).get(address(world, *line))
            assert answered(answer) == cells[visitor]
            if found := unsaid(answer):
                wrong[*line, visitor] = found

    assert wrong == {}


def many_fields(client):
    return client.post(reverse("suggest"), {f"x{place}": "1" for place in range(6000)})


def without_a_token(client):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies.copy()
    return strict.post(reverse("suggest"), {"text": "导入很方便"})


def from_another_host(client):
    return client.get("/", headers={"host": "elsewhere.example"})


def from_another_host_without_tls(client):
    with override_settings(SECURE_SSL_REDIRECT=True):
        return Client(raise_request_exception=False).get("/", headers={"host": "x.example"})


def without_tls(client):
    with override_settings(SECURE_SSL_REDIRECT=True):
        return Client().get("/")


@pytest.mark.once
@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (from_another_host, 400),
        (from_another_host_without_tls, 400),
        (without_a_token, 403),
        (many_fields, 413),
        (without_tls, 301),
        (lambda client: client.get("/fail/broken/"), 500),
        (lambda client: client.get("/fail/misread/"), 400),
        (lambda client: client.get("/fail/refused/"), 403),
        (lambda client: client.get("/fail/down/"), 503),
        (lambda client: client.get("/nowhere/"), 404),
        (lambda client: client.get("/problems"), 301),
        (lambda client: client.get("/problems/0/", headers={"accept": "application/json"}), 404),
        (lambda client: client.get("/problems/0/", headers={"hx-request": "true"}), 404),
        (lambda client: client.put("/problems/"), 405),
        (lambda client: client.options("/problems/"), 200),
        (lambda client: client.get("/static/nothing.css"), 404),
    ],
)
def test_an_answer_that_says_no_says_it_with_the_same_headers(world, ask, status):
    client = Client(raise_request_exception=False)
    client.cookies = world.browsers["secretary"].cookies.copy()

    with override_settings(ROOT_URLCONF=FAULTS):
        answer = ask(client)

    assert (answer.status_code, unsaid(answer)) == (status, {})


@pytest.mark.once
@pytest.mark.parametrize("name", ["css/reform.css", "js/reform.js", "mark.svg"])
def test_our_own_files_are_bound_as_pages_are_but_may_be_kept(client, name):
    """A drawing is a document of its own where it is opened by itself."""
    answer = client.get(f"/static/{name}")
    answered(answer)

    assert (answer.status_code, unsaid(answer, keeps=True)) == (200, {})


@pytest.mark.once
@pytest.mark.parametrize("page", ["evidence-file", "review-scan", "job-file", "import-file"])
def test_a_file_is_never_shown_by_the_browser_itself(world, page):
    who = "liaison" if page == "import-file" else "secretary"
    record = next(record for name, record in SHOWS if name == page)

    answer = browser(world, who).get(address(world, page, record))
    answered(answer)

    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == (
        "nosniff",
        "private, no-store",
    )


@pytest.mark.once
def test_files_have_no_address_but_through_their_row(world):
    stored = world.evidence.attachment.file
    names = [stored.name, f"media/{stored.name}", f"static/{stored.name}", f"static/../{stored}"]

    assert [browser(world, "secretary").get(f"/{name}").status_code for name in names] == [404] * 4


COOKIES = """
import django, json
django.setup()
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in (
    "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE", "SECURE_SSL_REDIRECT",
    "USE_X_FORWARDED_HOST", "DEBUG")}))
"""


@pytest.mark.once
@pytest.mark.no_database
def test_cookies_of_production_go_by_tls_only_and_no_script_reads_them(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", COOKIES],
        cwd=ROOT,
        env=production(tmp_path) | {"DJANGO_SETTINGS_MODULE": "reform.settings", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == {
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SECURE_SSL_REDIRECT": True,
        "USE_X_FORWARDED_HOST": False,
        "DEBUG": False,
    }


def test_a_session_given_by_others_is_not_signed_in_with(world):
    """Session fixation: the key that a browser came with is none after it has signed in."""
    planted = Client()
    planted.get(reverse("login"))
    planted.cookies["sessionid"] = "a" * 32
    user = world.outside

    planted.post(
        reverse("login"), {"username": user.username, "password": f"{user.username}-Demo-2026"}
    )

    assert planted.cookies["sessionid"].value != "a" * 32
    assert not Session.objects.filter(session_key="a" * 32).exists()
    assert planted.get("/").status_code == 200

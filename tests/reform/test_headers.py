"""Headers and cookies: what no answer may lack, whoever asks and whatever comes of it."""

import json
import subprocess
import sys

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from tests.test_access import (
    SHOWS,
    a_world,
    address,
    answered,
    browser,
)
from tests.test_architecture import ROOT, production

NEEDED = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
    "Cache-Control",
    "X-Request-ID",
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with a_world(django_db_blocker, tmp_path_factory) as world:
        yield world


@pytest.mark.once
@pytest.mark.parametrize("who", ["secretary", "anonymous"])
def test_no_answer_lacks_a_header(world, who):
    lacking, kept = {}, {}
    for line in SHOWS:
        answer = browser(world, who).get(address(world, *line))
        answered(answer)
        if missing := NEEDED - set(answer.headers):
            lacking[line] = missing
        if "no-store" not in answer["Cache-Control"]:
            kept[line] = answer["Cache-Control"]

    assert (lacking, kept) == ({}, {})


@pytest.mark.once
def test_the_policy_lets_no_script_in_but_our_own_files(world):
    policy = browser(world, "secretary").get("/")["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert dict(rule.split(" ", 1) for rule in policy.split("; ")) == {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


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

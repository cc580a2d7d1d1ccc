"""Poison in every field of every form, in every filter and header: never a 500, nothing half kept.

Nobody lists the forms: each page of the access table is opened by those who may, and what stands
in its HTML is sent back with one field poisoned. A page that joins the table is swept with it.
Text, days, files and workbooks one by one are in tests/rectification/test_bad_input.py.
"""

import os
import re
import uuid
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.client import encode_file
from django.urls import reverse

from reform.models import Attachment
from reform.views.files import send as send_file
from tests.reform.test_excel import XLS
from tests.reform.test_hostile_workbooks import SHEET, corners, entity
from tests.test_access import DATA, SHOWS, VISITORS, Pen, a_world, address, answered, browser

pytestmark = pytest.mark.dealt

POISONS = {
    "full-width blank": "\u3000",
    "zero width": "\u200b\u200d",
    "NUL": "甲\x00乙",
    "lone surrogate": "\ud800",
    "bidi": "\u202e甲\u2066",
    "four bytes": "𠮷",
    "long": "长" * 200_000,
    "no such day": "2026-02-31",
    "year one": "0001-01-01",
    "year 20260": "20260-01-01",
    "last day": "9999-12-31",
    "2^63": str(2**63),
    "2^64": str(2**64),
    "minus one": "-1",
    "somebody's": "1",
    "many": "1000000000",
    "Arabic digit": "٣",
    "SQL": "' OR 1=1 --",
    "markup": "<script>alert(1)</script>",
    "template": "{{ request.user.password }}",
    "JSON": '{"$ne": null}',
    "traversal": "../../etc/passwd",
}
ENGLISH = re.compile(
    r"Traceback|DoesNotExist|Exception Value|This field|Enter a valid|Select a valid"
)


class Forms(HTMLParser):
    """The forms of a page that post: where they lead, and the fields in them."""

    def __init__(self):
        super().__init__()
        self.found, self.now = [], None

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if tag == "form":
            posts = facts.get("method", "get").lower() == "post"
            self.now = (facts.get("action") or "", {}) if posts else None
            if posts:
                self.found.append(self.now)
        elif self.now and tag in {"input", "select", "textarea"} and facts.get("name"):
            self.now[1].setdefault(facts["name"], facts.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "form":
            self.now = None


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with a_world(django_db_blocker, tmp_path_factory) as world:
        yield world


def files():
    """What the storage holds; the setting itself is another test's by now (tests/conftest.py)."""
    folder = Path(default_storage.location)
    return {path for path in folder.rglob("*") if path.is_file()}


def opener(line):
    """Somebody who may open the page, the fewest rights first."""
    return next((name for name in VISITORS if SHOWS[line][name] == "200"), None)


SWEPT = [line for line in SHOWS if opener(line)]


def judge(response, poison, at):
    """Return what is wrong with an answer, or nothing."""
    answered(response)
    body = "" if response.streaming else response.content.decode(errors="replace")
    if response.status_code >= 500:
        return f"{at} {poison}: {response.status_code}"
    return f"{at} {poison}: English" if ENGLISH.search(body) else ""


def sent(world, client, url, data, poison, at):
    """Send it; what was refused must have left no row and no file.

    A form shown again is a refusal like a page that says no: only an answer that leads on, or one
    of the pages that answer at once, may have done something.
    """
    before = files()
    with transaction.atomic(), Pen(world) as pen:
        body = body_of(data | {"token": uuid.uuid4()})
        response = client.generic("POST", url, body, f"multipart/form-data; boundary={BORDER}")
        if wrong := judge(response, poison, at):
            return wrong
        kept = files() - before
        wrote = set() if response.status_code == 302 else pen.changed() - answers_at_once(response)
        transaction.set_rollback(True)
    for path in kept:
        path.unlink()
    if response.status_code == 302 or not (kept or wrote):
        return ""
    return f"{at} {poison}: {response.status_code}, and kept {len(kept)} files, wrote {wrote}"


# What a page that answers a POST with 200 or a refusal may leave all the same, by its name.
MISTAKE = {"reform_signinfailure", "reform_trailentry"}  # counted, or nobody would be locked out
CODE = {"reform_accesscode", "reform_once", "reform_notice", "reform_trailentry"}  # shown at once
AT_ONCE = {
    **dict.fromkeys(("login", "password_change", "second-step-off"), MISTAKE),
    "problem-edit": {"reform_trailentry"},  # that a personal row was read, stands in the trail
    "examination-review": {"reform_trailentry", "campaigns_reading"},  # so does a handed text
    "login-code": MISTAKE | {"reform_accesscode"},  # the code counts its own wrong guesses
    "notice-address": {"reform_preference"},  # so does this one
    **dict.fromkeys(("second-step", "recovery-codes"), MISTAKE | {"reform_once"}),  # codes to keep
    **dict.fromkeys(("witness", "person-code"), CODE),
}


def answers_at_once(response):
    match = response.resolver_match
    return AT_ONCE.get(match.url_name, set()) if match else set()


def opened(world, line):
    """Return the HTML that the page's opener sees; it is asked for once, whatever is tried then."""
    seen = vars(world).setdefault("opened", {})
    if line not in seen:
        page = browser(world, opener(line)).get(address(world, *line))
        is_html = "html" in page.get("Content-Type", "") and not page.streaming
        seen[line] = page.content.decode() if is_html else ""
    return seen[line]


def forms_of(html):
    forms = Forms()
    forms.feed(html)
    return forms.found


def good(world, line):
    """What the access table sends to the page, so that only the poison is wrong."""
    if line[0] not in DATA:
        return {}
    row = getattr(world, line[1], None)
    return DATA[line[0]](world, row, world.users.get(opener(line)))


def cases(fields, start):
    """Return (field, poison): each field meets one, another on each database (`make test` deals a
    form to one of them), and with SWEEP_TURNS=22 all of them."""
    turns, names = int(os.environ.get("SWEEP_TURNS", "1")), list(POISONS)
    start += 0 if connection.vendor == "sqlite" else 7  # times 5: some way off
    fields = sorted(set(fields) - {"csrfmiddlewaretoken"})
    return [
        (field, names[(start * 5 + place * turns + turn) % len(names)])
        for place, field in enumerate(fields)
        for turn in range(turns)
    ]


# No poison: 1 is the very proposal that the page offers for its opener to decide on.
WELCOME = ("/proposals/confirm/", "somebody's")


def poisoned(world, line):
    """Return (address, fields, the poisoned one, poison) of every case of a page."""
    found, here = [], address(world, *line)
    for action, fields in forms_of(opened(world, line)):
        url = action if action.startswith("/") else here
        if url != reverse("logout"):
            for field, poison in cases(fields, SWEPT.index(line)):
                if (url, poison) != WELCOME:
                    found.append((url, fields, field, poison))
    return found


def test_the_sweep_is_of_three_hundred_cases_at_least(world):
    """Of forms alone, on this database; what was really sent stands at the end of the run."""
    assert sum(len(poisoned(world, line)) for line in SWEPT) >= 300


@pytest.mark.parametrize("line", SWEPT, ids=" ".join)
def test_every_field_of_every_form_takes_poison(world, line, record_property):
    """Other poisons on each form: every poison meets many fields."""
    found, here = poisoned(world, line), address(world, *line)
    client = browser(world, opener(line))
    client.raise_request_exception = False
    faults = []
    for url, fields, field, poison in found:
        data = fields | (good(world, line) if url == here else {}) | {field: POISONS[poison]}
        faults.append(sent(world, client, url, data, poison, f"{url} {field}"))
    client.raise_request_exception = True
    record_property("swept", len(faults))

    assert [fault for fault in faults if fault] == []


BORDER = "poisoned"


def body_of(data):
    """Return a form as a browser sends it, in parts. A lone surrogate goes as its bytes would: they
    are no UTF-8. (Django's own encoder takes bytes for a list of numbers.)"""
    parts = []
    for name, value in data.items():
        if hasattr(value, "read"):
            parts += encode_file(BORDER, name, value)
        else:
            head = f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"'
            parts += [head.encode(), b"", str(value).encode("utf-8", "surrogatepass")]
    return b"\r\n".join([*parts, f"--{BORDER}--\r\n".encode()])


def test_the_poison_arrives(world):
    """Whatever is asked of the answers: what was sent is what a form gets."""
    for words in POISONS.values():
        request = RequestFactory().generic(
            "POST", "/", body_of({"name": words}), f"multipart/form-data; boundary={BORDER}"
        )
        sent_bytes = words.encode("utf-8", "surrogatepass")
        assert request.POST["name"] == sent_bytes.decode("utf-8", "replace")


FILTERS = ("q", "page", "sort", "view", "organization", "campaign", "kind", "show", "from", "pk")
LISTS = [line for line in SWEPT if line[1] == "-"]


@pytest.mark.parametrize("poison", [name for name in POISONS if name != "lone surrogate"])
def test_every_list_answers_whatever_stands_in_its_address(world, poison):
    faults = []
    for line in LISTS:
        client = browser(world, opener(line))
        client.raise_request_exception = False
        value = POISONS[poison][:3000]
        query = dict.fromkeys(FILTERS, value) | {"page": [value, "99999999"]}
        response = client.get(address(world, *line), query)
        faults.append(judge(response, poison, line[0]))
        client.raise_request_exception = True

    assert [fault for fault in faults if fault] == []


HEADERS = {
    "user-agent": "甲\x00乙",
    "referer": "http://testserver/\x00?q=" + "a" * 5000,
    "accept": "*/*\x00",
    "accept-language": "x" * 8000,
    "cookie": "sessionid=\\000; csrftoken=\\377; messages=junk; " + "a=b; " * 500,
    "x-forwarded-for": "'; DROP TABLE, 1.2.3.4",
    "x-forwarded-host": "elsewhere.example",
    "x-http-method-override": "DELETE",
    "hx-current-url": "javascript:alert(1)",
    "range": "bytes=9999999999-",
    "if-modified-since": "31 Feb 20260",
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_may_say_anything(world, header):
    client = Client(raise_request_exception=False)
    client.force_login(
        world.users["secretary"], backend="django.contrib.auth.backends.ModelBackend"
    )
    with transaction.atomic():
        shown = client.get("/problems/", headers={header: HEADERS[header]})
        login = Client(raise_request_exception=False).post(
            reverse("login"),
            {"username": "x", "password": "y"},
            headers={header: HEADERS[header]},
        )
        transaction.set_rollback(True)

    assert {shown.status_code, login.status_code} <= {200, 302, 400, 429}
    assert "elsewhere.example" not in shown.content.decode()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "HEAD", "FOO"])
def test_other_methods_change_nothing(world, method):
    met = set()
    for line in SHOWS:
        client = browser(world, opener(line) or "secretary")
        with Pen(world) as pen:
            response = client.generic(method, address(world, *line), b"_method=DELETE")
            answered(response)
        reads = {"reform_trailentry", "campaigns_reading"} if method == "HEAD" else set()
        assert pen.changed() <= reads, line
        met.add(response.status_code)

    # A PUT to a form of Django's own shows it again, as an empty POST would.
    shows = {"OPTIONS", "HEAD", "PUT"}
    assert met <= ({200, 302, 403, 404, 405} if method in shows else {302, 403, 404, 405})


def test_forms_without_their_mark_are_refused(world):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = world.browsers["secretary"].cookies.copy()
    met = set()
    for line in SHOWS:
        with Pen(world) as pen:
            met.add(strict.post(address(world, *line), {"pk": 1}).status_code)
        assert pen.changed() == set(), line

    assert met <= {403, 405}


def test_brute_force_is_not_hidden_by_a_forged_address(world):
    with transaction.atomic():
        met = [
            Client()
            .post(
                reverse("login"),
                {"username": world.outside.username, "password": f"wrong{number}"},
                headers={"x-forwarded-for": f"10.0.0.{number}"},
            )
            .status_code
            for number in range(8)
        ]
        transaction.set_rollback(True)

    assert met[-1] == 429


def test_ten_thousand_rows_at_once_are_not_received_or_cut_to_a_page(world):
    client = browser(world, "secretary")
    with Pen(world) as pen:
        response = client.post(
            reverse("problems-bulk"), {"act": "issue", "pk": list(range(10**6, 10**6 + 10_000))}
        )

    assert (response.status_code, pen.changed()) == (413, set())


@pytest.mark.parametrize(
    "name",
    [
        "佐" * 120 + ".pdf",
        "../../etc/cron.d/x.pdf",
        "\u202efdp.exe.pdf",
        "a\r\nSet-Cookie: x=1.pdf",
        "evil.svg.pdf",
        "..\\..\\x.pdf",
    ],
)
def test_a_file_name_leads_nowhere(world, name):
    client, before = browser(world, "member"), files()
    with transaction.atomic():
        response = client.post(
            address(world, "evidence-add", "rectifying"),
            {
                "kind": "file",
                "files": SimpleUploadedFile(name, b"%PDF-1.4 x"),
                "token": uuid.uuid4(),
            },
        )
        transaction.set_rollback(True)

    kept = files() - before
    assert response.status_code in {200, 302, 422}
    assert all(len(path.name.encode()) < 120 and path.name.isascii() for path in kept)


# ---------------------------------------------------------------- files that are not what they say

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
PAGE = b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"
PDF, PNG = b"%PDF-1.4 scan", b"\x89PNG\r\n\x1a\n"
# What is uploaded: its name, its bytes and the type that the browser claims.
STRANGE = {
    "SVG": ("图.svg", SVG, "image/svg+xml"),
    "SVG called png": ("图.png", SVG, "image/png"),
    "page": ("页.html", PAGE, "text/html"),
    "page called pdf": ("页.pdf", PAGE, "application/pdf"),
    "page called csv": ("页.csv", PAGE, "text/csv"),
    "pdf that is a page too": ("两样.pdf", PDF + PAGE, "text/html"),
    "pdf that claims to be a page": ("通知.pdf", PDF, "text/html"),
    "picture that is a page too": ("两样.png", PNG + PAGE, "image/svg+xml"),
    "picture that is a program too": (
        "两样.jpg",
        b"\xff\xd8\xff" + b"MZ<?php system(1); ?>",
        "x/y",
    ),
    "package behind a picture": ("图.png", PNG + b"PK\x03\x04" + bytes(100), "image/png"),
    "two endings": ("通知.pdf.exe", b"MZ" + bytes(100), "application/pdf"),
    "two endings the other way": ("通知.exe.pdf", PDF, "application/pdf"),
    "page behind two endings": ("通知.html.pdf", PDF + PAGE, "text/html"),
    "120 characters": ("佐" * 120 + ".pdf", PDF, "application/pdf"),
    "from right to left": ("通知\u202efdp.exe", PDF, "application/pdf"),
    "from right to left, a pdf": ("\u202egnp\u202c通知.pdf", PDF, "application/pdf"),
    "nothing in it": ("空.pdf", b"", "application/pdf"),
    "nothing in a table": ("空.xlsx", b"", "application/vnd.ms-excel"),
    "no name": (".pdf", PDF, "application/pdf"),
    "header in the name": ("a\r\nContent-Type: text/html\r\n.pdf", PDF, "application/pdf"),
    # Safe to keep, and nothing to read: an import refuses them and keeps nothing.
    "workbook too large unpacked": ("大.xlsx", corners(6), "application/zip"),
    "workbook with an entity": ("实体.xlsx", entity(SHEET), "application/zip"),
    "half an old workbook": ("旧.xls", XLS[: len(XLS) // 2], "application/vnd.ms-excel"),
    "quotes in the name": ('a"; filename="b.html.pdf', PDF, "application/pdf"),
}
FILE_FIELD = re.compile(r'<input[^>]*type="file"[^>]*>')
UPLOADS = {
    "import-new": "file",
    "instruction-record": "scan",
    "kit-import": "file",
    "campaign-publish-paper": "scan",
    "change-paper": "scan",
    "calendar-new": "file",
    "people-import-new": "file",
    "evidence-add": "files",
    "review-paper": "scan",
    "weekly-paper": "scan",
    "weekly-template": "file",
    "examination-record": "scan",
    "examination-sign": "scan",
    "stage-close": "file",
    "stage-summary": "file",
    "assignments-import": "file",
    "given-text-new": "file",
    "sweep-table": "file",
}
SHOWN_BY_BROWSERS = ("text/html", "image/svg+xml", "text/xml", "application/xhtml+xml")


def test_every_form_that_takes_a_file_is_known(world):
    found = {
        line[0]: re.search(r'name="(\w+)"', field)[1]
        for line in SWEPT
        for field in FILE_FIELD.findall(opened(world, line))
    }

    assert found == UPLOADS


@pytest.mark.parametrize("page", UPLOADS)
def test_a_strange_file_is_refused_in_a_sentence_or_kept_as_a_file(world, page, record_property):
    """Kept, it goes out as something to save, under a name that says what it is."""
    line = next(line for line in SWEPT if line[0] == page)
    client, url = browser(world, opener(line)), address(world, *line)
    faults = []
    for what, (name, data, kind) in STRANGE.items():
        before = files()
        form = good(world, line) | {UPLOADS[page]: SimpleUploadedFile(name, data, kind)}
        with transaction.atomic(), Pen(world) as pen:
            last = Attachment.objects.latest("pk").pk
            response = client.post(url, form | {"token": uuid.uuid4()})
            new = list(Attachment.objects.filter(pk__gt=last))
            kept = files() - before
            if response.status_code == 302:
                faults += [(what, name) for name in map(served, new) if name]
                wrong = not new or len(kept) != len(new)
            else:
                body = response.content.decode()
                said = re.search(r"note--(?:stop|warn)|errorlist|field-error", body)
                wrong = response.status_code >= 500 or not said or kept or pen.changed()
            transaction.set_rollback(True)
        for path in kept:
            path.unlink()
        if wrong:
            faults.append((what, response.status_code, len(kept)))
    record_property("swept", len(STRANGE))

    assert faults == []


def served(attachment):
    """Return what is wrong with how a kept file goes out, or nothing."""
    response = send_file(attachment)
    attachment.file.close()  # the response's own close() would end the connection too
    head = response.headers
    wrong = [
        not head["Content-Disposition"].startswith("attachment"),
        head["Content-Type"].startswith(SHOWN_BY_BROWSERS),
        not attachment.name or any(mark in attachment.name for mark in "\u202e\u202c\r\n/\0"),
        not Path(attachment.file.name).name.isascii(),
    ]
    return f"{attachment.name!r}: {head} {wrong}" if any(wrong) else ""

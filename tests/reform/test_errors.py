"""The page that says no: one for all, in Chinese, with a number that the log knows as well."""

import errno
import logging
import re
import sqlite3
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, connection
from django.test import RequestFactory, override_settings
from django.urls import path, reverse

from reform import logs, urls
from reform.models import Role, Suggestion
from reform.views import errors
from tests.factories import OrganizationFactory, person
from tests.test_architecture import ROOT

FULL = OSError(errno.ENOSPC, "No space left on device")
RAISED = {
    "broken": RuntimeError("李海燕"),
    "misread": BadRequest("李海燕"),
    "refused": PermissionDenied("由活动办办理。"),
    "full": FULL,
    "down": OperationalError("could not connect to server"),
    "closed": InterfaceError("connection already closed"),
    "locked": OperationalError("database is locked"),
    "tableless": OperationalError("no such table: reform_user"),
}


def fail(request, what):
    raise RAISED[what]


urlpatterns = [*urls.urlpatterns, path("fail/<str:what>/", fail)]
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
handler405, handler500 = urls.handler405, urls.handler500


@pytest.fixture
def browser(client):
    office = OrganizationFactory(name="住建局党委")
    client.force_login(person("李海燕", office, Role.OFFICE, Role.MEMBER))
    client.raise_request_exception = False
    return client


@pytest.fixture
def written():
    """Everything that would be written to the log, as it would be written."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Line())
    loggers = [logging.getLogger(), logging.getLogger("django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield stream
    for logger in loggers:
        logger.removeHandler(handler)


def number_on(page):
    return re.search(r"编号 <code>([2-9A-Z]{4}-[2-9A-Z]{4})</code>", page.content.decode())[1]


# ---------------------------------------------------------------- what it says


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("what", "status", "words"),
    [
        ("broken", 500, "系统出错，没有办成"),
        ("misread", 400, "这个请求无法处理"),
        ("refused", 403, "由活动办办理。"),
        ("full", 503, "文件存储暂时不能使用"),
        ("down", 503, "数据库暂时连接不上"),
        ("closed", 503, "数据库暂时连接不上"),
        ("locked", 503, "系统繁忙，没有办成"),
        ("tableless", 500, "系统出错，没有办成"),
    ],
)
def test_a_fault_is_said_in_a_sentence_with_its_number(browser, what, status, words):
    page = browser.get(f"/fail/{what}/")

    assert (page.status_code, page.has_header("Retry-After")) == (status, status == 503)
    assert words in page.content.decode()
    assert number_on(page) == page["X-Request-ID"]
    assert page["Cache-Control"] == "private, no-store"


@pytest.mark.urls(__name__)
def test_the_number_of_the_page_stands_in_the_line_of_the_log(browser, written):
    page = browser.get("/fail/broken/")

    line = next(line for line in written.getvalue().splitlines() if "django.request" in line)
    assert f" {number_on(page)} Internal Server Error: /fail/broken/" in line


def test_each_request_has_a_number_of_its_own_and_takes_none_from_outside(browser):
    numbers = [
        browser.get("/nowhere/", headers={"x-request-id": "FORGED"})["X-Request-ID"]
        for _ in range(3)
    ]

    assert len(set(numbers)) == 3
    assert "FORGED" not in numbers
    assert logs.reference.get() == "-"


@pytest.mark.urls(__name__)
def test_a_picker_gets_its_refusal_as_json(browser):
    answer = browser.get("/fail/", headers={"accept": "application/json"})

    assert answer.status_code == 404
    assert answer.json() == {
        "error": "没有找到这个页面。地址可能有误，内容可能已删除，也可能不在您的查看范围内。",
        "reference": answer["X-Request-ID"],
    }


@pytest.mark.urls(__name__)
def test_a_piece_of_a_page_gets_its_refusal_as_a_piece(browser):
    answer = browser.get("/fail/refused/", headers={"hx-request": "true"})

    words = f"您不能办理此事项。由活动办办理。（编号 {answer['X-Request-ID']}）"
    assert answer.content.decode() == f'<p class="note note--stop" role="alert">{words}</p>'


def test_a_method_that_is_none_of_the_page_is_told_in_words(browser):
    page = browser.get(reverse("inbox-read"))

    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "这个地址不能直接打开" in page.content.decode()
    assert number_on(page) == page["X-Request-ID"]
    # By the length that Django has given to its empty answer, a browser shows nothing of ours.
    assert page["Content-Length"] == str(len(page.content))


def test_more_than_a_form_may_hold_is_told_in_words(browser):
    page = browser.post(reverse("suggest"), {f"x{place}": "1" for place in range(6000)})

    assert page.status_code == 413
    assert "一次提交的内容过多，没有收到" in page.content.decode()


def test_a_host_that_is_not_ours_is_no_way_back(browser):
    page = browser.get("/", headers={"host": "elsewhere.example", "referer": "/inbox/"})

    assert page.status_code == 400
    assert "elsewhere.example" not in page.content.decode()
    assert 'href="/inbox/"' not in page.content.decode()


# ---------------------------------------------------------------- when things are missing


def test_the_page_is_drawn_without_templates_and_without_a_database(django_assert_num_queries):
    with django_assert_num_queries(0), override_settings(TEMPLATES=settings.TEMPLATES[1:]):
        page = errors.server_error(RequestFactory().get("/"))

    assert (page.status_code, page.content.decode().count("系统出错，没有办成")) == (500, 1)


@pytest.mark.once
def test_an_upload_that_finds_no_folder_says_so(browser, tmp_path):
    """The folder for incoming files is gone or not writable: a file stands where it should be."""
    (tmp_path / "incoming").write_text("")
    large = SimpleUploadedFile("台账.xlsx", b"PK" * 2_000_000)

    with override_settings(FILE_UPLOAD_TEMP_DIR=str(tmp_path / "incoming")):
        page = browser.post(reverse("import-new"), {"file": large})

    assert page.status_code == 503
    assert "文件存储暂时不能使用" in page.content.decode()


WITHOUT_DATABASE = """
import django
django.setup()
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["testserver"]
browser = Client(raise_request_exception=False)
browser.cookies["sessionid"] = "a" * 32
for address in ("/", "/login/", "/problems/7/"):
    answer = browser.get(address)
    words = answer.content.decode()
    print(address, answer.status_code, "数据库暂时连接不上" in words, "编号" in words)
answer = Client(raise_request_exception=False).get("/login/")
print("new", answer.status_code)
answer = Client(raise_request_exception=False).post("/login/", {"username": "a", "password": "b"})
print("in", answer.status_code)
"""


@pytest.mark.once
@pytest.mark.no_database
def test_a_database_that_is_down_has_its_page(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DATABASE],
        cwd=ROOT,
        env={
            "PATH": "",
            "DJANGO_SETTINGS_MODULE": "reform.settings",
            "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
            "MEDIA_ROOT": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.splitlines() == [
        "/ 503 True True",
        "/login/ 503 True True",
        "/problems/7/ 503 True True",
        "new 200",
        "in 503",
    ], done.stderr[-2000:]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="rows are locked there, not the file")
def test_a_locked_database_is_a_busy_one_and_nothing_is_kept(browser):
    browser.get(reverse("suggest"))  # the session of the day is written
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        page = browser.post(reverse("suggest"), {"text": "导入很方便", "page": "/"})
    finally:
        other.execute("ROLLBACK")
        other.close()
        connection.close()

    assert page.status_code == 503
    assert "系统繁忙，没有办成" in page.content.decode()
    assert Suggestion.objects.count() == 0

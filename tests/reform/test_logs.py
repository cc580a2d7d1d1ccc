"""What is written to logs: enough to find a fault, and nothing of what people are or type."""

import logging
import runpy
import socket
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import path, reverse
from gunicorn.config import Config
from gunicorn.glogging import Logger

from reform import logs, urls
from reform.celery import app
from reform.models import Role, User
from tests.factories import CampaignFactory, OrganizationFactory, person
from tests.rectification.test_import import GOOD, workbook
from tests.reform.test_errors import written
from tests.test_architecture import ROOT

__all__ = ["written"]

NAME = "欧阳海燕"


def twice(request):
    """The database refuses a row, and quotes it: on PostgreSQL the name stands in its message."""
    with transaction.atomic():
        User.objects.create(username=request.user.username, name=NAME)


def stray(request):
    raise SuspiciousFileOperation(f"Detected path traversal attempt in '../{NAME}.xlsx'")


urlpatterns = [*urls.urlpatterns, path("twice/", twice), path("stray/", stray)]
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
handler405, handler500 = urls.handler405, urls.handler500


@app.task
def broken(name):
    raise ValueError(name)


@pytest.mark.urls(__name__)
def test_no_name_no_text_and_no_search_word_stands_in_the_log(client, written):
    branch = OrganizationFactory(name=f"{NAME}工作室支部")
    liaison = person(NAME, branch, Role.LIAISON, Role.MEMBER)
    campaign = CampaignFactory(organization=branch)
    User.objects.filter(pk=liaison.pk).update(username="ouyanghaiyan")
    client.raise_request_exception = False

    for _ in range(6):  # the sixth is told that the account is locked
        client.post(reverse("login"), {"username": "ouyanghaiyan", "password": f"{NAME}1"})
    client.force_login(User.objects.get(pk=liaison.pk))
    client.get("/problems/", {"q": NAME})
    client.get(f"/people/{NAME}/", {"q": NAME})
    client.get(f"/people/{liaison.pk}99/", {"q": NAME}, headers={"referer": f"/?q={NAME}"})
    client.post(
        reverse("import-new"),
        {
            "campaign": campaign.pk,
            "organization": branch.pk,
            "file": SimpleUploadedFile(f"{NAME}.xlsx", workbook(GOOD)),
        },
    )
    client.post(reverse("import-new"), {"file": SimpleUploadedFile(f"{NAME}.xlsx", b"PK\x03\x04x")})
    faults = [client.get(f"/{page}/", {"q": NAME}).status_code for page in ("twice", "stray")]
    strict = type(client)(enforce_csrf_checks=True, raise_request_exception=False)
    strict.post(reverse("login"), {"username": NAME}, headers={"referer": f"http://x/?q={NAME}"})
    broken.apply(args=[NAME])

    said = written.getvalue()
    assert faults == [500, 400]
    assert [word for word in (NAME, "ouyanghaiyan", "%E6%AC%A7", "q=") if word in said] == []
    assert " - " not in "".join(line for line in said.splitlines() if "django" in line)
    assert "Internal Server Error: /twice/" in said
    assert "\nIntegrityError" in said
    assert f"Not Found: /people/{liaison.pk}99/" in said
    assert "Not Found: an address of no page" in said
    assert "Refused (SuspiciousFileOperation): /stray/" in said
    assert "Refused (csrf): /login/" in said
    assert "raised unexpected: ValueError" in said


@pytest.mark.no_database
def test_a_fault_names_its_type_its_place_and_what_led_to_it():
    try:
        try:
            {}[NAME]
        except KeyError as error:
            raise IntegrityError(NAME) from error
    except IntegrityError as error:
        said = logs.Line().formatException((type(error), error, error.__traceback__))

    lines = said.splitlines()
    assert (lines[1], lines[3]) == ("KeyError", "IntegrityError")
    assert lines[0].endswith("test_a_fault_names_its_type_its_place_and_what_led_to_it")
    assert NAME not in said


@pytest.mark.no_database
def test_an_exception_among_the_words_of_a_line_is_its_type():
    record = logging.LogRecord(
        "reform", logging.WARNING, "", 1, "Job %s: %s", (7, OSError(28, NAME)), None
    )

    assert logs.Line().format(record).endswith(" WARNING reform - Job 7: OSError [Errno 28]")


@pytest.mark.no_database
@pytest.mark.once
def test_the_lines_of_the_development_server_are_written():
    """It hangs the bare socket on the record where others hang the request."""
    ours, theirs = socket.socketpair()
    line = logging.LogRecord(
        "django.server", logging.INFO, "", 0, '"%s" %s', ("GET /?q=甲", 200), None
    )
    line.request = ours
    assert logs.Line().format(line).endswith('"GET /?…" 200')
    ours.close()
    theirs.close()


@pytest.mark.no_database
@pytest.mark.once
def test_the_access_log_of_gunicorn_has_paths_and_numbers_only():
    said = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["access_log_format"]
    answer = SimpleNamespace(
        status="200 OK", sent=512, headers=[("X-Request-ID", "K7QF-2M9X")], response_length=512
    )
    asked = SimpleNamespace(headers=[("REFERER", f"/?q={NAME}"), ("USER-AGENT", NAME)])
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"/problems/?q={NAME}",
        "PATH_INFO": "/problems/",
        "QUERY_STRING": f"q={NAME}",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "10.0.0.7",
        "HTTP_REFERER": f"/?q={NAME}",
        "HTTP_USER_AGENT": NAME,
        "HTTP_AUTHORIZATION": "",
    }
    logger = Logger(Config())

    atoms = logger.atoms(answer, asked, environ, timedelta(milliseconds=12))

    line = said % logger.atoms_wrapper_class(atoms)
    assert line == "10.0.0.7 GET /problems/ 200 512 0.012000s K7QF-2M9X"

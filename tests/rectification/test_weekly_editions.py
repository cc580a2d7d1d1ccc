"""What is looked over, signed, received or sent back is what was read: a text changed meanwhile is
shown, and nothing is done with it."""

import uuid

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rectification.actions import weekly_collations, weekly_reports, weekly_signings
from reform.models import Attachment
from tests.rectification.weekly import FRIDAY, TEXTS, beijing, opened, planned, second_office
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")

AT = beijing(FRIDAY, 10)
NEW = "后来改成的一句话。"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def other(bureau):
    return second_office(bureau)


@pytest.fixture
def collated(bureau, at, other):
    planned(bureau, at=at)
    issue = opened(bureau)
    weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=AT)
    report = weekly_collations.collate(issue, bureau.center, by=other, at=AT)
    report = weekly_reports.write(report, edition=report.edition, texts=TEXTS, by=other, at=AT)
    return weekly_signings.submit(report, by=other, at=AT)


def rewritten(report, other):
    """Taken up again, changed and handed on: the state is the same, the text is not."""
    part = report.parts.get(position=0)
    weekly_collations.edit_part(part, edition=part.edition, progress=NEW, plans="", by=other, at=AT)
    return weekly_signings.submit(report, by=other, at=AT)


def pressed(client, report, name, **facts):
    report.refresh_from_db()
    url = reverse(f"weekly-{name}", args=[report.pk])
    return client.post(url, {"token": uuid.uuid4()} | facts)


@pytest.mark.parametrize("name", ["review", "send-back"])
def test_what_is_looked_over_is_what_was_read(bureau, collated, other, signed_in, name):
    client, seen = signed_in(bureau.users["office"]), collated.edition
    report = rewritten(collated, other)

    response = pressed(client, report, name, version=seen, reason="补充数据")

    page = response.content.decode()
    assert response.status_code == 409
    assert "刚被改过" in page
    assert NEW in page
    report.refresh_from_db()
    assert report.status == "prepared"
    shown = response.context["form"]["version"].value()
    assert "补充数据" in page or name == "review"
    assert pressed(client, report, name, version=shown, reason="补充数据").status_code == 302
    report.refresh_from_db()
    assert report.status == {"review": "reviewed", "send-back": "draft"}[name]


@pytest.mark.parametrize("name", ["sign", "send-back", "paper"])
def test_what_is_signed_is_what_was_read(bureau, collated, other, signed_in, name):
    report = weekly_signings.review(collated, by=bureau.office, at=AT)
    seen, kept = report.edition, Attachment.objects.count()
    report = weekly_signings.review(rewritten(report, other), by=bureau.office, at=AT)
    client = signed_in(bureau.users["office" if name == "paper" else "leader"])
    facts = {"reason": "补充数据", "signer_name": "在外领导", "signed_on": "2026-06-05"}
    scan = SimpleUploadedFile("签批稿.pdf", b"%PDF-1.4 scan")

    response = pressed(client, report, name, version=seen, scan=scan, **facts)

    assert response.status_code == 409
    assert NEW in response.content.decode()
    report.refresh_from_db()
    assert (report.status, Attachment.objects.count()) == ("reviewed", kept)
    scan = SimpleUploadedFile("签批稿.pdf", b"%PDF-1.4 scan")
    again = pressed(client, report, name, version=report.edition, scan=scan, **facts)
    assert again.status_code == 302


def test_what_a_secretary_confirms_is_what_he_read(bureau, at, signed_in):
    planned(bureau, at=at)
    report = weekly_reports.begin(opened(bureau), bureau.sibling, by=bureau.neighbour, at=AT)
    seen = report.edition
    texts = {"progress": NEW, "plans": "继续。"}
    weekly_reports.write(report, edition=seen, texts=texts, by=bureau.neighbour, at=AT)

    response = pressed(signed_in(bureau.users["neighbour"]), report, "confirm", version=seen)

    assert response.status_code == 409
    assert NEW in response.content.decode()
    report.refresh_from_db()
    assert report.status == "draft"


@pytest.mark.parametrize("name", ["receive", "return"])
def test_what_was_filed_is_received_in_the_edition_that_was_read(bureau, collated, signed_in, name):
    report = collated.parts.get(organization=bureau.branch).source
    client = signed_in(bureau.users["office"])

    response = pressed(client, report, name, version=report.edition + 1, reason="补充数据")
    assert (response.status_code, report.receipts.count()) == (409, 0)

    response = pressed(client, report, name, version=report.edition, reason="补充数据")
    assert (response.status_code, report.receipts.count()) == (302, 1)


def test_a_page_that_asks_for_more_keeps_what_was_read(bureau, collated, other, signed_in):
    """The reason for sending back is asked on a page of its own, opened from what was read."""
    client = signed_in(bureau.users["office"])
    body = client.get(collated.get_absolute_url()).content.decode()
    link = f"{reverse('weekly-send-back', args=[collated.pk])}?version={collated.edition}"
    assert link in body
    rewritten(collated, other)

    form = client.get(link).context["form"]

    assert form["version"].value() == collated.edition

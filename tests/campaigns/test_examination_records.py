"""代录 for somebody without an account: his signature on paper is his confirmation."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns.actions import examination_records, examination_reviews
from campaigns.models import Examination, Submission, Verdict
from reform.errors import Forbidden, Refused
from reform.models import Notice, Role, TrailEntry
from tests.campaigns.sheets import written
from tests.factories import AT, ON, actor, person
from tests.rectification.test_closures import a_scan
from tests.rectification.test_delegated import lend
from tests.worlds import unguarded


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def unlettered(bureau):
    return person("老周师傅", bureau.branch, username=None)


def record(bureau, author, by=None, **facts):
    checklist = bureau.campaign.checklists.get()
    facts = {
        "content": written(checklist, "懒"),
        "scan": a_scan(bureau, AT),
        "signed_on": ON - timedelta(days=1),
        "by": by or bureau.liaison,
        "at": AT,
    } | facts
    return examination_records.record_signed(checklist, author=author, **facts)


def decide(row, by, decision=Verdict.Decision.ACCEPTED, comment="", number=1):
    return examination_reviews.decide(
        row, number=number, decision=decision, comment=comment, by=by, at=AT
    )


def test_signed_on_paper_it_is_submitted_and_the_reviewer_sees_how(bureau, unlettered, signed_in):
    url = reverse("examination-record", args=[bureau.campaign.checklists.get().pk])
    content = written(bureau.campaign.checklists.get(), "懒")
    scan = SimpleUploadedFile("手写.pdf", b"%PDF-1.4 scan", "application/pdf")
    data = {"author": "老周师傅", "signed_on": "2026-06-02", "scan": scan}
    data |= {"picked": content["picked"], **content["texts"]}
    browser = signed_in(bureau.liaison)
    answer = browser.post(url, data, follow=True).content.decode()
    made = Submission.objects.get()
    page = reverse("examination", args=[made.examination_id])

    assert "已按老周师傅签字的材料登记并送审" in answer
    assert browser.get(page).status_code == 404
    shown = signed_in(bureau.secretary).get(page).content.decode()
    assert "本人纸面确认" in shown
    assert "周敏代录" in shown
    scan = signed_in(bureau.secretary).get(reverse("examination-scan", args=[made.examination_id]))
    assert scan.status_code == 200
    entry = TrailEntry.objects.get(act="examination.signed")
    assert (entry.behalf_name, "本人纸面签字" in entry.sentence) == ("老周师傅", True)
    decide(made.examination, bureau.secretary)


def test_who_typed_it_does_not_review_it_and_the_rule_climbs(bureau, unlettered):
    made = record(bureau, unlettered, by=bureau.secretary)
    row = made.examination

    assert [one["name"] for one in made.readers] == ["罗海"]
    assert not Examination.objects.told_to(bureau.secretary).exists()
    examination_reviews.tell(row, by=bureau.secretary, at=AT)  # as the place's secretary
    delegate = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["colleague"])
    for by in (bureau.secretary, delegate):  # SOD-14: of both
        with pytest.raises(Forbidden, match="代录，不能由您审阅"):
            decide(row, by)
    assert decide(row, bureau.leader).by == bureau.users["leader"]


def test_returned_it_is_typed_anew_and_who_typed_it_is_told(bureau, unlettered):
    row = record(bureau, unlettered).examination
    with pytest.raises(Refused, match="已提交，不能再代录"):
        record(bureau, unlettered)
    decide(row, bureau.secretary, Verdict.Decision.RETURNED, "请写明时间。")
    told = Notice.objects.get(recipient=bureau.users["liaison"])
    again = record(bureau, unlettered)

    assert told.subject == "郑洁请您修改自查剖析，请转告老周师傅"
    assert again.number == 2
    decide(Examination.objects.get(), bureau.secretary, number=2)


def test_it_is_refused_in_words_for_whom_it_is_not_meant(bureau, unlettered):
    homeless = person("无处", bureau.elsewhere, username=None, until=ON - timedelta(days=1))
    for author, facts, words in (
        (bureau.users["member"], {}, "有账号，请选"),
        (unlettered, {"signed_on": ON + timedelta(days=1)}, "不能晚于今天"),
        (unlettered, {"by": bureau.inspector}, "没有在“第一党支部”代录"),
        (unlettered, {"by": bureau.neighbour}, "没有在“第一党支部”代录"),
        (homeless, {}, "不在参加"),
        (unlettered, {"content": {}}, "请勾选符合的条目"),
    ):
        with pytest.raises(Refused, match=words):
            record(bureau, author, **facts)
    checklist = bureau.campaign.checklists.get()
    with pytest.raises(Refused, match="本人已在纸面签字确认"):
        examination_records.record(
            checklist, author=unlettered, content={}, scan=a_scan(bureau, AT), by=bureau.liaison,
            at=AT,
        )  # fmt: skip
    assert not Examination.objects.exists()


def test_a_signature_without_its_scan_is_refused_by_the_database(bureau, unlettered):
    made = record(bureau, unlettered)
    with (
        unguarded(["campaigns_submission"]),
        pytest.raises(IntegrityError, match="submission_signed_with_scan"),
        transaction.atomic(),
    ):
        Submission.objects.filter(pk=made.pk).update(scan=None)


def test_a_secretary_without_an_account_is_reviewed_above(bureau):
    head = person("老支书", bureau.sibling, Role.SECRETARY, username=None)
    made = record(bureau, head, by=bureau.office)

    assert [one["name"] for one in made.readers] == ["罗海"]
    assert actor(head).home == bureau.sibling

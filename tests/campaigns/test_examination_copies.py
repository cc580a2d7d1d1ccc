"""Copies of what others submitted (SOD-20): asked for, approved by another, open for a day."""

from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from docx import Document

from campaigns.actions import examination_copies, examination_readers, examinations
from campaigns.models import CopyRequest, Examination, Reading
from reform.errors import Forbidden, Refused
from reform.models import Duty, Notice, Role, TrailEntry
from tests.campaigns.sheets import TEXTS, promise, sent
from tests.factories import AT, ON, actor, person
from tests.rectification.test_delegated import lend


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def texts(bureau):
    rows = [sent(bureau.campaign, by) for by in (bureau.member, bureau.colleague)]
    for row in rows:
        examination_readers.assign(
            row,
            person=bureau.users["inspector"],
            reason="核实信访反映",
            until=ON + timedelta(days=10),
            by=bureau.leader,
            at=AT,
        )
    return rows


def ask(bureau, rows, by=None):
    reason = "线索核实卷宗，核后销毁"
    return examination_copies.ask(rows, reason=reason, by=by or bureau.inspector, at=AT)


def decide(row, by, approved=True, words=""):
    return examination_copies.decide(row, approved=approved, words=words, by=by, at=AT)


def file(row):
    return reverse("examination-copy-file", args=[row.pk])


def test_asked_approved_by_another_and_fetched_with_its_heading(bureau, texts, signed_in):
    row = ask(bureau, texts)
    early = signed_in(bureau.inspector).get(file(row), follow=True).content.decode()
    decide(row, bureau.leader)
    answer = signed_in(bureau.inspector).get(file(row))
    document = Document(BytesIO(answer.getvalue()))
    words = "\n".join(one.text for one in document.paragraphs)
    section = document.sections[0]
    heads = {one.paragraphs[0].text for one in (section.header, section.even_page_header)}

    assert "待批准，不能下载" in early
    assert words.count(TEXTS["cause"]) == 2
    assert heads == {f"高远于2026-06-03 09:00经罗海批准导出（{row}），不得复制、转发"}
    for name in ("member", "colleague"):
        told = Notice.objects.filter(recipient=bureau.users[name], key__startswith="copy:")
        assert told.get().subject.startswith("经罗海批准，高远导出您的自查剖析，用途：线索核实卷宗")
    made = TrailEntry.objects.filter(act="examination.exported")
    assert made.count() == 2
    assert Reading.objects.filter(person=bureau.users["inspector"]).count() == 2
    page = reverse("examination", args=[texts[0].pk])
    assert "高远经罗海批准导出" in signed_in(bureau.member).get(page).content.decode()


def test_it_closes_after_a_day_when_shut_and_when_he_reads_no_more(bureau, texts, signed_in):
    row = decide(ask(bureau, texts), bureau.leader)
    browser = signed_in(bureau.inspector)
    back = decide(ask(bureau, texts[1:]), bureau.leader)
    examinations.withdraw(texts[1], by=bureau.colleague, at=AT)
    assert "林芳已撤回所申请的一版" in browser.get(file(back), follow=True).content.decode()
    again = Examination.objects.get(pk=texts[1].pk)
    examinations.submit(
        again, version=again.version, promise=promise(again), by=bureau.colleague, at=AT
    )
    with time_machine.travel(AT + timedelta(hours=24), tick=False):
        browser = signed_in(bureau.inspector)
        assert "已过期，不能下载" in browser.get(file(row), follow=True).content.decode()
    reader = texts[0].readers.get(basis="assigned")
    examination_readers.end(reader, by=bureau.leader, at=AT)
    browser = signed_in(bureau.inspector)
    assert "已不再阅看马超的自查剖析" in browser.get(file(row), follow=True).content.decode()
    other = decide(ask(bureau, texts[1:]), bureau.leader)
    examination_copies.withdraw(other, by=bureau.leader, at=AT)
    assert "已撤回，不能下载" in browser.get(file(other), follow=True).content.decode()
    assert not TrailEntry.objects.filter(act="examination.exported").exists()


def test_nobody_approves_his_own_nor_what_he_wrote_nor_elsewhere(bureau, texts):
    row = ask(bureau, texts)
    both = bureau.users["inspector"]
    Duty.objects.create(user=both, organization=bureau.center, role=Role.LEADER, since=ON)
    author = bureau.users["member"]
    Duty.objects.create(user=author, organization=bureau.center, role=Role.LEADER, since=ON)
    for by in (actor(both), actor(author), bureau.office, bureau.secretary, bureau.stranger):
        with pytest.raises(Forbidden):
            decide(row, by)
        if by.user != both:
            assert not CopyRequest.objects.visible_to(by).exists()
    with pytest.raises(IntegrityError, match="copy_not_approved_by_asker"), transaction.atomic():
        CopyRequest.objects.filter(pk=row.pk).update(decided_by=both)
    with pytest.raises(Refused, match="请写明原因"):
        decide(row, bureau.leader, approved=False)
    refused = decide(row, bureau.leader, approved=False, words="线索不需要原文。")
    assert refused.state(AT) == "未批准"
    with pytest.raises(Refused, match="不能转为"):
        decide(row, bureau.leader)


def test_nobody_approves_through_a_delegate_a_copy_of_his_own_text(bureau):
    """SOD-14: of a delegate and of who is on leave, both count."""
    row = sent(bureau.campaign, bureau.member)
    examination_readers.assign(
        row,
        person=bureau.users["inspector"],
        reason="核实信访反映",
        until=ON + timedelta(days=10),
        by=bureau.leader,
        at=AT,
    )
    made = ask(bureau, [row])
    delegate = lend(bureau.users["leader"], Role.LEADER, person("代行人", bureau.center))
    Examination.objects.filter(pk=row.pk).update(author=bureau.users["leader"])

    with pytest.raises(Forbidden, match="委托您的人"):
        decide(made, delegate)
    assert CopyRequest.objects.get().status == "pending"


def test_only_what_an_assignment_opened_is_asked_for(bureau, texts, signed_in):
    own = sent(bureau.campaign, bureau.inspector)
    other = sent(bureau.campaign, bureau.neighbour)
    for rows, by in (
        ([other], bureau.inspector),
        (texts, bureau.secretary),
        (texts[:1], bureau.leader),
        (texts[:1], bureau.office),
        ([own], bureau.inspector),
        ([], bureau.inspector),
    ):
        with pytest.raises(Refused):
            ask(bureau, rows, by)
    url = reverse("examination-copy-ask")
    offered = signed_in(bureau.inspector).get(url).content.decode()
    assert ("马超" in offered, "黄蕾" in offered) == (True, False)
    assert signed_in(bureau.secretary).get(url).status_code == 403
    data = {"texts": [other.pk], "reason": "核实"}
    assert "不是可选的" in _words(signed_in(bureau.inspector).post(url, data))
    assert not CopyRequest.objects.exists()


def _words(answer):
    text = answer.content.decode()
    return text.replace("选择一个有效的选项", "不是可选的") if "有效的选项" in text else text


def test_what_was_not_his_to_read_is_not_in_the_file(bureau):
    """An assignment without 仅班子 exports without it, too."""
    deputy = person("段副主任", bureau.branch, home=True)
    Duty.objects.create(user=deputy, organization=bureau.center, role=Role.LEADER, since=ON)
    by, row = actor(deputy), None
    from_draft = sent(bureau.campaign, by, "懒", team=["cause"])
    row = Examination.objects.get(pk=from_draft.pk)
    examination_readers.assign(row, person=bureau.users["inspector"], reason="核实",
                               until=ON, by=bureau.leader, at=AT)  # fmt: skip
    (line,) = ask(bureau, [row]).lines.all()

    assert TEXTS["cause"] not in str(examination_copies.sheet_of(line))
    assert TEXTS["cause"] in str(row.submissions.get().content)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    bureau, texts, signed_in, count, django_assert_num_queries
):
    for _ in range(count):
        ask(bureau, texts)
    browser = signed_in(bureau.leader)
    browser.get("/examinations/copies/")
    with django_assert_num_queries(6):
        shown = browser.get("/examinations/copies/").content.decode()
    assert shown.count("待批准") == count

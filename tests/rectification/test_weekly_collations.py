"""Collated weekly reports: gathered with who is missing, looked over, signed, sent on, returned."""

from datetime import date
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from docx import Document
from openpyxl import load_workbook

from rectification.actions import (
    weekly_collations,
    weekly_deferrals,
    weekly_receipts,
    weekly_reports,
    weekly_signings,
)
from rectification.exports import weekly_reports as workbooks
from rectification.models import WeeklyPart
from rectification.reports import asking, weekly_reminder, weekly_report
from reform.actions import attachments
from reform.errors import Forbidden, Refused, Stale
from reform.models import Notice, Role
from tests.factories import DutyFactory, actor, person
from tests.rectification.weekly import FRIDAY, MONDAY, beijing, opened, planned, second_office
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")

THURSDAY = date(2026, 6, 4)
TEXTS = {"progress": "完成3项<回访> & 检查。", "plans": "继续推进。"}


@pytest.fixture
def issue(bureau, at):
    planned(bureau, at=at)
    return opened(bureau)


@pytest.fixture
def filed(bureau, issue, rectifying):
    at = beijing(THURSDAY, 10)
    report = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=at)
    report = weekly_reports.write(
        report, edition=report.edition, texts=TEXTS, by=bureau.liaison, at=at
    )
    return weekly_reports.confirm(report, by=bureau.secretary, at=at)


@pytest.fixture
def collated(bureau, issue, filed):
    at = beijing(FRIDAY, 9)
    report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=at)
    texts = {"plans": "督促未报单位。"}
    return weekly_reports.write(
        report, edition=report.edition, texts=texts, by=bureau.office, at=at
    )


@pytest.fixture
def reviewed(bureau, collated):
    at = beijing(FRIDAY, 10)
    other = second_office(bureau)
    weekly_signings.submit(collated, by=bureau.office, at=at)
    return weekly_signings.review(collated, by=other, at=at)


@pytest.fixture
def signed(bureau, reviewed):
    return weekly_signings.sign(reviewed, by=bureau.leader, at=beijing(FRIDAY, 11))


def words_of(data):
    document = Document(BytesIO(data))
    texts = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        texts += [cell.text for row in table.rows for cell in row.cells]
    return "\n".join(texts)


# ---- gathering


def test_what_was_collated_below_is_told_above_with_who_was_missing_there(bureau, signed):
    issue, at = signed.issue, beijing(FRIDAY, 12)
    above = weekly_collations.collate(issue, bureau.top, by=bureau.top_office, at=at)

    part = above.parts.get(organization=bureau.center)

    lines = part.progress.split("\n")
    assert f"第一党支部：{TEXTS['progress']}" in lines
    assert "未报送单位：第二党支部（未报）。" in lines
    assert f"第一党支部：{TEXTS['plans']}" in part.plans.split("\n")
    assert "截至" not in part.progress  # the figures stand in the table


def test_a_collated_report_names_the_field_it_lacks_as_its_page_does(bureau, collated, at):
    collated.plans = ""
    collated.save()
    with pytest.raises(Refused, match="修改总体情况”，填写“下周重点"):
        weekly_signings.submit(collated, by=bureau.office, at=at)


@pytest.mark.parametrize(("name", "said"), [("专项工作", "专项"), ("以案促改", "以案促改")])
def test_work_is_not_said_twice_in_a_letter(bureau, name, said):
    bureau.campaign.title = name
    assert asking.under(bureau.campaign) == f"按照{said}工作安排"


def test_it_has_a_paragraph_for_each_and_says_who_is_missing(bureau, collated):
    parts = list(collated.parts.order_by("position"))
    assert [part.organization for part in parts] == [bureau.center, bureau.branch, bureau.sibling]
    assert [part.note for part in parts] == ["", "已报", "未报"]
    assert parts[1].progress == TEXTS["progress"]
    assert collated.figures["total"] == 1


def test_what_comes_later_is_taken_in_and_a_changed_paragraph_stays(bureau, issue, collated):
    at = beijing(FRIDAY, 9, 30)
    part = collated.parts.get(organization=bureau.branch)
    weekly_collations.edit_part(
        part, edition=1, progress="改写的一段。", plans="推进。", by=bureau.office, at=at
    )
    weekly_reports.file_zero(issue, bureau.sibling, by=bureau.neighbour, at=at)
    weekly_collations.gather_anew(collated, by=bureau.office, at=at)
    parts = {part.organization: part for part in WeeklyPart.objects.filter(report=collated)}
    assert parts[bureau.branch].progress == "改写的一段。"
    assert parts[bureau.sibling].note == "迟报"


def test_a_late_report_by_agreement_is_not_late(bureau, issue, collated, at):
    until = beijing(date(2026, 6, 8))
    weekly_deferrals.defer(
        issue, bureau.sibling, kind="agreed", until=until, reason="出差", by=bureau.office, at=at
    )
    weekly_collations.gather_anew(collated, by=bureau.office, at=beijing(FRIDAY, 9))
    assert collated.parts.get(organization=bureau.sibling).note == "经同意缓报"
    weekly_reports.file_zero(issue, bureau.sibling, by=bureau.neighbour, at=beijing(FRIDAY, 9, 5))
    weekly_collations.gather_anew(collated, by=bureau.office, at=beijing(FRIDAY, 9, 6))
    assert collated.parts.get(organization=bureau.sibling).note == "零报告"


def test_a_returned_report_is_missing_again_until_its_next_version(bureau, collated, filed):
    at = beijing(FRIDAY, 9, 10)
    weekly_receipts.give_back(filed, reason="数字有误", by=bureau.office, at=at)
    weekly_collations.gather_anew(collated, by=bureau.office, at=at)
    assert collated.parts.get(organization=bureau.branch).note == "退回重报中"


def test_who_does_not_collate_is_told_so(bureau, issue, at):
    by = bureau.top_office
    with pytest.raises(Refused, match="不是汇总单位"):
        weekly_collations.collate(issue, bureau.branch, by=by, at=at)


def test_a_paragraph_changed_meanwhile_is_not_overwritten(bureau, collated, at):
    part = collated.parts.get(organization=bureau.branch)
    facts = {"edition": part.edition, "plans": "。", "by": bureau.office, "at": at}
    weekly_collations.edit_part(part, progress="甲写的。", **facts)
    with pytest.raises(Stale) as stale:
        weekly_collations.edit_part(part, progress="乙写的。", **facts)
    assert stale.value.now["progress"] == "甲写的。"


def test_a_next_version_keeps_the_paragraphs_the_office_had_changed(bureau, collated):
    part = collated.parts.get(organization=bureau.branch)
    when = beijing(FRIDAY, 10)
    weekly_collations.edit_part(
        part, edition=1, progress="改写的一段。", plans="推进。", by=bureau.office, at=when
    )
    weekly_signings.submit(collated, by=bureau.office, at=when)
    signed = weekly_signings.sign(collated, by=bureau.leader, at=when)
    weekly_receipts.give_back(signed, reason="补数字", by=bureau.top_office, at=when)
    again = weekly_collations.collate(signed.issue, bureau.center, by=bureau.office, at=when)
    assert again.parts.get(organization=bureau.branch).progress == "改写的一段。"


def test_nobody_is_told_missing_who_has_reported_since(bureau, issue, collated):
    when = beijing(FRIDAY, 10)
    weekly_reports.file_zero(issue, bureau.sibling, by=bureau.neighbour, at=when)
    with pytest.raises(Refused, match="第二党支部又有报送或退回"):
        weekly_signings.submit(collated, by=bureau.office, at=when)


def test_what_was_returned_is_not_signed(bureau, filed, reviewed):
    when = beijing(FRIDAY, 11)
    weekly_receipts.give_back(filed, reason="数字有误", by=bureau.office, at=when)
    with pytest.raises(Refused, match="第一党支部又有报送或退回"):
        weekly_signings.sign(reviewed, by=bureau.leader, at=when)


def test_an_organization_that_is_to_collate_now_goes_on_from_its_draft(bureau, issue, at):
    when = beijing(MONDAY, 10)
    draft = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=when)
    bureau.campaign.obligations.filter(organization=bureau.branch).update(level="office")
    report = weekly_collations.collate(issue, bureau.branch, by=bureau.top_office, at=when)
    assert (report.pk, report.collated) == (draft.pk, True)
    bureau.campaign.obligations.filter(organization=bureau.branch).update(level="branch")
    assert not weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=when).collated


# ---- looked over and signed


def test_another_of_the_office_looks_it_over_before_it_is_signed(bureau, collated):
    at = beijing(FRIDAY, 10)
    second_office(bureau)
    report = weekly_signings.submit(collated, by=bureau.office, at=at)
    assert report.status == "prepared"
    with pytest.raises(Refused, match="其他人审核"):
        weekly_signings.review(report, by=bureau.office, at=at)
    with pytest.raises(Refused, match="审核后才能签发"):
        weekly_signings.sign(report, by=bureau.leader, at=at)


def test_an_office_of_one_is_not_looked_over_and_says_so(bureau, collated):
    at = beijing(FRIDAY, 10)
    report = weekly_signings.submit(collated, by=bureau.office, at=at)
    assert (report.status, report.review_waived) == ("reviewed", True)
    assert weekly_signings.sign(report, by=bureau.leader, at=at).is_filed


def test_an_office_of_two_in_which_both_wrote_asks_the_office_above(bureau, collated):
    at, other = beijing(FRIDAY, 10), second_office(bureau)
    texts = {"plans": "另一句。"}
    weekly_reports.write(collated, edition=collated.edition, texts=texts, by=other, at=at)
    report = weekly_signings.submit(collated, by=bureau.office, at=at)
    assert (report.status, report.review_waived) == ("prepared", False)
    with pytest.raises(Refused, match="其他人审核"):
        weekly_signings.review(report, by=other, at=at)
    assert Notice.objects.filter(recipient=bureau.users["top_office"]).exists()
    assert weekly_signings.review(report, by=bureau.top_office, at=at).status == "reviewed"


def test_a_waiver_is_forgotten_when_it_comes_back(bureau, collated):
    at = beijing(FRIDAY, 10)
    report = weekly_signings.submit(collated, by=bureau.office, at=at)
    assert report.review_waived
    back = weekly_reports.send_back(report, reason="补充", by=bureau.leader, at=at)
    assert not back.review_waived


def test_a_closed_campaign_takes_no_reports(bureau, issue, collated):
    type(bureau.campaign).objects.filter(pk=bureau.campaign.pk).update(status="closed")
    issue.refresh_from_db()
    at = beijing(FRIDAY, 10)
    with pytest.raises(Refused, match="已经结束"):
        weekly_reports.file_zero(issue, bureau.sibling, by=bureau.neighbour, at=at)
    collated = type(collated).objects.get(pk=collated.pk)
    with pytest.raises(Refused, match="已经结束"):
        weekly_signings.submit(collated, by=bureau.office, at=at)


def test_a_change_after_it_was_looked_over_begins_again(bureau, reviewed):
    texts = {"plans": "另一句。"}
    report = weekly_reports.write(
        reviewed, edition=reviewed.edition, texts=texts, by=bureau.office, at=beijing(FRIDAY, 11)
    )
    assert (report.status, report.reviewed_by) == ("draft", None)


def test_only_a_leader_signs_and_not_who_wrote_it(bureau, reviewed):
    at = beijing(FRIDAY, 11)
    with pytest.raises(Forbidden):
        weekly_signings.sign(reviewed, by=bureau.office, at=at)
    DutyFactory(
        user=bureau.users["office"], organization=bureau.center, role=Role.LEADER, principal=True
    )
    both = actor(bureau.users["office"])
    with pytest.raises(Refused, match="其他领导签发"):
        weekly_signings.sign(reviewed, by=both, at=at)


def test_a_signature_on_paper_is_entered_with_its_day_and_scan(bureau, reviewed, at):
    scan = attachments.keep(
        BytesIO(b"%PDF-1.4"), name="签批.pdf", kind="application/pdf", by=bureau.office, at=at
    )
    facts = {"signer": bureau.users["leader"], "signer_name": "", "scan": scan}
    with pytest.raises(Refused, match="不能晚于今天"):
        weekly_signings.record_signature(
            reviewed, **facts, signed_on=date(2027, 1, 1), by=bureau.office, at=at
        )
    done = weekly_signings.record_signature(
        reviewed, **facts, signed_on=date(2026, 6, 3), by=bureau.office, at=at
    )
    assert done.signed_words == "罗海签批（何静代录）"


def test_a_signed_report_and_its_paragraphs_never_change(signed):
    part = signed.parts.first()
    for rows, change in (
        (signed.parts.filter(pk=part.pk), {"progress": "改"}),
        (type(signed).objects.filter(pk=signed.pk), {"plans": "改"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


def test_it_is_filed_to_the_office_above_which_may_return_it(bureau, signed):
    at = beijing(FRIDAY, 14)
    weekly_receipts.give_back(signed, reason="口径不一致", by=bureau.top_office, at=at)
    again = weekly_collations.collate(signed.issue, bureau.center, by=bureau.office, at=at)
    assert (again.number, again.parts.count()) == (2, 3)


# ---- out


def test_it_is_registered_how_it_went_out(bureau, signed):
    at = beijing(FRIDAY, 14)
    facts = {"to": "市委办", "way": "exchange", "receipt": "2026-118"}
    with pytest.raises(Refused, match="不能晚于现在"):
        weekly_signings.forward(
            signed, **facts, sent_at=beijing(FRIDAY, 15), by=bureau.office, at=at
        )
    with pytest.raises(Refused, match="不能早于签发"):
        weekly_signings.forward(
            signed, **facts, sent_at=beijing(FRIDAY, 10), by=bureau.office, at=at
        )
    sent_at = signed.filed_at.replace(second=0, microsecond=0)  # as the form gives it
    weekly_signings.forward(signed, **facts, sent_at=sent_at, by=bureau.office, at=at)
    with pytest.raises(Refused, match="由其在系统中退回"):
        weekly_signings.returned_from_outside(signed, reason="x", by=bureau.office, at=at)


def test_what_the_superior_returns_begins_another_version(bureau, issue, signed):
    at = beijing(FRIDAY, 14)
    top = weekly_collations.collate(issue, bureau.top, by=bureau.top_office, at=at)
    texts = {"plans": "督促。"}
    top = weekly_reports.write(top, edition=top.edition, texts=texts, by=bureau.top_office, at=at)
    top = weekly_signings.submit(top, by=bureau.top_office, at=at)
    head = actor(person("宋岩", bureau.top, Role.LEADER, principal=True))
    top = weekly_signings.sign(top, by=head, at=at)
    with pytest.raises(Refused, match="还没有登记报送"):
        weekly_signings.returned_from_outside(top, reason="x", by=bureau.top_office, at=at)
    facts = {"to": "市委办", "way": "exchange", "receipt": ""}
    weekly_signings.forward(top, **facts, sent_at=at, by=bureau.top_office, at=at)
    second = weekly_signings.returned_from_outside(
        top, reason="补充数字", by=bureau.top_office, at=at
    )
    assert second.number == 2
    assert top.receipts.get().from_outside


# ---- papers


def test_word_and_excel_name_who_is_missing_and_lose_no_text(bureau, signed, at):
    words = words_of(weekly_report.word_of(signed, at=at))
    assert "未报送单位：第二党支部（未报）" in words
    assert "完成3项<回访> & 检查。" in words
    assert "罗海" in words
    data = workbooks.write(signed, by=bureau.users["office"], at=at)
    sheet = load_workbook(BytesIO(data)).active
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    assert "第二党支部" in cells
    assert "未报" in cells
    assert TEXTS["progress"] in cells


def test_a_text_that_looks_like_a_formula_stays_text(bureau, collated, at):
    part = collated.parts.get(organization=bureau.branch)
    weekly_collations.edit_part(
        part, edition=1, progress="=1+1", plans="-2", by=bureau.office, at=at
    )
    data = workbooks.write(collated, by=bureau.users["office"], at=at)
    sheet = load_workbook(BytesIO(data)).active
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value in {"=1+1", "-2"}]
    assert len(found) == 2
    assert all(cell.data_type != "f" for cell in found)


def test_the_reminder_names_who_is_asked_and_nobody_as_late(bureau, issue, at):
    missing = [
        one
        for one in weekly_collations.weekly_issues.reporting_to(issue, bureau.center, at=at)
        if one.organization == bureau.sibling
    ]
    text = weekly_reminder.wording(
        issue, missing, organization=bureau.center, at=beijing(MONDAY, 10)
    )
    assert "第二党支部，请于6月4日17时前" in text
    assert "逾期" not in text
    letter = words_of(
        weekly_reminder.letter(issue, missing, organization=bureau.center, at=beijing(THURSDAY, 18))
    )
    assert "第二党支部：" in letter
    assert "收到本函后一个工作日内" in letter


def test_who_wrote_is_told_when_it_comes_back(bureau, collated, at):
    second_office(bureau)
    weekly_signings.submit(collated, by=bureau.office, at=at)
    other = second_office(bureau)
    weekly_reports.send_back(collated, reason="补充做法", by=other, at=at)
    told = Notice.objects.filter(recipient=bureau.users["office"], event="weekly_work")
    assert "补充做法" in told.last().subject

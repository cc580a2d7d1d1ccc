"""Weekly reports: drafted from the ledger, confirmed, filed for good, received or returned."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import Level
from rectification.actions import (
    measures,
    registrations,
    weekly_counting,
    weekly_deferrals,
    weekly_issues,
    weekly_receipts,
    weekly_reports,
)
from rectification.models import OwedReport, Problem, ProgressEntry, WeeklyIssue, WeeklyReport
from rectification.models.metric import WEEKLY, address, asked
from reform.errors import Forbidden, Refused, Stale
from reform.models import Notice, Role, TrailEntry
from tests.conftest import ON
from tests.factories import DutyFactory, ProblemFactory, actor
from tests.rectification.weekly import FRIDAY, MONDAY, beijing, opened, planned
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("calendar")

TEXTS = {"progress": "完成回访。", "plans": "继续推进。"}


@pytest.fixture
def issue(bureau, at):
    planned(bureau, at=at)
    return opened(bureau)


@pytest.fixture
def begun(bureau, issue, rectifying):
    return weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=beijing(MONDAY, 10))


@pytest.fixture
def filed(bureau, begun):
    return weekly_reports.confirm(begun, by=bureau.secretary, at=beijing(date(2026, 6, 4), 15))


# ---- issues


def test_it_opens_each_issue_as_its_week_begins(bureau, at):
    planned(bureau, at=at)
    weekly_issues.open_due(at=beijing(date(2026, 6, 5), 11, 59))
    assert list(WeeklyIssue.objects.values_list("number", "friday")) == [
        (1, date(2026, 5, 29)),
        (2, date(2026, 6, 5)),
        (3, date(2026, 6, 12)),  # branches' third week began on Thursday at five
    ]
    first, second, _ = WeeklyIssue.objects.all()
    assert first.due_at == second.since == beijing(date(2026, 5, 29), 12)
    assert first.branch_due_at == second.branch_since == beijing(date(2026, 5, 28), 17)
    assert second.period() == "5月29日—6月5日"


def test_it_opens_nothing_twice(bureau, at):
    planned(bureau, at=at)
    moment = beijing(FRIDAY, 13)
    assert weekly_issues.open_due(at=moment)
    assert weekly_issues.open_due(at=moment) == []
    assert WeeklyIssue.objects.count() == 3


def test_it_opens_nothing_before_the_plan_begins_or_after_it_ends(bureau, at):
    planned(bureau, at=at, starts_on=date(2026, 6, 8), stops_on=date(2026, 6, 20))
    weekly_issues.open_due(at=beijing(date(2026, 6, 1)))
    assert not WeeklyIssue.objects.exists()
    weekly_issues.open_due(at=beijing(date(2026, 9, 1)))
    assert [issue.friday for issue in WeeklyIssue.objects.all()] == [
        date(2026, 6, 12),
        date(2026, 6, 19),  # the week that the last day lies in
    ]


def test_a_closed_week_is_no_issue_and_its_days_go_to_the_next(bureau, at):
    planned(bureau, at=at, starts_on=date(2026, 3, 1))
    WeeklyIssue.objects.all().delete()
    plan = bureau.campaign.weekly_plan
    plan.starts_on = date(2026, 2, 2)
    plan.save()
    weekly_issues.open_due(at=beijing(date(2026, 3, 2)))
    fridays = [issue.friday for issue in WeeklyIssue.objects.all()]
    assert date(2026, 2, 20) not in fridays
    after = WeeklyIssue.objects.get(friday=date(2026, 2, 27))
    assert after.period() == "2月13日—2月27日"
    assert after.number == 3


def test_two_weeks_due_at_one_moment_are_one_issue(bureau, at):
    planned(bureau, at=at, policy="second_workday_after")
    weekly_issues.open_due(at=beijing(date(2026, 10, 12)))
    assert WeeklyIssue.objects.filter(due_at=beijing(date(2026, 10, 9), 12)).count() == 1


def test_who_owes_it_is_written_down_at_the_cut_off(bureau, issue, at):
    weekly_issues.open_due(at=beijing(date(2026, 6, 4), 16, 59))
    assert not OwedReport.objects.filter(issue=issue).exists()
    weekly_issues.open_due(at=beijing(date(2026, 6, 4), 17))
    rows = OwedReport.objects.filter(issue=issue)
    assert {row.organization for row in rows} == {bureau.branch, bureau.sibling}
    bureau.campaign.obligations.filter(organization=bureau.sibling).update(until=date(2026, 5, 30))
    weekly_issues.open_due(at=beijing(FRIDAY, 12))
    owing = weekly_issues.owing(issue := WeeklyIssue.objects.get(pk=issue.pk), at=beijing(FRIDAY))
    assert [one.organization for one in owing] == [bureau.center, bureau.branch, bureau.sibling]
    assert issue.counted_at == beijing(FRIDAY, 12)


def test_an_open_issue_follows_a_changed_plan_until_its_first_cut_off(bureau, issue):
    plan = bureau.campaign.weekly_plan
    plan.office_hour = "10:00"
    plan.save()
    weekly_issues.open_due(at=beijing(date(2026, 6, 2)))
    issue.refresh_from_db()
    assert issue.due_at == beijing(FRIDAY, 10)
    weekly_issues.open_due(at=beijing(date(2026, 6, 4), 17))
    plan.office_hour = "11:00"
    plan.save()
    weekly_issues.open_due(at=beijing(date(2026, 6, 4), 18))
    issue.refresh_from_db()
    assert issue.due_at == beijing(FRIDAY, 10)


# ---- the draft


def test_the_draft_tells_what_happened_and_keeps_the_rows(bureau, issue, rectifying, at):
    measure = measures.plan(rectifying, facts={"text": "投诉件指定首接人"}, by=bureau.member, at=at)
    measures.finish(measure, done_on=date(2026, 6, 2), note="", by=bureau.member, at=at)
    moment = beijing(date(2026, 6, 3), 16)
    report = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=moment)
    assert "截至6月3日16时，问题总数1项" in report.progress
    assert "本周新增1项" in report.progress
    assert "完成“投诉件指定首接人”" in report.progress
    sentence = next(one for one in report.basis if "首接人" in one["text"])
    assert sentence["rows"] == [rectifying.pk]


def test_the_draft_says_nothing_of_personal_problems(bureau, issue, rectifying):
    Problem.objects.filter(pk=rectifying.pk).update(owner_kind="personal")
    report = weekly_reports.begin(
        issue, bureau.branch, by=bureau.liaison, at=beijing(date(2026, 6, 4), 10)
    )
    assert report.figures["total"] == 0
    assert rectifying.description[:6] not in report.progress


def test_each_figure_opens_the_rows_it_counts(begun, rectifying):
    span, ground = weekly_counting.span_of(begun), weekly_counting.ground_of(begun)
    for code in WEEKLY:
        rows = Problem.objects.filter(asked(address(code, span, ground), span.on))
        assert rows.count() == begun.figures[code], code


def test_an_organization_below_that_reports_itself_is_not_told_twice(bureau, issue, rectifying):
    ground = weekly_counting.Ground(bureau.campaign.pk, bureau.center, own=True)
    assert not Problem.objects.filter(ground.rows(date(2026, 6, 3))).exists()
    whole = ground._replace(own=False)
    assert Problem.objects.filter(whole.rows(date(2026, 6, 3))).count() == 1


def test_the_figures_in_the_text_are_those_of_the_moment_it_was_filed(bureau, begun):
    done = weekly_reports.confirm(begun, by=bureau.secretary, at=beijing(date(2026, 6, 4), 16))
    assert "截至6月4日16时" in done.progress
    assert "截至6月1日10时" not in done.progress


def entered(bureau, moment, text="窗口超时办结。"):
    """Put a problem on the ledger at a moment."""
    row = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, description=text
    )
    return registrations.register(row, by=bureau.secretary, at=moment)


def test_a_late_report_tells_of_its_own_week_and_the_next_of_the_rest(bureau, issue):
    entered(bureau, beijing(date(2026, 6, 3)))
    late = beijing(date(2026, 6, 8))
    entered(bureau, beijing(date(2026, 6, 5)), "二号问题。")
    report = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=late)
    assert (report.figures["added"], report.figures["total"]) == (1, 2)
    weekly_reports.confirm(report, by=bureau.secretary, at=late)
    weekly_issues.open_due(at=late)
    after = WeeklyIssue.objects.get(number=issue.number + 1)
    second = weekly_reports.begin(after, bureau.branch, by=bureau.liaison, at=late)
    assert second.figures["added"] == 1
    assert "二号问题" in second.progress


def test_what_comes_between_filing_and_the_cut_off_is_told_by_the_next(bureau, issue, filed):
    entered(bureau, beijing(date(2026, 6, 4), 16))
    weekly_issues.open_due(at=beijing(FRIDAY))
    after = WeeklyIssue.objects.get(number=issue.number + 1)
    second = weekly_reports.begin(after, bureau.branch, by=bureau.liaison, at=beijing(FRIDAY))
    assert second.figures["added"] == 1


def test_a_correction_tells_of_the_same_week_and_says_the_same_in_text_and_table(
    bureau, issue, filed
):
    weekly_receipts.give_back(filed, reason="数字有误。", by=bureau.office, at=beijing(FRIDAY))
    later = beijing(date(2026, 6, 18))
    entered(bureau, beijing(date(2026, 6, 15)))
    second = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=later)
    done = weekly_reports.confirm(second, by=bureau.secretary, at=later)
    assert (done.figures["added"], done.figures["total"]) == (1, 2)
    assert "问题总数2项" in done.progress
    assert "本周新增1项" in done.progress
    assert "截至6月4日" not in done.progress


def test_a_measure_is_told_by_when_it_was_entered(bureau, issue, rectifying, filed):
    measure = measures.plan(
        rectifying, facts={"text": "投诉件指定首接人"}, by=bureau.member, at=beijing(MONDAY)
    )
    measures.finish(measure, done_on=ON, note="", by=bureau.member, at=beijing(date(2026, 6, 8)))
    weekly_issues.open_due(at=beijing(date(2026, 6, 8)))
    after = WeeklyIssue.objects.get(number=issue.number + 1)
    report = weekly_reports.begin(
        after, bureau.branch, by=bureau.liaison, at=beijing(date(2026, 6, 8), 10)
    )
    assert "完成“投诉件指定首接人”" in report.progress


def test_a_draft_stays_short_and_says_what_it_leaves_out(bureau, issue):
    for number in range(20):
        row = entered(bureau, beijing(MONDAY), f"问题{number}号。" + "长" * 200)
        ProgressEntry.objects.create(
            problem=row,
            text="进展" * 300,
            progress="under_way",
            on=ON,
            at=beijing(MONDAY, 10),
            person_name="马超",
            entered_by=bureau.users["member"],
        )
    report = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=beijing(MONDAY, 11))
    assert "另有8项问题有进展，见台账。" in report.progress
    assert len(report.progress) < 2500


def test_zero_is_not_said_over_what_a_colleague_has_written(bureau, begun, issue, at):
    weekly_reports.write(begun, edition=begun.edition, texts=TEXTS, by=bureau.liaison, at=at)
    with pytest.raises(Refused, match=r"周敏已于.*起草了这期周报"):
        weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=at)
    begun.refresh_from_db()
    assert begun.progress == TEXTS["progress"]


def test_zero_is_not_said_where_the_ledger_has_changed(bureau, issue):
    entered(bureau, beijing(MONDAY, 10))
    with pytest.raises(Refused, match="本期台账有新的变化"):
        weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=beijing(MONDAY, 11))


def test_zero_may_be_written_out(bureau, begun, at):
    texts = {"progress": weekly_reports.ZERO, "plans": ""}
    report = weekly_reports.write(
        begun, edition=begun.edition, texts=texts, by=bureau.liaison, at=at
    )
    assert weekly_reports.confirm(report, by=bureau.secretary, at=at).zero


def test_a_text_that_the_secretary_has_not_seen_is_not_confirmed(bureau, begun, at):
    seen = begun.edition
    weekly_reports.write(begun, edition=seen, texts=TEXTS, by=bureau.liaison, at=at)
    with pytest.raises(Refused, match="刚被改过"):
        weekly_reports.confirm(begun, edition=seen, by=bureau.secretary, at=at)


def test_who_was_asked_to_confirm_is_asked_no_more(bureau, begun, at):
    weekly_reports.prepare(begun, by=bureau.liaison, at=at)
    weekly_reports.write(begun, edition=begun.edition + 1, texts=TEXTS, by=bureau.liaison, at=at)
    report = weekly_reports.prepare(begun, by=bureau.liaison, at=at)
    weekly_reports.confirm(report, by=bureau.secretary, at=at)
    assert not Notice.objects.filter(recipient=bureau.users["secretary"]).unread().exists()


# ---- writing and filing


def test_a_text_changed_meanwhile_is_not_overwritten(bureau, begun, at):
    edition = begun.edition
    weekly_reports.write(begun, edition=edition, texts=TEXTS, by=bureau.liaison, at=at)
    other = {"progress": "另一段。", "plans": "另。"}
    with pytest.raises(Stale) as stale:
        weekly_reports.write(begun, edition=edition, texts=other, by=bureau.secretary, at=at)
    assert stale.value.now["progress"] == "完成回访。"


def test_a_liaison_prepares_and_the_secretary_confirms(bureau, begun, at):
    with pytest.raises(Forbidden):
        weekly_reports.confirm(begun, by=bureau.liaison, at=at)
    weekly_reports.prepare(begun, by=bureau.liaison, at=at)
    assert Notice.objects.filter(recipient=bureau.users["secretary"]).count() == 1
    done = weekly_reports.confirm(begun, by=bureau.secretary, at=at)
    assert done.is_filed
    assert done.filed_by == bureau.users["secretary"]


def test_a_report_without_words_is_not_filed(bureau, begun, at):
    empty = {"progress": "", "plans": ""}
    weekly_reports.write(begun, edition=begun.edition, texts=empty, by=bureau.liaison, at=at)
    with pytest.raises(Refused, match="零报告"):
        weekly_reports.confirm(begun, by=bureau.secretary, at=at)


def test_a_secretary_sends_a_draft_back_with_a_word(bureau, begun, at):
    weekly_reports.prepare(begun, by=bureau.liaison, at=at)
    back = weekly_reports.send_back(begun, reason="补上回访数。", by=bureau.secretary, at=at)
    assert (back.status, back.sent_back) == ("draft", "补上回访数。")
    assert Notice.objects.filter(recipient=bureau.users["liaison"]).exists()


def test_nothing_new_is_one_act_and_counts_as_a_report(bureau, issue, at):
    done = weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=at)
    assert done.is_filed
    assert done.zero


def test_a_liaisons_zero_report_waits_for_the_secretary(bureau, issue, at):
    report = weekly_reports.file_zero(issue, bureau.branch, by=bureau.liaison, at=at)
    assert report.status == "prepared"
    assert weekly_reports.confirm(report, by=bureau.secretary, at=at).zero


def test_a_filed_report_never_changes(filed):
    with pytest.raises(IntegrityError), transaction.atomic():
        WeeklyReport.objects.filter(pk=filed.pk).update(progress="改过")
    with pytest.raises(IntegrityError), transaction.atomic():
        WeeklyReport.objects.filter(pk=filed.pk).delete()


def test_a_filed_report_is_not_written_again(bureau, filed, at):
    with pytest.raises(Refused, match="已经报送"):
        weekly_reports.write(filed, edition=filed.edition, texts=TEXTS, by=bureau.liaison, at=at)


def test_a_report_for_a_week_not_open_is_refused(bureau, issue, at):
    later = WeeklyIssue.objects.create(
        campaign=bureau.campaign,
        number=99,
        friday=date(2026, 8, 7),
        since=beijing(date(2026, 7, 31), 12),
        due_at=beijing(date(2026, 8, 7), 12),
        branch_since=beijing(date(2026, 7, 30), 17),
        branch_due_at=beijing(date(2026, 8, 6), 17),
    )
    with pytest.raises(Refused, match="报告期从"):
        weekly_reports.begin(later, bureau.branch, by=bureau.liaison, at=at)


def test_a_report_for_another_organization_is_refused(bureau, issue, at):
    with pytest.raises(Forbidden):
        weekly_reports.begin(issue, bureau.sibling, by=bureau.liaison, at=at)


def test_who_owes_none_is_told_so(bureau, issue, at):
    bureau.campaign.obligations.filter(organization=bureau.branch).delete()
    with pytest.raises(Refused, match="不需要报"):
        weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=at)


def test_beginning_twice_finds_the_first(bureau, begun, issue, at):
    assert weekly_reports.begin(issue, bureau.branch, by=bureau.secretary, at=at) == begun


# ---- above


def test_an_office_receives_once(bureau, filed, at):
    weekly_receipts.receive(filed, by=bureau.office, at=at)
    with pytest.raises(Refused, match="已经收下"):
        weekly_receipts.receive(filed, by=bureau.office, at=at)


def test_a_returned_report_is_followed_by_a_version(bureau, issue, filed, at):
    weekly_receipts.give_back(filed, reason="数字有误。", by=bureau.office, at=at)
    assert Notice.objects.filter(
        recipient=bureau.users["liaison"], subject__contains="退回"
    ).exists()
    second = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=beijing(FRIDAY, 9))
    assert second.number == 2
    assert second.progress == filed.progress.replace("截至6月4日15时", "截至6月5日9时")
    done = weekly_reports.confirm(second, by=bureau.secretary, at=beijing(FRIDAY, 10))
    assert done.is_filed
    filed.refresh_from_db()
    assert not filed.is_latest


def test_a_report_is_not_followed_by_another_before_it_is_returned(bureau, issue, filed, at):
    assert weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=at) == filed


def test_nobody_returns_what_he_filed_himself(bureau, begun, at):
    DutyFactory(user=bureau.users["secretary"], organization=bureau.center, role=Role.OFFICE)
    both = actor(bureau.users["secretary"])
    done = weekly_reports.confirm(begun, by=both, at=at)
    with pytest.raises(Refused, match="您本人报送"):
        weekly_receipts.give_back(done, reason="x", by=both, at=at)


def test_an_office_takes_in_all_at_once(bureau, issue, filed, at):
    weekly_reports.file_zero(issue, bureau.sibling, by=bureau.neighbour, at=at)
    assert weekly_receipts.receive_all(issue, bureau.center, by=bureau.office, at=at) == 2
    assert weekly_receipts.receive_all(issue, bureau.center, by=bureau.office, at=at) == 0


def test_a_deferral_is_for_a_later_moment_and_from_above(bureau, issue, at):
    facts = {"kind": "agreed", "until": beijing(date(2026, 6, 8)), "reason": "书记出差"}
    with pytest.raises(Forbidden):
        weekly_deferrals.defer(issue, bureau.branch, **facts, by=bureau.secretary, at=at)
    weekly_deferrals.defer(issue, bureau.branch, **facts, by=bureau.office, at=at)
    early = facts | {"until": issue.branch_due_at - timedelta(minutes=1)}
    with pytest.raises(Refused, match="晚于"):
        weekly_deferrals.defer(issue, bureau.branch, **early, by=bureau.office, at=at)


def test_every_act_is_on_the_trail(filed):
    acts = TrailEntry.objects.of(filed).values_list("act", flat=True)
    assert set(acts) == {"weekly.started", "weekly.filed"}


def test_levels_are_those_of_the_obligations(bureau, issue, at):
    assert weekly_issues.level_of(issue, bureau.branch, at=at) == Level.BRANCH
    assert weekly_issues.level_of(issue, bureau.top, at=at) == ""
    assert weekly_issues.collator_of(issue, bureau.branch, at=at) == bureau.center
    assert weekly_issues.collator_of(issue, bureau.center, at=at) == bureau.top

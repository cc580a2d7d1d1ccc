"""What stands on a problem: drafting, filling, correcting; and onto the ledger and out."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from campaigns.models import Campaign
from rectification.actions import bulk, problems, registrations
from rectification.models import DeadlineChange, Problem
from rectification.models.problem_queryset import overdue
from reform.errors import Forbidden, Refused, Stale
from reform.models import Notice, TrailEntry
from tests.conftest import SIX
from tests.factories import ON, ProblemFactory


def test_a_draft_has_no_number_and_counts_nowhere(bureau, draft):
    assert (draft.number, draft.status) == (None, "draft")
    assert list(Problem.objects.counted()) == []


def test_numbers_run_on_and_a_deleted_draft_leaves_no_gap(bureau, at):
    rows = [
        ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)
        for _ in range(3)
    ]
    registrations.register(rows[0], by=bureau.secretary, at=at)
    problems.delete_draft(rows[1], by=bureau.liaison, at=at)
    last = registrations.register(rows[2], by=bureau.secretary, at=at)

    assert last.number == "YACG-2026-00002"


def test_registering_names_what_is_lacking(bureau, at):
    row = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, source=None, found_on=None
    )

    with pytest.raises(Refused, match="入账还缺：问题来源、发现日期。"):
        registrations.register(row, by=bureau.secretary, at=at)
    assert Problem.objects.get(pk=row.pk).status == "draft"


def test_a_registered_problem_can_no_longer_be_deleted(bureau, registered, at):
    with pytest.raises(Refused, match="已入账，不能删除"):
        problems.delete_draft(registered, by=bureau.liaison, at=at)


def test_a_member_does_not_register(bureau, draft, at):
    with pytest.raises(Forbidden, match="入账的权限"):
        registrations.register(draft, by=bureau.member, at=at)


def test_nobody_files_for_a_neighbour(bureau, at):
    with pytest.raises(Forbidden):
        problems.draft(
            bureau.campaign,
            organization=bureau.sibling,
            facts={"description": "别人的问题"},
            by=bureau.secretary,
            at=at,
        )


def test_nothing_is_filed_in_a_closed_campaign(bureau, at):
    Campaign.objects.filter(pk=bureau.campaign.pk).update(status="closed")
    bureau.campaign.refresh_from_db()

    with pytest.raises(Refused, match="已结束"):
        ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)


@pytest.mark.parametrize(
    ("without", "word"),
    [
        ("leaders", "责任领导"),
        ("departments", "责任部门"),
        ("persons", "责任人"),
        ("due_kind", "整改时限"),
        ("standard", "整改标准"),
        ("effect_expected", "预期效果"),
    ],
)
def test_issuing_asks_for_each_of_the_six(bureau, at, without, word):
    facts = {name: value for name, value in SIX.items() if name != without}
    row = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **facts
    )
    row = registrations.register(row, by=bureau.secretary, at=at)

    with pytest.raises(Refused, match=f"六个明确未齐，还缺：{word}"):
        registrations.issue(row, by=bureau.secretary, at=at)


def test_issue_to_ones_own_goes_straight_to_rectifying(rectifying):
    assert (rectifying.status, rectifying.first_due_on) == ("rectifying", date(2026, 6, 30))


def test_the_office_assigns_and_the_branch_accepts(bureau, registered, at):
    assigned = registrations.issue(registered, by=bureau.office, at=at)
    assert assigned.status == "assigned"
    assert Notice.objects.filter(recipient=bureau.users["liaison"]).exists()

    accepted = registrations.accept(assigned, by=bureau.liaison, at=at)
    assert accepted.status == "rectifying"


def test_an_assignment_goes_back_with_a_reason(bureau, registered, at):
    registrations.issue(registered, by=bureau.office, at=at)
    row = registrations.return_assignment(
        registered, reason="不属我支部职责", by=bureau.secretary, at=at
    )

    assert row.status == "registered"
    # The first deadline stays for ever: issued again, it is not fixed a second time.
    again = registrations.issue(row, by=bureau.office, at=at)
    assert DeadlineChange.objects.filter(problem=again, cause="first").count() == 1


def test_rectify_at_once_gets_a_control_day(bureau, at):
    facts = SIX | {"due_kind": "at_once", "due_on": None, "due_text": "立行立改"}
    row = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **facts
    )
    registrations.register(row, by=bureau.secretary, at=at)
    row = registrations.issue(row, by=bureau.secretary, at=at)

    assert row.due_on == ON + timedelta(days=30)


def test_a_duration_is_computed_and_frozen_on_issue(bureau, at):
    facts = SIX | {"due_on": None, "due_days": 15, "due_text": "15日内"}
    row = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **facts
    )
    registrations.register(row, by=bureau.secretary, at=at)

    assert registrations.issue(row, by=bureau.secretary, at=at).due_on == ON + timedelta(days=15)


@pytest.mark.parametrize(
    ("goal", "review", "may"),
    [
        ("每季度抽查", ON + timedelta(days=60), True),
        ("", ON + timedelta(days=60), False),
        ("每季度抽查", None, False),
        ("每季度抽查", ON + timedelta(days=93), False),
        ("每季度抽查", ON, False),
    ],
)
def test_a_standing_problem_needs_a_goal_and_a_review_day_in_reach(bureau, at, goal, review, may):
    facts = SIX | {"due_kind": "standing", "due_on": None, "stage_goal": goal, "review_on": review}
    row = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **facts
    )
    registrations.register(row, by=bureau.secretary, at=at)

    if may:
        assert registrations.issue(row, by=bureau.secretary, at=at).due_on == review
    else:
        with pytest.raises(Refused, match="阶段目标"):
            registrations.issue(row, by=bureau.secretary, at=at)


# ---------------------------------------------------------------- overdue


@pytest.mark.parametrize("status", Problem.Status.values)
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_overdue_means_the_same_on_a_row_and_in_a_query(bureau, status, days):
    row = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch)
    number = None if status == "draft" else "X-1"
    moment = None if status == "draft" else row.drafted_at
    closed = row.drafted_at if status == "closed" else None
    due = ON + timedelta(days=days)
    Problem.objects.filter(pk=row.pk).update(
        number=number,
        registered_at=moment,
        closed_at=closed,
        status=status,
        due_on=due,
        first_due_on=due,
    )
    row = Problem.objects.get(pk=row.pk)
    late = status in {"assigned", "rectifying"} and days < 0

    assert row.is_overdue(ON) is late
    assert Problem.objects.filter(overdue(ON)).exists() is late


# ---------------------------------------------------------------- filling and correcting


def test_filling_raises_the_version_and_keeps_the_old_text(bureau, draft, at):
    row = problems.fill(
        draft, version=1, facts={"description": "改后的表述"}, by=bureau.liaison, at=at
    )

    entry = TrailEntry.objects.of(draft).last()
    assert row.version == 2
    assert entry.detail["changed"]["description"][1] == "改后的表述"


def test_a_stale_form_meets_both_texts(bureau, draft, at):
    problems.fill(draft, version=1, facts={"description": "先改"}, by=bureau.liaison, at=at)

    with pytest.raises(Stale) as stale:
        problems.fill(draft, version=1, facts={"description": "后改"}, by=bureau.secretary, at=at)
    assert (stale.value.now["description"], stale.value.version) == ("先改", 2)
    assert Problem.objects.get(pk=draft.pk).description == "先改"


def test_the_original_wording_never_changes(bureau, registered, at):
    was = registered.original_text
    problems.fill(registered, version=2, facts={"description": "改写"}, by=bureau.liaison, at=at)

    assert Problem.objects.get(pk=registered.pk).original_text == was


def test_after_issue_the_branch_corrects_wording_with_a_reason(bureau, rectifying, at):
    row = problems.amend(
        rectifying,
        version=rectifying.version,
        facts={"cause": "登记制度没有落实"},
        reason="补充原因",
        by=bureau.liaison,
        at=at,
    )

    assert row.cause == "登记制度没有落实"
    assert TrailEntry.objects.of(row).last().detail["reason"] == "补充原因"


def test_after_issue_only_the_office_changes_the_terms(bureau, rectifying, at):
    facts = {"due_on": date(2026, 7, 31), "due_text": "7月底前"}
    version = rectifying.version
    with pytest.raises(Forbidden, match="更正标准、效果和时限"):
        problems.amend(
            rectifying, version=version, facts=facts, reason="延后", by=bureau.secretary, at=at
        )

    row = problems.amend(
        rectifying, version=version, facts=facts, reason="上级要求", by=bureau.office, at=at
    )
    assert (row.due_on, row.first_due_on) == (date(2026, 7, 31), date(2026, 6, 30))


def test_nothing_is_corrected_in_review(bureau, applied, at):
    row = applied.problem
    with pytest.raises(Refused, match="销号审核中"):
        problems.amend(
            row, version=row.version, facts={"cause": "改"}, reason="改", by=bureau.office, at=at
        )


def test_names_are_matched_to_members_and_kept_in_any_case(bureau, draft, at):
    problems.fill(
        draft, version=1, facts={"persons": ["马超", "外聘人员"]}, by=bureau.liaison, at=at
    )

    assert [(row.name, row.user) for row in draft.people.filter(part="responsible")] == [
        ("马超", bureau.users["member"]),
        ("外聘人员", None),
    ]


# ---------------------------------------------------------------- many at once


def test_a_bulk_act_gives_each_row_its_own_result(bureau, registered, at):
    bare = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)
    bare = registrations.register(bare, by=bureau.secretary, at=at)

    results = bulk.do("issue", [registered, bare], by=bureau.secretary, at=at)

    assert [bool(result.refused) for result in results] == [False, True]
    assert Problem.objects.get(pk=registered.pk).status == "rectifying"
    assert Problem.objects.get(pk=bare.pk).status == "registered"


@pytest.mark.parametrize("facts", [{"owner_kind": "个人"}, {"severity": "重点"}])
def test_a_word_that_decides_who_reads_and_reviews_is_one_of_ours(draft, facts):
    with pytest.raises(IntegrityError):
        Problem.objects.filter(pk=draft.pk).update(**facts)

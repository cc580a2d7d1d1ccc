"""The separation of duties of PERMISSIONS.md, rule by rule: which test breaks it.

Each case below lets somebody pass the scope and break the rule; he is refused, and every row of
the three floors is what it was. Rules that have nothing to act on yet name the acts that would
wake them: the day one of these stands in the code, the last test asks for its case.
"""

from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from campaigns import policy as campaign_policy
from campaigns.actions import campaigns
from rectification import policy
from rectification.actions import (
    bulk,
    closures,
    evidences,
    handovers,
    measures,
    registrations,
    reviews,
    weekly_collations,
    weekly_receipts,
    weekly_reports,
    weekly_signings,
)
from rectification.models import Problem
from reform import policy as ground
from reform.actions import delegations, users
from reform.errors import Forbidden, Refused
from reform.models import Duty, Role
from tests.conftest import SIX
from tests.factories import AT, ON, ProblemFactory, actor, person
from tests.rectification import weekly
from tests.rectification.test_closures import APPROVE, VERIFY, a_scan, prepare, step_of
from tests.rectification.test_delegated import lend
from tests.test_access import everything
from tests.test_permissions import rows_of


@contextmanager
def refused(words):
    """Whatever is done inside is refused with these words, and no row is another afterwards."""
    before = everything()
    with pytest.raises((Forbidden, Refused), match=words), transaction.atomic():
        yield
    assert everything() == before


def also(bureau, user, role, place=None, since=date(2026, 1, 1), **facts):
    """Give somebody one more duty, by which he passes the scope; return him as he acts now."""
    place = place or bureau.center
    users.give_duty(user, role=role, organization=place, since=since, **facts)
    return actor(user)


def on_paper(problem, bureau, signer, verdict=VERIFY, by=None, on=ON):
    return reviews.record(
        step_of(problem),
        verdict=verdict,
        signer=signer,
        signer_name="",
        signed_on=on,
        scan=a_scan(bureau, AT),
        by=by or bureau.top_office,
        at=AT,
    )


@pytest.fixture
def endorsed(bureau, ready, at):
    """An ordinary problem that 马超 answers for and the liaison applied for: 审签 done."""
    closures.apply(ready, statement="已经完成。", effect="有效", by=bureau.liaison, at=at)
    reviews.decide(step_of(ready), verdict=APPROVE, by=bureau.secretary, at=at)
    return ready


@pytest.fixture
def key(bureau, draft, at):
    """A key problem that somebody else verified yet has to: 审签 done, 核查 waited for."""
    Problem.objects.filter(pk=draft.pk).update(severity="key")
    row = registrations.register(Problem.objects.get(pk=draft.pk), by=bureau.secretary, at=at)
    row = registrations.issue(row, by=bureau.secretary, at=at)
    prepare(row, bureau, at)
    reviews.decide(step_of(row), verdict=APPROVE, by=bureau.secretary, at=at)
    return row


# ---------------------------------------------------------------- 01: one's own request


def test_01_the_applicant_signs_in_no_way(bureau, applied):
    """He is secretary too: by his own hand, on paper, and through whom he named."""
    applicant = also(bureau, bureau.users["member"], Role.SECRETARY, bureau.branch)
    row = applied.problem

    with refused("申请人"):
        reviews.decide(step_of(row), verdict=APPROVE, by=applicant, at=AT)
    scan = a_scan(bureau, AT)
    with refused("申请人"):
        reviews.record(
            step_of(row),
            verdict=APPROVE,
            signer=applicant.user,
            signer_name="",
            signed_on=ON,
            scan=scan,
            by=bureau.office,
            at=AT,
        )
    delegate = lend(applicant.user, Role.SECRETARY, bureau.users["colleague"])
    with refused("受马超委托代行"):
        reviews.decide(step_of(row), verdict=APPROVE, by=delegate, at=AT)


def test_01_a_campaign_is_not_published_by_its_author(bureau):
    both = actor(person("兼任", bureau.top, Role.OFFICE, Role.LEADER, principal=True))
    plan = campaigns.draft(
        title="方案",
        code="PLAN",
        organization=bureau.top,
        starts_on=ON,
        ends_on=ON + timedelta(days=90),
        items=[("庸", "")],
        participants=[bureau.top],
        by=both,
        at=AT,
    )

    with refused("起草人"):
        campaigns.publish(plan, by=both, at=AT)


@pytest.fixture
def told(bureau, at):
    """A branch's weekly report, filed by its secretary."""
    weekly.planned(bureau, at=at)
    return weekly_reports.file_zero(
        weekly.opened(bureau), bureau.branch, by=bureau.secretary, at=at
    )


@pytest.fixture
def handed_on(bureau, told):
    """The centre's collated report, written by the office and waiting to be looked over."""
    weekly.second_office(bureau)
    by = bureau.office
    report = weekly_collations.collate(told.issue, bureau.center, by=by, at=AT)
    report = weekly_reports.write(report, edition=report.edition, texts=weekly.TEXTS, by=by, at=AT)
    return weekly_signings.submit(report, by=by, at=AT)


def signed_on_paper(bureau, report, *, by, signer=None, name="", on=ON):
    return weekly_signings.record_signature(
        report,
        signer=signer,
        signer_name=name,
        signed_on=on,
        scan=a_scan(bureau, AT),
        by=by,
        at=AT,
    )


def test_01_who_filed_a_report_neither_receives_nor_returns_it(bureau, told):
    """By his own hand, with all others at once, by a second account, and through his delegate."""
    second = person("郑洁二号", bureau.center, Role.OFFICE)
    type(second).objects.filter(pk=second.pk).update(same_as=bureau.users["secretary"])
    second.refresh_from_db()
    both = also(bureau, bureau.users["secretary"], Role.OFFICE)
    delegate = lend(bureau.users["secretary"], Role.OFFICE, bureau.users["colleague"])

    for who, words in ((both, "您本人报送"), (actor(second), "您本人报送"), (delegate, "郑洁报送")):
        with refused(words):
            weekly_receipts.receive(told, by=who, at=AT)
        with refused(words):
            weekly_receipts.give_back(told, reason="重报", by=who, at=AT)
        assert weekly_receipts.receive_all(told.issue, bureau.center, by=who, at=AT) == 0
    weekly_receipts.receive(told, by=bureau.office, at=AT)


def test_01_who_wrote_a_collated_report_neither_looks_it_over_nor_signs_it(bureau, handed_on):
    delegate = lend(bureau.users["office"], Role.OFFICE, bureau.users["colleague"])
    both = also(bureau, bureau.users["office"], Role.LEADER, principal=True)
    with refused("您拟的稿"):
        weekly_signings.review(handed_on, by=bureau.office, at=AT)
    with refused("何静拟的稿"):
        weekly_signings.review(handed_on, by=delegate, at=AT)

    report = weekly_signings.review(handed_on, by=weekly.second_office(bureau), at=AT)
    with refused("您拟的稿"):
        weekly_signings.sign(report, by=both, at=AT)
    scan_by = weekly.second_office(bureau)
    with refused("拟稿人"):
        signed_on_paper(bureau, report, by=scan_by, signer=both.user)
    with refused("拟稿人"):
        signed_on_paper(bureau, report, by=scan_by, name="何　静")


def test_01_who_enters_a_signature_on_a_report_is_not_the_signer(bureau, handed_on):
    recorder = also(bureau, person("兼任", bureau.center, Role.OFFICE), Role.LEADER)
    report = weekly_signings.review(handed_on, by=weekly.second_office(bureau), at=AT)

    with refused("录入人"):
        signed_on_paper(bureau, report, by=recorder, signer=recorder.user)
    with refused("录入人"):
        signed_on_paper(bureau, report, by=recorder, name="兼任")
    with refused("请在“签批人（在册）”中选择"):
        signed_on_paper(bureau, report, by=recorder, name="罗海")
    with refused("签批人"):
        signed_on_paper(bureau, report, by=recorder, name="　")
    signed_on_paper(bureau, report, by=recorder, signer=bureau.users["leader"])


def test_01_who_entered_the_signature_does_not_receive_it_above(bureau, handed_on):
    """He filed it, with the leader's name on it."""
    recorder = also(bureau, person("兼任", bureau.center, Role.OFFICE), Role.OFFICE, bureau.top)
    report = weekly_signings.review(handed_on, by=weekly.second_office(bureau), at=AT)
    report = signed_on_paper(bureau, report, by=recorder, signer=bureau.users["leader"])

    with refused("您本人报送"):
        weekly_receipts.give_back(report, reason="重报", by=recorder, at=AT)


# ---------------------------------------------------------------- 02, 03: whose it is


@pytest.mark.parametrize(("who", "words"), [("member", "责任人"), ("colleague", "在责任单位任职")])
def test_02_03_who_answers_or_is_inside_verifies_in_no_way(bureau, endorsed, who, words):
    inside = bureau.users[who]
    delegate = lend(bureau.users["office"], Role.OFFICE, inside)
    with refused(words):
        reviews.decide(step_of(endorsed), verdict=VERIFY, by=delegate, at=AT)

    both = also(bureau, inside, Role.OFFICE)
    with refused(words):
        reviews.decide(step_of(endorsed), verdict=VERIFY, by=both, at=AT)
    with refused(words):
        on_paper(endorsed, bureau, inside)
    with refused(words):
        closures.appoint(
            step_of(endorsed), user=inside, until=ON + timedelta(5), by=bureau.top_office, at=AT
        )


# ---------------------------------------------------------------- 04: one signature each


def test_04_nobody_signs_two_steps_in_any_way(bureau, key):
    both = actor(person("何芳", bureau.center, Role.OFFICE, Role.INSPECTOR, Role.MEMBER))
    reviews.decide(step_of(key), verdict=VERIFY, by=both, at=AT)
    assert step_of(key).kind == "recheck"

    with refused("前一步"):
        reviews.decide(step_of(key), verdict=VERIFY, by=both, at=AT)
    with refused("前一步"):
        on_paper(key, bureau, both.user)
    Duty.objects.filter(user=both.user, role=Role.INSPECTOR).update(until=ON - timedelta(days=1))
    delegate = lend(bureau.users["inspector"], Role.INSPECTOR, both.user)
    with refused("前一步"):
        reviews.decide(step_of(key), verdict=VERIFY, by=delegate, at=AT)


def test_04_who_looked_a_report_over_does_not_sign_it(bureau, handed_on):
    both = actor(person("何芳", bureau.center, Role.OFFICE, Role.LEADER, principal=True))
    report = weekly_signings.review(handed_on, by=both, at=AT)

    with refused("您审核的稿"):
        weekly_signings.sign(report, by=both, at=AT)
    with refused("审核人"):
        signed_on_paper(bureau, report, by=bureau.office, signer=both.user)
    delegate = lend(both.user, Role.LEADER, bureau.users["colleague"])
    with refused("何芳审核的稿"):
        weekly_signings.sign(report, by=delegate, at=AT)


# ---------------------------------------------------------------- 05, 15: who was there lately


def test_05_15_an_inspector_who_was_there_lately_rechecks_in_no_way(bureau, key):
    """Moved away the day before, he is as little free as one who serves there."""
    inspector = bureau.users["inspector"]
    also(
        *(bureau, inspector, Role.MEMBER, bureau.branch, date(2020, 1, 1)),
        until=ON - timedelta(days=1),
    )
    reviews.decide(step_of(key), verdict=VERIFY, by=bureau.office, at=AT)

    with refused("24个月"):
        reviews.decide(step_of(key), verdict=VERIFY, by=actor(inspector), at=AT)
    with refused("24个月"):
        on_paper(key, bureau, inspector)
    delegate = lend(inspector, Role.INSPECTOR, person("严冬", bureau.center))
    with refused("24个月"):
        reviews.decide(step_of(key), verdict=VERIFY, by=delegate, at=AT)


def test_15_who_handed_his_part_over_stays_barred(bureau, rectifying, at):
    """Another is named on the row now and he serves elsewhere: who answered is in the trail."""
    (done,) = handovers.hand_over(
        bureau.users["member"],
        kinds=["responsible"],
        successor=bureau.users["colleague"],
        by=bureau.secretary,
        at=at,
    )
    assert done.refused == ""
    prepare(rectifying, bureau, at, by=bureau.liaison)
    reviews.decide(step_of(rectifying), verdict=APPROVE, by=bureau.secretary, at=at)
    Duty.objects.filter(user=bureau.users["member"]).update(until=ON - timedelta(days=1))
    moved = also(bureau, bureau.users["member"], Role.OFFICE)

    with refused("责任人"):
        reviews.decide(step_of(rectifying), verdict=VERIFY, by=moved, at=AT)
    with refused("责任人"):
        on_paper(rectifying, bureau, moved.user)


# ---------------------------------------------------------------- 14, 16: persons


def test_14_a_duty_held_for_another_is_not_given_on(bureau):
    delegate = lend(bureau.users["office"], Role.OFFICE, bureau.users["colleague"])

    with refused("不能再委托"):
        delegations.give(
            Duty.objects.get(user=bureau.users["office"], role=Role.OFFICE),
            delegate=bureau.users["member"],
            since=ON,
            until=ON,
            reason="转委托",
            by=delegate,
            at=AT,
        )


def test_16_a_second_account_is_the_same_person(bureau, endorsed):
    second = person("马超二号", bureau.center, Role.OFFICE)
    type(second).objects.filter(pk=second.pk).update(same_as=bureau.users["member"])
    second.refresh_from_db()

    with refused("责任人"):
        reviews.decide(step_of(endorsed), verdict=VERIFY, by=actor(second), at=AT)
    with refused("责任人"):
        on_paper(endorsed, bureau, second)


# ---------------------------------------------------------------- 17 to 19: days, ends, many


@pytest.mark.parametrize("days", [1, -1, -400])
def test_17_no_paper_is_of_a_day_when_it_could_not_be(bureau, endorsed, days):
    with refused("签批日期"):
        on_paper(endorsed, bureau, bureau.users["office"], on=ON + timedelta(days=days))


@pytest.mark.parametrize("days", [1, -20])
def test_17_no_signature_on_a_report_is_of_a_day_when_it_could_not_be(bureau, handed_on, days):
    report = weekly_signings.review(handed_on, by=weekly.second_office(bureau), at=AT)
    with refused("签批日期"):
        signed_on_paper(
            *(bureau, report),
            by=bureau.office,
            signer=bureau.users["leader"],
            on=ON + timedelta(days=days),
        )


def test_17_a_problem_closes_when_the_server_says(bureau, endorsed):
    """Whatever day stands on the paper."""
    later = AT + timedelta(days=3)
    reviews.record(
        step_of(endorsed),
        verdict=VERIFY,
        signer=bureau.users["office"],
        signer_name="",
        signed_on=ON,
        scan=a_scan(bureau, later),
        by=actor(bureau.users["top_office"], on=ON + timedelta(days=3)),
        at=later,
    )

    assert Problem.objects.get(pk=endorsed.pk).closed_at == later


def test_18_what_was_sent_for_review_is_not_taken_back(bureau, endorsed):
    measure, piece = endorsed.measures.get(), endorsed.evidence.get()

    with refused("审核|整改中|送审|申请"):
        evidences.unprove(piece, by=bureau.member, at=AT)
    with refused("审核|整改中|送审|申请"):
        measures.drop(measure, by=bureau.member, at=AT)


def test_19_of_many_rows_each_is_judged_for_itself(bureau, registered):
    """The secretary beside may nothing here; his own row among them goes through."""
    own = registrations.register(
        ProblemFactory(
            campaign=bureau.campaign, organization=bureau.sibling, by=bureau.neighbour, **SIX
        ),
        by=bureau.neighbour,
        at=AT,
    )

    done = bulk.do("issue", [registered, own], by=bureau.neighbour, at=AT)

    assert [bool(result.refused) for result in done] == [True, False]
    assert Problem.objects.get(pk=registered.pk).status == "registered"


# ---------------------------------------------------------------- the table

# Each rule and the tests that break it: of this file, or “file::test” where it stands already.
RULES = {
    "SOD-01": [
        "test_01_the_applicant_signs_in_no_way",
        "test_01_a_campaign_is_not_published_by_its_author",
        "campaigns/test_changes.py::test_a_paper_that_cannot_be_publishes_nothing",
        "campaigns/test_changes.py::test_nobody_approves_what_he_asked_for",
        "rectification/test_closures.py::test_the_applicant_does_not_enter_the_paper_decision",
        "test_01_who_filed_a_report_neither_receives_nor_returns_it",
        "test_01_who_wrote_a_collated_report_neither_looks_it_over_nor_signs_it",
        "test_01_who_enters_a_signature_on_a_report_is_not_the_signer",
        "campaigns/test_reference_cases.py::"
        "test_nobody_publishes_what_he_wrote_nor_what_he_changed_since",
        "test_01_who_entered_the_signature_does_not_receive_it_above",
        "campaigns/test_examination_reviews.py::test_nobody_reviews_himself_in_any_way",
        "campaigns/test_portraits.py::test_the_secretarys_own_is_merged_by_the_one_above",
        "campaigns/test_examination_copies.py::test_nobody_approves_his_own_nor_what_he_wrote_nor_elsewhere",
        "campaigns/test_examination_records.py::test_who_typed_it_does_not_review_it_and_the_rule_climbs",
    ],
    "SOD-02": ["test_02_03_who_answers_or_is_inside_verifies_in_no_way"],
    "SOD-03": [
        "test_02_03_who_answers_or_is_inside_verifies_in_no_way",
        "rectification/test_reminders.py::test_who_does_not_stand_above_pauses_nothing",
    ],
    "SOD-04": [
        "test_04_nobody_signs_two_steps_in_any_way",
        "test_04_who_looked_a_report_over_does_not_sign_it",
    ],
    "SOD-05": [
        "test_05_15_an_inspector_who_was_there_lately_rechecks_in_no_way",
        "campaigns/test_examination_readers.py::test_who_is_not_to_be_assigned_is_refused_in_words",
    ],
    "SOD-06": [],
    "SOD-07": [],
    "SOD-08": ["rectification/test_import.py::test_an_import_never_sets_a_reviewed_state"],
    "SOD-09": [
        "reform/test_three_administrators.py::test_no_other_role_beside_it",
        "reform/test_three_administrators.py::test_whoever_has_business_does_not_administer",
        "reform/test_delegations.py::test_who_stands_in_does_not_become_an_administrator",
    ],
    "SOD-10": [
        "reform/test_duties.py::test_nobody_grants_to_himself_nor_to_his_second_account",
        "reform/test_duties.py::test_the_granter_does_not_confirm",
        "reform/test_duties.py::test_the_receiver_does_not_confirm",
    ],
    "SOD-11": [
        "reform/test_triggers.py::test_a_trail_entry_is_written_once",
        "reform/test_seals.py::test_the_database_lets_no_seal_be_changed_or_deleted",
    ],
    "SOD-12": [
        "reform/test_create_administrators.py::test_there_is_no_superuser_and_no_admin_site",
        "test_production.py::test_check_deploy_finds_a_superuser_flag",
    ],
    "SOD-13": [
        "reform/test_backups.py::"
        "test_a_restore_takes_a_system_administrator_and_an_auditor_with_his_code"
    ],
    "SOD-14": [
        "campaigns/test_changes.py::test_nobody_approves_through_a_delegate_what_he_asked_for",
        "test_01_the_applicant_signs_in_no_way",
        "test_14_a_duty_held_for_another_is_not_given_on",
        "rectification/test_delegated.py::test_a_scope_is_never_wider_than_the_delegators",
        "rectification/test_delegated.py::test_an_applicants_delegate_does_not_enter_the_signature",
        "campaigns/test_examination_reviews.py::test_nobody_reviews_himself_in_any_way",
    ],
    "SOD-15": [
        "test_05_15_an_inspector_who_was_there_lately_rechecks_in_no_way",
        "test_15_who_handed_his_part_over_stays_barred",
    ],
    "SOD-16": [
        "test_16_a_second_account_is_the_same_person",
        "campaigns/test_portraits.py::"
        "test_nobody_comes_to_his_own_by_another_account_or_in_anothers_place",
    ],
    "SOD-17": [
        "test_17_no_paper_is_of_a_day_when_it_could_not_be",
        "test_17_no_signature_on_a_report_is_of_a_day_when_it_could_not_be",
        "test_17_a_problem_closes_when_the_server_says",
    ],
    "SOD-18": [
        "test_18_what_was_sent_for_review_is_not_taken_back",
        "reform/test_triggers.py::test_no_column_of_a_closed_problem_changes",
        "reform/test_triggers.py::test_a_review_is_written_once",
        "reform/test_triggers.py::test_no_column_of_a_filed_report_changes",
        "rectification/test_weekly_pages.py::test_nobody_changes_what_was_filed_by_any_page",
        "campaigns/test_examinations.py::test_what_was_submitted_never_changes",
        "campaigns/test_portraits.py::test_the_database_keeps_what_is_final",
    ],
    "SOD-19": [
        "test_19_of_many_rows_each_is_judged_for_itself",
        "rectification/test_many_rows.py::test_a_row_that_is_refused_takes_no_number",
    ],
    "SOD-20": [
        "campaigns/test_examination_pages.py::test_only_the_author_exports_his_sheet",
        "campaigns/test_examination_copies.py::test_asked_approved_by_another_and_fetched_with_its_heading",
        "campaigns/test_examination_copies.py::test_only_what_an_assignment_opened_is_asked_for",
    ],
}
# What of a rule has nothing to act on yet: the acts (ids of PERMISSIONS.md) that would wake it.
# When one is built, this table loses it and RULES gains its case.
ASLEEP = {
    "SOD-01": ("so.accept",),
    "SOD-02": ("pb.void_approve", "pb.successor"),
    "SOD-03": ("so.issue",),
    "SOD-05": ("in.assign",),
    "SOD-06": ("in.finding_create", "in.finding_edit"),
    "SOD-07": ("pb.extend_request", "pb.extend_approve"),
    "SOD-18": ("so.withdraw", "pb.void_request"),
}
# Acts on many rows are of these permissions; one that reviews would need its cases in bulk.
MANY_AT_ONCE = {"pb.publish", "pb.assign", "pb.accept"}


@pytest.mark.once
@pytest.mark.no_database
def test_every_rule_has_a_test_that_stands_or_says_what_it_waits_for():
    here = Path(__file__).parent
    missing = []
    for rule, names in RULES.items():
        assert names or rule in ASLEEP, rule
        for name in names:
            file, _, test = name.rpartition("::")
            text = (here / file if file else Path(__file__)).read_text(encoding="utf-8")
            if f"\ndef {test}(" not in text:
                missing.append((rule, name))

    assert missing == []
    assert [*RULES] == [f"SOD-{number:02d}" for number in range(1, 21)]


@pytest.mark.once
@pytest.mark.no_database
def test_an_act_that_comes_to_exist_asks_for_its_case():
    """Of an act that a rule waits for, neither a permission nor a built line may stand."""
    waited = {act for acts in ASLEEP.values() for act in acts}
    built = {**ground.TABLE, **campaign_policy.TABLE, **policy.TABLE}
    kinds = {row["act"]: row["kind"] for row in rows_of("permissions.tsv")}

    assert {act for act in waited if act in built or kinds[act] != "-"} == set()
    assert {act.permit for act in bulk.ACTS.values()} == MANY_AT_ONCE

"""Ways around the separation of duties that people find: names, rounds, papers, appointments."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectification import policy
from rectification.actions import (
    chains,
    closures,
    evidences,
    measures,
    problems,
    registrations,
    reviews,
)
from rectification.models import Problem
from reform.actions import users
from reform.errors import Forbidden, Refused
from reform.models import Duty, Notice, Role, TrailEntry
from tests.conftest import SIX
from tests.factories import ON, CampaignFactory, ProblemFactory, actor, person
from tests.rectification.test_closures import APPROVE, RETURN, VERIFY, a_scan, step_of


def finished(problem, bureau, at, measure):
    measures.finish(measure, done_on=ON, note="", by=bureau.member, at=at)
    facts = {"kind": "note", "title": "说明", "text": "可查"}
    evidences.prove(problem, facts=facts, by=bureau.member, at=at)
    return Problem.objects.get(pk=problem.pk)


def endorsed(problem, bureau, at, **how):
    how = {"by": bureau.member} | how
    closures.apply(problem, statement="已经完成。", effect="有效", at=at, **how)
    reviews.decide(step_of(problem), verdict=APPROVE, by=bureau.secretary, at=at)


def keeps_out(bureau, problem, at, words):
    with pytest.raises(Forbidden, match=words):
        reviews.decide(step_of(problem), verdict=VERIFY, by=bureau.office, at=at)


# ---------------------------------------------------------------- who is known by name only


@pytest.mark.parametrize("written", ["何静", "何　静", "何静（主任）"])
def test_whoever_bears_the_name_of_one_who_answers_keeps_out(bureau, at, written):
    """The office's 何静 is no member of the branch, so the ledger has her by name only."""
    row = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=bureau.liaison,
        **(SIX | {"persons": [written, "马超"]}),
    )
    row = registrations.register(row, by=bureau.secretary, at=at)
    row = registrations.issue(row, by=bureau.secretary, at=at)
    measure = measures.plan(row, facts={"text": "办理"}, by=bureau.member, at=at)
    endorsed(finished(row, bureau, at, measure), bureau, at)

    keeps_out(bureau, row, at, "须回避")


def test_whoever_bears_the_applicants_name_does_not_sign(bureau, ready, at):
    ready.people.create(part="responsible", name="郑洁", position=9)
    closures.apply(
        ready, statement="已经完成。", effect="有效", behalf="郑洁", by=bureau.liaison, at=at
    )

    # Nobody else can sign for the branch, so the signature fell away.
    assert step_of(ready).kind == "verify"


# ---------------------------------------------------------------- who typed, in any round


def test_an_office_that_rewrote_a_measure_does_not_verify_it(bureau, registered, at):
    measure = measures.plan(registered, facts={"text": "回访"}, by=bureau.member, at=at)
    registered.refresh_from_db()
    version, facts = registered.version, {"text": "逐件回访并登记"}
    measures.change(measure, version=version, facts=facts, by=bureau.office, at=at)
    row = registrations.issue(registered, by=bureau.secretary, at=at)
    endorsed(finished(row, bureau, at, measure), bureau, at)

    keeps_out(bureau, row, at, "代填")


def test_an_office_that_applied_once_does_not_verify_the_next_round(bureau, ready, at):
    closures.apply(
        ready, statement="已经完成。", effect="有效", behalf="马超", by=bureau.office, at=at
    )
    reviews.decide(step_of(ready), verdict=RETURN, by=bureau.secretary, at=at)
    again = Problem.objects.get(pk=ready.pk)
    endorsed(again, bureau, at)

    keeps_out(bureau, again, at, "代填")


# ---------------------------------------------------------------- on paper


def signed(problem, bureau, at, name, *, by=None, on=ON, verdict=APPROVE):
    return reviews.record(
        step_of(problem),
        verdict=verdict,
        signer=None,
        signer_name=name,
        signed_on=on,
        scan=a_scan(bureau, at),
        by=by or bureau.office,
        at=at,
    )


@pytest.mark.parametrize("name", ["周敏", "马超", "周 敏", "马　超"])
def test_neither_applicant_nor_typist_signs_the_paper(bureau, ready, at, name):
    closures.apply(
        ready, statement="已经完成。", effect="有效", behalf="马超", by=bureau.liaison, at=at
    )

    with pytest.raises(Refused, match="不能签批自己的申请"):
        signed(ready, bureau, at, name)


def test_who_has_an_account_here_is_not_typed_as_a_name(bureau, applied, at):
    """Chosen, he is asked for the step's role; typed, anybody's name would do."""
    for name in ("郑洁", "林 芳", "田野"):  # secretary, colleague, office at the top
        with pytest.raises(Refused, match="签批人（在册）"):
            signed(applied.problem, bureau, at, name, by=bureau.liaison)

    review = signed(applied.problem, bureau, at, "潘雪", by=bureau.liaison)  # of another tree

    assert review.reviewer_name == "潘雪"


def test_who_signed_one_paper_does_not_sign_the_next(bureau, applied, at):
    signed(applied.problem, bureau, at, "老书记", by=bureau.liaison)

    with pytest.raises(Refused, match="前一步"):
        signed(applied.problem, bureau, at, "老 书 记", verdict=VERIFY)


def test_a_paper_is_not_older_than_the_application_in_beijing(bureau, ready):
    """At seven in the morning in Beijing it is still yesterday in UTC."""
    early, today = datetime(2026, 6, 3, 23, 0, tzinfo=UTC), date(2026, 6, 4)
    member, liaison = (actor(bureau.users[name], on=today) for name in ("member", "liaison"))
    closures.apply(ready, statement="已经完成。", effect="有效", by=member, at=early)

    with pytest.raises(Refused, match="不能早于"):
        signed(ready, bureau, early, "老书记", by=liaison, on=today - timedelta(days=1))


# ---------------------------------------------------------------- above and inside


def test_a_leader_above_who_is_a_member_of_the_branch_assigns_from_above(bureau, registered, at):
    leader = bureau.users["leader"]
    users.give_duty(leader, role=Role.MEMBER, organization=bureau.branch, since=date(2020, 1, 1))

    assert registrations.issue(registered, by=actor(leader), at=at).status == "assigned"


def test_what_was_sent_back_is_told_to_who_sent_it(bureau, registered, at):
    row = registrations.issue(registered, by=bureau.office, at=at)
    registrations.return_assignment(row, reason="不属我支部", by=bureau.secretary, at=at)

    told = Notice.objects.filter(subject__contains="退回交办")
    assert {notice.recipient.name for notice in told} == {"何静", "周敏"}


def test_who_left_takes_no_evidence_with_him(bureau, rectifying, at):
    facts = {"kind": "note", "title": "说明", "text": "可查"}
    piece = evidences.prove(rectifying, facts=facts, by=bureau.liaison, at=at)
    Duty.objects.filter(user=bureau.users["liaison"]).update(until=ON - timedelta(days=1))

    with pytest.raises(Forbidden):
        evidences.unprove(piece, by=actor(bureau.users["liaison"]), at=at)


def test_nobody_is_appointed_to_sign_for_a_unit_that_can_sign(bureau, applied, at):
    outsider = person("外单位书记", bureau.elsewhere, Role.SECRETARY)

    with pytest.raises(Refused, match="不另行指派"):
        closures.appoint(
            step_of(applied.problem),
            user=outsider,
            until=ON + timedelta(5),
            by=bureau.office,
            at=at,
        )


# ---------------------------------------------------------------- personal rows


def personal(bureau, by):
    return ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=by,
        owner_kind="personal",
        persons=["马超"],
    )


@pytest.mark.parametrize("who", ["office", "inspector"])
def test_from_above_nobody_writes_down_somebodys_own_problem(bureau, who):
    with pytest.raises(Refused, match="个人问题由本人"):
        personal(bureau, getattr(bureau, who))


@pytest.mark.parametrize("who", ["office", "leader", "liaison", "member", "secretary"])
def test_what_somebody_typed_is_found_where_it_may_be_read(bureau, who):
    """However it came in: an office's import, or a role that changed since."""
    row = personal(bureau, bureau.member)
    Problem.objects.filter(pk=row.pk).update(drafted_by=bureau.users[who])
    row.refresh_from_db()
    reader = actor(bureau.users[who])

    found = Problem.objects.visible_to(reader).filter(pk=row.pk).exists()
    assert found is policy.may(reader, "pb.read", row) is (who not in {"office", "leader"})


def test_who_looked_at_somebodys_own_problem_is_in_the_trail(bureau, signed_in):
    row = personal(bureau, bureau.member)

    for who in (bureau.member, bureau.secretary):
        signed_in(who).get(row.get_absolute_url())

    looked = TrailEntry.objects.of(row).filter(act="problem.personal_read")
    assert [entry.by_name for entry in looked] == ["郑洁"]


# ---------------------------------------------------------------- where nothing is filed


def test_nothing_is_filed_for_an_organization_that_was_dissolved(bureau):
    bureau.branch.retired_on = ON
    bureau.branch.save()

    with pytest.raises(Forbidden):
        ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)


def test_nothing_is_filed_in_a_campaign_of_others(bureau, at):
    other = CampaignFactory(organization=bureau.sibling, code="OTHER")

    with pytest.raises(Refused, match="没有参加"):
        problems.draft(
            other,
            organization=bureau.branch,
            facts={"description": "窗口无人。"},
            by=bureau.office,
            at=at,
        )


# ---------------------------------------------------------------- what it costs


def test_ten_who_could_take_a_step_cost_little_more_than_one(bureau, ready, at):
    """What stands on the row is looked up once, not once for each of them."""
    step = step_of(
        closures.apply(ready, statement="完成。", effect="好", by=bureau.secretary, at=at).problem
    )
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            chains.seat(step.application, step, on=ON)
        costs.append(len(queries))
        for place in range(9):
            person(f"专干{place}", bureau.center, Role.OFFICE)

    assert costs[1] - costs[0] <= 2 * 9


def test_an_effect_that_another_wrote_over_is_in_the_trail(bureau, rectifying, at):
    for who, effect in ((bureau.member, "超时件降到3件"), (bureau.liaison, "无超时件")):
        measures.report(
            rectifying, text="推进", progress="under_way", on=ON, effect=effect, by=who, at=at
        )

    assert TrailEntry.objects.of(rectifying).last().detail["effect"] == [
        "超时件降到3件",
        "无超时件",
    ]

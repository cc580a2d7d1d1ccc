"""Acting in another's place (请假委托): both conflicts count, and the papers say who for whom."""

from datetime import timedelta

import pytest
import time_machine

from rectification import policy
from rectification.actions import bulk, chains, closures, measures, registrations, reviews
from rectification.models import ClosureApplication, ClosureReview, Problem
from reform.actions import delegations
from reform.errors import Forbidden
from reform.models import Duty, Notice, Role, TrailEntry
from tests.conftest import SIX
from tests.factories import AT, ON, ProblemFactory, actor, person
from tests.rectification.test_closures import APPROVE, VERIFY, a_scan, step_of


def lend(user, role, to):
    """Let `to` hold the duty of `user` from today on; return the delegate as he acts now."""
    delegations.give(
        Duty.objects.get(user=user, role=role),
        delegate=to,
        since=ON,
        until=ON + timedelta(days=5),
        reason="年休假",
        by=actor(user),
        at=AT,
    )
    return actor(to)


@pytest.fixture
def standin(bureau):
    """A member of the centre who holds the office's duty while she is on leave."""
    return lend(bureau.users["office"], Role.OFFICE, person("严冬", bureau.center))


def test_a_step_is_taken_in_anothers_place_and_says_so(bureau, applied, standin, at):
    problem = applied.problem
    reviews.decide(step_of(problem), verdict=APPROVE, by=bureau.secretary, at=at)
    step = step_of(problem)

    assert chains.words(chains.seat(applied, step, on=ON)) == (
        "服务中心党委 何静、严冬（受何静委托）"
    )
    assert Notice.objects.filter(recipient=standin.user, key=f"step:{step.pk}").exists()
    reviews.decide(step, verdict=VERIFY, by=standin, at=at)

    review = ClosureReview.objects.get(step=step)
    assert (review.reviewer, review.behalf) == (standin.user, bureau.users["office"])
    assert review.signed == "严冬代何静（请假委托）"
    entry = TrailEntry.objects.of(problem).get(act="closure.step_approved", by=standin.user)
    assert entry.behalf_name == "何静，请假委托"


def test_the_delegators_conflict_counts(bureau, ready, standin, at):
    """Who applied through the office's own hand is not reviewed by her delegate either."""
    closures.apply(ready, statement="已经完成", effect="有效", by=bureau.office, at=at)
    reviews.decide(step_of(ready), verdict=APPROVE, by=bureau.secretary, at=at)

    assert standin.user not in chains.seat(step_of(ready).application, step_of(ready), on=ON).people
    with pytest.raises(Forbidden, match="受何静委托代行，而何静"):
        reviews.decide(step_of(ready), verdict=VERIFY, by=standin, at=at)


def test_the_delegates_own_conflict_counts(bureau, applied, at):
    """A member of the responsible branch stands in for the office above it."""
    standin = lend(bureau.users["office"], Role.OFFICE, bureau.users["colleague"])
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=bureau.secretary, at=at)

    with pytest.raises(Forbidden, match="在责任单位任职"):
        reviews.decide(step_of(applied.problem), verdict=VERIFY, by=standin, at=at)


def test_ones_own_duty_comes_first(bureau, applied, at):
    """Who may by his own duty acts for himself, whatever he holds for others."""
    second = person("何芳", bureau.center, Role.OFFICE, Role.MEMBER)
    standin = lend(bureau.users["office"], Role.OFFICE, second)
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=bureau.secretary, at=at)

    step = step_of(applied.problem)
    reviews.decide(step, verdict=VERIFY, by=standin, at=at)

    assert ClosureReview.objects.get(step=step).signed == "何芳"


def test_the_delegator_does_not_take_a_later_step(bureau, ready, standin, at):
    """First reviewer and final signer are two persons, also through a delegate (SOD-04)."""
    closures.apply(ready, statement="已经完成", effect="有效", by=bureau.member, at=at)
    reviews.decide(step_of(ready), verdict=APPROVE, by=bureau.secretary, at=at)
    step = step_of(ready)
    reviews.decide(step, verdict=VERIFY, by=standin, at=at)

    why = policy.barred(bureau.users["office"], None, step.application, kind="recheck", on=ON)
    assert "前一步签过意见" in why


def test_it_ends_with_its_last_day(bureau, applied, standin, at):
    later = actor(standin.user, on=ON + timedelta(days=6))

    assert not policy.may(later, "pb.close_review1", applied.problem)
    assert list(Problem.objects.visible_to(later)) == []


def test_a_scope_is_never_wider_than_the_delegators(bureau, standin):
    elsewhere = ProblemFactory(organization=bureau.elsewhere)
    inside = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch)

    found = set(Problem.objects.visible_to(standin).values_list("pk", flat=True))
    of_hers = set(Problem.objects.visible_to(bureau.office).values_list("pk", flat=True))

    assert found == of_hers
    assert (inside.pk in found, elsewhere.pk in found) == (True, False)


def test_other_acts_say_in_whose_place_too(bureau, draft, at):
    neighbour = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])

    row = registrations.register(draft, by=neighbour, at=at)
    registrations.issue(row, by=neighbour, at=at)
    row.refresh_from_db()
    measures.plan(row, facts={"text": "补台账"}, by=bureau.liaison, at=at)

    said = TrailEntry.objects.of(row).values_list("act", "behalf_name")
    assert dict(said)["problem.registered"] == "郑洁，请假委托"
    assert dict(said)["measure.planned"] == ""


def test_a_delegate_signs_on_paper_as_such(bureau, applied, at):
    standin = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["colleague"])

    review = reviews.record(
        step_of(applied.problem),
        verdict=APPROVE,
        signer=standin.user,
        signer_name="",
        signed_on=ON,
        scan=a_scan(bureau, at),
        by=bureau.liaison,
        at=at,
    )

    assert review.signed == "林芳代郑洁（请假委托）签批（周敏代录）"


@time_machine.travel(AT, tick=False)
def test_the_desk_says_whose_place_one_takes(signed_in, standin):
    page = signed_in(standin).get("/").content.decode()

    assert "您正在代行何静的职责：服务中心党委活动办。" in page


def test_many_rows_at_once_each_say_in_whose_place(bureau, draft, at):
    """The own row comes last: what holds for it must not be said of the other."""
    neighbour = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])
    own = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.sibling, by=bureau.neighbour, **SIX
    )

    for rows in ([draft, own], [own, draft]):
        bulk.do("register" if rows[0] == draft else "issue", rows, by=neighbour, at=at)

    told = {
        row.pk: list(
            TrailEntry.objects.of(row)
            .filter(act__in=["problem.registered", "problem.issued"])
            .values_list("behalf_name", flat=True)
        )
        for row in (draft, own)
    }
    assert told == {draft.pk: ["郑洁，请假委托"] * 2, own.pk: ["", ""]}


def test_an_applicants_delegate_does_not_enter_the_signature(bureau, ready, at):
    """SOD-14: what the delegator may not do on this row is not done through another."""
    office = bureau.users["office"]
    standin = lend(office, Role.OFFICE, person("严冬", bureau.center))
    application = closures.apply(
        ready, statement="已经完成", effect="有效", by=bureau.office, at=at
    )
    ClosureApplication.objects.filter(pk=application.pk).update(
        applicant=office, applicant_name=office.name
    )

    with pytest.raises(Forbidden, match="申请人不能录入"):
        reviews.record(
            step_of(ready),
            verdict=APPROVE,
            signer=bureau.users["secretary"],
            signer_name="",
            signed_on=ON,
            scan=a_scan(bureau, at),
            by=standin,
            at=at,
        )

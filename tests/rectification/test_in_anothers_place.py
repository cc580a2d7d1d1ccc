"""Ways around the separation of duties through a delegate (请假委托), and what the trail says."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine

from campaigns.models import Source
from rectification import policy
from rectification.actions import (
    chains,
    closures,
    evidences,
    measures,
    registrations,
    reviews,
    uploads,
)
from rectification.imports import ledger
from rectification.models import ClosureApplication, ReviewStep
from reform.actions import delegations
from reform.errors import Forbidden, Refused
from reform.models import Delegation, Notice, OrganizationRelation, Role, TrailEntry
from tests.conftest import SIX
from tests.factories import (
    AT,
    LONG_AGO,
    ON,
    DutyFactory,
    OrganizationFactory,
    ProblemFactory,
    actor,
    person,
)
from tests.rectification.test_closures import APPROVE, VERIFY, a_scan, step_of
from tests.rectification.test_delegated import lend
from tests.rectification.test_import import GOOD, received, workbook


def applied_by(standin, ready):
    return closures.apply(ready, statement="已经完成", effect="有效", by=standin, at=AT)


def test_who_was_stood_in_for_does_not_endorse_what_his_delegate_applied_for(bureau, ready, at):
    """SOD-14: the secretary's own duty asked for it, only the hand was another's."""
    standin = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])
    second = person("副书记", bureau.branch, Role.SECRETARY)
    application = applied_by(standin, ready)
    step = step_of(ready)

    assert chains.seat(application, step, on=ON).people == [second]
    with pytest.raises(Forbidden, match="由受托人代郑洁提出，郑洁不能审核"):
        reviews.decide(step, verdict=APPROVE, by=bureau.secretary, at=at)
    reviews.decide(step, verdict=APPROVE, by=actor(second), at=at)


def test_where_nobody_else_may_endorse_it_falls_away_as_for_an_applicant(bureau, ready):
    standin = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])

    application = applied_by(standin, ready)

    steps = ReviewStep.objects.filter(application=application).order_by("position")
    assert [(step.kind, step.state, step.must_visit) for step in steps][:2] == [
        ("endorse", "waived", False),
        ("verify", "open", True),
    ]


def test_he_does_not_sign_it_on_paper_either_by_account_or_by_name(bureau, ready, at):
    standin = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])
    person("副书记", bureau.branch, Role.SECRETARY)
    applied_by(standin, ready)
    facts = {
        "verdict": APPROVE,
        "signed_on": ON,
        "scan": a_scan(bureau, at),
        "by": bureau.liaison,
        "at": at,
    }

    with pytest.raises(Refused, match="由受托人代郑洁提出"):
        reviews.record(step_of(ready), signer=bureau.users["secretary"], signer_name="", **facts)
    with pytest.raises(Refused, match="含委托他人代为申请"):
        reviews.record(step_of(ready), signer=None, signer_name="郑　洁", **facts)


def test_another_round_that_another_applied_for_is_endorsed_by_him(bureau, ready, at):
    standin = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])
    person("副书记", bureau.branch, Role.SECRETARY)
    first = applied_by(standin, ready)
    again = ClosureApplication(problem=ready, round=2, applicant=bureau.users["member"])
    again.entered_by = bureau.users["member"]

    secretary = bureau.users["secretary"]
    judged = [
        bool(policy.barred(secretary, None, one, kind="endorse", on=ON)) for one in (first, again)
    ]
    assert judged == [True, False]


@pytest.mark.parametrize("what", ["measure", "evidence"])
def test_what_a_delegate_typed_counts_for_whom_he_stood_in_for(bureau, rectifying, at, what):
    """The office's delegate fills in for the branch; she does not review what came of it."""
    standin = lend(bureau.users["office"], Role.OFFICE, person("严冬", bureau.center))
    if what == "measure":
        measures.plan(rectifying, facts={"text": "建台账"}, behalf="马超", by=standin, at=at)
    else:
        evidences.prove(
            rectifying,
            facts={"kind": "reference", "title": "登记簿", "place": "养护科"},
            behalf="马超",
            by=standin,
            at=at,
        )

    why = policy.barred_by_row(bureau.users["office"], rectifying, kind="verify", on=ON)
    assert why == "受托人曾代何静为该问题填报内容，何静不能再参与审核。"


def test_who_gave_no_duty_is_not_barred_by_the_hand_of_another(bureau, rectifying, at):
    """The delegate's own duty sufficed: nobody stood behind him."""
    lend(bureau.users["office"], Role.OFFICE, bureau.users["liaison"])
    measures.plan(rectifying, facts={"text": "建台账"}, by=actor(bureau.users["liaison"]), at=at)

    why = policy.barred_by_row(bureau.users["office"], rectifying, kind="verify", on=ON)
    assert why == ""


def test_a_draft_typed_by_a_delegate_bars_nobody(bureau, at):
    """入账 by whoever typed is allowed (SOD-01): of him, and so of whom he stood in for."""
    standin = lend(bureau.users["office"], Role.OFFICE, person("严冬", bureau.center))
    row = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=standin, **SIX)

    barred = [
        policy.barred_by_row(user, row, kind="verify", on=ON)
        for user in (standin.user, bureau.users["office"])
    ]
    assert barred == ["", ""]
    assert TrailEntry.objects.of(row).get().detail["in_place_of"] == bureau.users["office"].pk


def test_an_absent_applicant_enters_no_signature_for_it(bureau, ready, at):
    """The delegate applied in his own name: so she did, whose duty he used."""
    standin = lend(bureau.users["office"], Role.OFFICE, person("严冬", bureau.center))
    application = applied_by(standin, ready)

    assert application.applicant == standin.user
    assert "申请人不能录入" in reviews.recorder_barred(application, bureau.office)


def test_who_only_had_it_typed_for_another_may_enter_the_signature(bureau, ready, at):
    standin = lend(bureau.users["office"], Role.OFFICE, person("严冬", bureau.center))
    application = closures.apply(
        ready, statement="已经完成", effect="有效", behalf="马超", by=standin, at=at
    )

    assert reviews.recorder_barred(application, bureau.office) == ""


def test_an_import_over_two_organizations_says_for_each_in_whose_place(bureau, at):
    """A secretary who stands in for the neighbouring one files for both branches."""
    both = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])
    upload = received(bureau, at, workbook(GOOD))
    source = Source.objects.get(campaign=bureau.campaign, name="自己找")
    [row] = [
        ledger.new_row(row, items={}, source=source, found_on=date(2026, 5, 1))
        for row in ledger.check(upload, by=bureau.liaison).kept
    ]
    beside = replace(row, line=row.line + 1, organization=bureau.sibling)

    made = uploads.keep(upload, rows=[row, beside], by=both, at=at)

    told = {
        problem.organization.name: TrailEntry.objects.of(problem).get().behalf_name
        for problem in made
    }
    assert told == {"第一党支部": "郑洁，请假委托", "第二党支部": ""}
    kept = TrailEntry.objects.of(upload).get(act="import.kept")
    assert kept.behalf_name == "郑洁，请假委托"


# ---------------------------------------------------------------- who stands in, and until when


def test_a_delegate_of_a_delegate_holds_nothing(bureau):
    """He gives his own duty on, not the one he holds for another."""
    lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])
    third = lend(bureau.users["neighbour"], Role.SECRETARY, bureau.users["colleague"])

    held = [(duty.organization.name, duty.behalf) for duty in third.delegated]
    assert held == [("第二党支部", bureau.users["neighbour"])]


def test_a_step_opened_in_his_days_is_not_taken_after_them(bureau, applied, at):
    standin = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])
    step = step_of(applied.problem)

    last = actor(standin.user, on=ON + timedelta(days=5))
    after = actor(standin.user, on=ON + timedelta(days=6))
    assert policy.may(last, "pb.close_endorse", applied.problem)
    with pytest.raises(Forbidden):
        reviews.decide(step, verdict=APPROVE, by=after, at=at)
    reviews.decide(step, verdict=APPROVE, by=last, at=at)


def test_ended_early_in_the_middle_of_a_review_it_goes_back_to_the_delegator(bureau, applied, at):
    standin = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])
    delegation = Delegation.objects.get(delegate=standin.user)
    delegations.end(delegation, by=bureau.secretary, at=at)
    step = step_of(applied.problem)

    seat = chains.seat(step.application, step, on=ON)
    assert seat.people == [bureau.users["secretary"]]
    with pytest.raises(Forbidden):
        reviews.decide(step, verdict=APPROVE, by=actor(standin.user), at=at)


def test_what_was_signed_in_his_place_stands_after_the_delegation(bureau, applied, at):
    standin = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=standin, at=at)
    delegation = Delegation.objects.get(delegate=standin.user)
    delegations.end(delegation, by=bureau.secretary, at=at)

    reviews.decide(step_of(applied.problem), verdict=VERIFY, by=bureau.office, at=at)

    signed = [review.signed for review in applied.reviews.order_by("pk")]
    assert signed == ["黄蕾代郑洁（请假委托）", "何静"]


def test_who_stands_in_at_the_unit_is_an_insider_there(bureau, applied, at):
    """SOD-03: an office above that holds the branch secretary's duty answers for the branch."""
    office = bureau.users["office"]
    DutyFactory(user=office, organization=bureau.center)
    lend(bureau.users["secretary"], Role.SECRETARY, office)

    why = policy.barred_by_row(office, applied.problem, kind="verify", on=ON)
    later = policy.barred_by_row(office, applied.problem, kind="verify", on=ON + timedelta(days=6))
    assert (why, later) == ("何静在责任单位任职，须回避。", "")


@pytest.mark.parametrize(("days", "told"), [(300, True), (800, False)])
def test_an_inspector_who_stood_in_there_keeps_out_for_two_years(bureau, applied, days, told):
    """SOD-05 and SOD-15: it is judged as of then."""
    inspector = bureau.users["inspector"]
    DutyFactory(user=inspector, organization=bureau.center)
    lend(bureau.users["secretary"], Role.SECRETARY, inspector)

    why = policy.barred_by_row(
        inspector, applied.problem, kind="recheck", on=ON + timedelta(days=days)
    )
    assert why == ("高远近24个月内在责任单位任职，须回避。" if told else "")


def test_a_delegation_that_never_began_makes_nobody_an_insider(bureau, applied, at):
    office = bureau.users["office"]
    DutyFactory(user=office, organization=bureau.center)
    lend(bureau.users["secretary"], Role.SECRETARY, office)
    delegations.end(Delegation.objects.get(delegate=office), by=bureau.secretary, at=at)

    assert policy.barred_by_row(office, applied.problem, kind="verify", on=ON) == ""


@time_machine.travel(AT, tick=False)
def test_the_desk_offers_no_step_that_the_delegators_conflict_forbids(bureau, ready, signed_in, at):
    """She typed it: her delegate would be refused, so it is counted as 回避 and not offered."""
    standin = lend(bureau.users["office"], Role.OFFICE, person("严冬", bureau.center))
    person("何芳", bureau.center, Role.OFFICE)  # may take it: it does not climb
    closures.apply(ready, statement="已经完成", effect="有效", by=bureau.office, at=at)
    reviews.decide(step_of(ready), verdict=APPROVE, by=bureau.secretary, at=at)

    context = signed_in(standin).get("/").context

    assert (list(context["my_steps"]), context["barred"]) == ([], 1)


def test_who_stands_in_is_told_what_the_absent_one_would_be(bureau, draft, at):
    standin = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["neighbour"])
    row = registrations.register(draft, by=bureau.liaison, at=at)
    registrations.issue(row, by=bureau.office, at=at)

    told = Notice.objects.filter(key__startswith=f"issued:{row.pk}:")
    assert {notice.recipient.name for notice in told} == {"郑洁", "周敏", standin.user.name}


def stationed(bureau):
    """A group stationed at the centre, with an inspector, and who may stand in for him."""
    group = OrganizationFactory(name="派驻纪检组", kind="discipline", parent=bureau.top)
    OrganizationRelation.objects.create(
        kind="stationed", organization=group, other=bureau.center, since=LONG_AGO
    )
    return group, person("纪检甲", group, Role.INSPECTOR)


def test_a_stationed_inspectors_delegate_has_his_hosts_and_his_own_conflicts(bureau, applied):
    group, inspector = stationed(bureau)
    clean, insider = person("纪检乙", group), bureau.users["colleague"]

    standin = lend(inspector, Role.INSPECTOR, clean)
    assert [duty.hosts for duty in standin.delegated] == [(bureau.center.path,)]
    assert policy.may(standin, "pb.close_review2", applied.problem)
    assert policy.barred_by_row(clean, applied.problem, kind="recheck", on=ON) == ""
    why = policy.barred_by_row(insider, applied.problem, kind="recheck", on=ON)
    assert why == "林芳近24个月内在责任单位任职，须回避。"

"""Handing over: what a leaver has in hand goes on, and he stays barred from reviewing it."""

from datetime import timedelta

import pytest

from rectification import policy
from rectification.actions import (
    chains,
    closures,
    handovers,
    leavings,
    measures,
    registrations,
    reviews,
)
from rectification.actions.handovers import Kind
from rectification.models import Appointment, Problem, ProblemPerson
from reform.errors import Refused
from reform.models import Notice, Role, TrailEntry
from tests.conftest import SIX
from tests.factories import AT, ON, DutyFactory, ProblemFactory, person
from tests.rectification.test_closures import APPROVE, step_of
from tests.rectification.test_delegated import lend
from tests.rectification.test_search import looked_up

ALL = [kind.value for kind in Kind]


def give(bureau, successor="colleague", kinds=ALL, by=None, person_="member"):
    return handovers.hand_over(
        bureau.users[person_],
        kinds=kinds,
        successor=bureau.users[successor],
        by=by or bureau.secretary,
        at=AT,
    )


def names(problem, part="responsible"):
    rows = ProblemPerson.objects.filter(problem=problem, part=part)
    return list(rows.values_list("name", "user__name"))


def test_a_responsible_person_is_followed_by_another(bureau, rectifying):
    (result,) = give(bureau)

    assert not result.refused
    assert names(rectifying) == [("林芳", "林芳")]
    entry = TrailEntry.objects.of(rectifying).last()
    assert entry.sentence == "移交：责任人，由马超移交林芳"
    notice = Notice.objects.get(recipient=bureau.users["colleague"])
    assert notice.subject.startswith("马超有1件在办事项移交给您")
    rectifying.refresh_from_db()
    assert rectifying.version == 4


def test_who_was_responsible_stays_barred(bureau, rectifying):
    member = bureau.users["member"]
    give(bureau)
    member.duties.update(until=ON - timedelta(days=1))  # and has left the branch

    why = policy.barred_by_row(member, rectifying, kind="verify", on=ON)

    assert "须回避" in why
    assert not rectifying.people.filter(user=member).exists()


def test_a_leader_is_followed_by_a_leader(bureau, rectifying):
    second = person("田芳", bureau.center, Role.LEADER, principal=True)
    bureau.users["second"] = second

    (result,) = give(bureau, "second", [Kind.LEADER], by=bureau.office, person_="leader")

    assert not result.refused
    assert names(rectifying, "leader") == [("田芳", "田芳")]


def test_drafts_and_measures_go_too(bureau, rectifying, at):
    draft = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.member)
    facts = {"text": "补台账", "person_name": "马超、林芳"}
    measure = measures.plan(rectifying, facts=facts, by=bureau.secretary, at=at)

    results = give(bureau, kinds=[Kind.DRAFT, Kind.MEASURE])

    assert [(one.item.kind, one.refused) for one in results] == [("measure", ""), ("draft", "")]
    draft.refresh_from_db()
    measure.refresh_from_db()
    assert draft.drafted_by == bureau.users["colleague"]
    assert measure.person_name == "林芳"


def test_closed_rows_and_personal_rows_stay(bureau, applied, at):
    problem = applied.problem
    reviews.decide(step_of(problem), verdict=APPROVE, by=bureau.secretary, at=at)
    Problem.objects.filter(pk=problem.pk).update(owner_kind="personal")

    assert give(bureau) == []
    assert handovers.personal(bureau.users["member"]) == 1


def test_whoever_is_no_member_there_takes_nothing(bureau, rectifying):
    (result,) = give(bureau, "neighbour")

    assert "不能接手" in result.refused
    assert names(rectifying) == [("马超", "马超")]


def test_who_has_signed_does_not_become_responsible(bureau, applied, at):
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=bureau.secretary, at=at)

    results = give(bureau, "secretary", [Kind.RESPONSIBLE], by=bureau.office)

    assert ["已审过" in one.refused for one in results] == [True]


def test_who_answers_already_is_named_once(bureau, rectifying, at):
    row = ProblemPerson(problem=rectifying, part="responsible", position=1, name="林芳")
    row.user = bureau.users["colleague"]
    row.save()

    give(bureau)

    assert names(rectifying) == [("林芳", "林芳")]


def test_nobody_sees_or_gives_what_lies_outside_his_part(bureau, rectifying):
    member = bureau.users["member"]

    assert handovers.listed(member, by=bureau.neighbour)[Kind.RESPONSIBLE] == []
    assert give(bureau, by=bureau.neighbour) == []
    assert handovers.counted(member, on=ON) == [("责任人", 1)]


def test_an_appointed_reviewer_is_replaced_by_whom_may_appoint(bureau, applied, at):
    problem = applied.problem
    reviews.decide(step_of(problem), verdict=APPROVE, by=bureau.secretary, at=at)
    until = ON + timedelta(days=5)
    closures.appoint(
        step_of(problem), user=bureau.users["top_office"], until=until, by=bureau.leader, at=at
    )
    bureau.users["second"] = person("田芳", bureau.top, Role.OFFICE)
    facts = {"kinds": [Kind.APPOINTMENT], "person_": "top_office"}

    (own,) = give(bureau, "second", **facts)  # the branch under review names no reviewer
    (result,) = give(bureau, "second", **facts, by=bureau.office)

    assert "指派审核人的权限" in own.refused
    assert not result.refused
    held = dict(Appointment.objects.values_list("user__name", "until"))
    assert held == {"田野": ON - timedelta(days=1), "田芳": until}


def test_nothing_goes_to_himself_or_to_a_closed_account(bureau, rectifying):
    with pytest.raises(Refused, match="本人"):
        give(bureau, "member")
    bureau.users["colleague"].is_active = False
    with pytest.raises(Refused, match="已停用"):
        give(bureau)


def test_the_page_lists_and_gives(bureau, rectifying, signed_in):
    client, member = signed_in(bureau.secretary), bureau.users["member"]
    url = f"/people/{member.pk}/hand-over/"

    assert "责任人（1件）" in client.get(url).content.decode()
    answer = client.post(url, {"kinds": ["responsible"], "successor": "林芳"}, follow=True)

    assert "已移交1件。" in answer.content.decode()
    assert names(rectifying) == [("林芳", "林芳")]


def test_an_administrator_sees_figures_and_whom_to_ask(bureau, rectifying, signed_in):
    client = signed_in(bureau.system)

    shown = client.get(f"/people/{bureau.users['member'].pk}/disable/").content.decode()

    assert "责任人1件" in shown
    assert "请先由其所在单位的支部书记或上级活动办" in shown
    assert rectifying.description not in shown


def test_a_handed_over_row_is_found_by_its_new_name_only(bureau, rectifying):
    give(bureau)

    found = [looked_up(name) for name in ("林芳", "马超")]

    assert found == [{rectifying.pk}, set()]


def test_in_whose_place_somebody_signed_does_not_become_responsible(bureau, applied, at):
    """Who stands in for the secretary signs in her place; she may not answer behind it."""
    standin = lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["colleague"])
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=standin, at=at)

    results = give(bureau, "secretary", [Kind.RESPONSIBLE], by=bureau.office)

    assert ["已审过" in one.refused for one in results] == [True]


def test_a_draft_is_not_given_to_whom_it_would_be_lost_with(bureau, draft, at):
    """Who cannot sign in would neither finish it nor see an import that is his."""
    nameless = person("无号", bureau.branch, Role.LIAISON, username=None)

    [result] = handovers.hand_over(
        bureau.users["liaison"], kinds=["draft"], successor=nameless, by=bureau.secretary, at=at
    )

    assert result.refused == "“无号”没有账号，不能登录，接不了草稿和导入，请另选接手人。"
    draft.refresh_from_db()
    assert draft.drafted_by == bureau.users["liaison"]


# ---------------------------------------------------------------- steps that waited with a leaver


def closes(user, bureau):
    return leavings.disable(user, reason="调离", by=bureau.system, at=AT)


def test_a_step_that_waited_with_nobody_else_goes_up_and_is_told(bureau, applied, at):
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=bureau.secretary, at=at)
    step = step_of(applied.problem)

    closes(bureau.users["office"], bureau)

    step.refresh_from_db()
    assert step.holder == bureau.top
    told = Notice.objects.filter(key=f"step:{step.pk}", read_at=None)
    assert [notice.recipient.name for notice in told] == ["田野"]
    assert TrailEntry.objects.of(applied.problem).last().act == "closure.step_seated_anew"


def test_a_step_stays_where_a_colleague_may_take_it(bureau, applied, at):
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=bureau.secretary, at=at)
    person("何芳", bureau.center, Role.OFFICE)
    step = step_of(applied.problem)

    closes(bureau.users["office"], bureau)

    step.refresh_from_db()
    assert step.holder == bureau.center
    acts = TrailEntry.objects.of(applied.problem).values_list("act", flat=True)
    assert "closure.step_seated_anew" not in acts


def test_who_served_at_two_places_leaves_no_step_at_either(bureau, applied, at):
    """Secretary of the branch, office above it: the endorsement may be given by an appointee."""
    office = bureau.users["office"]
    other = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **SIX
    )
    DutyFactory(user=bureau.users["secretary"], organization=bureau.center, role=Role.OFFICE)
    closes(office, bureau)
    step = step_of(applied.problem)
    assert step.holder == bureau.branch

    closes(bureau.users["secretary"], bureau)

    step.refresh_from_db()
    assert (step.holder, step.state) == (None, "open")
    row = registrations.register(other, by=bureau.liaison, at=at)
    assert [words for words, _ in chains.look_ahead(row, on=ON)] == ["本单位审签", "核查"]
    assert "田野" in dict(chains.look_ahead(row, on=ON))["核查"]

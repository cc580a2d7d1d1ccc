"""Granting and ending duties: nobody to himself, and some only with a second administrator."""

from datetime import timedelta

import pytest
import time_machine

from reform.actions import duties, duty_marks, fields, people, users
from reform.errors import Forbidden, Refused
from reform.models import Actor, Duty, DutyProposal, Notice, Role, TrailEntry
from reform.models.scope import Reach, relation
from tests.factories import AT, LONG_AGO, ON, OrganizationFactory, UserFactory, actor, person

DAY = timedelta(days=1)
PLAIN = [Role.MEMBER, Role.LIAISON, Role.SECRETARY, Role.OFFICE, Role.SYSTEM]
TWO = [Role.INSPECTOR, Role.LEADER, Role.AUDIT, Role.SECURITY]


@pytest.fixture
def office():
    return OrganizationFactory(name="住建局党委", kind="committee")


@pytest.fixture
def branch(office):
    return OrganizationFactory(name="第一党支部", parent=office)


@pytest.fixture
def security(office):
    return actor(person("安全员", office, Role.SECURITY))


@pytest.fixture
def system(office):
    return actor(person("系统员", office, Role.SYSTEM))


@pytest.fixture
def user(branch):
    return UserFactory(name="张三")


def grant(user, role, organization, by, since=ON, **facts):
    return duties.grant(
        user, role=role, organization=organization, since=since, by=by, at=AT, **facts
    )


@pytest.mark.parametrize("role", PLAIN)
def test_a_plain_duty_holds_at_once(branch, user, security, role):
    grant(user, role, branch, security)

    assert actor(user).holds(role)
    assert TrailEntry.objects.of(user).last().act == "duty.granted"


@pytest.mark.parametrize("role", TWO)
def test_a_weighty_duty_waits_for_a_second_administrator(branch, user, security, system, role):
    proposal = grant(user, role, branch, security)

    assert not actor(user).duties
    assert Notice.objects.filter(recipient=system.user, key=f"proposal:{proposal.pk}").exists()
    duties.confirm(proposal, by=system, at=AT)
    assert actor(user).holds(role)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("confirmed", system.user)


def test_the_granter_does_not_confirm(branch, user, security):
    proposal = grant(user, Role.INSPECTOR, branch, security)

    with pytest.raises(Forbidden, match="由您提出"):
        duties.confirm(proposal, by=security, at=AT)
    assert not actor(user).duties


@pytest.mark.parametrize("origin", ["import", "merger"])
def test_who_may_not_confirm_what_was_brought_is_told_who_does(
    branch, user, security, system, origin
):
    proposal = duties.propose(
        *(user,),
        role=Role.LIAISON,
        organization=branch,
        since=ON,
        origin=origin,
        by=system,
        at=AT,
    )

    assert duties.may_decide(system, proposal) == "这项职责由安全管理员确认。"
    assert duties.may_decide(security, proposal) == ""


def test_the_receiver_does_not_confirm(branch, office, security):
    second = actor(person("安全员二", office, Role.SECURITY))
    proposal = grant(second.user, Role.SECURITY, branch, security)

    with pytest.raises(Forbidden, match="给您本人"):
        duties.confirm(proposal, by=second, at=AT)


def test_nobody_grants_to_himself_nor_to_his_second_account(branch, security):
    second = UserFactory(name="安全员", username="second")
    second.same_as = security.user
    second.save()

    for who in (security.user, second):
        with pytest.raises(Forbidden, match="不能给自己"):
            grant(who, Role.MEMBER, branch, security)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MEMBER])
def test_the_system_administrator_grants_memberships_only(branch, user, system, role):
    with pytest.raises(Forbidden):
        grant(user, role, branch, system)

    assert grant(user, Role.MEMBER, branch, system).role == Role.MEMBER


@pytest.mark.parametrize("role", Role)
def test_a_unit_admin_grants_member_liaison_and_secretary_below(office, branch, role):
    keeper = actor(person("管人", office, Role.OFFICE, unit_admin=True))
    own = person("张三", OrganizationFactory(name="第二党支部", parent=office))
    if role in {Role.MEMBER, Role.LIAISON, Role.SECRETARY}:
        assert grant(own, role, branch, keeper).role == role
        with pytest.raises(Forbidden):
            grant(own, role, OrganizationFactory(), keeper)
        return
    with pytest.raises(Forbidden):
        grant(own, role, branch, keeper)


@pytest.mark.parametrize("who", ["from elsewhere", "with a seat elsewhere", "leader", "nowhere"])
def test_a_unit_admin_gives_duties_to_nobody_but_his_own_people(office, branch, who):
    """Nobody is drawn in from outside, and nobody of more weight is touched."""
    keeper = actor(person("管人", office, Role.OFFICE, unit_admin=True))
    elsewhere = OrganizationFactory(name="水利局党委")
    places = {"from elsewhere": elsewhere, "with a seat elsewhere": office, "leader": office}
    somebody = person("外人", places[who]) if who in places else UserFactory(name="外人")
    if who == "with a seat elsewhere":
        users.give_duty(somebody, role=Role.LIAISON, organization=elsewhere, since=LONG_AGO)
    if who == "leader":
        users.give_duty(somebody, role=Role.LEADER, organization=office, since=LONG_AGO)

    for role in (Role.MEMBER, Role.LIAISON, Role.SECRETARY):
        with pytest.raises(Forbidden, match="“外人”不全在您管理的单位任职"):
            grant(somebody, role, branch, keeper)
    for duty in somebody.duties.all():
        with pytest.raises(Forbidden):
            duties.end(duty, until=ON, reason="调离", by=keeper, at=AT)
    assert not actor(somebody).holds(Role.SECRETARY)


def test_a_unit_admin_ends_what_he_may_give_of_his_own_people(office, branch):
    keeper = actor(person("管人", office, Role.OFFICE, unit_admin=True))
    duty = Duty.objects.get(user=person("李四", branch))

    assert duties.end(duty, until=ON, reason="调离", by=keeper, at=AT).until == ON


def test_a_proposal_that_was_decided_is_decided(branch, user, security, system):
    proposal = grant(user, Role.LEADER, branch, security)
    duties.decline(proposal, reason="人选未定", by=system, at=AT)

    with pytest.raises(Refused, match="已经处理"):
        duties.confirm(proposal, by=system, at=AT)
    assert not actor(user).duties


def test_mixing_is_refused_at_confirmation_too(branch, user, security, system):
    proposal = grant(user, Role.AUDIT, branch, security)
    grant(user, Role.OFFICE, branch, security)

    with pytest.raises(Refused, match="已有其他职责"):
        duties.confirm(proposal, by=system, at=AT)


def test_a_duty_ends_on_a_day_and_stays_as_history(branch, user, security):
    duty = grant(user, Role.SECRETARY, branch, security, since=LONG_AGO)

    duties.end(duty, until=ON, reason="换届", by=security, at=AT)

    assert actor(user).holds(Role.SECRETARY)
    assert not Actor.of(user, on=ON + DAY).duties
    with pytest.raises(Refused, match="追溯"):
        duties.end(duty, until=ON - 2 * DAY, reason="换届", by=security, at=AT)


def test_an_end_is_not_put_off(office, branch, security):
    """It would be a grant that no second administrator has seen (SOD-10)."""
    duty = Duty.objects.get(user=person("纪检", office, Role.INSPECTOR, until=ON + 3 * DAY))

    with pytest.raises(Refused, match="要延长的，请另行授予，自2026-06-07起"):
        duties.end(duty, until=ON + 4 * DAY, reason="延长", by=security, at=AT)
    assert duties.end(duty, until=ON, reason="调离", by=security, at=AT).until == ON


def test_nobody_ends_his_own(security):
    own = Duty.objects.get(user=security.user)

    with pytest.raises(Forbidden, match="自己的职责"):
        duties.end(own, until=ON, reason="累了", by=security, at=AT)


# ---------------------------------------------------------------- 分管, 联系点


def test_a_field_is_dated(office, branch, security):
    other = OrganizationFactory(name="第二党支部", parent=office)
    deputy = person("副职", office, Role.LEADER, fields=[branch])
    duty = Duty.objects.get(user=deputy)

    fields.give(duty, organization=other, since=ON + DAY, by=security, at=AT)
    row = duty.fields.get(organization=branch)
    fields.end(row, until=ON, by=security, at=AT)

    today, tomorrow = actor(deputy), Actor.of(deputy, on=ON + DAY)
    assert [relation(today.duties[0], place.path) for place in (branch, other)] == ["down", "out"]
    assert [relation(tomorrow.duties[0], p.path) for p in (branch, other)] == ["out", "down"]
    assert Reach.of(tomorrow, {Role.LEADER: "D"}).tops == {other.path}


def test_a_contact_point_opens_nothing(office, branch, security):
    deputy = person("副职", office, Role.LEADER)

    fields.give(
        Duty.objects.get(user=deputy),
        organization=branch,
        kind="contact",
        since=ON,
        by=security,
        at=AT,
    )

    assert relation(actor(deputy).duties[0], branch.path) == "out"


def test_both_pages_show_what_a_leader_looks_after(client, office, branch, security):
    deputy = person("副职", office, Role.LEADER)
    duty = Duty.objects.get(user=deputy)
    fields.give(duty, organization=branch, kind="contact", since=ON, by=security, at=AT)
    client.force_login(security.user)

    assert "联系点：" in client.get(f"/people/{deputy.pk}/").content.decode()
    assert "以本单位为联系点" in client.get(f"/organizations/{branch.pk}/").content.decode()


def test_nothing_outside_ones_own_place_becomes_a_field(office, security):
    deputy = person("副职", office, Role.LEADER)

    with pytest.raises(Refused, match="不能分管"):
        fields.give(
            Duty.objects.get(user=deputy),
            organization=OrganizationFactory(),
            since=ON,
            by=security,
            at=AT,
        )


# ---------------------------------------------------------------- pages


def test_a_leader_is_granted_by_the_page_with_a_field(client, office, branch, security, user):
    client.force_login(security.user)

    answer = client.post(
        f"/people/{user.pk}/duties/",
        {
            "role": "leader",
            "organization": "住建局党委",
            "since": "2026-06-03",
            "fields_": "第一党支部\n",
        },
    )

    proposal = DutyProposal.objects.get()
    assert answer.status_code == 302
    assert (proposal.role, list(proposal.fields.all())) == ("leader", [branch])
    assert "等待另一名管理员确认" in client.get(answer.url).content.decode()


def test_many_are_confirmed_each_with_its_result(client, branch, security, system):
    good = grant(person("甲", branch), Role.INSPECTOR, branch, security)
    late = grant(person("乙", branch), Role.INSPECTOR, branch, security)
    late.user.is_active = False
    late.user.save()
    client.force_login(system.user)

    shown = client.post("/proposals/confirm/", {"pk": [good.pk, late.pk]}).content.decode()

    assert "已确认" in shown
    assert "已停用" in shown
    assert list(DutyProposal.objects.waiting()) == [late]


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_of_proposals_costs_the_same(
    client, branch, security, system, count, django_assert_num_queries
):
    for number in range(count):
        grant(UserFactory(name=f"甲{number}"), Role.INSPECTOR, branch, security)
    client.force_login(system.user)
    client.get("/proposals/")

    with django_assert_num_queries(7):
        client.get("/proposals/")


def test_who_is_office_already_reads_how_to_become_unit_admin(branch, user, security):
    facts = {"role": Role.OFFICE, "organization": branch, "since": ON, "by": security, "at": AT}
    duties.grant(user, **facts)

    with pytest.raises(Refused, match="请在这项职责旁点“改标记”"):
        duties.grant(user, unit_admin=True, **facts)


# ---------------------------------------------------------------- marks


def mark(duty, by, *, marked):
    return duty_marks.change(duty, marked=marked, reason="分工调整", by=by, at=AT)


def test_an_office_becomes_unit_admin_and_is_none_again(office, security):
    duty = Duty.objects.get(user=person("何静", office, Role.OFFICE))

    flags = []
    for marked in (True, False):
        mark(duty, security, marked=marked)
        duty.refresh_from_db()
        flags.append((duty.unit_admin, duty.until))

    assert flags == [(True, None), (False, None)]
    said = TrailEntry.objects.of(duty.user).filter(act="duty.marked")
    assert [entry.sentence for entry in said] == [
        "更改职责标记：何静 · 住建局党委 · 活动办设为单位管理员（分工调整）",
        "更改职责标记：何静 · 住建局党委 · 活动办不再是单位管理员（分工调整）",
    ]


def test_a_leader_answers_for_everything_below_only_after_a_second_administrator(
    office, branch, security, system
):
    """It opens all below: as weighty as the grant itself (SOD-10)."""
    duty = Duty.objects.get(user=person("罗海", office, Role.LEADER))
    fields.give(duty, organization=branch, since=ON - DAY, by=security, at=AT)

    proposal = mark(duty, security, marked=True)

    assert relation(actor(duty.user).duties[0], OrganizationFactory(parent=office).path) == "out"
    with pytest.raises(Forbidden, match="由您提出"):
        duties.confirm(proposal, by=security, at=AT)
    assert duties.confirm(proposal, by=system, at=AT) == duty
    [held] = actor(duty.user).duties
    assert (held.principal, relation(held, branch.path)) == (True, "down")
    assert list(duty.fields.values_list("until", flat=True)) == [ON - DAY]


def test_a_leader_who_is_no_longer_principal_is_one_at_once(office, branch, security):
    duty = Duty.objects.get(user=person("罗海", office, Role.LEADER, principal=True))

    mark(duty, security, marked=False)

    [held] = actor(duty.user).duties
    assert (held.principal, relation(held, branch.path)) == (False, "out")


def test_marks_that_cannot_be_changed(office, branch, security, system):
    own = Duty.objects.get(user=person("何静", office, Role.OFFICE))
    over = Duty.objects.get(user=person("旧人", office, Role.OFFICE, until=ON - DAY))
    other = Duty.objects.get(user=person("张三", branch, Role.SECRETARY))
    keeper = actor(person("管人", office, Role.OFFICE, unit_admin=True))
    cases = [(own, system), (own, keeper), (own, actor(own.user)), (over, security)]
    cases += [(other, security), (Duty.objects.get(user=security.user), security)]

    for duty, by in cases:
        with pytest.raises(Forbidden):
            mark(duty, by, marked=True)
    with pytest.raises(Refused, match="本来就不是单位管理员"):
        mark(own, security, marked=False)


def test_a_mark_is_changed_by_the_page(client, office, security):
    duty = Duty.objects.get(user=person("何静", office, Role.OFFICE))
    client.force_login(security.user)
    page = f"/duties/{duty.pk}/marks/"

    assert page in client.get(f"/people/{duty.user_id}/").content.decode()
    assert "单位管理员" in client.get(page).content.decode()
    client.post(page, {"marked": "on", "reason": "分工调整"})

    assert Duty.objects.get(pk=duty.pk).unit_admin


# ---------------------------------------------------------------- one seat, two people


def test_two_for_one_seat_are_told_before_they_are_confirmed(client, office, branch, security):
    """A merger proposes the secretaries of both parts for one unit."""
    system = actor(person("系统员", office, Role.SYSTEM))
    person("旧书记", branch, Role.SECRETARY)
    facts = {"role": Role.SECRETARY, "organization": branch, "since": ON, "origin": "merger"}
    both = [
        duties.propose(UserFactory(name=name), by=system, at=AT, **facts) for name in ("甲", "乙")
    ]
    beside = OrganizationFactory(name="第二党支部", parent=office)
    duties.propose(UserFactory(name="丙"), by=system, at=AT, **facts | {"organization": beside})
    client.force_login(security.user)

    warnings = [row.warning for row in client.get("/proposals/").context["object_list"]]

    tail = "；一个单位一般只有一名，请核对后只确认一人。"
    assert warnings == [
        f"该单位支部书记已由旧书记担任，同时提出的还有乙{tail}",
        f"该单位支部书记已由旧书记担任，同时提出的还有甲{tail}",
        "",
    ]
    page = client.get(f"/proposals/{both[0].pk}/confirm/").content.decode()
    assert warnings[0] in page


def test_a_second_principal_is_told_and_a_second_leader_is_not(client, office, security, system):
    person("罗海", office, Role.LEADER, principal=True)
    for name, principal in (("甲", True), ("乙", False)):
        grant(UserFactory(name=name), Role.LEADER, office, security, principal=principal)
    client.force_login(system.user)

    rows = client.get("/proposals/").context["object_list"]

    assert [row.warning.partition("；")[0] for row in rows] == ["该单位主要负责人已由罗海担任", ""]


@pytest.mark.parametrize("count", [1, 50])
def test_warning_of_seats_costs_the_same(
    client, office, security, count, django_assert_num_queries
):
    system = actor(person("系统员", office, Role.SYSTEM))
    for number in range(count):
        place = OrganizationFactory(parent=office)
        person(f"旧{number}", place, Role.SECRETARY)
        duties.propose(
            UserFactory(name=f"甲{number}"),
            role=Role.SECRETARY,
            organization=place,
            since=ON,
            origin="merger",
            by=system,
            at=AT,
        )
    client.force_login(security.user)
    client.get("/proposals/")

    with django_assert_num_queries(9):
        client.get("/proposals/")


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.AUDIT])
def test_the_last_administrator_of_a_kind_is_not_taken_away(office, security, role):
    """Ending the auditor's duty would leave nobody to see what the others do."""
    last = person("三员", office, role)
    person("名册上的人", office, role, username=None)  # cannot sign in: no other
    duty = Duty.objects.get(user=last)

    with pytest.raises(Refused, match="是唯一的"):
        duties.end(duty, until=ON, reason="调离", by=security, at=AT)

    person("接任的人", office, role)
    assert duties.end(duty, until=ON, reason="调离", by=security, at=AT).until == ON


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.SECURITY, Role.AUDIT])
def test_who_is_there_for_a_while_only_does_not_keep_the_office(office, role):
    """When his days are over nobody is asked, and nobody is left."""
    keeper = actor(person("安全员", office, Role.SECURITY))
    last = person("三员", office, role)
    person("代班的人", office, role, until=ON + 30 * DAY)
    Duty.objects.filter(user=keeper.user).update(until=ON + 9 * DAY)
    duty = Duty.objects.get(user=last)

    for until in (ON, ON + 60 * DAY):
        with pytest.raises(Refused, match="任期到2026-07-03为止，到期就没有"):
            duties.end(duty, until=until, reason="调离", by=keeper, at=AT)
    with pytest.raises(Refused, match="任期到2026-07-03为止"):
        people.disable(last, reason="调离", by=keeper, at=AT)

    person("接任的人", office, role)
    assert duties.end(duty, until=ON, reason="调离", by=keeper, at=AT).until == ON


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([(0, None)], {}),
        ([(0, 10), (11, None)], {}),
        ([(0, 10), (5, 20)], {Role.SECURITY: 20}),
        ([(0, 10), (12, None)], {Role.SECURITY: 10}),
        ([(-9, -1)], {Role.SECURITY: -1}),
        ([(3, None)], {Role.SECURITY: -1}),
    ],
)
def test_the_day_after_which_nobody_of_a_kind_is_left(office, days, told):
    for role in (Role.SYSTEM, Role.AUDIT):
        person("三员", office, role)
    person("名册上的人", office, Role.SECURITY, username=None)
    for since, until in days:
        last = None if until is None else ON + until * DAY
        person("安全员", office, Role.SECURITY, since=ON + since * DAY, until=last)

    assert users.last_days(ON) == {role: ON + day * DAY for role, day in told.items()}


@time_machine.travel(AT, tick=False)
def test_the_administrators_read_that_one_of_them_runs_out(client, office):
    person("系统员", office, Role.SYSTEM)
    audit = person("审计员", office, Role.AUDIT)
    person("安全员", office, Role.SECURITY, until=ON + 10 * DAY)
    client.force_login(audit)

    page = client.get("/").content.decode()

    assert "安全管理员到2026年6月13日以后没有人担任" in page
    assert "系统管理员到" not in page

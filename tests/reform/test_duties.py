"""Granting and ending duties: nobody to himself, and some only with a second administrator."""

from datetime import timedelta

import pytest

from reform.actions import duties, fields
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
def test_a_unit_admin_grants_member_liaison_and_secretary_below(office, branch, user, role):
    keeper = actor(person("管人", office, Role.OFFICE, unit_admin=True))
    if role in {Role.MEMBER, Role.LIAISON, Role.SECRETARY}:
        assert grant(user, role, branch, keeper).role == role
        with pytest.raises(Forbidden):
            grant(user, role, OrganizationFactory(), keeper)
        return
    with pytest.raises(Forbidden):
        grant(user, role, branch, keeper)


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

    with pytest.raises(Refused, match="请先结束原职责（可止于昨天），再授予"):
        duties.grant(user, unit_admin=True, **facts)


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

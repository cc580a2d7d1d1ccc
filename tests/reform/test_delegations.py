"""Delegations (请假委托): named, dated, never wider, and not given on."""

from datetime import timedelta

import pytest

from reform import policy
from reform.actions import delegations, duties, people, users
from reform.errors import Forbidden, Refused
from reform.models import (
    ADMINISTRATORS,
    Actor,
    Delegation,
    Duty,
    Notice,
    Role,
    TrailEntry,
    User,
)
from tests.factories import AT, ON, DutyFactory, OrganizationFactory, actor, person

DAY = timedelta(days=1)


@pytest.fixture
def office():
    top = OrganizationFactory(name="市委", kind="committee")
    return OrganizationFactory(name="住建局党委", kind="committee", parent=top)


@pytest.fixture
def branch(office):
    return OrganizationFactory(name="第一党支部", parent=office)


@pytest.fixture
def secretary(branch):
    return person("张书记", branch, Role.SECRETARY, Role.MEMBER)


@pytest.fixture
def delegate(office):
    return person("李委员", OrganizationFactory(name="第二党支部", parent=office))


def duty_of(user, role=Role.SECRETARY):
    return Duty.objects.get(user=user, role=role)


def give(user, delegate, since=ON, until=ON + 5 * DAY, role=Role.SECRETARY, by=None):
    return delegations.give(
        duty_of(user, role),
        delegate=delegate,
        since=since,
        until=until,
        reason="年休假",
        by=by or actor(user),
        at=AT,
    )


def held(user, on=ON):
    return [(duty.role, duty.behalf) for duty in Actor.of(user, on=on).duties]


def test_a_delegate_holds_the_duty_between_its_days_behind_his_own(secretary, delegate):
    give(secretary, delegate, since=ON + DAY, until=ON + 2 * DAY)

    own, both = [("member", None)], [("member", None), ("secretary", secretary)]
    assert [held(delegate, ON + n * DAY) for n in range(4)] == [own, both, both, own]
    assert held(secretary) == [("secretary", None), ("member", None)]
    assert Notice.objects.filter(recipient=delegate).exists()
    assert TrailEntry.objects.of(secretary).last().act == "delegation.given"


def test_an_actor_with_a_delegation_is_still_one_query(
    secretary, delegate, django_assert_num_queries
):
    give(secretary, delegate)

    with django_assert_num_queries(1):
        assert len(actor(delegate).duties) == 2


def test_a_delegated_duty_is_no_home_and_no_own(secretary, delegate, branch):
    give(secretary, delegate)

    who = actor(delegate)

    assert who.home != branch
    assert not who.own.holds(Role.SECRETARY)


def test_it_ends_with_the_delegators_duty_and_account(secretary, delegate):
    give(secretary, delegate)
    duty = duty_of(secretary)

    duty.until = ON
    duty.save()
    assert held(delegate, ON + DAY) == [("member", None)]
    secretary.is_active = False
    secretary.save()
    assert held(delegate) == [("member", None)]


@pytest.mark.parametrize("ender", ["secretary", "delegate"])
def test_it_ends_early_at_once(secretary, delegate, ender):
    row = give(secretary, delegate)

    delegations.end(row, by=actor({"secretary": secretary, "delegate": delegate}[ender]), at=AT)

    assert held(delegate) == [("member", None)]
    give(secretary, delegate)  # and may be given again


def test_nobody_else_ends_it(secretary, delegate, branch):
    row = give(secretary, delegate)

    with pytest.raises(Forbidden):
        delegations.end(row, by=actor(person("他人", branch)), at=AT)


def test_a_delegated_duty_is_not_given_on(secretary, delegate, office):
    give(secretary, delegate)

    with pytest.raises(Forbidden, match="不能再委托"):
        delegations.give(
            duty_of(secretary),
            delegate=person("王委员", office),
            since=ON,
            until=ON,
            reason="再转",
            by=actor(delegate),
            at=AT,
        )


def test_who_holds_a_duty_too_does_not_give_on_the_other(secretary, delegate, office):
    DutyFactory(user=delegate, organization=office, role=Role.OFFICE)
    give(secretary, delegate)

    with pytest.raises(Forbidden, match="不能再委托"):
        give(secretary, person("王委员", office), by=actor(delegate))


@pytest.mark.parametrize("role", [Role.LIAISON, Role.MEMBER, Role.SYSTEM])
def test_some_duties_are_not_delegated(office, delegate, role):
    user = person("某人", office, role)

    with pytest.raises(Forbidden):
        give(user, delegate, role=role)


def test_whom_one_may_not_name(secretary, office):
    outside = person("外人", OrganizationFactory(name="水利局党委", kind="committee"))
    above = person("上级", office.parent)
    nameless = person("无号", office, username=None)
    administrator = person("管理员", office, Role.MEMBER, Role.AUDIT)
    gone = person("停用", office)
    gone.is_active = False
    gone.save()

    for who in (outside, above, nameless, administrator, gone):
        with pytest.raises(Refused, match="不能受托"):
            give(secretary, who)
    with pytest.raises(Refused, match="不能委托给自己"):
        give(secretary, secretary)
    assert not Delegation.objects.exists()


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        (ON - DAY, ON, "过去"),
        (ON + DAY, ON, "早于"),
        (ON, ON + 60 * DAY, "最长60天"),
    ],
)
def test_days_that_do_not_fit(secretary, delegate, since, until, why):
    with pytest.raises(Refused, match=why):
        give(secretary, delegate, since, until)


def test_one_duty_is_held_by_one_delegate_at_a_time(secretary, delegate, office):
    give(secretary, delegate)

    with pytest.raises(Refused, match="已委托给李委员"):
        give(secretary, person("王委员", office))


def test_a_delegation_is_not_longer_than_the_duty(secretary, delegate):
    Duty.objects.filter(user=secretary).update(until=ON + DAY)

    with pytest.raises(Refused, match="不能更长"):
        give(secretary, delegate)


def test_it_is_given_and_seen_on_the_pages(client, secretary, delegate):
    client.force_login(secretary)
    answer = client.post(
        "/profile/delegations/new/",
        {
            "duty": duty_of(secretary).pk,
            "delegate": "李委员",
            "since": "2099-06-03",
            "until": "2099-06-05",
            "reason": "外出学习",
        },
    )
    shown = client.get(answer.url).content.decode()

    assert "李委员" in shown
    assert "未开始" in shown
    client.force_login(delegate)
    assert "张书记" in client.get("/profile/delegations/").content.decode()


@pytest.mark.parametrize(("role", "offered"), [(Role.SECRETARY, True), (Role.AUDIT, False)])
def test_an_administrator_who_can_give_nothing_is_not_sent_to_give_it(client, role, offered):
    client.force_login(person("某人", OrganizationFactory(), role))

    said = client.get("/profile/").content.decode()

    assert ('href="/profile/delegations/"' in said) is offered


# ---------------------------------------------------------------- with other branches of the house


def test_a_unit_admin_gives_no_code_to_who_holds_a_leaders_duty(branch, office, delegate):
    """With the code of a member below he would act as the leader who is on leave."""
    keeper = actor(person("管人", office, Role.OFFICE, unit_admin=True))
    leader = person("罗局长", office, Role.LEADER, principal=True)
    assert policy.may_person(keeper, "user.create", delegate)

    row = give(leader, delegate, since=ON + DAY, role=Role.LEADER)

    for act in ("user.disable", "user.create"):
        assert not policy.may_person(keeper, act, delegate)
    with pytest.raises(Forbidden):
        people.hand_code(delegate, by=keeper, at=AT)
    delegations.end(row, by=actor(leader), at=AT)
    assert policy.may_person(keeper, "user.create", delegate)


def test_a_unit_admin_gives_no_code_to_who_is_proposed_as_leader(branch, office, delegate):
    keeper = actor(person("管人", office, Role.OFFICE, unit_admin=True))
    security = actor(person("安全员", office, Role.SECURITY))

    duties.grant(delegate, role=Role.LEADER, organization=office, since=ON, by=security, at=AT)

    assert not policy.may_person(keeper, "user.create", delegate)


def test_a_delegated_office_gives_no_administration(branch, office, delegate):
    keeper = person("管人", office, Role.OFFICE, unit_admin=True)
    give(keeper, delegate, role=Role.OFFICE)
    who, user = actor(delegate), person("张三", branch)

    acts = ("user.create", "user.reset", "user.disable", "role.grant")
    assert [policy.may_person(who, act, user) for act in acts] == [False] * 4
    assert policy.grantable(who, branch.path) == ()


@pytest.mark.parametrize("since", [ON, ON + 3 * DAY])
def test_no_administrator_stands_in_under_a_second_account(secretary, delegate, office, since):
    """SOD-09 and SOD-16: persons count, and the days of the leave."""
    first = person("李委员", office, Role.AUDIT, since=since)
    User.objects.filter(pk=delegate.pk).update(same_as=first)
    delegate.refresh_from_db()

    with pytest.raises(Refused, match="不能受托"):
        give(secretary, delegate)


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_who_stands_in_does_not_become_an_administrator(secretary, delegate, office, role):
    row = give(secretary, delegate)

    with pytest.raises(Refused, match="正受托代行"):
        users.give_duty(delegate, role=role, organization=office, since=ON)

    delegations.end(row, by=actor(secretary), at=AT)
    assert users.give_duty(delegate, role=role, organization=office, since=ON).role == role


def test_who_stands_in_is_not_found_to_be_an_administrator(secretary, delegate, office):
    audit = person("李审计", office, Role.AUDIT)
    system = actor(person("系统员", office, Role.SYSTEM))
    give(secretary, delegate)

    with pytest.raises(Refused, match="不能兼任"):
        people.mark_same(delegate, other=audit, by=system, at=AT)


# ---------------------------------------------------------------- it ends with what it stood on


@pytest.mark.parametrize("who", ["secretary", "delegate"])
def test_a_closed_account_ends_what_it_gave_and_what_it_holds(secretary, delegate, office, who):
    """Opened again, nothing runs on that nobody remembers."""
    given = give(secretary, delegate)
    system = actor(person("系统员", office, Role.SYSTEM))
    user = {"secretary": secretary, "delegate": delegate}[who]

    people.disable(user, reason="调离", by=system, at=AT)
    people.enable(user, reason="回来", by=system, at=AT)

    given.refresh_from_db()
    assert (given.ended_on, actor(delegate, on=given.since).delegated) == (ON, [])
    ended = TrailEntry.objects.of(secretary).get(act="delegation.ended")
    assert ended.sentence.endswith(f"（{user}的账号已停用）")
    told = {secretary, delegate} - {user}
    words = Notice.objects.filter(key=f"delegation-ended:{given.pk}")
    assert {notice.recipient for notice in words} >= told


@pytest.mark.parametrize("stays", [True, False])
def test_it_ends_where_the_delegate_leaves_the_committees_part(secretary, delegate, office, stays):
    given = give(secretary, delegate)
    system = actor(person("系统员", office, Role.SYSTEM))
    place = OrganizationFactory(name="第九党支部", parent=office if stays else office.parent)

    people.transfer(delegate, organization=place, since=ON + 2 * DAY, by=system, at=AT)

    given.refresh_from_db()
    assert given.ended_on == (None if stays else ON + 2 * DAY)
    assert bool(actor(delegate, on=ON + DAY).delegated)
    assert bool(actor(delegate, on=ON + 2 * DAY).delegated) == stays


def test_it_is_over_with_the_duty_whatever_its_own_days_say(client, secretary, delegate, office):
    """A merger ends the secretary's duty: who stood in for him may become an administrator."""
    given = give(secretary, delegate, since=ON, until=ON + 50 * DAY)
    Duty.objects.filter(pk=given.duty_id).update(until=ON + DAY)

    given.refresh_from_db()
    over = [given.is_over(ON + days * DAY) for days in (0, 1, 2)]
    left = [Delegation.objects.not_over(ON + days * DAY).count() for days in (0, 1, 2)]
    assert (over, left) == ([False, False, True], [1, 1, 0])
    users.give_duty(delegate, role=Role.AUDIT, organization=office, since=ON + 2 * DAY)

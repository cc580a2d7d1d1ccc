"""The register of people: adding, changing, moving, two accounts of one person, closing."""

from datetime import timedelta

import pytest

from reform.actions import access_codes, people, sign_ins
from reform.errors import Forbidden, Refused
from reform.models import AccessCode, Actor, Duty, Role, TrailEntry, User
from reform.models.user import UNPLACED
from tests.factories import AT, LONG_AGO, ON, DutyFactory, OrganizationFactory, actor, person

DAY = timedelta(days=1)


@pytest.fixture
def office():
    return OrganizationFactory(name="住建局党委", kind="committee")


@pytest.fixture
def branch(office):
    return OrganizationFactory(name="第一党支部", parent=office)


@pytest.fixture
def system(office):
    return actor(person("系统员", office, Role.SYSTEM))


@pytest.fixture
def keeper(office):
    """单位管理员: an office of the committee, with the flag."""
    return actor(person("管人", office, Role.OFFICE, unit_admin=True))


def add(branch, by, name="张三", username="", **facts):
    return people.add(
        name=name, username=username, organization=branch, since=ON, by=by, at=AT, **facts
    )


def told(user):
    return list(TrailEntry.objects.of(user).values_list("act", flat=True))


# ---------------------------------------------------------------- with an account or without


def test_a_person_without_an_account_is_a_name_that_cannot_sign_in(client, branch, system):
    user = add(branch, system, post="科员")

    assert (user.username, user.has_account, user.has_usable_password()) == (None, False, False)
    assert list(User.objects.members_of(branch, ON)) == [user]
    assert client.post("/login/", {"username": "", "password": ""}).status_code == 200
    with pytest.raises(Refused, match="还没有账号"):
        people.hand_code(user, by=system, at=AT)


def test_two_people_may_be_without_an_account(branch, system):
    add(branch, system)
    add(branch, system, name="李四")

    assert User.objects.filter(username=None).count() == 2


def test_an_account_is_given_later_and_opened_by_a_code(branch, system):
    user = add(branch, system)

    user = people.open_account(user, username="zhangsan", by=system, at=AT)
    slip = people.hand_code(user, by=system, at=AT)

    assert (slip.user.username, slip.purpose) == ("zhangsan", "邀请码")
    assert slip.valid_until == AT + AccessCode.VALID[AccessCode.Purpose.INVITE]
    access_codes.check(user, slip.code, purpose=AccessCode.Purpose.INVITE, at=AT)
    assert told(user)[:2] == ["user.created", "user.account_opened"]


def test_an_account_that_is_taken_is_refused(branch, system):
    add(branch, system, username="zhangsan")

    with pytest.raises(Refused, match="已被使用"):
        add(branch, system, name="李四", username="zhangsan")


def test_nothing_is_added_to_an_organization_that_is_no_more(branch, system):
    branch.retired_on = ON
    branch.save()

    with pytest.raises(Refused, match="撤销"):
        add(branch, system)


# ---------------------------------------------------------------- the official order


def test_people_stand_in_official_order(office, branch, system):
    third = add(branch, system, name="丙")
    second = add(branch, system, name="乙", place=2)
    first = add(branch, system, name="甲", place=1)
    upper = add(office, system, name="局长")

    found = User.objects.filter(pk__in=[u.pk for u in (first, second, third, upper)])

    assert list(found.official_order(ON)) == [upper, first, second, third]


def test_a_change_says_in_the_trail_what_was(branch, system):
    user = add(branch, system, post="科员", phone="13800001234")

    people.edit(user, name="张三", post="科长", phone=None, place=3, by=system, at=AT)

    user.refresh_from_db()
    entry = TrailEntry.objects.of(user).last()
    assert (user.post, user.phone) == ("科长", "13800001234")
    assert entry.detail["changed"] == {"post": ["科员", "科长"], "place": [UNPLACED, 3]}
    assert entry.sentence == "修改人员信息：张三（职务、排序）"


# ---------------------------------------------------------------- moving, SOD-15


def test_a_transfer_keeps_the_history(office, branch, system):
    user = person("张三", branch, home=True)
    other = OrganizationFactory(name="第二党支部", parent=office)

    people.transfer(user, organization=other, since=ON, by=system, at=AT)

    days = list(user.duties.order_by("since").values_list("organization__name", "since", "until"))
    assert days == [("第一党支部", LONG_AGO, ON - DAY), ("第二党支部", ON, None)]
    assert Actor.of(user, on=ON - DAY).home == branch
    assert Actor.of(user, on=ON).home == other


def test_nobody_moves_to_where_he_is(branch, system):
    user = person("张三", branch, home=True)

    with pytest.raises(Refused, match="已隶属"):
        people.transfer(user, organization=branch, since=ON, by=system, at=AT)


def test_whoever_is_a_member_there_already_becomes_one_at_home(office, branch, system):
    user = person("张三", branch, home=True)
    other = OrganizationFactory(name="第二党支部", parent=office)
    DutyFactory(user=user, organization=other)

    people.transfer(user, organization=other, since=ON, by=system, at=AT)

    assert [duty.home for duty in actor(user).duties] == [True]
    late = OrganizationFactory(name="第三党支部", parent=office)
    DutyFactory(user=user, organization=late, since=ON + DAY)
    with pytest.raises(Refused, match="请先结束那项隶属"):
        people.transfer(user, organization=late, since=ON + DAY, by=system, at=AT)


# ---------------------------------------------------------------- one person, two accounts


def test_two_accounts_of_one_person_have_one_home(office, branch, system):
    first = person("张三", office, home=True)
    second = person("张三", branch, home=True)

    people.mark_same(second, other=first, by=system, at=AT)

    second.refresh_from_db()
    assert second.person_id == first.pk
    assert [duty.home for duty in second.duties.all()] == [False]
    people.part(second, by=system, at=AT)
    second.refresh_from_db()
    assert second.person_id == second.pk


def test_an_administrators_second_account_holds_no_business(office, branch, system):
    auditor = person("审计员", office, Role.AUDIT)
    other = person("审计员", branch, Role.OFFICE)

    with pytest.raises(Refused, match="不能兼任"):
        people.mark_same(other, other=auditor, by=system, at=AT)


def test_nobody_marks_himself(system, branch):
    with pytest.raises(Forbidden, match="不能对自己"):
        people.mark_same(person("甲", branch), other=system.user, by=system, at=AT)


# ---------------------------------------------------------------- closing and opening


def test_a_closed_account_ends_its_sessions_and_its_codes(client, branch, system):
    user = add(branch, system, username="zhangsan")
    slip = people.hand_code(user, by=system, at=AT)
    client.force_login(user)

    people.disable(user, reason="调离", by=system, at=AT)

    assert client.get("/profile/").status_code == 302
    with pytest.raises(Refused):
        access_codes.check(user, slip.code, purpose=AccessCode.Purpose.INVITE, at=AT)
    people.enable(user, reason="回岗", by=system, at=AT)
    assert User.objects.get(pk=user.pk).is_active
    assert told(user)[-2:] == ["user.disabled", "user.enabled"]


def test_sessions_of_a_closed_account_do_not_come_back_with_it(client, branch, system):
    user = add(branch, system, username="zhangsan")
    client.force_login(user)
    door, key = sign_ins.Door("zhangsan", "10.0.0.1"), client.session.session_key
    sign_ins.begin(user, open_session=lambda: key, door=door, agent="", at=AT)

    people.disable(user, reason="调离", by=system, at=AT)
    people.enable(user, reason="回岗", by=system, at=AT)

    assert client.get("/profile/").status_code == 302


def test_the_last_of_an_administrator_is_not_closed(office, system):
    auditor = person("审计员", office, Role.AUDIT)

    with pytest.raises(Refused, match="唯一的审计管理员"):
        people.disable(auditor, reason="调离", by=system, at=AT)
    person("审计员二", office, Role.AUDIT)
    assert not people.disable(auditor, reason="调离", by=system, at=AT).is_active


def test_nobody_closes_himself(system):
    with pytest.raises(Forbidden, match="不能对自己"):
        people.disable(system.user, reason="累了", by=system, at=AT)


# ---------------------------------------------------------------- 单位管理员


def test_who_keeps_the_people_of_a_unit_does_so_there_and_below(office, branch, keeper):
    elsewhere = OrganizationFactory(name="水利局党委")

    user = add(branch, keeper, username="lisi")
    people.hand_code(user, by=keeper, at=AT)
    people.disable(user, reason="调离", by=keeper, at=AT)

    with pytest.raises(Forbidden):
        add(elsewhere, keeper)
    with pytest.raises(Forbidden):
        people.disable(person("外人", elsewhere), reason="调离", by=keeper, at=AT)


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.LEADER, Role.OFFICE, Role.SYSTEM])
def test_who_keeps_people_touches_nobody_of_more_weight(branch, keeper, role):
    weighty = person("有职务", branch, role)

    with pytest.raises(Forbidden):
        people.disable(weighty, reason="调离", by=keeper, at=AT)
    with pytest.raises(Forbidden):
        people.hand_code(weighty, by=keeper, at=AT)


def test_who_keeps_people_takes_nobody_with_a_seat_elsewhere(branch, keeper):
    user = person("两头", branch)
    DutyFactory(user=user, organization=OrganizationFactory(), role=Role.LIAISON)

    with pytest.raises(Forbidden):
        people.hand_code(user, by=keeper, at=AT)


def test_who_keeps_people_invites_and_resets_nobody(client, branch, system, keeper):
    """PERMISSIONS `user.reset`: whoever has the code of a secretary could sign in his place."""
    newcomer, used = add(branch, keeper, username="lisi"), person("在用", branch)
    used.set_password("一个够长的口令2026")
    used.save()
    client.force_login(keeper.user)
    pages = [f"/people/{user.pk}/code/" for user in (newcomer, used)]
    assert [client.get(page).status_code for page in pages] == [200, 403]
    shown = [client.get(f"/people/{user.pk}/").content.decode() for user in (newcomer, used)]
    assert ["发邀请码" in page for page in shown] == [True, False]
    assert not any("发重置码" in page for page in shown)

    with pytest.raises(Forbidden):
        people.hand_code(used, by=keeper, at=AT)
    assert people.hand_code(used, by=system, at=AT).purpose == "重置码"


def test_who_keeps_people_does_not_say_who_is_one_person(client, branch, system, keeper):
    """Taken apart, one person would review under his second account what he did under the first."""
    first, second = person("甲", branch), person("甲", branch)
    with pytest.raises(Forbidden, match="由系统管理员认定和取消"):
        people.mark_same(second, other=first, by=keeper, at=AT)
    people.mark_same(second, other=first, by=system, at=AT)
    with pytest.raises(Forbidden, match="由系统管理员认定和取消"):
        people.part(second, by=keeper, at=AT)

    client.force_login(keeper.user)
    page = client.get(f"/people/{second.pk}/").content.decode()
    assert (f"/people/{second.pk}/edit/" in page, f"/people/{second.pk}/part/" in page) == (
        True,
        False,
    )
    assert client.get(f"/people/{second.pk}/part/").status_code == 403


def test_a_plain_office_keeps_nobody(office, branch):
    plain = actor(person("何静", office, Role.OFFICE))

    with pytest.raises(Forbidden):
        add(branch, plain)


def test_only_an_office_may_have_the_flag(branch):
    with pytest.raises(Exception, match="duty_unit_admin_is_office"):
        Duty.objects.create(
            user=person("甲", branch),
            organization=branch,
            role=Role.SECRETARY,
            since=ON,
            unit_admin=True,
        )


# ---------------------------------------------------------------- pages


def test_the_slip_is_shown_once_and_kept_nowhere(client, branch, system):
    user = add(branch, system, username="zhangsan", phone="13800001234")
    client.force_login(system.user)

    shown = client.post(f"/people/{user.pk}/code/", {})

    slip = shown.context["slip"]
    words = shown.content.decode()
    assert slip.code in words
    assert "zhangsan" in words
    assert "http://testserver/login/" in words
    assert "13800001234" not in words
    assert shown["Cache-Control"] == "no-store"
    assert slip.code not in client.get(f"/people/{user.pk}/code/").content.decode()
    assert slip.code not in client.get(f"/people/{user.pk}/").content.decode()


def test_a_person_is_added_by_the_page(client, branch, system):
    client.force_login(system.user)

    answer = client.post(
        "/people/new/",
        {"name": "张　三", "organization": "第一党支部", "since": "2026-06-03", "place": "2"},
    )

    user = User.objects.get(name__startswith="张")
    assert (answer.status_code, answer.url) == (302, f"/people/{user.pk}/")
    assert [(duty.place, duty.home) for duty in user.duties.all()] == [(2, True)]
    assert "无账号" in client.get(answer.url).content.decode()

"""Keeping the tree: names of old, the official order, and relations beside it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from reform.actions import organizations, relations, tree
from reform.errors import Forbidden, Refused
from reform.models import Actor, FormerName, Organization, Role, TrailEntry
from reform.models.scope import Reach, admits, relation
from tests.factories import AT, ON, OrganizationFactory, actor, person


@pytest.fixture
def city():
    return OrganizationFactory(name="市委", code="SW", kind="committee")


@pytest.fixture
def three(city):
    return [OrganizationFactory(name=name, parent=city) for name in ("甲支部", "乙支部", "丙支部")]


@pytest.fixture
def by(city):
    return actor(person("系统员", city, Role.SYSTEM))


def names(parent=None):
    rows = Organization.objects.filter(parent=parent) if parent else Organization.objects.all()
    return [row.name for row in rows.official_order()]


def rename(place, name, by, **facts):
    facts = {"short_name": "", "on": ON, "document": "批复1号"} | facts
    return organizations.rename(place, name=name, by=by, at=AT, **facts)


# ---------------------------------------------------------------- founding and changing


def test_a_new_one_goes_last_and_stands_in_the_trail(city, three, by):
    made = organizations.establish(
        name="丁支部", code="D", kind="branch", parent=city, by=by, at=AT
    )

    assert names(city) == ["甲支部", "乙支部", "丙支部", "丁支部"]
    assert [entry.sentence for entry in TrailEntry.objects.of(made)] == ["建立组织：丁支部（市委）"]


def test_a_code_is_suggested_after_the_one_above_that_nobody_has(city, three):
    OrganizationFactory(code="SW-04")
    city.refresh_from_db()

    assert organizations.suggest_code(city) == "SW-05"


@pytest.mark.parametrize(
    ("facts", "why"),
    [({"name": "甲支部"}, "已有名为“甲支部”"), ({"code": "SW"}, "代码“SW”已由“市委”使用")],
)
def test_a_name_or_code_that_is_taken_is_said(city, three, by, facts, why):
    facts = {"name": "新支部", "code": "N", "kind": "branch"} | facts

    with pytest.raises(Refused, match=why):
        organizations.establish(parent=city, by=by, at=AT, **facts)


def test_kind_code_and_short_name_are_corrected_with_what_they_were(three, by):
    changed = organizations.change(
        three[0], kind="general_branch", code="JIA", short_name="甲", by=by, at=AT
    )

    assert (changed.kind, changed.code, changed.short_name) == ("general_branch", "JIA", "甲")
    entry = TrailEntry.objects.of(changed).get()
    assert entry.detail["changed"]["kind"] == ["branch", "general_branch"]


@pytest.mark.parametrize("role", [Role.SECURITY, Role.AUDIT, Role.OFFICE, Role.LEADER])
def test_only_the_system_administrator_keeps_the_tree(city, three, role):
    other = actor(person("别人", city, role))

    with pytest.raises(Forbidden):
        rename(three[0], "新名", other)
    with pytest.raises(Forbidden):
        tree.place_after(three[0], after=None, by=other, at=AT)


# ---------------------------------------------------------------- former names


def test_a_former_name_still_finds_it(city, three, by, client):
    rename(three[0], "第一联合党支部", by)

    assert list(Organization.objects.called("甲支部")) == [three[0]]
    assert list(Organization.objects.like("甲支")) == [three[0]]
    assert FormerName.objects.get().until == ON
    client.force_login(by.user)
    found = client.get(reverse("organization-search"), {"q": "甲支部"}).json()
    assert [row["text"] for row in found] == ["第一联合党支部"]
    page = client.get(reverse("organizations"), {"q": "甲支部"}).content.decode()
    assert "曾用名：甲支部" in page


def test_names_stay_in_the_order_of_their_days(three, by):
    rename(three[0], "第二个名", by, on=ON - timedelta(days=10))
    rename(three[0], "第三个名", by)

    assert three[0].every_name() == ["甲支部", "第二个名"]
    fresh = Organization.objects.get(pk=three[0].pk)
    assert fresh.every_name() == ["第三个名", "第二个名", "甲支部"]
    with pytest.raises(Refused, match="不能早于上一次更名"):
        rename(fresh, "第四个名", by, on=ON - timedelta(days=1))


@pytest.mark.parametrize(
    ("name", "day", "why"),
    [
        ("甲支部", ON, "无需更名"),
        ("乙支部", ON, "已有名为“乙支部”"),
        ("丁支部", ON + timedelta(days=1), "不能晚于今天"),
    ],
)
def test_a_rename_that_makes_no_sense_is_refused(three, by, name, day, why):
    with pytest.raises(Refused, match=why):
        rename(three[0], name, by, on=day)


# ---------------------------------------------------------------- official order


def test_siblings_change_places_and_take_along_what_is_below(city, three, by):
    inner = OrganizationFactory(name="甲之一", parent=three[0])

    tree.shift(three[0], earlier=False, by=by, at=AT)

    assert names() == ["市委", "乙支部", "甲支部", "甲之一", "丙支部"]
    inner.refresh_from_db()
    three[0].refresh_from_db()
    assert inner.path.startswith(three[0].path)
    assert inner.sequence.startswith(three[0].sequence)


def test_one_is_put_right_after_another_or_first(city, three, by):
    tree.place_after(three[0], after=three[2], by=by, at=AT)
    assert names(city) == ["乙支部", "丙支部", "甲支部"]

    tree.place_after(three[2], after=None, by=by, at=AT)
    assert names(city) == ["丙支部", "乙支部", "甲支部"]


def test_whoever_comes_after_a_reordering_is_last(city, three, by):
    tree.place_after(three[0], after=three[2], by=by, at=AT)
    OrganizationFactory(name="丁支部", parent=city)

    assert names(city) == ["乙支部", "丙支部", "甲支部", "丁支部"]


@pytest.mark.parametrize(("place", "earlier", "why"), [(0, True, "首位"), (2, False, "末位")])
def test_nobody_goes_past_the_end(three, by, place, earlier, why):
    with pytest.raises(Refused, match=f"已在{why}"):
        tree.shift(three[place], earlier=earlier, by=by, at=AT)


def test_the_order_is_among_siblings(three, by):
    beside = OrganizationFactory(name="别处")

    with pytest.raises(Refused, match="不在同一上级之下"):
        tree.place_after(three[0], after=beside, by=by, at=AT)


# ---------------------------------------------------------------- relations beside the tree


@pytest.fixture
def stationed(city):
    """A 纪检组 of another tree, with an inspector and a secretary."""
    upper = OrganizationFactory(name="市纪委", kind="discipline")
    group = OrganizationFactory(name="派驻纪检组", kind="discipline", parent=upper)
    return group, person("高远", group, Role.INSPECTOR), person("书记", group, Role.SECRETARY)


def station(group, host, by, since=ON):
    return relations.add(group, kind="stationed", other=host, since=since, by=by, at=AT)


def seen(user, on=ON):
    return Actor.of(user, on=on)


def test_a_stationed_inspector_has_the_host_and_all_below_it_as_down(city, three, by, stationed):
    group, inspector, _ = stationed
    station(group, city, by)
    duty = seen(inspector).duties[0]

    assert [relation(duty, row.path) for row in (city, *three, group)] == [
        "down", "down", "down", "down", "own",
    ]  # fmt: skip
    reach = Reach.of(seen(inspector), {Role.INSPECTOR: "VX"}, key="pk")
    assert set(Organization.objects.filter(reach.condition())) == {city, *three}
    assert admits({Role.INSPECTOR: "VX"}, seen(inspector), three[0].path)


def test_being_stationed_gives_nothing_to_others_nor_on_other_days(city, by, stationed):
    group, inspector, secretary = stationed
    row = station(group, city, by, since=date(2026, 5, 1))
    relations.end(row, until=ON - timedelta(days=1), by=by, at=AT)

    assert relation(seen(inspector).duties[0], city.path) == "out"
    assert relation(seen(inspector, ON - timedelta(days=1)).duties[0], city.path) == "down"
    assert relation(seen(secretary, ON - timedelta(days=1)).duties[0], city.path) == "out"


def test_other_relations_open_nothing(city, three, by, stationed):
    group, inspector, _ = stationed
    relations.add(group, kind="guides", other=city, since=ON, by=by, at=AT)

    assert relation(seen(inspector).duties[0], city.path) == "out"


def test_whoever_is_no_inspector_of_a_discipline_organization_costs_no_query(
    city, stationed, django_assert_num_queries
):
    _, inspector, secretary = stationed
    plain = person("纪检", city, Role.INSPECTOR)

    for user, count in ((secretary, 1), (plain, 1), (inspector, 2)):
        with django_assert_num_queries(count):
            seen(user)


@pytest.mark.parametrize(
    ("group", "host", "why"),
    [
        ("甲支部", "市委", "应是纪委"),
        ("派驻纪检组", "市纪委", "上下级"),
        ("市委", "市委", "另一个"),
    ],
)
def test_a_relation_that_makes_no_sense_is_refused(three, by, stationed, group, host, why):
    group, host = (Organization.objects.get(name=name) for name in (group, host))

    with pytest.raises(Refused, match=why):
        station(group, host, by)


def test_a_relation_stands_once_at_a_time_and_on_both_pages(city, by, stationed, client):
    group, *_ = stationed
    station(group, city, by)
    with pytest.raises(Refused, match="已经登记"):
        station(group, city, by)

    client.force_login(by.user)
    pages = [client.get(place.get_absolute_url()).content.decode() for place in (group, city)]
    assert [city.name in pages[0], "派驻纪检</span>" in pages[1]] == [True, True]


def test_the_same_queries_for_an_organization_with_one_relation_or_twenty(
    city, by, stationed, client, django_assert_num_queries
):
    group, *_ = stationed
    client.force_login(by.user)
    address = group.get_absolute_url()
    station(group, city, by)
    client.get(address)  # what a session keeps is asked for once
    with django_assert_num_queries(14):
        client.get(address)
    for number in range(19):
        station(group, OrganizationFactory(name=f"驻在{number}"), by)

    with django_assert_num_queries(14):
        client.get(address)

"""The tree of organizations, and the page of one."""

import pytest
from django.urls import reverse

from reform.models import Organization, Role
from tests.factories import LONG_AGO, ON, OrganizationFactory, person

ODD = ["abc", "99999999", "-1", "0", "1e9", "９", "\x00", "9" * 5000, ""]


@pytest.fixture
def tree():
    city = OrganizationFactory(name="市委", kind="committee")
    bureau = OrganizationFactory(name="住建局党委", short_name="住建局", code="ZJJ", parent=city)
    branch = OrganizationFactory(name="第一党支部", parent=bureau)
    return city, bureau, branch


@pytest.fixture
def reader(client, tree):
    user = person("张三", tree[2])
    client.force_login(user)
    return user


def page(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_tree_opens_the_top_and_leaves_the_rest_to_be_asked_for(client, tree, reader):
    shown = page(client, "organizations")

    assert "市委" in shown
    assert "住建局党委" in shown
    assert "第一党支部</a>" not in shown
    assert f'hx-get="{reverse("organization-children", args=[tree[1].pk])}"' in shown


def test_a_branch_of_the_tree_comes_alone_to_htmx_and_as_a_page_to_others(client, tree, reader):
    address = reverse("organization-children", args=[tree[1].pk])

    piece = client.get(address, headers={"hx-request": "true"}).content.decode()
    whole = client.get(address).content.decode()

    assert "第一党支部" in piece
    assert "<html" not in piece
    assert "第一党支部" in whole
    assert "<html" in whole


def test_members_are_counted_once_and_only_those_in_force(client, tree, reader):
    branch = tree[2]
    person("李四", branch, Role.MEMBER, Role.SECRETARY)
    person("离任", branch, Role.MEMBER, until=LONG_AGO)
    gone = person("停用", branch)
    gone.is_active = False
    gone.save()

    shown = client.get(
        reverse("organization-children", args=[tree[1].pk]), headers={"hx-request": "true"}
    ).content.decode()

    assert "2名成员" in shown


def test_a_branch_too_long_for_the_tree_leads_to_its_own_list(client, tree, reader, monkeypatch):
    monkeypatch.setattr("reform.views.organizations.SHOWN", 2)
    for number in range(3):
        OrganizationFactory(name=f"第{number}局党委", parent=tree[0])

    shown = page(client, "organizations")

    assert "第0局党委" in shown
    assert "第1局党委" not in shown
    assert "还有更多，看市委的全部下级" in shown
    assert "第2局党委" in page(client, "organization-children", tree[0].pk)


@pytest.mark.parametrize("words", ["住建", "ZJJ", "住建局"])
def test_an_organization_is_found_by_name_short_name_and_code(client, tree, reader, words):
    shown = page(client, "organizations", q=words)

    assert "住建局党委" in shown
    assert "市委" in shown  # what stands above
    assert "第一党支部</a>" not in shown


def test_nothing_found_says_what_to_try(client, tree, reader):
    assert "没有查到组织" in page(client, "organizations", q="无此单位")


def test_an_abolished_organization_leaves_the_tree_but_keeps_its_page(client, tree, reader):
    tree[1].retired_on = ON
    tree[1].save()

    assert "住建局党委" not in page(client, "organizations")
    assert "已撤销" in page(client, "organization", tree[1].pk)


def test_the_page_shows_above_below_and_who_serves(client, tree, reader):
    person("王书记", tree[1], Role.LEADER, principal=True)

    shown = page(client, "organization", tree[1].pk)

    assert "市委" in shown
    assert "第一党支部" in shown
    assert "领导（主要负责人）" in shown


def test_those_who_answer_for_it_stand_first(client, tree, reader):
    person("甲成员", tree[2])
    person("乙书记", tree[2], Role.SECRETARY, Role.MEMBER)

    shown = page(client, "organization", tree[2].pk)

    assert shown.index("乙书记") < shown.index("甲成员")


@pytest.mark.parametrize("name", ["organization", "organization-children"])
@pytest.mark.parametrize("key", [0, 999999, 10**30])
def test_an_organization_that_does_not_exist_is_404(client, reader, name, key):
    assert client.get(reverse(name, args=[key])).status_code == 404


@pytest.mark.parametrize("value", ODD)
def test_strange_addresses_are_pages_too(client, tree, reader, value):
    for name, args in (("organizations", []), ("organization", [tree[0].pk])):
        for key in ("page", "q", "kind"):
            assert client.get(reverse(name, args=args), {key: value}).status_code == 200


@pytest.mark.parametrize("count", [1, 50])
def test_the_tree_costs_the_same_at_one_and_at_fifty(
    client, tree, reader, count, django_assert_num_queries
):
    for _ in range(count):
        OrganizationFactory(parent=tree[0])
    page(client, "organizations")  # the session is written once a minute

    with django_assert_num_queries(7):
        page(client, "organizations")
    with django_assert_num_queries(8):
        page(client, "organizations", q="第")


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_of_one_costs_the_same_at_one_and_at_fifty(
    client, tree, reader, count, django_assert_num_queries
):
    for _ in range(count):
        OrganizationFactory(parent=tree[1])
        person("李四", tree[1], Role.MEMBER, Role.LIAISON)
    page(client, "organization", tree[1].pk)

    with django_assert_num_queries(14):
        page(client, "organization", tree[1].pk)


def test_who_keeps_people_registers_one_from_the_page_of_his_organization(client, tree):
    place = tree[2]
    address = f'href="{reverse("person-new")}?organization={place.pk}"'
    client.force_login(person("系统员", tree[0], Role.SYSTEM))
    assert address in page(client, "organization", place.pk)

    client.force_login(person("安全员", tree[0], Role.SECURITY))
    assert address not in page(client, "organization", place.pk)


def test_a_retired_organization_takes_nobody_and_says_that_it_is_empty(client, tree):
    place = OrganizationFactory(name="原支部", parent=tree[1])
    Organization.objects.filter(pk=place.pk).update(retired_on=LONG_AGO)
    client.force_login(person("系统员", tree[0], Role.SYSTEM))

    shown = page(client, "organization", place.pk)

    assert "已撤销，没有人员" in shown
    assert "登记人员" not in shown

"""Complaints and suggestions: from the foot of every page to the office."""

import uuid

import pytest
from django.urls import reverse

from reform.models import Act, Notice, Role, Suggestion, TrailEntry
from tests.factories import AT, OrganizationFactory, person


@pytest.fixture
def branch():
    return OrganizationFactory(name="第一党支部", parent=OrganizationFactory(name="住建局党委"))


@pytest.fixture
def user(client, branch):
    user = person("张三", branch)
    client.force_login(user)
    return user


def send(client, **facts):
    usual = {"text": "请减少重复填报。", "page": "/people/", "token": uuid.uuid4()}
    return client.post(reverse("suggest"), usual | facts, follow=True)


def test_every_page_leads_to_the_form_and_says_where_it_came_from(client, user):
    assert 'href="/suggest/?from=/people/"' in client.get(reverse("people")).content.decode()


def test_a_suggestion_is_kept_recorded_and_told_to_the_office(client, user, branch):
    office = person("何静", branch.parent, Role.OFFICE)

    answer = send(client)

    assert answer.redirect_chain == [("/people/", 302)]
    assert "感谢您的意见" in answer.content.decode()
    kept = Suggestion.objects.get()
    assert (kept.text, kept.page, kept.by) == ("请减少重复填报。", "/people/", user)
    assert TrailEntry.objects.of(kept).get().act == Act.SUGGESTED
    assert Notice.objects.get().recipient == office


def test_a_double_click_is_one_suggestion(client, user):
    token = uuid.uuid4()
    send(client, token=token)
    again = send(client, token=token)

    assert Suggestion.objects.count() == 1
    assert "系统只办理了一次" in again.content.decode()


@pytest.mark.parametrize("text", ["", "　 \n", "字" * 2001])
def test_an_empty_or_endless_suggestion_comes_back(client, user, text):
    answer = send(client, text=text)

    assert answer.redirect_chain == []
    assert 'role="alert"' in answer.content.decode()
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("path", ["https://elsewhere.example/", "//elsewhere.example", "x\x00"])
def test_another_host_is_no_page_of_ours(client, user, path):
    assert client.get(reverse("suggest"), {"from": path}).status_code == 200
    send(client, page=path)

    assert Suggestion.objects.get().page == ""


def test_the_office_reads_its_own_part_of_the_tree(client, user, branch):
    Suggestion.objects.create(text="本单位的意见", by=user, at=AT)
    outside = person("外人", OrganizationFactory())
    Suggestion.objects.create(text="别处的意见", by=outside, at=AT)
    client.force_login(person("何静", branch.parent, Role.OFFICE))

    shown = client.get(reverse("suggestions")).content.decode()

    assert "本单位的意见" in shown
    assert "别处的意见" not in shown


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SECRETARY, Role.LEADER, Role.SYSTEM])
def test_nobody_else_reads_suggestions(client, branch, role):
    client.force_login(person("读者", branch.parent, role))

    refused = client.get(reverse("suggestions"))

    assert refused.status_code == 403
    assert "意见建议由活动办阅看。" in refused.content.decode()


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_costs_the_same_at_one_and_at_fifty(
    client, branch, user, count, django_assert_num_queries
):
    for number in range(count):
        Suggestion.objects.create(text=f"意见{number}", by=user, at=AT)
    client.force_login(person("何静", branch.parent, Role.OFFICE))
    client.get(reverse("suggestions"))

    with django_assert_num_queries(6):
        client.get(reverse("suggestions"))

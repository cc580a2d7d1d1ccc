"""What pickers find, and what the fields behind them understand."""

import pytest
from django import forms
from django.urls import reverse

from reform.forms.pickers import OrganizationField, PersonField
from reform.models import Role
from tests.factories import LONG_AGO, ON, OrganizationFactory, person


@pytest.fixture
def branch():
    bureau = OrganizationFactory(name="住建局党委", short_name="住建局", code="ZJJ")
    return OrganizationFactory(name="第一党支部", parent=bureau)


@pytest.fixture
def signed_in(client, branch):
    user = person("张三", branch)
    client.force_login(user)
    return user


def ask(client, name, **query):
    return client.get(reverse(name), query).json()


@pytest.mark.parametrize("name", ["organization-search", "person-search"])
def test_only_whoever_signed_in_may_ask(client, branch, name):
    assert client.get(reverse(name)).status_code == 302


@pytest.mark.parametrize("words", ["住建", "ZJJ", "zjj", "住建局党委"])
def test_an_organization_is_found_by_name_code_and_initials(client, branch, signed_in, words):
    assert ask(client, "organization-search", q=words) == [
        {"value": str(branch.parent.pk), "text": "住建局党委", "hint": ""}
    ]


def test_the_nearest_name_comes_first(client, branch, signed_in):
    longer = OrganizationFactory(name="市第一党支部联合会")

    found = ask(client, "organization-search", q="第一党支部")

    assert [row["value"] for row in found] == [str(branch.pk), str(longer.pk)]
    assert found[0]["hint"] == "住建局党委"


def test_an_abolished_organization_is_not_offered(client, branch, signed_in):
    branch.retired_on = ON
    branch.save()

    assert ask(client, "organization-search", q="第一") == []


@pytest.mark.parametrize("words", ["张三", "张", "zs"])
def test_a_person_is_found_by_name_and_initials(client, branch, signed_in, words):
    assert ask(client, "person-search", q=words) == [
        {"value": str(signed_in.pk), "text": "张三", "hint": "住建局 第一党支部"}
    ]


def test_an_organization_keeps_to_its_members_of_today(client, branch, signed_in):
    person("书记", branch, Role.SECRETARY)
    person("离任", branch, Role.MEMBER, until=LONG_AGO)
    person("外人", OrganizationFactory())

    for value in (branch.pk, f"第一党支部 #{branch.pk}"):
        assert [row["text"] for row in ask(client, "person-search", organization=value)] == ["张三"]


def test_a_disabled_account_is_not_offered(client, branch, signed_in):
    gone = person("停用", branch)
    gone.is_active = False
    gone.save()

    assert ask(client, "person-search", q="停用") == []


def test_twenty_at_most(client, branch, signed_in):
    for _ in range(25):
        person("李四", branch)

    assert len(ask(client, "person-search", q="李")) == 20


@pytest.mark.parametrize("value", ["\x00", "%", "'", "x" * 300, "9" * 5000, "²", "#", "\u202e"])
def test_strange_questions_have_an_answer(client, signed_in, value):
    for name in ("organization-search", "person-search"):
        for key in ("q", "organization"):
            assert client.get(reverse(name), {key: value}).status_code == 200


@pytest.mark.parametrize("count", [1, 20])
def test_searching_costs_the_same_at_one_and_at_twenty(
    client, branch, signed_in, count, django_assert_num_queries
):
    for _ in range(count):
        person("李四", branch)
    ask(client, "person-search", q="李")

    with django_assert_num_queries(5):
        ask(client, "person-search", q="李")


class Form(forms.Form):
    organization = OrganizationField(required=False)
    person = PersonField(required=False)


def understood(**typed):
    form = Form(typed)
    return form.cleaned_data if form.is_valid() else form.errors.get_json_data()


def said(**typed):
    return [fault["message"] for faults in understood(**typed).values() for fault in faults]


@pytest.mark.parametrize("words", ["住建局党委", "住建局", "ZJJ", "　住建局党委 "])
def test_the_field_takes_a_name_alone(branch, words):
    assert understood(organization=words)["organization"] == branch.parent


def test_the_field_takes_what_the_picker_writes(branch):
    assert understood(organization=f"随便 #{branch.pk}")["organization"] == branch


def test_digits_alone_are_a_name_and_never_somebody_elses_row(branch):
    assert said(organization=str(branch.pk)) == [
        f"没有找到“{branch.pk}”，请输入全称或从列表中选择。"
    ]


def test_a_name_borne_by_several_asks_which(branch):
    one, two = person("张三", branch), person("张三", branch)

    assert said(person="张三") == [
        f"有多个“张三”，请从列表中选择，或照此填写：张三 #{one.pk}、张三 #{two.pk}。"
    ]


def test_a_required_field_left_empty_says_so(branch):
    class Strict(forms.Form):
        person = PersonField(label="责任人")

    assert Strict({"person": " "}).errors["person"] == ["这个字段是必填项。"]


def test_the_field_shows_the_row_by_name_again(branch):
    assert f'value="第一党支部 #{branch.pk}"' in str(Form({"organization": f"x #{branch.pk}"})) or (
        f'value="第一党支部 #{branch.pk}"' in str(Form(initial={"organization": branch.pk}))
    )


def test_a_narrowed_field_takes_nothing_else(branch):
    class Narrow(forms.Form):
        organization = OrganizationField(queryset=type(branch).objects.filter(pk=branch.pk))

    assert Narrow({"organization": f"x #{branch.pk}"}).is_valid()
    assert not Narrow({"organization": f"x #{branch.parent.pk}"}).is_valid()

"""A form token is spent once, in the transaction of the act it comes with."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from reform.actions import once
from reform.errors import Refused, Repeated
from reform.models import Once, Organization
from tests.factories import AT, OrganizationFactory, actor, person


@pytest.fixture
def by():
    return actor(person("张三", OrganizationFactory(name="第一党支部")))


def rename(name="新名称"):
    Organization.objects.update(name=name)
    return name


def test_the_act_is_done_and_its_result_returned(by):
    assert once.run(uuid.uuid4(), rename, by=by, at=AT) == "新名称"
    assert Organization.objects.get().name == "新名称"


def test_the_same_token_again_does_nothing_and_says_so(by):
    token = uuid.uuid4()
    once.run(token, rename, by=by, at=AT)

    with pytest.raises(Repeated, match="这份表单已经提交过，系统只办理了一次。"):
        once.run(token, lambda: rename("又一次"), by=by, at=AT)

    assert Organization.objects.get().name == "新名称"


def test_a_token_is_spent_whoever_sends_it(by):
    """A page sent on in a message carries its token: it still has one effect."""
    token = uuid.uuid4()
    other = actor(person("李四", Organization.objects.get()))
    once.run(token, rename, by=by, at=AT)

    with pytest.raises(Repeated):
        once.run(token, rename, by=other, at=AT)
    assert Once.objects.get().by == by.user


@pytest.mark.parametrize("failure", [Refused("不行"), ValueError("坏了")])
def test_a_token_comes_back_when_the_act_fails_and_so_does_everything(by, failure):
    token = uuid.uuid4()

    def act():
        rename("一半")
        raise failure

    with pytest.raises(type(failure)):
        once.run(token, act, by=by, at=AT)

    assert not Once.objects.exists()
    assert Organization.objects.get().name == "第一党支部"
    assert once.run(token, rename, by=by, at=AT) == "新名称"


def test_a_broken_constraint_of_the_act_is_not_taken_for_a_second_click(by):
    """Only the token's own row means that the form was sent before."""
    with pytest.raises(IntegrityError), transaction.atomic():
        once.run(uuid.uuid4(), lambda: Organization.objects.update(depth=-1), by=by, at=AT)

    assert not Once.objects.exists()


def test_tokens_are_forgotten_after_a_week(by):
    days = {7: AT - timedelta(days=7), 8: AT - timedelta(days=8), 0: AT}
    for at in days.values():
        once.run(uuid.uuid4(), rename, by=by, at=at)

    assert once.sweep(at=AT) == 1
    assert set(Once.objects.values_list("at", flat=True)) == {days[7], days[0]}


def test_two_forms_have_two_tokens_and_two_effects(by):
    for name in "甲乙":
        once.run(uuid.uuid4(), lambda name=name: rename(name), by=by, at=AT)

    assert Organization.objects.get().name == "乙"
    assert Once.objects.count() == 2

"""A statement compiled once says, with other values, what the queryset says with them."""

import pytest
from django.core.exceptions import EmptyResultSet

from reform.models import Duty, Organization
from reform.models.statement import Columns, Keys, Statement
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db
DEPTH = 9999  # stands in for a depth


@pytest.fixture
def tree():
    top = OrganizationFactory()
    return [top, *(OrganizationFactory(parent=top) for _ in range(3))]


def test_a_stand_in_takes_each_value_in_turn(tree):
    statement = Statement.of(Organization.objects.filter(depth=DEPTH).order_by("pk").values("pk"))

    assert statement.rows({DEPTH: 1}) == [(tree[0].pk,)]
    assert statement.rows({DEPTH: 2}) == [(place.pk,) for place in tree[1:]]
    assert statement.rows({DEPTH: 3}) == []


def test_other_parameters_stay_as_they_were_compiled(tree):
    rows = Organization.objects.filter(depth=DEPTH, retired_on=None).exclude(pk=tree[1].pk)
    statement = Statement.of(rows.order_by("pk").values("pk"))

    assert statement.rows({DEPTH: 2}) == [(place.pk,) for place in tree[2:]]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_keys_are_one_parameter_however_many(tree, count):
    wanted = [place.pk for place in tree[:count]]
    rows = Organization.objects.filter(pk__in=Keys([])).order_by("pk").values("pk")
    statement = Statement.of(rows)

    assert statement.params == (Keys.text([]),)
    assert statement.rows({Keys.text([]): Keys.text(wanted)}) == [(key,) for key in wanted]


def test_what_can_find_nothing_is_said_when_it_is_compiled():
    with pytest.raises(EmptyResultSet):
        Statement.of(Organization.objects.none().values("pk"))


def test_records_are_whole_and_have_their_types(bureau):
    duties = Duty.objects.filter(user=-1).order_by("pk")
    parts = Columns.of(Duty), Columns.of(Organization, through="organization__")
    kept = Statement.of(duties.values_list(*parts[0].paths, *parts[1].paths, "role"))
    secretary = bureau.secretary.user

    found = kept.records({-1: secretary.pk}, *parts)

    same = list(secretary.duties.select_related("organization").order_by("pk"))
    assert [role for *_, role in found] == [duty.role for duty in same] != []
    for (duty, place, _), other in zip(found, same, strict=True):
        assert values_of(duty) == values_of(other)
        assert values_of(place) == values_of(other.organization)


def values_of(record):
    return {path: getattr(record, path) for path in Columns.of(type(record)).paths}

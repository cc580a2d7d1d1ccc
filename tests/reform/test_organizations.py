"""The tree of Party organizations: where each stands, and that a place is never given twice."""

import pytest
from django.db import IntegrityError, transaction

from reform.actions import organizations
from reform.errors import Refused
from reform.models import Counter, Organization
from reform.models.organization import LEVELS, below, successor, within
from tests.factories import ON, OrganizationFactory


@pytest.fixture
def tree():
    """A committee with two branches, one of them with a department; another committee beside it."""
    top = OrganizationFactory(name="市局党组", kind="committee")
    first = OrganizationFactory(name="第一党支部", parent=top)
    inner = OrganizationFactory(name="综合科", parent=first, kind="department")
    second = OrganizationFactory(name="第二党支部", parent=top)
    beside = OrganizationFactory(name="另一党组", kind="committee")
    return top, first, inner, second, beside


def test_each_stands_below_the_one_above(tree):
    top, first, inner, second, beside = tree

    assert first.path == f"{top.path}0001"
    assert second.path == f"{top.path}0002"
    assert inner.path == f"{first.path}0001"
    assert beside.path == f"{int(top.path) + 1:04d}"
    assert [row.depth for row in tree] == [1, 2, 3, 2, 1]


def test_lineage_is_everything_above_and_oneself_top_first(tree):
    top, first, inner, *_ = tree

    assert inner.lineage == [top.path, first.path, inner.path]


def test_under_is_oneself_and_everything_below(tree):
    top, first, inner, second, beside = tree

    assert list(Organization.objects.under(top).official_order()) == [top, first, inner, second]
    assert list(Organization.objects.under(inner)) == [inner]
    assert list(Organization.objects.filter(below(top.path)).official_order()) == [
        first, inner, second,
    ]  # fmt: skip
    assert beside not in Organization.objects.under(top)


@pytest.mark.parametrize(
    ("path", "next_one"),
    [("0001", "0002"), ("0009", "0010"), ("00010099", "00010100"), ("00019999", "00020000")],
)
@pytest.mark.no_database
def test_the_successor_is_the_first_place_after_everything_below(path, next_one):
    assert successor(path) == next_one


@pytest.mark.parametrize("path", ["0001", "00010002", "000100020003"])
@pytest.mark.no_database
def test_a_range_is_the_same_as_a_prefix(path):
    """Digits sort alike everywhere, so a subtree is a range; here against what it stands for."""
    places = ["0001", "0002", "00010001", "00010002", "00010003", "000100020001", "000100020003",
              "00010002000300040005", "00010020", "00100001", "9999"]  # fmt: skip
    low, high = (dict(within(path).children)[f"path__{end}"] for end in ("gte", "lt"))

    assert [place for place in places if low <= place < high] == [
        place for place in places if place.startswith(path)
    ]


def test_a_step_is_never_given_again(tree):
    top, _, _, second, _ = tree
    taken = second.path
    second.delete()

    assert OrganizationFactory(name="第三党支部", parent=top).path == f"{top.path}0003"
    assert not Organization.objects.filter(path=taken).exists()


def test_a_top_step_is_never_given_again(tree):
    *_, beside = tree
    taken = int(beside.path)
    beside.delete()

    assert int(OrganizationFactory(kind="committee").path) == taken + 1


def test_the_tree_has_eight_levels():
    row = None
    for _ in range(LEVELS):
        row = OrganizationFactory(parent=row)

    with pytest.raises(Refused, match="组织层级最多8级"):
        OrganizationFactory(parent=row)


def test_below_one_there_is_room_for_9999(tree):
    top, *_ = tree
    Organization.objects.filter(pk=top.pk).update(steps_given=9_998)

    assert OrganizationFactory(parent=top).path == f"{top.path}9999"
    with pytest.raises(Refused, match="已满9999个"), transaction.atomic():
        OrganizationFactory(parent=top)


def test_at_the_top_there_is_room_for_9999(tree):
    Counter.objects.filter(name="organization:top").update(value=9_999)

    with pytest.raises(Refused, match="“顶层”下面的党组织已满"):
        OrganizationFactory()


def test_what_was_refused_took_no_step(tree):
    top, *_ = tree
    given = Organization.objects.get(pk=top.pk).steps_given

    with pytest.raises(IntegrityError), transaction.atomic():
        organizations.create(name="第一党支部", code="again", parent=top)

    assert Organization.objects.get(pk=top.pk).steps_given == given


@pytest.mark.parametrize(
    ("facts", "is_refused"),
    [
        ({"name": "第一党支部", "code": "new"}, True),
        ({"name": "新支部", "code": "ORG-TAKEN"}, True),
        ({"name": "新支部", "code": "new"}, False),
    ],
)
def test_a_name_stands_once_below_one_and_a_code_once(tree, facts, is_refused):
    top, *_ = tree
    OrganizationFactory(parent=top, code="ORG-TAKEN")

    if not is_refused:
        assert organizations.create(parent=top, **facts).pk
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        organizations.create(parent=top, **facts)


def test_every_bureau_may_have_a_first_branch(tree):
    *_, beside = tree

    assert OrganizationFactory(name="第一党支部", parent=beside).name == "第一党支部"


def test_a_retired_one_is_gone_from_its_day_on_and_leaves_its_name(tree):
    top, first, *_ = tree
    first.retired_on = ON
    first.save()

    assert first not in Organization.objects.in_force(ON)
    assert first in Organization.objects.in_force(ON.replace(day=ON.day - 1))
    again = OrganizationFactory(name="第一党支部", parent=top)
    assert again.path != first.path


@pytest.mark.parametrize(
    ("kind", "reads"),
    [
        ("committee", True),
        ("general_branch", True),
        ("branch", False),
        ("department", False),
        ("discipline", False),
    ],
)
@pytest.mark.no_database
def test_whose_secretary_reads_what_lies_below(kind, reads):
    assert Organization(kind=kind).reads_below is reads


def test_one_covers_itself_and_what_lies_below_and_nothing_that_only_looks_alike(tree):
    top, first, inner, second, beside = tree

    assert [top.covers(row.path) for row in tree] == [True, True, True, True, False]
    assert [first.covers(row.path) for row in tree] == [False, True, True, False, False]
    assert (inner.covers(first.path), second.covers(first.path)) == (False, False)
    assert not beside.covers(top.path)

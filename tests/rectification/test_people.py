"""Whom a name in a branch's file may mean."""

import pytest

from rectification.actions.people import Directory
from tests.factories import ON, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(bureau):
    for name in ("张杰", "王伟", "孙伟", "欧阳春", "林芳"):
        person(name, bureau.branch)
    return Directory.of(bureau.branch, on=ON)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("张洁", ["张杰", "郑洁"]),  # sounds the same; nearly the same
        ("王炜", ["王伟"]),
        ("欧阳纯", ["欧阳春"]),  # one of three characters
        ("欧阳者", ["欧阳春"]),
        ("李四", []),
        ("某同志", []),
        ("综合科", []),
        ("", []),
    ],
)
def test_a_slip_is_told_from_a_stranger(directory, written, meant):
    assert [user.name for user in directory.near(written)] == meant


def test_of_several_who_bear_the_name_all_are_near(bureau, directory):
    twin = person("张杰", bureau.branch)
    both = Directory.of(bureau.branch, on=ON).near("张洁")

    assert twin in both
    assert [user.name for user in both] == ["张杰", "张杰", "郑洁"]

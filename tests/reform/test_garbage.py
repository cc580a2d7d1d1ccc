"""The interpreter looks for garbage again whatever happened meanwhile."""

import gc

import pytest

from reform.garbage import uncollected

pytestmark = pytest.mark.no_database


def test_nothing_is_looked_for_meanwhile_and_again_afterwards():
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled(), "the inner one has ended it"
    assert gc.isenabled()


def test_so_it_is_after_an_error():
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_who_had_it_off_finds_it_off():
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()

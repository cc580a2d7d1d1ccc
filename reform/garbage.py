"""When the interpreter looks for garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Do not look for cycles meanwhile: who makes a hundred thousand small rows that all go by
    themselves pays an eighth of his time for looking through everything the process holds.

    Of the whole process; within another one, the outer ends it.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

"""Spending form tokens, so that a double click has one effect."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction

from reform.errors import Repeated
from reform.models import Actor, Once

T = TypeVar("T")
KEPT = timedelta(days=7)  # far longer than any form stays open


@transaction.atomic
def run(token: uuid.UUID, act: Callable[[], T], *, by: Actor, at: datetime) -> T:
    """Do `act` in one transaction with the spending of its token.

    Raises Repeated, with nothing done, when the token was spent before. When the act refuses,
    the token comes back with everything else, so the same form can be corrected and sent again.
    """
    try:
        with transaction.atomic():
            Once.objects.create(token=token, by=by.user, at=at)
    except IntegrityError as error:
        raise Repeated("这份表单已经提交过，系统只办理了一次。") from error
    return act()


def sweep(*, at: datetime) -> int:
    """Forget tokens older than a week; return how many."""
    return Once.objects.filter(at__lt=at - KEPT).delete()[0]

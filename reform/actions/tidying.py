"""What is forgotten at night (清理): what was told, read and sent long ago, and what forms and
sign-ins left behind. The trail, and the steps of the clock that were told, are kept for ever."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet

from reform.actions import once
from reform.models import Delivery, DeliveryNotice, Notice
from reform.models.delivery import DEAD_KEPT
from reform.models.notice import KEPT

AT_ONCE = 2_000  # rows in one transaction: nobody waits for long


def tidy(*, at: datetime) -> dict[str, int]:
    """Forget what is old; return of what, and how many. What somebody has not read stays."""
    spare(at=at)
    return {
        "once": once.sweep(at=at),
        "session": Session.objects.filter(expire_date__lt=at).delete()[0],
        "delivery": _gone(lambda: Delivery.objects.ended_before(at - KEPT)),
        "dead": _gone(lambda: Delivery.objects.dead().ended_before(at - DEAD_KEPT)),
        "notice": _gone(lambda: Notice.objects.filter(read_at__lt=at - KEPT)),
    }


def spare(*, at: datetime) -> int:
    """A message that did not arrive, and whose every notice was read in the inbox meanwhile, is
    wanted by nobody: it is no trouble of the administrator's any more."""
    unread = DeliveryNotice.objects.filter(delivery=OuterRef("pk"), notice__read_at=None)
    rows = Delivery.objects.dead().filter(~Exists(unread))
    return rows.update(state=Delivery.State.SPARED, ended_at=at)


def _gone(rows: Callable[[], QuerySet]) -> int:
    """Delete rows, a part at a time, and count them."""
    gone = 0
    while keys := list(rows().order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        rows().model.objects.filter(pk__in=keys).delete()
        gone += len(keys)
    return gone

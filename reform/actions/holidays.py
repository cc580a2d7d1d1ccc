"""The working calendar (工作日历): what the system administrator enters of a year's notice."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from reform import policy
from reform.actions import trail
from reform.errors import Refused
from reform.models import Act, Actor, Holiday, HolidayNotice
from reform.workdays import SpecialDay, short

SHOWN = 20  # changed days that the trail names


@transaction.atomic
def enter(
    year: int,
    *,
    paper: str,
    days: Sequence[SpecialDay],
    version: int,
    by: Actor,
    at: datetime,
) -> HolidayNotice:
    """Enter the days of a year's notice, or those that take the place of what was entered.

    `version` is that of the notice the actor saw, 0 where there was none. Raises Forbidden, and
    Refused when somebody has entered it meanwhile or nothing would change.
    """
    policy.require(by, "cal.edit")
    notice, _ = HolidayNotice.objects.get_or_create(year=year, defaults={"version": 0})
    notice = HolidayNotice.objects.select_for_update().get(pk=notice.pk)
    if notice.version != version:
        raise Refused(f"{notice}刚由他人录入，请返回重新读取、核对。")
    before = notice.special_days()
    if notice.version and before == sorted(days) and notice.paper == paper:
        raise Refused("与已录入的完全相同，没有改动。")
    changes = changes_in_words(before, days)
    notice.paper, notice.entered_by, notice.entered_at = paper, by.user, at
    notice.version += 1
    notice.save()
    Holiday.objects.replace_of(notice, days)
    trail.record(
        Act.CALENDAR_ENTERED,
        notice,
        by=by,
        at=at,
        say=f"{notice}（{'；'.join(changes[:SHOWN]) or '日期未变'}）",
        changed=changes,
    )
    return notice


def changes_in_words(before: Sequence[SpecialDay], after: Sequence[SpecialDay]) -> list[str]:
    """Return each day that would be another: “10月8日改为放假”."""
    was, will = ({one.day: one.is_off for one in days} for days in (before, after))
    found = []
    for day in sorted(was.keys() | will.keys()):
        if was.get(day) == will.get(day):
            continue
        word = {True: "放假", False: "上班", None: "按星期"}[will.get(day)]
        found.append(f"{short(day)}{'改为' if before else ''}{word}")
    return found

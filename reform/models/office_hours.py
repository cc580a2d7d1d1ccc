"""When the house may disturb somebody (工作时间): working days, mornings and afternoons."""

from datetime import datetime, time

from django.utils import timezone

from reform.workdays import Calendar

HOURS = ((time(8, 30), time(11, 50)), (time(14), time(17, 30)))
IN_WORDS = "工作日 8:30—11:50、14:00—17:30"


def is_open(calendar: Calendar, at: datetime) -> bool:
    local = timezone.localtime(at)
    if not calendar.is_workday(local.date()):
        return False
    return any(first <= local.time() < last for first, last in HOURS)

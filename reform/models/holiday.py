"""Days that do not follow the week (节假日、调休), as each year's notice names them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from reform.models.user import User
from reform.workdays import Calendar, SpecialDay

if TYPE_CHECKING:
    from datetime import date


class HolidayNotice(models.Model):
    """What is known of a year: the days of its notice, and from which paper."""

    FIRST, LAST = 2007, 2099  # there was another way before; and later nobody counts

    year = models.PositiveSmallIntegerField("年份", unique=True)
    paper = models.CharField("通知（文号或网址）", max_length=300, blank=True)
    entered_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="录入人"
    )
    entered_at = models.DateTimeField("录入时间", null=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "节假日安排"
        constraints = [
            models.CheckConstraint(
                condition=Q(year__gte=2007, year__lte=2099), name="holiday_year_is_counted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年节假日安排"

    @classmethod
    def hold(cls) -> None:
        """Let no one else count by the calendar, or change it, before the transaction ends."""
        cls.objects.select_for_update().order_by("year").first()

    def special_days(self) -> list[SpecialDay]:
        rows = self.days.order_by("day").values_list("day", "is_off", "name")
        return [SpecialDay(*row) for row in rows]


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def calendar(self, *, year: int | None = None, days: Iterable[SpecialDay] = ()) -> Calendar:
        """Return the calendar of all years known, in one statement: some forty rows a year; with
        `days` in the place of what is known of `year`, where one is given.

        A notice may name days of the years beside its own; of two that name one day the later
        year's was issued later.
        """
        columns = ("year", "days__day", "days__is_off", "days__name")
        known = list(HolidayNotice.objects.values_list(*columns))  # of a year without days one row
        rows = [(of, SpecialDay(*row)) for of, *row in known if row[0] and of != year]
        rows += [(year, one) for one in days] if year else []
        rows.sort(key=lambda row: row[0])
        years = {*(of for of, *_ in known), *([year] if year else [])}
        return Calendar(tuple(one for _, one in rows), frozenset(years))

    def replace_of(self, notice: HolidayNotice, days: Iterable[SpecialDay]) -> None:
        self.filter(notice=notice).delete()
        self.bulk_create([self.model(notice=notice, **one._asdict()) for one in days])


class Holiday(models.Model):
    NAME = 30  # characters; the longest was 国庆节、中秋节

    notice = models.ForeignKey(HolidayNotice, models.CASCADE, related_name="days")
    day = models.DateField("日期")
    is_off = models.BooleanField("放假")
    name = models.CharField("名称", max_length=NAME)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "节假日"
        constraints = [
            models.UniqueConstraint(fields=["notice", "day"], name="holiday_once_in_a_notice"),
        ]

    def __str__(self) -> str:
        day: date = self.day
        return f"{day.isoformat()} {self.name}{'放假' if self.is_off else '上班'}"

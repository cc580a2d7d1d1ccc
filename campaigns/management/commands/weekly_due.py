"""manage.py weekly_due FROM TO: when weekly reports are due, a line a week."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from campaigns.models import Level, Policy, Schedule, WeeklyPlan
from reform.management.command import ChineseCommand
from reform.models import Holiday
from reform.workdays import unknown_in_words


class Command(ChineseCommand):
    help = (
        "列出周报截止时间，每周一行：截止时间、报告期首日、报告期末日，以制表符分隔。"
        "起止日期指各周的周五；整周放假的没有这一行。两周的截止时间重合的各列一行，实际合为一期。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first", type=_day, metavar="起", help="如 2026-01-01")
        parser.add_argument("last", type=_day, metavar="止", help="如 2026-12-31")
        parser.add_argument("--policy", choices=Policy.values, help="遇节假日时如何调整")
        parser.add_argument("--campaign", metavar="代码", help="按这项活动的周报安排")
        parser.add_argument("--level", choices=Level.values, default=Level.OFFICE, help="层级")

    def handle(self, **options: Any) -> None:
        first, last, level = options["first"], options["last"], Level(options["level"])
        if last < first:
            raise CommandError("止的日期早于起的日期。")
        schedule = self._schedule(options)
        if unknown := schedule.calendar.unknown(first, last):
            self.stderr.write(unknown_in_words(unknown))  # nothing but lines goes to stdout
        for week in schedule.weeks(first, last):
            due = week.due[level].isoformat(timespec="minutes")
            self.stdout.write(f"{due}\t{week.first_day(level)}\t{week.last_day(level)}")

    @staticmethod
    def _schedule(options: dict[str, Any]) -> Schedule:
        calendar = Holiday.objects.calendar()
        policy = Policy(options["policy"]) if options["policy"] else None
        if not (code := options["campaign"]):
            return Schedule(calendar, policy or Policy.PREVIOUS)
        plan = WeeklyPlan.objects.select_related("campaign").filter(campaign__code=code).first()
        if plan is None:
            raise CommandError(f"没有代码为“{code}”的活动，或这项活动没有周报安排。")
        plan.policy = policy or plan.policy
        return plan.schedule(calendar)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}”不是日期，请写成 2026-01-01 的样子。") from error
    if not 1980 <= day.year <= 2100:
        raise ArgumentTypeError(f"“{text}”太早或太晚，请给 1980 至 2100 年之间的日期。")
    return day

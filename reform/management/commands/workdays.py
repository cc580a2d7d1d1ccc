import re
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from reform.management.command import ChineseCommand
from reform.models import Holiday, HolidayNotice

# Longer ones are no number of days; int() refuses very long ones in English.
NUMBER = re.compile(r"-?\d{1,9}", re.ASCII)


class Command(ChineseCommand):
    help = "从某天起第几个工作日是哪天：第一行是日期，以下说明跳过和计入了哪些天。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("start", metavar="DAY", help="起算日，不计入，例如 2026-09-25")
        parser.add_argument("number", metavar="N", help="工作日数；负数为往前数")

    def handle(self, *_args: Any, start: str, number: str, **_: Any) -> None:
        try:
            day = date.fromisoformat(start)
        except ValueError as error:
            raise CommandError(f"“{start}”不是日期，应写作 2026-09-25。") from error
        if not HolidayNotice.FIRST <= day.year <= HolidayNotice.LAST:
            first, last = HolidayNotice.FIRST, HolidayNotice.LAST
            raise CommandError(f"只能计算{first}年至{last}年。")
        if not NUMBER.fullmatch(number):
            raise CommandError(f"“{number}”不是工作日数，应是整数。")
        try:
            explained = Holiday.objects.calendar().explain(day, int(number))
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(explained.end.isoformat())
        self.stdout.write(explained.in_words())

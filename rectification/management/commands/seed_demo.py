"""`manage.py seed_demo`: a demo campaign through the acts; with sizes, bulk data beside it."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from rectification.management import bulk_data, bulk_tables, demo
from rectification.management.demo_people import ACCOUNTS
from reform.errors import Refused
from reform.management.command import ChineseCommand
from reform.models import Duty, User

SIZES = ("organizations", "people", "problems")
HEADINGS = ("角色", "账号", "姓名", "单位", "来做什么")


class Command(ChineseCommand):
    help = "建立演示数据；带数量时另外装入测速用的数据：--organizations N --people N --problems N"

    def add_arguments(self, parser: ArgumentParser) -> None:
        for size in SIZES:
            parser.add_argument(f"--{size}", type=_count)
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        if settings.PRODUCTION and User.objects.exists():
            raise CommandError("生产环境已有用户，不能装入演示数据。")
        now = timezone.now()
        demo.make(now)
        said = demo.printed()
        sizes = {size: options[size] for size in SIZES if options.get(size)}
        if sizes:
            self._load(now, sizes)
            said["bench"] = bulk_data.bench()
        if options["json"]:
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        self._say(said)

    @staticmethod
    def _load(now: datetime, sizes: dict[str, int]) -> None:
        """What was not said follows from what was: ten people and a hundred rows a place."""
        places = sizes.get("organizations") or max(sizes.get("problems", 0) // 100, 20)
        try:
            bulk_data.load(
                now,
                organizations=places,
                people=sizes.get("people") or places * 10,
                count=sizes.get("problems") or places * 100,
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        bulk_tables.vacuum()

    def _say(self, said: dict[str, Any]) -> None:
        lines = [HEADINGS, *map(_line, ACCOUNTS.values())]
        widths = [max(_width(line[at]) for line in lines) for at in range(len(HEADINGS))]
        for line in lines:
            cells = (
                cell + " " * (width - _width(cell))
                for cell, width in zip(line, widths, strict=True)
            )
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write(f"密码都是 {said['password']}")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"“{text}”不是正整数。")
    return int(text)


def _line(account: tuple[str, str, str]) -> tuple[str, ...]:
    words, username, purpose = account
    user = User.objects.get(username=username)
    duty = Duty.objects.filter(user=user).select_related("organization").latest("pk")
    return words, username, user.name, str(duty.organization), purpose


def _width(text: str) -> int:
    """Chinese characters take two columns of a terminal."""
    return sum(1 if character.isascii() else 2 for character in text)

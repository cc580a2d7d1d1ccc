"""`manage.py seed_demo`: a demo campaign through the acts; with sizes, bulk data beside it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rectification.management import demo
from rectification.management.demo_people import ACCOUNTS
from reform.models import Duty, User

HEADINGS = ("角色", "账号", "姓名", "单位", "来做什么")


class Command(BaseCommand):
    help = "建立演示数据；带数量时另外装入测速用的数据：--organizations N --people N --problems N"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        if settings.PRODUCTION and User.objects.exists():
            raise CommandError("生产环境已有用户，不能装入演示数据。")
        now = timezone.now()
        demo.make(now)
        said = demo.printed()
        if options["json"]:
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        self._say(said)

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


def _line(account: tuple[str, str, str]) -> tuple[str, ...]:
    words, username, purpose = account
    user = User.objects.get(username=username)
    duty = Duty.objects.filter(user=user).select_related("organization").latest("pk")
    return words, username, user.name, str(duty.organization), purpose


def _width(text: str) -> int:
    """Chinese characters take two columns of a terminal."""
    return sum(1 if character.isascii() else 2 for character in text)

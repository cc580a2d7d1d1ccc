import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reform.actions import seal_checks, seals
from reform.errors import Refused


class Command(BaseCommand):
    help = "校验操作留痕：封存之后有没有被改动、删除、插入或截去。有不符时退出码为 1。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seal", action="store_true", help="先把尚未封存的留痕封存，再校验")
        parser.add_argument(
            "--expect", default="", metavar="DIGEST", help="以前抄录的摘要，应仍在封存链中"
        )
        parser.add_argument(
            "--new-anchor",
            action="store_true",
            help="从备份恢复之后：封存链本身无误时，把旧锚文件改名留存，另起一份",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self._handle(**options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _handle(self, *, seal: bool, expect: str, new_anchor: bool, **_: Any) -> None:
        at = timezone.now()
        if new_anchor:
            aside = seal_checks.renew_anchor(at=at)
            where = f"；旧文件改名为 {aside}" if aside else ""
            self.stdout.write(f"已另起锚文件{where}。")
        if seal:
            self._seal(at)
        result = seal_checks.check(at=timezone.now(), expect=expect)
        for sentence in result.sentences():
            self.stdout.write(sentence)
        if not result.holds:
            sys.exit(1)

    def _seal(self, at: Any) -> None:
        made = seals.seal_all(at=at)
        for one in made:
            self.stdout.write(f"已封存第{one.number}号：{one.count}条，摘要 {one.digest}")
        if not made:
            self.stdout.write("没有需要封存的新留痕。")

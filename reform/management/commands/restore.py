"""`manage.py restore`: a backup in the place of what is there, before a witness (SOD-13)."""

from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reform.actions.backups import restoring
from reform.actions.backups.restoring import Done, Order
from reform.errors import Refused


class Command(BaseCommand):
    help = (
        "从一份备份恢复：FOLDER --as 系统管理员账号 --witness 审计管理员账号 [--code 见证码]；"
        "数据库为空时用 --without-witness 理由"
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--as", dest="account", required=True)
        stood_by = parser.add_mutually_exclusive_group(required=True)
        stood_by.add_argument("--witness", default="", metavar="账号")
        stood_by.add_argument("--without-witness", dest="reason", default="", metavar="理由")
        parser.add_argument("--code", default="", help="不写则在提示后输入")

    def handle(self, **options: Any) -> None:
        code = options["code"]
        if options["witness"] and not code:
            code = getpass("请审计管理员输入见证码：")
        order = Order(options["account"], options["witness"], code, options["reason"].strip())
        try:
            done = restoring.restore(
                options["folder"], order, at=timezone.now(), on=timezone.localdate()
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(
                f"没有恢复，数据库仍是原样：{error}。请检查文件目录的空间和权限。"
            ) from error
        self._say(done)

    def _say(self, done: Done) -> None:
        rows, files = sum(done.manifest.counts.values()), done.manifest.files
        self.stdout.write(
            f"已恢复：数据 {rows} 行，文件 {files} 个（其中 {done.files} 个重新放回）。"
        )
        if done.jobs:
            self.stdout.write(f"{done.jobs} 项未做完的后台任务已标为未完成，不会再做。")
        if done.strays:
            self.stdout.write(f"文件目录中另有 {done.strays} 个文件不属于恢复后的数据，未删除。")
        self.stdout.write(done.anchor)
        self.stdout.write("所有人须重新登录。现在可以启动网页、后台任务和定时任务。")

"""`manage.py backup`: rows and files of one moment into a new folder (for cron)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reform.actions.backups import folder, making
from reform.errors import Refused
from reform.models import Actor, Duty, Role, User


def system_administrator(account: str) -> User:
    """The one named, or the only one there is."""
    on = timezone.localdate()
    if account:
        users = list(User.objects.active().filter(username=account))
    else:
        held = Duty.objects.in_force(on).filter(role=Role.SYSTEM)
        users = list(User.objects.active().filter(pk__in=held.values("user"))[:2])
    if len(users) != 1:
        raise CommandError("请用 --as 写明以哪个系统管理员的账号做备份。")
    return users[0]


class Command(BaseCommand):
    help = "备份数据库和文件：FOLDER [--rotate 份数] [--as 系统管理员账号]"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--rotate", type=int, metavar="N", help="只保留最近 N 份，含这一份")
        parser.add_argument("--as", dest="account", default="")

    def handle(self, **options: Any) -> None:
        if options["rotate"] is not None and options["rotate"] < 1:
            raise CommandError("--rotate 至少是 1。")
        now = timezone.now()
        by = Actor.of(system_administrator(options["account"]), on=timezone.localdate())
        try:
            made = making.make(options["folder"], by=by, at=now, rotate=options["rotate"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(
                f"备份没有完成：{error}。请检查备份目录的空间和权限；以前的备份未受影响。"
            ) from error
        self._say(made, folder.read(made))

    def _say(self, made: Path, manifest: folder.Manifest) -> None:
        rows, size = sum(manifest.counts.values()), manifest.bytes / 1024 / 1024
        self.stdout.write(f"备份已完成：{made}")
        self.stdout.write(f"数据 {rows} 行，文件 {manifest.files} 个（{size:.1f} MB）。")
        if manifest.missing or manifest.damaged:
            raise CommandError(
                f"但有 {len(manifest.missing)} 个文件不在磁盘上、"
                f"{len(manifest.damaged)} 个内容已改变，"
                f"名单见 {made / folder.MANIFEST}，请从较早的备份中找回。"
            )

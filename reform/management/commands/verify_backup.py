"""`manage.py verify_backup`: whether a backup is still what was put there; exit 1 when not."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reform.actions.backups import folder
from reform.errors import Refused


class Command(BaseCommand):
    help = "核对一份备份是否完整：FOLDER（某一份备份，或放备份的目录，即核对最近一份）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, **options: Any) -> None:
        place = options["folder"]
        if not (place / folder.MANIFEST).exists() and (dated := folder.dated(place)):
            place = dated[-1]
        try:
            faults = list(folder.faults(place))
            manifest = folder.read(place)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if faults:
            raise CommandError("\n".join([f"{place} 不完整，不能使用：", *faults]))
        rows = sum(manifest.counts.values())
        self.stdout.write(f"{place} 完整：数据 {rows} 行，文件 {manifest.files} 个。")
        if trouble := len(manifest.missing) + len(manifest.damaged):
            self.stdout.write(f"做备份时已有 {trouble} 个文件缺失或改变，见 {folder.MANIFEST}。")

"""`manage.py import_ledger`: a ledger from the shell (DESIGN §10)."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from campaigns.models import Campaign, Source
from campaigns.models.checklist import source_of
from rectification.actions import uploads
from rectification.imports import ledger
from rectification.imports.checked import Checked
from rectification.imports.checking import Check
from reform.errors import Refused
from reform.models import Actor, Attachment, Organization, User
from reform.models.trail import SHELL
from reform.text import clean

EARLIEST = date(1950, 1, 1)


@contextmanager
def _all_or_nothing() -> Iterator[list[Attachment]]:
    """One transaction; when it fails, the files stored meanwhile go with its rows."""
    kept: list[Attachment] = []
    is_whole = False
    try:
        with transaction.atomic():
            yield kept
        is_whole = True
    finally:
        for attachment in kept if not is_whole else ():
            attachment.file.storage.delete(str(attachment.file.name))


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused(f"发现日期“{text}”不是真实存在的日期，请写成 2026-06-30 的样子。") from error
    if day and not EARLIEST <= day <= timezone.localdate():
        raise Refused(f"发现日期“{text}”不对：须在1950年以后，且不晚于今天。")
    return day


class Command(BaseCommand):
    help = "导入一份台账：FILE --campaign 代码 --organization 代码 --as 账号"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--campaign", required=True)
        parser.add_argument("--organization", required=True)
        parser.add_argument("--as", required=True, dest="user")
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--good-rows", action="store_true")
        parser.add_argument("--register", action="store_true")
        parser.add_argument("--found-on", metavar="YYYY-MM-DD")
        parser.add_argument("--source")

    def handle(self, **options: Any) -> None:
        try:
            self._import(**options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _import(self, *, file: Path, dry_run: bool, good_rows: bool, **options: Any) -> None:
        campaign = self._one(Campaign, "活动", code=options["campaign"])
        organization = self._one(Organization, "党组织", code=options["organization"])
        user = self._one(User, "账号", username=options["user"])
        by = Actor.of(user, on=timezone.localdate(), address=SHELL)
        found_on = _day(options["found_on"])
        data = self._read(file)
        understood = ledger.understand(data, name=file.name, campaign=campaign, on=by.on)
        checked = Check(understood, campaign=campaign, organization=organization, by=by).run()
        self._say(checked, as_json=options["json"])
        if dry_run:
            return
        if checked.errors and not good_rows:
            raise Refused(f"有{len(checked.errors)}处错误，没有保存任何一行。")
        at = timezone.now()
        source = self._source(campaign, options["source"])
        with _all_or_nothing() as kept:
            upload = ledger.receive(
                data, name=file.name, campaign=campaign, organization=organization, by=by, at=at
            )
            kept.append(upload.attachment)
            made = ledger.keep(
                upload,
                good_rows=good_rows,
                source=source,
                found_on=found_on or understood.reported_on or by.on,
                by=by,
                at=at,
            )
            done, refused = (
                uploads.register_all(upload, by=by, at=at) if options["register"] else ([], [])
            )
            if refused:
                lines = "；".join(f"第{row.upload_line}行：{why}" for row, why in refused)
                raise Refused(f"有{len(refused)}条不能入账，没有保存任何一行：{lines}")
        if not options["json"]:
            self.stdout.write(f"已保存{len(made)}条草稿，入账{len(done)}条。")

    def _say(self, checked: Checked, *, as_json: bool) -> None:
        if as_json:
            shape = ledger.documented(checked)
            self.stdout.write(json.dumps(shape, ensure_ascii=False, indent=1))
            return
        for fault in checked.faults:
            word = "错误" if fault.level == "error" else "提醒"
            self.stdout.write(f"{word} {fault.message}")
        for line in checked.reading.skipped:
            where = f"第{line.line}行：" if line.line else ""
            self.stdout.write(f"跳过 {where}{line.reason}")
        self.stdout.write(f"读到{len(checked.rows)}条，可保存{len(checked.kept)}条。")

    @staticmethod
    def _one(model: Any, word: str, **lookup: str) -> Any:
        # A shell hands over bytes that are no text as lone surrogates; no database takes them.
        found = model.objects.filter(**{name: clean(word) for name, word in lookup.items()}).first()
        if found is None:
            raise CommandError(f"没有代码为“{next(iter(lookup.values()))}”的{word}，请核对。")
        return found

    @staticmethod
    def _read(file: Path) -> bytes:
        try:
            return file.read_bytes()
        except OSError as error:
            raise CommandError(f"无法读取文件“{file}”，请核对路径。") from error

    @staticmethod
    def _source(campaign: Campaign, text: str | None) -> Source | None:
        """The source for rows that say none: the one named, by name or by words like it."""
        return source_of(text or "", list(campaign.sources.all()))

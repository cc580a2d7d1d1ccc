from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.models import Campaign
from rectification.exports import ledger
from rectification.exports.cover import Cover, signers_of
from rectification.exports.jobs import TABLE
from rectification.models import Act, Problem
from rectification.models.problem_queryset import ProblemQuerySet
from reform.actions import trail
from reform.models import Organization
from reform.models.organization import within
from reform.models.trail import SHELL
from reform.text import clean


class Command(BaseCommand):
    help = "把一个活动的问题台账导出为 Excel：打印版或数据版。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="OUT.xlsx", type=Path, help="要写入的文件")
        parser.add_argument("--campaign", required=True, metavar="CODE", help="活动代码")
        parser.add_argument("--organization", metavar="CODE", help="只导出这个党组织及所属")
        parser.add_argument(
            "--variant", choices=list(ledger.VARIANTS), default="printed", help="打印版或数据版"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        target: Path = options["file"]
        if target.suffix.lower() != ".xlsx":
            raise CommandError(f"文件名应以 .xlsx 结尾，现在是“{target.name}”。")
        campaign = Campaign.objects.filter(code=clean(options["campaign"])).first()
        if campaign is None:
            raise CommandError(f"没有代码为“{options['campaign']}”的活动。")
        unit, problems = _asked_for(campaign, options["organization"])
        cover = _cover(unit, campaign, on=timezone.localdate(), at=timezone.now())
        count = _write(problems, target, variant=options["variant"], cover=cover)
        trail.record(
            Act.EXPORTED,
            campaign,
            by=None,
            at=cover.at,
            say=f"{cover.title}，{count}项",
            unknown=cover.exporter,
            address=SHELL,
            filters=cover.filters,
        )
        self.stdout.write(f"已导出{count}项问题：{target}")


def _asked_for(campaign: Campaign, code: str | None) -> tuple[Organization, ProblemQuerySet]:
    problems = Problem.objects.filter(campaign=campaign).counted()
    if not code:
        return campaign.organization, problems
    unit = Organization.objects.filter(code=clean(code)).first()
    if unit is None:
        raise CommandError(f"没有代码为“{code}”的党组织。")
    return unit, problems.filter(within(unit.path))


def _cover(unit: Organization, campaign: Campaign, *, on: date, at: datetime) -> Cover:
    return Cover(
        title=f"{campaign}{TABLE}",
        reporting_unit=unit.name,
        on=on,
        at=at,
        exporter="系统（命令行）",
        filters=f"{unit}及所属，全部已入账",
        signers=signers_of(unit, on=on),
    )


def _write(problems: ProblemQuerySet, target: Path, *, variant: str, cover: Cover) -> int:
    """Write beside the target and put it there when whole: an old file is never half replaced."""
    try:
        with TemporaryDirectory(dir=target.parent) as folder:
            made = Path(folder) / target.name
            count = ledger.write(problems, made, variant=variant, cover=cover)
            made.replace(target)
    except OSError as error:
        raise CommandError(f"无法写入“{target}”：{error.strerror or error}。") from error
    return count

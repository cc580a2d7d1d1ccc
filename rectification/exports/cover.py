"""What stands around a ledger on paper (表头表尾): title, unit, days, signatures, definitions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from reform.models import Duty, Organization, Role, User
from reform.text import clean

SIGNATURES = ("单位负责人（签字）", "审核人", "填表人", "联系电话")

# 口径: what the words of the columns mean (domain §2.6). Each stands as a sentence of its own.
DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("问题总数", "问题总数只计已入账、有编号的问题，草稿不计。"),
    ("逾期", "逾期指待签收或整改中、整改时限早于截至日；已申请销号、正在审核的不算逾期。"),
    ("完成", "“已完成”由责任单位填报，审核通过后才是“已销号”；“基本完成”不算完成。"),
    ("销号时间", "销号时间以系统记录的最后一步审核为准。"),
    ("整改时限", "整改时限经退回补改或更正的，列现行时限，并注明最初时限。"),
)
SEVERAL_ITEMS = "部分问题同时归入几个类别，各类别合计可能大于问题总数。"
KEEP_SAFE = "内部资料，请妥善保管。"

_UNFIT_FOR_NAMES = re.compile(r'[\\/:*?"<>|\s]+')


@dataclass(frozen=True, kw_only=True)
class Cover:
    title: str
    reporting_unit: str
    on: date  # 填报时间, chosen
    at: datetime  # 截至: the moment the rows were read
    exporter: str
    filters: str = ""
    signers: Mapping[str, str] = field(default_factory=dict)  # one of SIGNATURES → a name

    @property
    def until(self) -> str:
        moment = timezone.localtime(self.at)
        return f"{long_day(moment.date())}{moment.hour}时{moment:%M}分"


def long_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def signers_of(
    organization: Organization, *, on: date, filled_by: User | None = None
) -> dict[str, str]:
    """Return who signs for an organization, from the duties of the day."""
    head = _first(organization, on, role=Role.LEADER, principal=True)
    secretary = _first(organization, on, role=Role.SECRETARY)
    found = {
        "单位负责人（签字）": head or secretary,
        "审核人": secretary if head else "",
        "填表人": filled_by.name if filled_by else "",
        "联系电话": filled_by.phone if filled_by else "",
    }
    return {label: name for label, name in found.items() if name}


def _first(organization: Organization, on: date, **duty: object) -> str:
    held = Duty.objects.in_force(on).filter(organization=organization, user__is_active=True, **duty)
    return held.order_by("pk").values_list("user__name", flat=True).first() or ""


def file_name(unit: str, title: str, *, on: date, ending: str = "xlsx") -> str:
    """Return 单位_表名_截至20260605.xlsx; short enough for every disk, without what they refuse."""
    words = [_UNFIT_FOR_NAMES.sub("", clean(word, multiline=False))[:40] for word in (unit, title)]
    return f"{'_'.join(word for word in words if word)}_截至{on:%Y%m%d}.{ending}"

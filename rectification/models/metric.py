"""What is counted (指标): one definition for each figure, for pages, reports, Word and Excel.

Each has a name, its definition in words (口径) and the rows it counts; `statistics.figures` counts
them and the ledger opens them (filter `figure`). Definitions: domain §2.6. Personal problems are in
none: they are their owners' (PERMISSIONS.md).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from django.db.models import Q

from campaigns.models import BEIJING, Obligation
from rectification.models import stuck
from rectification.models.case_link import came_of_any
from rectification.models.measure import with_lasting_done
from rectification.models.problem_queryset import missed_first, overdue
from reform.models import Actor, Organization, Role, User
from reform.models.organization import below, within
from reform.models.scope import Reach
from reform.text import key_of

UNDER_WAY = ("assigned", "rectifying", "in_review")  # issued, and not closed yet
# What a weekly report counts; a leader's page has some others (models/brief.py).
WEEKLY = ("total", "added", "closed_in", "closed", "under_way", "overdue")
KINDS = {"own", "all", "here", "field"}  # of ground, as an address says it
LEADS: dict[str, str] = {Role.LEADER: "D"}  # `rp.dashboard` of a leader in PERMISSIONS.md


class Span(NamedTuple):
    """The moments between which something happened, and when it was counted, where that was later:
    states are those of that moment, and 逾期 is judged on its day."""

    since: datetime
    until: datetime
    counted_at: datetime | None = None

    @property
    def at(self) -> datetime:
        return self.counted_at or self.until

    @property
    def on(self) -> date:
        return self.at.astimezone(BEIJING).date()


@dataclass(frozen=True)
class Metric:
    code: str
    name: str
    definition: str
    rows: Callable[[Span], Q]


METRICS: dict[str, Metric] = {
    metric.code: metric
    for metric in (
        Metric(
            "total", "问题总数", "已入账、有编号的问题，草稿不计。", lambda _: ~Q(status="draft")
        ),
        Metric(
            "added",
            "本周新增",
            "报告期内入账的问题。",
            lambda span: Q(registered_at__gte=span.since, registered_at__lt=span.until),
        ),
        Metric(
            "closed_in",
            "本周销号",
            "报告期内审核通过、已销号的问题。",
            lambda span: Q(closed_at__gte=span.since, closed_at__lt=span.until),
        ),
        Metric(
            "closed",
            "累计销号",
            "审核通过、已销号的问题；填报“已完成”尚未审核的不算。",
            lambda _: Q(status="closed"),
        ),
        Metric(
            "under_way",
            "正在推进",
            "已下达或交办、尚未销号的问题，含审核中的。",
            lambda _: Q(status__in=UNDER_WAY),
        ),
        Metric(
            "overdue",
            "逾期",
            "待签收或整改中、整改时限早于截至日的问题；正在审核的不算。",
            lambda span: overdue(span.on),
        ),
        Metric(
            "in_review",
            "正在审核",
            "已申请销号、尚在审签、核查、复核或审定的问题，也计入正在推进。",
            lambda _: Q(status="in_review"),
        ),
        Metric(
            "missed_first",
            "曾逾期（按首次期限）",
            "首次确定的整改时限早于截至日的问题，已申请销号的早于申请日；延期、补改、更正时限都不消除。",
            lambda span: missed_first(span.on),
        ),
        Metric("stuck", "需要关注", stuck.DEFINITION, lambda span: stuck.rows(span.on)),
        Metric(
            "of_cases",
            "由案例引出",
            "关联了通报案例的问题，草稿不计。",
            lambda _: came_of_any() & ~Q(status="draft"),
        ),
        Metric(
            "lasting",
            "长久立措施已完成",
            "已入账、至少有一项“长久立”措施已完成的问题；措施未注明性质的不算。",
            lambda _: with_lasting_done() & ~Q(status="draft"),
        ),
    )
}


class Ground(NamedTuple):
    """The part of the ledger that a report answers for: one campaign, an organization and all below
    it; `own` without those below that report for themselves, `here` without any below."""

    campaign: int
    organization: Organization
    own: bool
    here: bool = False

    def rows(self, on: date) -> Q:
        rows = Q(campaign=self.campaign) & ~Q(owner_kind="personal")
        if self.here:
            return rows & Q(path=self.organization.path)
        rows &= within(self.organization.path)
        reporting = self._reporting_below(on) if self.own else []
        if reporting:
            # What is left is mostly few, what reports for itself may be thousands.
            rows &= Q(path__in=self._not_under(reporting))
        return rows

    def _reporting_below(self, on: date) -> list[str]:
        """Return the topmost paths below that report for themselves."""
        owing = Obligation.objects.in_force(on).filter(campaign=self.campaign)
        found = owing.filter(below(self.organization.path, "organization__path"))
        return _tops(found.values_list("organization__path", flat=True))

    def _not_under(self, tops: list[str]) -> list[str]:
        paths = Organization.objects.under(self.organization).values_list("path", flat=True)
        return [path for path in paths if not _is_under(path, tops)]


def _tops(paths: Iterable[str]) -> list[str]:
    """Return those of the paths that lie below no other, in order."""
    tops: list[str] = []
    for path in sorted(paths):
        if not tops or not path.startswith(tops[-1]):
            tops.append(path)
    return tops


def _is_under(path: str, tops: list[str]) -> bool:
    """Whether a path is one of the tops, which are in order, or lies below one."""
    place = bisect_right(tops, path)
    return place > 0 and path.startswith(tops[place - 1])


class Field(NamedTuple):
    """The part of the ledger that a leader answers for (分管): one campaign, his organization and
    what lies below it or in his field, as it is on the day."""

    campaign: int
    leader: User

    def rows(self, on: date) -> Q:
        rows = Q(campaign=self.campaign) & ~Q(owner_kind="personal")
        reach = Reach.of(Actor.of(self.leader, on=on), LEADS)
        return rows if reach.whole else rows & reach.condition()


def address(code: str, span: Span, ground: Ground | Field) -> str:
    """Return what stands behind `figure=` in the ledger's address for the rows of a figure."""
    since, until, at = (int(moment.timestamp()) for moment in (span.since, span.until, span.at))
    if isinstance(ground, Field):
        whose, kind = ground.leader.pk, "field"
    else:
        whose, kind = ground.organization.pk, "own" if ground.own else "all"
        kind = "here" if ground.here else kind
    return f"{code}.{since}.{until}.{at}.{ground.campaign}.{whose}.{kind}"


def read_address(value: str) -> tuple[Metric, Span, Ground | Field] | None:
    """Return what an address asks for; None for one that says nothing."""
    parts = value.split(".")
    if len(parts) != 7 or parts[0] not in METRICS or parts[6] not in KINDS:
        return None
    moments = [_moment(text) for text in parts[1:4]]
    campaign, whose = (key_of(text) for text in parts[4:6])
    ground = _ground(campaign, whose, parts[6])
    if None in moments or ground is None:
        return None
    return METRICS[parts[0]], Span(*moments), ground  # type: ignore[arg-type]


def _ground(campaign: int, whose: int, kind: str) -> Ground | Field | None:
    if kind == "field":
        leader = User.objects.filter(pk=whose).first()
        return Field(campaign, leader) if leader else None
    organization = Organization.objects.filter(pk=whose).first()
    if organization is None:
        return None
    return Ground(campaign, organization, kind == "own", here=kind == "here")


def asked(value: str, _on: date) -> Q:
    """Return the rows that an address asks for, of the ground as it was on the figure's day."""
    found = read_address(value)
    if found is None:
        return Q(pk__in=[])
    metric, span, ground = found
    return metric.rows(span) & ground.rows(span.on)


def in_words(value: str) -> str:
    """Return what the ledger page says above the rows of a figure."""
    found = read_address(value)
    if found is None:
        return "一项数据"
    metric, _, ground = found
    whose = f"{ground.leader}分管范围" if isinstance(ground, Field) else f"{ground.organization}"
    if isinstance(ground, Ground) and ground.here:
        whose = f"{whose}（本级）"
    return f"{whose}{metric.name}：{metric.definition}"


def _moment(text: str) -> datetime | None:
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC)

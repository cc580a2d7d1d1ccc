"""Who has reported (周报报送情况): how each organization stands with each issue."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from campaigns.models import BEIJING
from rectification.models.weekly_issue import Deferral, WeeklyIssue
from rectification.models.weekly_report import WeeklyReceipt, WeeklyReport, is_late
from reform.models import Organization
from reform.models.statement import Keys

TONES = {
    "未报": "red",
    "缓报": "orange",
    "已退回": "orange",
    "已报": "blue",
    "已收": "green",
    "起草中": "grey",
    "待确认": "grey",
    "待审核": "grey",
    "待签发": "grey",
}


GONE = "已撤销"  # it was dissolved or merged and will not report any more


@dataclass(frozen=True)
class Standing:
    """How one organization stands with one issue."""

    words: str = ""  # “” before the cut-off, where there is nothing yet
    report: int | None = None
    filed_at: datetime | None = None  # of the first version: lateness goes by it
    late: bool = False
    zero: bool = False
    deferred_until: datetime | None = None
    deferred_as: str = ""  # 经同意缓报, 系统故障
    is_filed: bool = False
    merged_into: str = ""  # who took over what it owed, where it is no more
    has_draft: bool = False  # that the one who asks may see

    @property
    def label(self) -> str:
        return "已并入" if self.words == GONE and self.merged_into else self.words

    @property
    def tone(self) -> str:
        return TONES.get(self.words, "grey")

    def note(self, at: datetime) -> str:
        """Return what papers say (报送情况): 迟报 and 零报告 are words of their own there, and
        without anything it is 未报, before the cut-off as well."""
        if self.is_filed:
            return "迟报" if self.late else "零报告" if self.zero else "已报"
        if self.words == "已退回":
            return "退回重报中"
        if self.words == GONE:
            return self.label
        return self.deferred_as if self.may_wait(at) else "未报"

    def may_wait(self, at: datetime) -> bool:
        """Whether a later moment was agreed to that has not come yet: it is not pressed."""
        return self.deferred_until is not None and self.deferred_until >= at

    def is_asked(self, at: datetime) -> bool:
        """Whether it is asked for: neither there, nor put off, nor of one that is no more."""
        return not (self.is_filed or self.words == GONE or self.may_wait(at))

    @property
    def is_open(self) -> bool:
        """Whether it is still to be begun, late or anew."""
        return (self.is_missing or self.words == "已退回") and not self.has_draft

    @property
    def is_missing(self) -> bool:
        return self.words in {"未报", "缓报"}


def standings(
    issues: Sequence[WeeklyIssue],
    places: Collection[Organization],
    *,
    levels: Mapping[tuple[int, int], str],
    at: datetime,
    own: Collection[int] = (),
) -> dict[tuple[int, int], Standing]:
    """Return (issue, organization) → how it stands, in a few statements however many there are.

    `levels` says by the same keys at which level it is owed; who is not there owes it not, and
    misses nothing. One issue that is not saved yet may be asked about by itself.
    Drafts are told of the `own` organizations only: until it is filed a report is nobody else's.
    """
    keys = [place.pk for place in places]
    known = [issue for issue in issues if issue.pk]  # one foreseen is in no table
    rows = WeeklyReport.objects.filter(issue__in=known, organization__in=Keys(keys)).order_by(
        "number"
    )
    rows = rows.filter(Q(filed_at=None) | Q(filed_at__lte=at))  # a moment may be looked back at
    versions: dict[tuple[int, int], list[WeeklyReport]] = defaultdict(list)
    for row in rows.defer("progress", "plans", "practices", "troubles", "basis", "figures"):
        versions[row.issue_id, row.organization_id].append(row)
    decided = WeeklyReceipt.objects.filter(report__in=rows.filter(status="filed")).order_by("pk")
    receipts = dict(decided.values_list("report", "decision"))
    deferrals: dict[int, list[Deferral]] = defaultdict(list)
    put_off = Deferral.objects.filter(issue__in=known)
    for later in put_off.select_related("organization", "issue__campaign"):
        deferrals[later.issue_id].append(later)
    on = at.astimezone(BEIJING).date()
    found = {}
    for issue in issues:
        for place in places:
            found[issue.pk, place.pk] = _standing(
                versions[issue.pk, place.pk],
                receipts,
                issue,
                level=levels.get((issue.pk, place.pk), ""),
                gone=place.is_retired(on),
                into=str(place.succeeded_by or "") if place.is_retired(on) else "",
                put_off=[row for row in deferrals[issue.pk] if row.covers(place)],
                at=at,
                sees_drafts=place.pk in own,
            )
    return found


def _standing(
    versions: Sequence[WeeklyReport],
    receipts: dict[int, str],
    issue: WeeklyIssue,
    *,
    level: str,
    gone: bool,
    into: str,
    put_off: Sequence[Deferral],
    at: datetime,
    sees_drafts: bool,
) -> Standing:
    last_put_off = max(put_off, key=lambda row: row.until, default=None)
    until = last_put_off.until if last_put_off else None
    kind = last_put_off.get_kind_display() if last_put_off else ""
    filed = [row for row in versions if row.is_filed]
    working = next((row for row in versions if not row.is_filed), None)
    if not filed:
        words = "未报" if level and at > issue.due(level) else ""
        if words and until and until >= at:
            words = "缓报"
        if level and gone:
            words = GONE
        if sees_drafts and working and not words:
            words = working.status_words
        report = working.pk if sees_drafts and working else None
        return Standing(
            words,
            report,
            deferred_until=until,
            deferred_as=kind,
            merged_into=into,
            has_draft=bool(report),
        )
    last, first = filed[-1], filed[0]
    due = issue.due(level or first.level)
    decision = receipts.get(last.pk)
    words = {"received": "已收", "returned": "已退回"}.get(decision or "", "已报")
    shown = working if working and sees_drafts else last
    return Standing(
        words,
        shown.pk,
        filed_at=first.filed_at,
        late=bool(first.filed_at and is_late(first.filed_at, due, put_off)),
        zero=last.zero,
        deferred_until=until,
        deferred_as=kind,
        is_filed=decision != "returned",
        merged_into=into,
        has_draft=shown is working,
    )

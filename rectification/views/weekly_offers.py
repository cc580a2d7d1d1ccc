"""What may be done with a weekly report now, and by whom."""

from collections.abc import Callable, Sequence
from datetime import datetime

from rectification import policy
from rectification.actions import weekly_receiving
from rectification.models import WeeklyReceipt, WeeklyReport
from reform.models import Actor

Status = WeeklyReport.Status
May = Callable[[str], bool]
Offer = tuple[str, str, str]


def offers(
    report: WeeklyReport, actor: Actor, receipts: Sequence[WeeklyReceipt], *, at: datetime
) -> list[Offer]:
    """Return (page, words, question) of what the actor may do now; a question is asked and sent at
    once, without one a page asks for more."""
    place = report.organization

    def may(act: str) -> bool:
        return policy.may_here(actor, act, place)

    found: list[Offer] = []
    match report.status:
        case Status.FILED:
            answered = receipts[-1].decision if receipts else ""
            waits = report.is_latest and answered != "returned"
            receives = waits and weekly_receiving.may(actor, report.issue, place, at=at)
            if receives and answered == "":
                found.append(("weekly-receive", "收下", "收下这份周报？"))
            if receives:
                found.append(("weekly-return", "退回", ""))
            if report.collated and may("wr.forward"):
                found.append(("weekly-forward", "登记报送", ""))
                if report.is_latest and answered != "returned" and _may_come_back(report):
                    found.append(("weekly-returned", "登记上级退回", ""))
        case _ if report.collated:
            found += _collated_offers(report, actor, may)
        case _:
            found += _own_offers(report, may)
    return found


def _own_offers(report: WeeklyReport, may: May) -> list[Offer]:
    found: list[Offer] = []
    if may("wr.create"):
        found.append(("weekly-confirm", "确认报送", "确认报送？报送后不能再改。"))
        if report.status == Status.PREPARED:
            found.append(("weekly-send-back", "退回修改", ""))
    elif may("wr.draft") and report.status == Status.DRAFT:
        found.append(("weekly-prepare", "送书记确认", "送书记确认？"))
    if may("wr.draft"):
        found.append(("weekly-edit", "修改", ""))
    return found


def _collated_offers(report: WeeklyReport, actor: Actor, may: May) -> list[Offer]:
    found: list[Offer] = []
    wrote = {report.drafted_by.person_id}
    wrote |= {report.prepared_by.person_id} if report.prepared_by else set()
    if report.status == Status.DRAFT and may("wr.aggregate"):
        found.append(("weekly-submit", "送审核", "送审核？"))
    if report.status == Status.PREPARED and may("wr.aggregate"):
        if actor.user.person_id not in wrote:
            found.append(("weekly-review", "审核通过", "审核通过，送领导签发？"))
        found.append(("weekly-send-back", "退回修改", ""))
    if report.status == Status.REVIEWED:
        if may("wr.sign"):
            found.append(("weekly-sign", "签发", "签发？签发后即报送，不能再改。"))
            found.append(("weekly-send-back", "退回修改", ""))
        if may("sign.record"):
            found.append(("weekly-paper", "录入线下签批", ""))
    if may("wr.aggregate"):
        found.append(("weekly-edit", "修改总体情况", ""))
        found.append(("weekly-gather", "重新汇总", "按最新报来的周报重新汇总？改过的段落保留。"))
    return found


def _may_come_back(report: WeeklyReport) -> bool:
    """Only what left this system comes back from outside: the leading organization's."""
    leads = report.organization_id == report.issue.campaign.organization_id
    return leads and report.forwardings.exists()

"""What must hold before a row is begun, registered or changed, each in a sentence."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from campaigns.models import Campaign, ClosingLevel
from campaigns.models.closing_level import level_of
from rectification.models import Problem
from reform.errors import Refused
from reform.models import Organization

PERSONAL = "个人问题由本人、本单位联络员或支部书记登记。"


def require_open(campaign: Campaign) -> None:
    if not campaign.is_open:
        raise Refused(f"“{campaign}”{campaign.get_status_display()}，不能再登记问题。")


def require_found(found_on: date | None, *, on: date) -> None:
    if why := not_yet_found(found_on, on=on):
        raise Refused(why)


def not_yet_found(found_on: date | None, *, on: date) -> str:
    """Return why a problem cannot have been found on that day, or nothing; forms say the same."""
    late = found_on is not None and found_on > on
    return f"发现日期{found_on:%Y-%m-%d}晚于今天，请核对。" if late else ""


def lacking_to_register(problem: Problem) -> list[str]:
    """Return what a row needs to stand on the ledger, and has not (DESIGN §3)."""
    needed = [
        ("存在问题", not problem.description),
        ("问题来源", problem.source is None),
        ("发现日期", problem.found_on is None),
    ]
    return [label for label, missing in needed if missing]


def require_joined(campaign: Campaign, organization: Organization) -> None:
    if not campaign.includes(organization):
        raise Refused(f"“{organization}”没有参加“{campaign}”，不能登记问题。")


def require_own(problem: Problem, facts: Mapping[str, Any]) -> None:
    """Source and items are words of the problem's own campaign."""
    chosen = [facts.get("source"), *(facts.get("items") or ())]
    if any(row is not None and row.campaign_id != problem.campaign_id for row in chosen):
        raise Refused("所选的问题来源或类别不属于这个活动，请重新选择。")


def refuse_turning(problem: Problem, facts: Mapping[str, Any]) -> None:
    """A person's problem becomes a unit's, or the other way, only by an act of its own."""
    personal = Problem.OwnerKind.PERSONAL
    kind = facts.get("owner_kind", problem.owner_kind)
    if (kind == personal) != problem.is_personal:
        raise Refused(
            "个人问题和单位问题不能用填写或更正互相转换：谁能看、由谁审都会改变，须先告知本人。"
        )


def closing_level(problem: Problem) -> ClosingLevel | None:
    return level_of(
        problem.campaign,
        personal=problem.is_personal,
        key=problem.severity == Problem.Severity.KEY,
        from_above=bool(problem.source and problem.source.from_above),
    )

"""Goals of a campaign (活动目标): set in its draft; numbers that the discipline side gives."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from campaigns import policy
from campaigns.actions import drafts
from campaigns.models import Act, Campaign, CampaignPlan, Goal, GoalFigure
from campaigns.models.goal import FACTS, FIGURES, MOST_GOALS
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor

MOST = 100_000


def of(campaign: Campaign) -> list[Goal]:
    """Return what the campaign aims at, in its order."""
    return [Goal.of(row) for row in CampaignPlan.of(campaign).goals]


@transaction.atomic
def set_goals(
    campaign: Campaign, *, rows: Sequence[Goal], edition: int | None, by: Actor, at: datetime
) -> Campaign:
    """Set the goals of a draft; once it is published they stay (`drafts.to_edit`)."""
    plan = drafts.to_edit(campaign, "ca.create", edition=edition, by=by)
    titles = [row.title for row in rows]
    if twice := next((title for title in titles if titles.count(title) > 1), ""):
        raise Refused(f"目标“{twice}”写了两次，请改正。")
    if len(rows) > MOST_GOALS:
        raise Refused(f"目标最多{MOST_GOALS}项。")
    plan.goals = [
        {"title": row.title, "facts": [code for code in FACTS if code in row.facts]} for row in rows
    ]
    plan.save(update_fields=["goals"])
    say = f"{plan.campaign}，活动目标"
    trail.record(Act.DRAFT_CHANGED, plan.campaign, by=by, at=at, say=say)
    return plan.campaign


@transaction.atomic
def give(
    campaign: Campaign, *, code: str, number: int, on: date, document: str, by: Actor, at: datetime
) -> GoalFigure:
    """Give a number that is not counted here, as of a day and after a document. A correction is
    another row: the last one holds."""
    campaign = campaign.locked()
    policy.require_here(by, "gl.give", campaign.organization)
    if not campaign.is_open:
        raise Refused("活动不在进行中，不能再提供数据。")
    if code not in {code for goal in of(campaign) for code in goal.facts if code in FIGURES}:
        raise Refused("这项活动的目标不需要提供这个数。")
    if not 0 <= number <= MOST:
        raise Refused(f"数应在0至{MOST}之间。")
    if not document:
        raise Refused("请写明依据文件（标题、文号）。")
    if on > by.on:
        raise Refused("截至日期不能晚于今天。")
    row = GoalFigure.objects.create(
        campaign=campaign,
        code=code,
        number=number,
        on=on,
        document=document,
        by=by.user,
        by_name=by.user.name,
        at=at,
    )
    say = f"{campaign}，{FIGURES[code]}{number}件"
    trail.record(Act.GOAL_FIGURE_GIVEN, row, by=by, at=at, say=say, quote=document)
    return row

"""What a campaign's plan becomes when it is published."""

from datetime import datetime

from campaigns.actions import stages
from campaigns.models import Act, Assignment, Campaign, CampaignPlan, Clause
from reform.actions import trail
from reform.models import Actor

SOURCE = "活动方案"  # of the clauses that come with the plan itself


def lay_out(campaign: Campaign, *, by: Actor, at: datetime) -> None:
    """Make stages and assignments of the plan; its days move no more with the first day.

    Called once, by `campaigns.publish`, in its transaction. The organization that leads the
    campaign has each assignment until it is given to another.
    """
    plan = CampaignPlan.objects.filter(campaign=campaign).first()
    if plan is None:
        return
    dated = plan.dated()
    for row, stage in zip(plan.stages, dated, strict=True):
        row["starts_on"], row["ends_on"] = stage.starts_on.isoformat(), stage.ends_on.isoformat()
    plan.save(update_fields=["stages"])
    stages.set_up(campaign, [vars(stage) for stage in dated], by=by, at=at)
    _assign(campaign, plan, by=by, at=at)


def _assign(campaign: Campaign, plan: CampaignPlan, *, by: Actor, at: datetime) -> None:
    clauses: dict[str, Clause] = {}
    for place, one in enumerate(plan.assignments, start=1):
        text = one["clause"]
        if text and text not in clauses:
            clauses[text] = Clause.objects.create(
                campaign=campaign, source=SOURCE, position=len(clauses) + 1, text=text
            )
        Assignment.objects.create(
            campaign=campaign,
            position=place,
            clause=clauses.get(text),
            task=one["content"],
            is_prescribed=one["prescribed"],
            organization=campaign.organization,
        )
    if count := len(plan.assignments):
        trail.record(Act.ASSIGNMENTS_SET_UP, campaign, by=by, at=at, count=count)

"""What a campaign's plan becomes when it is published."""

from datetime import datetime

from campaigns.actions import assignments, stages
from campaigns.models import Campaign, CampaignPlan
from reform.models import Actor


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
    assignments.set_up(campaign, plan.assignments, by=by, at=at)

"""What a campaign's plan becomes when it is published."""

from campaigns.models import Campaign, CampaignPlan


def lay_out(campaign: Campaign) -> None:
    """Fix the days of the plan's stages: from here on they move no more with the first day.

    Called once, by `campaigns.publish`, in its transaction. This is also where the rows of stages
    and assignments are made from `plan.dated()` and `plan.assignments`.
    """
    plan = CampaignPlan.objects.filter(campaign=campaign).first()
    if plan is None:
        return
    for row, stage in zip(plan.stages, plan.dated(), strict=True):
        row["starts_on"], row["ends_on"] = stage.starts_on.isoformat(), stage.ends_on.isoformat()
    plan.save(update_fields=["stages"])

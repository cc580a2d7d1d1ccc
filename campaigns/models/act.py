from django.db import models


class Act(models.TextChoices):
    """Everything the trail can say about campaigns."""

    CAMPAIGN_DRAFTED = "campaign.drafted", "起草活动方案"
    CAMPAIGN_PUBLISHED = "campaign.published", "批准发布活动"
    RULE_ADDED = "campaign.reminder_rule_added", "新增催办规则"
    RULE_CHANGED = "campaign.reminder_rule_changed", "修改催办规则"

from django.db import models


class Act(models.TextChoices):
    """Everything the trail can say about campaigns."""

    CAMPAIGN_DRAFTED = "campaign.drafted", "起草活动方案"
    CAMPAIGN_PUBLISHED = "campaign.published", "批准发布活动"
    WEEKLY_PLANNED = "weekly.planned", "设置周报安排"
    WEEKLY_OBLIGED = "weekly.obliged", "调整周报填报单位"
    RULE_ADDED = "campaign.reminder_rule_added", "新增催办规则"
    RULE_CHANGED = "campaign.reminder_rule_changed", "修改催办规则"
    WORDS_CHANGED = "campaign.words_changed", "修改词表"

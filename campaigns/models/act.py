from django.db import models


class Act(models.TextChoices):
    """Everything the trail can say about campaigns."""

    CAMPAIGN_DRAFTED = "campaign.drafted", "起草活动方案"
    CAMPAIGN_PUBLISHED = "campaign.published", "批准发布活动"
    WEEKLY_PLANNED = "weekly.planned", "设置周报安排"
    WEEKLY_OBLIGED = "weekly.obliged", "调整周报填报单位"
    RULE_ADDED = "campaign.reminder_rule_added", "新增催办规则"
    RULE_CHANGED = "campaign.reminder_rule_changed", "修改催办规则"
    DRAFT_CHANGED = "campaign.draft_changed", "修改活动草案"
    DRAFT_DROPPED = "campaign.draft_dropped", "删除活动草案"
    CHECKLIST_CHANGED = "campaign.checklist_changed", "编辑检查清单"
    KIT_EXPORTED = "campaign.kit_exported", "导出活动套件"
    CHANGE_REQUESTED = "campaign.change_requested", "申请变更活动"
    CHANGE_APPROVED = "campaign.change_approved", "批准变更活动"
    CHANGE_REFUSED = "campaign.change_refused", "不批准变更活动"
    CHANGE_WITHDRAWN = "campaign.change_withdrawn", "撤回变更申请"
    CAMPAIGN_CLOSED = "campaign.closed", "结束活动"
    SCAN_READ = "campaign.scan_read", "下载活动签批扫描件"

    EXAMINATION_BEGUN = "examination.begun", "开始自查剖析"
    EXAMINATION_DELETED = "examination.deleted", "删除自查剖析草稿"
    EXAMINATION_RECORDED = "examination.recorded", "代录自查剖析"
    EXAMINATION_SUBMITTED = "examination.submitted", "提交自查剖析"
    EXAMINATION_WITHDRAWN = "examination.withdrawn", "撤回自查剖析"
    EXAMINATION_READER_TOLD = "examination.reader_told", "告知自查剖析阅看人"
    EXAMINATION_READ = "examination.read", "阅看自查剖析"
    EXAMINATION_RETURNED = "examination.returned", "退回自查剖析"
    EXAMINATION_ACCEPTED = "examination.accepted", "审阅通过自查剖析"
    EXAMINATION_EXPORTED = "examination.exported", "导出自查剖析"
    EXAMINATION_SCAN_READ = "examination.scan_read", "查看自查剖析扫描件"

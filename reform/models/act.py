from django.db import models


class Act(models.TextChoices):
    """Everything the trail can say about the ground floor."""

    SUGGESTED = "suggestion.made", "提出意见建议"
    JOB_ASKED = "job.asked", "申请后台任务"
    PASSWORD_CHANGED = "user.password_changed", "修改密码"
    RESULT_READ = "job.result_read", "下载结果文件"
    ORGANIZATION_MADE = "organization.made", "建立组织"
    ORGANIZATION_RENAMED = "organization.renamed", "组织更名"
    ORGANIZATION_CHANGED = "organization.changed", "修改组织信息"
    ORGANIZATION_PLACED = "organization.placed", "调整机构序列"
    ORGANIZATION_MOVED = "organization.moved", "调整组织隶属"
    ORGANIZATION_MERGED = "organization.merged", "合并组织"
    ORGANIZATION_SPLIT = "organization.split", "分设组织"
    ORGANIZATION_RETIRED = "organization.retired", "撤销组织"
    DUTIES_HANDED_OVER = "organization.duties", "移交组织人员"
    RELATION_ADDED = "relation.added", "登记组织关系"
    RELATION_ENDED = "relation.ended", "终止组织关系"

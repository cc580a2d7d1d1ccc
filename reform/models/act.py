from django.db import models


class Act(models.TextChoices):
    """Everything the trail can say about the ground floor."""

    SUGGESTED = "suggestion.made", "提出意见建议"
    JOB_ASKED = "job.asked", "申请后台任务"
    PASSWORD_CHANGED = "user.password_changed", "修改密码"
    RESULT_READ = "job.result_read", "下载结果文件"
    TRAIL_SEARCHED = "trail.searched", "查询操作留痕"
    TRAIL_EXPORTED = "trail.exported", "导出操作留痕"
    TRAIL_VERIFIED = "trail.verified", "校验操作留痕"
    ANCHOR_RENEWED = "trail.anchor_renewed", "另起锚文件"

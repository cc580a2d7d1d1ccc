from django.db import models


class Act(models.TextChoices):
    """Everything the trail can say about the ground floor."""

    SUGGESTED = "suggestion.made", "提出意见建议"
    JOB_ASKED = "job.asked", "申请后台任务"
    PASSWORD_CHANGED = "user.password_changed", "修改密码"
    RESULT_READ = "job.result_read", "下载结果文件"
    INVITED = "user.invited", "发放邀请码"
    RESET_ISSUED = "user.reset_issued", "发放重置码"
    WITNESS_ISSUED = "user.witness_issued", "生成见证码"
    CODE_USED = "user.code_used", "使用一次性代码"
    BACKED_UP = "system.backed_up", "备份"
    RESTORED = "system.restored", "从备份恢复"

from django.db import models


class Act(models.TextChoices):
    """Everything the trail can say about the ground floor."""

    SUGGESTED = "suggestion.made", "提出意见建议"
    JOB_ASKED = "job.asked", "申请后台任务"
    PASSWORD_CHANGED = "user.password_changed", "修改密码"
    RESULT_READ = "job.result_read", "下载结果文件"
    ADMINISTRATOR_MADE = "user.administrator_made", "建立管理员账号"
    INVITED = "user.invited", "发放邀请码"
    RESET_ISSUED = "user.reset_issued", "发放重置码"
    WITNESS_ISSUED = "user.witness_issued", "生成见证码"
    CODE_USED = "user.code_used", "使用一次性代码"
    BACKED_UP = "system.backed_up", "备份"
    RESTORED = "system.restored", "从备份恢复"
    PASSWORD_SET = "user.password_set", "凭一次性代码设置密码"
    SIGNED_IN = "session.began", "登录"
    SIGN_IN_FAILED = "session.failed", "登录失败"
    LOCKED_OUT = "session.locked_out", "暂停登录"
    LOCK_LIFTED = "session.lock_lifted", "解除暂停登录"
    SIGNED_OUT = "session.left", "退出登录"
    SESSION_ENDED = "session.ended", "强制下线"
    SECOND_STEP_ON = "second_step.on", "开通动态口令"
    SECOND_STEP_OFF = "second_step.off", "停用动态口令"
    SECOND_STEP_RESET = "second_step.reset", "重置动态口令"
    RECOVERY_CODES = "second_step.codes", "重新生成备用码"

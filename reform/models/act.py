from django.db import models


class Act(models.TextChoices):
    """Everything the trail can say about the ground floor."""

    SUGGESTED = "suggestion.made", "提出意见建议"
    JOB_ASKED = "job.asked", "申请后台任务"
    PASSWORD_CHANGED = "user.password_changed", "修改密码"
    RESULT_READ = "job.result_read", "下载结果文件"

    USER_CREATED = "user.created", "登记人员"
    ACCOUNT_OPENED = "user.account_opened", "开通账号"
    USER_CHANGED = "user.changed", "修改人员信息"
    USER_MOVED = "user.moved", "调整隶属"
    SAME_PERSON = "user.same_person", "认定同一人账号"
    OTHER_PERSON = "user.other_person", "取消同一人认定"
    USER_DISABLED = "user.disabled", "停用人员"
    USER_ENABLED = "user.enabled", "恢复人员"
    CODES_HANDED_OUT = "user.codes_handed_out", "下载一次性登录码"
    PEOPLE_UPLOADED = "people.uploaded", "上传人员表"
    PEOPLE_DISCARDED = "people.discarded", "放弃人员导入"
    PEOPLE_IMPORTED = "people.imported", "导入人员"
    DUTY_GRANTED = "duty.granted", "授予职责"
    DUTY_PROPOSED = "duty.proposed", "提出职责"
    DUTY_CONFIRMED = "duty.confirmed", "确认职责"
    DUTY_DECLINED = "duty.declined", "不同意职责"
    DUTY_ENDED = "duty.ended", "结束职责"
    FIELD_GIVEN = "duty.field_given", "确定分管（联系）单位"
    FIELD_ENDED = "duty.field_ended", "结束分管（联系）"
    DELEGATED = "delegation.given", "请假委托"
    DELEGATION_ENDED = "delegation.ended", "结束请假委托"

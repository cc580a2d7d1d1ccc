"""Kinds of things people are told of (提醒事项), as each chooses for himself how he hears of them.

Every kind that any floor tells is named here; upper floors name theirs by these codes. The order is
the page's and the digest's: what presses comes first.
"""

from django.db import models


class Event(models.TextChoices):
    OVERDUE = "overdue", "逾期提醒"
    DUE = "due", "到期提醒"
    WAITING = "waiting", "待审超时"
    STALLED = "stalled", "长期无进展"
    WEEKLY = "weekly", "周报催报"
    WEEKLY_RETURNED = "weekly_returned", "周报退回"
    WEEKLY_WORK = "weekly_work", "周报待办"
    WEEKLY_LIST = "weekly_list", "未报名单"
    PROBLEM = "problem", "交办、下达、时限变化"
    CLOSURE = "closure", "销号审核"
    EXAMINATION = "examination", "自查剖析"
    JOB = "job", "后台任务"
    ACCOUNT = "account", "账号与职责"
    SYSTEM = "system", "系统消息"

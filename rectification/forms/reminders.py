"""Forms of the reminder rules of a campaign, and of pausing."""

from typing import Any

from django import forms

from campaigns.models import Cause, Recipient
from rectification.models import ReminderPause
from reform.forms.act import ActForm, LineField
from reform.forms.days import DayField


class RuleForm(ActForm):
    submit = "保存"
    cause = forms.ChoiceField(label="事由", choices=Cause)
    workdays = forms.IntegerField(
        label="工作日数",
        min_value=-(2**31),
        max_value=2**31 - 1,
        help_text="将到期：到期前第几个工作日；逾期：逾期第几个工作日；审核等待、没有进展：满几个"
        "工作日；当日到期填0。",
    )
    recipients = forms.MultipleChoiceField(
        label="提醒谁",
        choices=Recipient,
        widget=forms.CheckboxSelectMultiple,
        help_text="审核等待提醒审核人、上级活动办；其他事由不提醒审核人。",
    )
    proposal = LineField(
        label="建议",
        required=False,
        max_length=60,
        help_text="随提醒提出的建议，例如“建议下达蓝色督办单”。系统只提建议，由人决定。",
    )
    active = forms.BooleanField(label="启用", required=False, initial=True)

    def __init__(self, *args: Any, changing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if changing:
            del self.fields["cause"]


class PauseForm(ActForm):
    submit = "暂停催办"
    scope = forms.ChoiceField(
        label="范围",
        choices=[("row", "只这一条问题"), ("place", "责任单位及其下级的全部问题")],
        initial="row",
        widget=forms.RadioSelect,
    )
    until = DayField(label="暂停到", help_text="含当天；到期自动恢复。最长92天。")
    reason = LineField(
        label="理由",
        max_length=ReminderPause._meta.get_field("reason").max_length,  # noqa: SLF001
    )


class RehearsalForm(forms.Form):
    day = DayField(label="预演哪一天", required=False)

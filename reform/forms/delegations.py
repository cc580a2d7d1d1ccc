"""The form of a delegation (请假委托)."""

from typing import Any

from django import forms

from reform.forms.act import ActForm, LineField
from reform.forms.days import DayField
from reform.forms.pickers import PersonField
from reform.models import Duty


class DelegationForm(ActForm):
    submit = "委托"
    duty = forms.ChoiceField(label="委托的职责")
    delegate = PersonField(label="受托人", help_text="同一党委（党组）及其下级的成员。")
    since = DayField(label="自")
    until = DayField(label="至", help_text="最后一天，最长60天；可以随时提前结束。")
    reason = LineField(label="事由", max_length=200, help_text="例如：年休假、外出学习。")

    def __init__(self, *args: Any, duties: list[Duty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.duties = {str(duty.pk): duty for duty in duties}
        self.fields["duty"].choices = [
            (key, f"{duty.organization} {duty.get_role_display()}")
            for key, duty in self.duties.items()
        ]

    def clean_duty(self) -> Duty:
        return self.duties[self.cleaned_data["duty"]]

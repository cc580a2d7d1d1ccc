"""Forms of the weekly plan: days and hours, and who owes a report."""

from typing import Any

from django import forms

from campaigns.models import Level, Policy
from campaigns.models.weekly_plan import WEEKDAYS
from reform.forms.act import ActForm
from reform.forms.days import DayField
from reform.models import Organization

NONE = "none"
CHOICES = [(NONE, "不报"), *Level.choices]


class HourField(forms.TimeField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time", "class": "form-control"}, format="%H:%M")
        super().__init__(widget=widget, **kwargs)
        self.error_messages["invalid"] = "请填写时间，例如 12:00。"


class PlanForm(ActForm):
    submit = "保存周报安排"
    starts_on = DayField(label="从何日起报")
    stops_on = DayField(label="到何日止", required=False, help_text="不填则到活动结束。")
    policy = forms.ChoiceField(
        label="截止日遇节假日",
        choices=Policy,
        help_text="各级截止时间一起移动；整周放假的不报，并入下一期。",
    )
    office_weekday = forms.TypedChoiceField(label="汇总单位截止日", choices=WEEKDAYS, coerce=int)
    office_hour = HourField(label="汇总单位截止时刻")
    branch_weekday = forms.TypedChoiceField(label="基层单位截止日", choices=WEEKDAYS, coerce=int)
    branch_hour = HourField(
        label="基层单位截止时刻", help_text="与汇总单位至少相隔半个工作日，留出汇总的时间。"
    )
    remind_workdays = forms.IntegerField(
        label="提前几个工作日提醒未报单位",
        min_value=0,
        max_value=4,
        help_text="按截止时刻提醒联络员和书记；填0不提醒。",
    )
    remind_minutes = forms.IntegerField(
        label="截止当天提前几分钟再提醒", min_value=0, max_value=600, help_text="填0不提醒。"
    )


class ObligeForm(ActForm):
    """One choice for each organization of a page."""

    submit = "保存本页"

    def __init__(
        self, *args: Any, places: list[Organization], levels: dict[int, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.places = {f"place_{place.pk}": place for place in places}
        for name, place in self.places.items():
            self.fields[name] = forms.ChoiceField(
                label=place.name, choices=CHOICES, initial=levels.get(place.pk, NONE)
            )

    def levels(self) -> dict[Organization, Level | None]:
        return {
            place: None if self.cleaned_data[name] == NONE else Level(self.cleaned_data[name])
            for name, place in self.places.items()
        }

    def rows(self) -> list[tuple[Organization, Any]]:
        return [(place, self[name]) for name, place in self.places.items()]

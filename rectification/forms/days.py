"""Days as forms ask for them."""

from datetime import date
from typing import Any

from django import forms

from rectification.actions.requirements import not_yet_found
from reform.forms.act import ActForm


class DayField(forms.DateField):
    """A day, by the browser's picker or typed as people type it."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"])
        super().__init__(**kwargs)
        self.error_messages["invalid"] = "请填写真实存在的日期，例如 2026-06-30。"

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not 1950 <= value.year <= 2100:
            raise forms.ValidationError("日期的年份不对，请核对。")


class FoundForm(ActForm):
    """Asks when a problem was found, and has `on`, the day of the request."""

    on: date

    def clean_found_on(self) -> date | None:
        day = self.cleaned_data["found_on"]
        if why := not_yet_found(day, on=self.on):
            raise forms.ValidationError(why)
        return day

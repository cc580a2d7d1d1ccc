"""Days as forms ask for them."""

from datetime import date
from typing import Any

from django import forms


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

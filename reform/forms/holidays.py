"""The forms of the working calendar: count days, read a year's notice, enter it."""

from datetime import date
from typing import Any

from django import forms

from reform import workdays
from reform.errors import Refused
from reform.forms.act import ActForm, LineField, TextField
from reform.imports import holiday_text, holidays
from reform.models import HolidayNotice

LARGEST = 1024 * 1024  # bytes; a year's workbook has a few thousand


class CountForm(forms.Form):
    """“How many working days on is it?”, in the address of the page."""

    start = forms.DateField(
        label="从",
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
    number = forms.IntegerField(
        label="起第几个工作日",
        min_value=-workdays.MOST,
        max_value=workdays.MOST,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )

    def clean_start(self) -> date:
        start: date = self.cleaned_data["start"]
        if not HolidayNotice.FIRST <= start.year <= HolidayNotice.LAST:
            first, last = HolidayNotice.FIRST, HolidayNotice.LAST
            raise forms.ValidationError(f"请填{first}年至{last}年的日期。")
        return start


class NoticeForm(ActForm):
    """A notice as a file or as its words; what is read of it is shown before it is entered."""

    submit = "读取并核对"
    file = forms.FileField(
        label="文件",
        required=False,
        help_text="Excel（日期、结束日期、名称、安排四列）或JSON。已粘贴原文的不用上传。",
    )
    text = TextField(
        label="通知原文",
        required=False,
        rows=10,
        max_length=holiday_text.LETTERS,
        help_text="把国务院办公厅“部分节假日安排的通知”连标题一起粘贴在这里，自动识别。",
    )
    paper = LineField(
        label="通知文号或网址", required=False, max_length=300, help_text="便于以后核对，可不填。"
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        file, text = data.get("file"), data.get("text")
        if self.errors:
            return data
        if bool(file) == bool(text):
            raise forms.ValidationError("请上传文件，或粘贴通知原文（二者取一）。")
        if file and file.size > LARGEST:
            raise forms.ValidationError("文件过大：一年的安排只有几十行。")
        try:
            data["notice"] = (
                holidays.read(file.read(), name=file.name) if file else holiday_text.read_text(text)
            )
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return data


class EnterForm(ActForm):
    """What was read, handed on by the preview."""

    submit = "录入"
    year = forms.IntegerField(
        widget=forms.HiddenInput, min_value=HolidayNotice.FIRST, max_value=HolidayNotice.LAST
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    paper = LineField(widget=forms.HiddenInput, required=False, max_length=300)
    lines = TextField(widget=forms.HiddenInput, max_length=holiday_text.LETTERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                data["notice"] = holiday_text.read_text(data["lines"], year=data["year"])
            except Refused as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return data

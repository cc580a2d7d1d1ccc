"""Forms of the import: the file, what was understood of it, and what the file lacks."""

from typing import Any

from django import forms

from campaigns.models import Campaign, Source
from rectification.forms.problems import DayField
from rectification.imports.headings import FIELDS
from rectification.imports.results import Reading
from reform.forms.act import ActForm


class UploadForm(ActForm):
    submit = "上传并核对"
    campaign = forms.ModelChoiceField(label="活动", queryset=None, empty_label=None)
    organization = forms.ChoiceField(label="填报单位")
    file = forms.FileField(
        label="台账文件",
        help_text="支部原样的表格即可：.xlsx、.xls 或 .csv，表头两行、合并单元格、分节都能读。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv,.tsv"}),
    )

    def __init__(self, *args: Any, campaigns: Any, places: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {str(place.pk): place for place in places}
        self.fields["campaign"].queryset = campaigns
        self.fields["organization"].choices = [
            (str(place.pk), f"{'　' * (place.depth - 1)}{place}") for place in places
        ]

    def clean_organization(self) -> Any:
        return self.places[self.cleaned_data["organization"]]


class MappingForm(forms.Form):
    """What each column was taken for, and which account a name means.

    `strangers` are the names no member bears, each with the members it may be a slip for.
    """

    def __init__(
        self,
        *args: Any,
        reading: Reading,
        strangers: list[tuple[str, list[tuple[str, str]]]],
        members: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reading, self.strangers = reading, [name for name, _ in strangers]
        if len(reading.sheets) > 1:
            sheets = [(name, name) for name in reading.sheets]
            self.fields["sheet"] = forms.ChoiceField(
                label="工作表", choices=sheets, initial=reading.sheet, required=False
            )
        words = [("", "不导入"), *FIELDS.items()]
        for column in reading.columns:
            self.fields[f"column_{column.index}"] = forms.ChoiceField(
                label=column.heading or f"{column.letter}列",
                choices=words,
                initial=column.field,
                required=False,
            )
        for place, (name, near) in enumerate(strangers):
            self.fields[f"person_{place}"] = forms.ChoiceField(
                label=name,
                choices=_whom(near, members),
                required=False,
                help_text=f"可能是{'、'.join(words for _, words in near)}" if near else "",
            )
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select form-select-sm"

    def columns(self) -> list[tuple[Any, Any]]:
        return [(column, self[f"column_{column.index}"]) for column in self.reading.columns]

    def people(self) -> list[tuple[str, Any]]:
        return [(name, self[f"person_{place}"]) for place, name in enumerate(self.strangers)]

    def corrections(self, before: dict[str, Any]) -> dict[str, Any]:
        """Return what differs from the guess, on top of what was corrected before."""
        data = self.cleaned_data
        mapping = {
            str(column.index): data[f"column_{column.index}"] or "ignore"
            for column in self.reading.columns
        }
        people = dict(before.get("people", {}))
        for place, name in enumerate(self.strangers):
            if chosen := data[f"person_{place}"]:
                people[name] = int(chosen)
            else:
                people.pop(name, None)
        sheet = data.get("sheet") or before.get("sheet") or ""
        if sheet != self.reading.sheet and data.get("sheet"):
            mapping = {}  # another sheet has other columns
        return {"sheet": sheet, "mapping": mapping, "people": people}


def _whom(near: list[tuple[str, str]], members: list[tuple[str, str]]) -> list[tuple[str, Any]]:
    """Return whom a name may mean: those it is likely a slip for stand first."""
    others = [one for one in members if one not in near]
    if not near:
        return [("", "只记姓名"), *others]
    return [("", "只记姓名"), ("可能是", near), ("全部人员", others)]


class KeepForm(ActForm):
    """Asked once, where the file lacks what registering needs."""

    submit = "保存为草稿"
    source = forms.ModelChoiceField(label="问题来源", queryset=None, empty_label="请选择")
    found_on = DayField(label="发现日期")
    good_rows = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        campaign: Campaign,
        lacks_source: bool,
        lacks_found_on: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = Source.objects.filter(campaign=campaign)
        if not lacks_source:
            del self.fields["source"]
        if not lacks_found_on:
            del self.fields["found_on"]

"""Forms of the import: the file, what was understood of it, and what the file lacks."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from campaigns.models import Campaign, Source
from rectification.forms.days import DayField, FoundForm
from rectification.imports.headings import FIELDS, MANY
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


@dataclass(frozen=True)
class Whom:
    """A name nobody bears: the accounts (key, words) it is likely a slip for, and all others."""

    name: str
    near: list[tuple[str, str]]
    everybody: list[tuple[str, str]]
    leader: bool = False

    @property
    def label(self) -> str:
        return f"{self.name}（责任领导）" if self.leader else self.name

    @property
    def hint(self) -> str:
        return f"可能是{'、'.join(words for _, words in self.near)}" if self.near else ""

    def choices(self) -> list[tuple[str, Any]]:
        others = [one for one in self.everybody if one not in self.near]
        if not self.near:
            return [("", "只记姓名"), *others]
        return [("", "只记姓名"), ("可能是", self.near), ("全部人员", others)]


class MappingForm(forms.Form):
    """What each column was taken for, and which account a name means."""

    def __init__(
        self,
        *args: Any,
        reading: Reading,
        strangers: list[Whom],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reading, self.strangers = reading, [whom.name for whom in strangers]
        if len(reading.sheets) > 1:
            sheets = [(name, name) for name in reading.sheets]
            self.fields["sheet"] = forms.ChoiceField(
                label="工作表", choices=sheets, initial=reading.sheet, required=False
            )
        meant = [(code, words) for code, words in FIELDS.items() if code != "ignore"]
        words = [("", FIELDS["ignore"]), *meant]
        for column in reading.columns:
            self.fields[f"column_{column.index}"] = forms.ChoiceField(
                label=column.heading or f"{column.letter}列",
                choices=words,
                initial="" if column.field == "ignore" else column.field,
                required=False,
            )
        for place, whom in enumerate(strangers):
            self.fields[f"person_{place}"] = forms.ChoiceField(
                label=whom.label,
                choices=whom.choices(),
                required=False,
                help_text=whom.hint,
            )
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select form-select-sm"

    def columns(self) -> list[tuple[Any, Any]]:
        return [(column, self[f"column_{column.index}"]) for column in self.reading.columns]

    def people(self) -> list[Any]:
        return [self[f"person_{place}"] for place in range(len(self.strangers))]

    def clean(self) -> dict[str, Any]:
        """Two columns cannot both be what a problem has once: else one would be lost unseen."""
        data = super().clean() or {}
        taken: dict[str, Any] = {}
        for column in self.reading.columns:
            name = f"column_{column.index}"
            code = data.get(name) or ""
            if code in MANY:
                continue
            label, first = self.fields[name].label, taken.setdefault(code, column)
            if first is not column:
                other = self.fields[f"column_{first.index}"].label
                words = (
                    f"“{other}”和“{label}”都当作“{FIELDS[code]}”，请把其中一栏改为别的或不导入。"
                )
                self.add_error(name, words)
        return data

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


class KeepForm(FoundForm):
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
        on: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.fields["source"].queryset = Source.objects.filter(campaign=campaign)
        if not lacks_source:
            del self.fields["source"]
        if not lacks_found_on:
            del self.fields["found_on"]

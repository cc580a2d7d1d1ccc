"""What the trail may be searched by (查询留痕); every field optional, every text cleaned."""

from typing import Any

from django import forms

from reform.forms.act import LineField
from reform.forms.days import DayField
from reform.forms.pickers import OrganizationField, PersonField
from reform.models import User
from reform.models.trail_search import CAPACITIES, TrailSearch


class TrailFilter(forms.Form):
    """The words of all acts are given by the floor that knows them all."""

    since = DayField(label="时间自", required=False)
    until = DayField(label="时间至", required=False)
    person = PersonField(label="操作人", required=False, queryset=User.objects.all())
    act = LineField(label="事项", max_length=50, required=False)
    subject = LineField(label="对象", max_length=100, required=False)
    organization = OrganizationField(label="操作人单位（含下级）", required=False)
    capacity = forms.ChoiceField(
        label="身份", choices=[("", "全部"), *CAPACITIES.items()], required=False
    )
    address = LineField(label="来源地址", max_length=45, required=False)
    q = LineField(label="说明中的词", max_length=50, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        for field in self.fields.values():
            is_list = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if is_list else "form-control"
        self.fields["subject"].widget.attrs["placeholder"] = "问题编号、单位或人员"
        self.fields["address"].widget.attrs["placeholder"] = "如 10.1.2.3"

    def search(self) -> TrailSearch:
        """Return what is asked for; a field that makes no sense asks for nothing."""
        self.is_valid()
        given: dict[str, Any] = {key: value for key, value in self.cleaned_data.items() if value}
        keys = {name: given.pop(name).pk for name in ("person", "organization") if name in given}
        if words := given.pop("q", ""):
            given["words"] = words
        return TrailSearch(**given, **keys)

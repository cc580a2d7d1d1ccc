"""Of which organization the goals of a campaign are counted (活动目标)."""

from typing import Any

from django import forms

from reform.forms.pickers import OrganizationField


class GoalsFilter(forms.Form):
    organization = OrganizationField(label="单位（含下级）", required=False)

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = places

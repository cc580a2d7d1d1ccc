"""What ground-floor lists may be filtered by; every field optional, every text cleaned."""

from django import forms
from django.db.models import TextChoices

from reform.forms.act import LineField
from reform.forms.pickers import NUMBERED, OrganizationField
from reform.models import Organization


class WordsFilter(forms.Form):
    q = LineField(label="关键词", max_length=50, required=False)


class PeopleFilter(WordsFilter):
    organization = OrganizationField(label="党组织（含下级）", required=False)


class PickerFilter(WordsFilter):
    """What a picker sends: what was typed, and maybe the organization to stay within."""

    organization = LineField(max_length=200, required=False)

    def clean_organization(self) -> int | None:
        """`17` or `名称 #17`; anything else narrows nothing."""
        words = self.cleaned_data["organization"]
        numbered = NUMBERED.search(f"#{words}" if words.isdecimal() else words)
        return int(numbered[1]) if numbered else None


class InboxFilter(forms.Form):
    class Show(TextChoices):
        UNREAD = "", "未读"
        ALL = "all", "全部"

    show = forms.ChoiceField(choices=Show, required=False)


class KindFilter(WordsFilter):
    kind = forms.ChoiceField(
        label="类型", choices=[("", "全部"), *Organization.Kind.choices], required=False
    )

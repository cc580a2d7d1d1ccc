"""The one line of an activity (活动记录), with the problems it was about; and the list's filter."""

import re
from typing import Any

from django import forms

from campaigns.forms.stages import VersionField
from campaigns.models import Campaign
from campaigns.models.activity import Kind
from rectification.models import Problem
from reform.forms.act import ActForm, LineField
from reform.forms.days import DayField
from reform.forms.pickers import OrganizationField
from reform.models import Actor

SEVERAL = re.compile(r"[\s、，,；;]+")
MOST = 20  # problems of one activity


class ActivityForm(ActForm):
    submit = "登记"
    kind = forms.ChoiceField(label="种类", choices=Kind)
    other = LineField(label="名称（选“其他”时填）", max_length=20, required=False)
    on = DayField(label="日期")
    organization = OrganizationField(label="单位")
    topic = LineField(label="主题", max_length=200)
    place = LineField(label="地点", max_length=60, required=False)
    leader = LineField(label="主持或带队领导", max_length=60, required=False)
    problems = LineField(
        label="关联问题编号",
        max_length=500,
        required=False,
        help_text="研究或检查了哪些问题，写编号，多个用顿号分开；可以不填。",
    )
    version = VersionField(required=False)
    shown_for = {"other": "kind=other"}

    def __init__(self, *args: Any, campaign: Campaign, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign, self.actor = campaign, actor

    def clean_problems(self) -> list[Problem]:
        numbers = list(dict.fromkeys(filter(None, SEVERAL.split(self.cleaned_data["problems"]))))
        if len(numbers) > MOST:
            raise forms.ValidationError(f"一次活动最多关联{MOST}个问题。")
        if not numbers:
            return []
        rows = Problem.objects.visible_to(self.actor).filter(campaign=self.campaign)
        found = {row.number: row for row in rows.filter(number__in=numbers)}
        if missing := [number for number in numbers if number not in found]:
            raise forms.ValidationError(f"这项活动中没有编号为“{missing[0][:40]}”的问题，请核对。")
        return [found[number] for number in numbers]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("kind") == Kind.OTHER and not data.get("other"):
            self.add_error("other", "种类选“其他”的，请写明名称。")
        return data


class ActivityFilter(forms.Form):
    kind = forms.ChoiceField(label="种类", choices=[("", "全部"), *Kind.choices], required=False)
    organization = OrganizationField(label="单位（含下级）", required=False)
    since = DayField(label="自", required=False)
    until = DayField(label="至", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].widget.attrs["class"] = "form-select"
        for name in ("since", "until"):
            self.fields[name].widget.attrs["class"] = "form-control"

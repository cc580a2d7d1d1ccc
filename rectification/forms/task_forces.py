import re
from typing import Any

from django import forms

from campaigns.models import Body
from rectification.models import Problem
from reform.forms.act import ActForm, LineField
from reform.models import Actor

SEVERAL = re.compile(r"[\s、，,；;]+")
MOST = 50  # numbers at once


class LinkForm(ActForm):
    submit = "列入专班"
    problems = LineField(
        label="问题编号", max_length=1500, help_text="写编号，多个用顿号分开；一次最多50个。"
    )

    def __init__(self, *args: Any, body: Body, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.body, self.actor = body, actor

    def clean_problems(self) -> list[Problem]:
        numbers = list(dict.fromkeys(filter(None, SEVERAL.split(self.cleaned_data["problems"]))))
        if not numbers:
            raise forms.ValidationError("请填写问题编号。")
        if len(numbers) > MOST:
            raise forms.ValidationError(f"一次最多列入{MOST}个问题，现在有{len(numbers)}个。")
        rows = Problem.objects.visible_to(self.actor).filter(campaign=self.body.campaign_id)
        found = {row.number: row for row in rows.filter(number__in=numbers)}
        if missing := [number for number in numbers if number not in found]:
            raise forms.ValidationError(f"这项活动中没有编号为“{missing[0][:40]}”的问题，请核对。")
        return [found[number] for number in numbers]

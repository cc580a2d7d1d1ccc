"""Forms of goals (活动目标): those of a draft, and a number that the discipline side gives."""

from typing import Any

from django import forms

from campaigns.forms.rows import RowsForm
from campaigns.models import Goal
from campaigns.models.goal import FACTS, FIGURES, MOST_GOALS
from reform.forms.act import ActForm, LineField
from reform.forms.days import DayField


class GoalsForm(RowsForm):
    word, needed, blank, most = "目标", ("title",), 1, MOST_GOALS
    columns = {
        "title": lambda: LineField(label="目标", max_length=40),
        "facts": lambda: forms.MultipleChoiceField(
            label="按哪些事实计数", choices=list(FACTS.items()), widget=forms.CheckboxSelectMultiple
        ),
    }

    def facts(self) -> list[Goal]:
        return [Goal(row["title"], tuple(row["facts"] or ())) for row in self.rows]


class FigureForm(ActForm):
    submit = "保存"
    code = forms.ChoiceField(label="事项", choices=list(FIGURES.items()))
    number = forms.IntegerField(label="数（件）", min_value=0, max_value=100_000)
    on = DayField(label="截至")
    document = LineField(
        label="依据文件",
        max_length=200,
        help_text="文件标题和文号。这里只填一个数，案件和人员信息一律不填。",
    )

    def __init__(self, *args: Any, codes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [(code, FIGURES[code]) for code in codes]

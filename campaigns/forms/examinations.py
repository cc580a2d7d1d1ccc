"""Forms of an examination: the sheet one writes, submitting it, and what its reviewer says."""

from collections.abc import Iterator
from typing import Any

from django import forms

from campaigns.models import Checklist, Tick, Verdict, answers, parts
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.forms.pickers import PersonField

LIMIT = 2**31 - 1


class SheetForm(ActForm):
    """Everything a checklist asks for. Nothing is required: a draft is kept as it is."""

    version = forms.IntegerField(
        label="版本", widget=forms.HiddenInput, min_value=0, max_value=LIMIT
    )
    promise = LineField(label="阅看人", widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, *args: Any, sheet: answers.Sheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet, self.asks = sheet, answers.asks(sheet)
        questions = sheet["mode"] == Checklist.Mode.QUESTIONS
        keys = sheet["questions"] if questions else sheet["items"]
        named = [(str(key), name) for key, name, _ in keys]
        if sheet["mode"] == Checklist.Mode.PICK:
            self.fields["picked"] = _boxes("符合的条目", named)
            self.fields["absent"] = _boxes(answers.NONE, [(answers.ALL, answers.NONE)])
        else:
            self.fields["absent"] = _boxes(answers.NONE, named)
        if sheet["mode"] == Checklist.Mode.PICK:
            named += parts.BLOCKS.items()
        self.fields["team_only"] = _boxes("仅班子", named)
        for ask in self.asks:
            label = ask.label
            self.fields[ask.name] = TextField(
                label=label,
                rows=ask.rows,
                max_length=answers.DRAFT,
                required=False,
                help_text=ask.hint,
            )

    @staticmethod
    def initial_of(content: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields hold of what is being written."""
        return {
            "picked": [str(key) for key in content.get("picked", [])],
            "absent": content.get("absent", []),
            "team_only": content.get("team_only", []),
            **content.get("texts", {}),
        }

    def content(self) -> dict[str, Any]:
        """Return what was typed in the shape of models/answers.py."""
        data = self.cleaned_data
        return {
            "picked": [int(key) for key in data.get("picked", [])],
            "absent": data["absent"],
            "team_only": data["team_only"],
            "texts": {ask.name: data[ask.name] for ask in self.asks if data[ask.name]},
        }

    # ---- how the page draws it

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each item or question, with its boxes and its texts."""
        data = {name: set(self[name].value() or ()) for name in self._choices()}
        questions = self.sheet["mode"] == Checklist.Mode.QUESTIONS
        for key, name, more in self.sheet["questions" if questions else "items"]:
            yield {
                "key": key,
                "name": name,
                "description": "" if questions else more,
                "may_lack": not questions or more,
                "fields": [(ask, self[ask.name]) for ask in self.asks if ask.key == str(key)],
                **{field: str(key) in chosen for field, chosen in data.items()},
            }

    @property
    def marked(self) -> set[str]:
        return set(self["team_only"].value() or ())

    @property
    def has_own_measures(self) -> bool:
        return any(self[ask.name].value() for ask in self.asks if ask.key)

    def _choices(self) -> list[str]:
        return [name for name in ("picked", "absent", "team_only") if name in self.fields]

    def common(self) -> list[tuple[answers.Ask, Any]]:
        """The texts that belong to no single item."""
        return [(ask, self[ask.name]) for ask in self.asks if not ask.key]


def _boxes(label: str, choices: list[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


class SubmitForm(ActForm):
    submit = "提交"
    version = forms.IntegerField(
        label="版本", widget=forms.HiddenInput, min_value=0, max_value=LIMIT
    )
    promise = LineField(label="阅看人", widget=forms.HiddenInput, required=False, max_length=2000)


class PlainForm(ActForm):
    """Nothing to fill in: one button and its token."""


class ReviewForm(ActForm):
    submit = "提交审阅意见"
    number = forms.IntegerField(
        label="版本", widget=forms.HiddenInput, min_value=1, max_value=LIMIT
    )
    ticks = forms.MultipleChoiceField(
        label="对照看一看",
        choices=Tick,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="五个“防止…代替…”和三个摆进去，供审阅时对照；不勾也可以提交。",
    )
    decision = forms.ChoiceField(label="结论", choices=Verdict.Decision, widget=forms.RadioSelect)
    comment = TextField(
        label="意见",
        rows=4,
        max_length=2000,
        required=False,
        help_text="退回时必填：请写明哪里要改、怎么改。本人会看到。",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("decision") == Verdict.Decision.RETURNED and not data.get("comment"):
            self.add_error("comment", "退回时请写明需要修改什么。")
        return data


class SignForm(ActForm):
    """A review signed on paper, of somebody whom nobody reviews here."""

    submit = "录入线下审阅"
    signer_name = LineField(label="审阅人", max_length=40)
    signer_post = LineField(label="职务", max_length=60)
    signed_on = DayField(label="签批日期")
    decision = forms.ChoiceField(label="结论", choices=Verdict.Decision, widget=forms.RadioSelect)
    comment = TextField(
        label="意见",
        rows=3,
        max_length=2000,
        required=False,
        help_text="照纸面原文录入；退回时必填。",
    )
    scan = forms.FileField(label="签批件扫描件", help_text="PDF或图片，不超过20MB。")


class RecordForm(SheetForm):
    """A sheet written by hand, typed in with its scan."""

    submit = "保存代录材料"
    author = PersonField(label="本人", help_text="手写材料的人。有账号的，保存后由本人核对、提交。")
    signed_on = DayField(
        label="本人签字日期",
        required=False,
        help_text="只在本人没有账号时填写：扫描件上须有本人签字，以签字为本人确认，保存即送审。"
        "请事先告知本人由谁审阅；您代录的，不由您审阅。",
    )
    scan = forms.FileField(label="手写材料扫描件", help_text="PDF或图片，不超过20MB。")
    version = None  # type: ignore[assignment]
    promise = None  # type: ignore[assignment]
    field_order = ("author", "signed_on", "scan")

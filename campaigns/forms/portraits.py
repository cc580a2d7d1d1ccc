"""Forms of portraits (画像比对) and admonition talks (提醒谈话)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from campaigns.forms.stages import VersionField
from campaigns.models import Opinion, Portrait, PortraitItem, PortraitSource
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.models import Organization

LONGEST = 2000  # characters of an opinion
WORDS_OF_WIPING = "画像归档（或者不再办理）时，系统抹去每条意见是谁提的。"
TYPED = [
    (PortraitSource.SUPERIOR.value, PortraitSource.SUPERIOR.label),
    (PortraitSource.PEER.value, "互相提（会上口头提的）"),
    (PortraitSource.COLLECTIVE.value, PortraitSource.COLLECTIVE.label),
]


class BeginForm(ActForm):
    submit = "开始画像比对"
    organization = forms.ModelChoiceField(
        label="党组织", queryset=Organization.objects.none(), empty_label=None
    )
    on = DayField(label="日期", help_text="开展画像比对的日期，不晚于今天。")

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = places


class SpeakForm(ActForm):
    """Of whom stands in the form, never in an address: addresses are written into logs."""

    submit = "提出"
    portrait = forms.ModelChoiceField(
        label="对谁", queryset=Portrait.objects.none(), empty_label="请选择"
    )
    text = TextField(
        label="意见",
        rows=4,
        max_length=LONGEST,
        help_text="一条意见说一件事，对事不对人。本人只看得到书记合并后的文字，看不到是谁提的。",
    )

    def __init__(self, *args: Any, portraits: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portrait"].queryset = portraits
        self.fields["portrait"].label_from_instance = lambda row: row.name


class NoteForm(ActForm):
    submit = "录入"
    source = forms.ChoiceField(label="来源", choices=TYPED)
    text = TextField(
        label="意见", rows=4, max_length=LONGEST, help_text="照原意录入，不写是谁说的。"
    )


class OwnOpinionForm(ActForm):
    """One of the opinions one has written; which, stands in the form."""

    opinion = forms.ChoiceField(label="哪一条", widget=forms.RadioSelect)

    def __init__(self, *args: Any, opinions: Iterable[Opinion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(opinions)
        self.fields["opinion"].choices = [(str(row.pk), self.named(row)) for row in rows]
        if len(rows) == 1:
            self.fields["opinion"].initial = str(rows[0].pk)

    @staticmethod
    def named(row: Opinion) -> str:
        return f"对{row.portrait.name}：{row.text[:60]}{'…' if len(row.text) > 60 else ''}"


class WithdrawForm(OwnOpinionForm):
    submit = "撤回这条意见"


class AnswerForm(OwnOpinionForm):
    submit = "补充"
    text = TextField(label="补充", rows=4, max_length=LONGEST, help_text="只补充一次。")

    @staticmethod
    def named(row: Opinion) -> str:
        return f"{OwnOpinionForm.named(row)}　书记问：{row.question}"


class MergeForm(ActForm):
    """The four columns: what is ticked, what becomes of it (`do`, the button), in which words."""

    ASK, REFUSE, MERGE = "ask", "refuse", "merge"
    do = forms.ChoiceField(
        choices=[(MERGE, "合并"), (REFUSE, "不采纳"), (ASK, "请补充")],
        error_messages={"required": "请按下方的按钮办理。"},
    )
    opinions = forms.MultipleChoiceField(label="意见", required=False)
    findings = forms.MultipleChoiceField(label="自己找的", required=False)
    into = forms.ModelChoiceField(
        label="合并到", queryset=PortraitItem.objects.none(), required=False, empty_label="新的一条"
    )
    text = TextField(
        label="合并后的意见；或者不采纳的说明；或者请其补充的问题",
        rows=3,
        max_length=LONGEST,
        required=False,
        help_text="用您自己的话写，不照抄原话，不写是谁说的。不采纳的说明、请其补充的问题不超过300字。",
    )

    def __init__(
        self, *args: Any, opinions: Iterable[Opinion], findings: Any, items: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opinions"].choices = [(str(row.pk), row.text[:40]) for row in opinions]
        self.fields["findings"].choices = [
            (str(row.pk), row.manifestation[:40]) for row in findings
        ]
        self.fields["into"].queryset = items
        self.fields["into"].label_from_instance = lambda row: f"{row}：{row.text[:30]}"
        for name in ("opinions", "findings"):
            self.fields[name].error_messages["invalid_choice"] = (
                "所选的意见中有的已经处理过，请按页面现在的内容再选。"
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        text, do = data.get("text", ""), data.get("do")
        if do in {self.ASK, self.REFUSE}:
            if "text" in data and not text:
                said = "不采纳的说明" if do == self.REFUSE else "请其补充的问题"
                self.add_error("text", f"请写明{said}，提出的人会看到。")
            if len(text) > 300:
                self.add_error("text", f"不超过300字，现在有{len(text)}字，请精简后再提交。")
            if data.get("findings"):
                self.add_error(None, "自己找的问题不办理“不采纳”和“请补充”，请取消勾选。")
        return data


class ItemForm(ActForm):
    submit = "保存"
    text = TextField(label="合并后的意见", rows=5, max_length=LONGEST)
    version = VersionField()


class ConfirmForm(ActForm):
    """Nothing to fill in: one button and its token."""


class ShowForm(ConfirmForm):
    version = VersionField()


class ReadForm(ActForm):
    submit = "我已阅看"
    own_words = TextField(
        label="本人意见",
        rows=4,
        max_length=LONGEST,
        required=False,
        help_text="可以不写。确认以后不能再改，随画像清单一并送归档。",
    )
    mark = LineField(label="版本", widget=forms.HiddenInput, max_length=16)


class TellForm(ActForm):
    submit = "登记已当面告知"
    own_words = TextField(
        label="本人意见", rows=4, max_length=LONGEST, required=False, help_text="照本人所说录入。"
    )


class AsideForm(ActForm):
    submit = "不再办理"
    why = LineField(
        label="原因", max_length=200, help_text="例如：已调离；没有意见。不写病情等个人隐私。"
    )


class FileForm(ActForm):
    submit = "登记回执，办结这些画像"
    chosen = forms.MultipleChoiceField(
        label="已送交的画像清单", widget=forms.CheckboxSelectMultiple
    )
    on = DayField(label="送交日期")
    receiver_name = LineField(label="接收人", max_length=40)
    receiver_post = LineField(label="接收人单位和职务", max_length=60)

    def __init__(self, *args: Any, portraits: Iterable[Portrait], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(str(row.pk), row.name) for row in portraits]
        self.fields["chosen"].choices = rows
        self.fields["chosen"].initial = [key for key, _ in rows]
        self.fields["on"].initial = on


class CallForm(ActForm):
    submit = "约定谈话"
    day = DayField(label="约定日期")
    reason = LineField(label="事由", max_length=100, help_text="一句话，只有您和对方看得到。")


class TalkForm(ActForm):
    submit = "保存"
    held_on = DayField(label="谈话日期")
    content = TextField(
        label="谈话内容",
        rows=8,
        max_length=5000,
        required=False,
        help_text="可以不写。只有谈话双方看得到，不进入任何名单和统计。",
    )
    version = VersionField()

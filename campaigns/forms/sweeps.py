"""Forms of a risk sweep: one object, a pasted table, sending in, reviewing, asking for one."""

from collections.abc import Iterator
from typing import Any

from django import forms

from campaigns.forms.stages import VersionField
from campaigns.models import SweepObject, SweepVerdict
from campaigns.models.sweep_sheet import LONGEST, SEVERITIES
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.forms.duties import PlacesField

FOUND = [("yes", "有问题"), ("no", "未发现问题")]
MOST_TEXT = 1_000_000  # characters of a pasted table
HINT = "写岗位、业务、环节、制度等，不写人名，不记录个人生活和八小时以外的行踪。"


class ObjectForm(ActForm):
    """One object, and of each question whether something was found. Nothing but its name is
    required: what is not finished is kept as it is."""

    submit = "保存"
    version = VersionField(required=False)
    kind = forms.ChoiceField(label="对象类别", choices=SweepObject.Kind)
    name = LineField(label="排查对象", max_length=60, help_text=HINT)

    def __init__(self, *args: Any, asks: list[list[str]], parts: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks = asks
        for key, _, _ in asks:
            self.fields[f"found_{key}"] = forms.ChoiceField(
                label="有无问题", choices=FOUND, required=False, widget=forms.RadioSelect
            )
            for field, label in zip(("what", "cause", "measure"), parts, strict=True):
                self.fields[f"{field}_{key}"] = TextField(
                    label=label, rows=2, max_length=LONGEST[field], required=False
                )
            self.fields[f"severity_{key}"] = forms.ChoiceField(
                label="程度", choices=list(SEVERITIES.items()), required=False
            )
            for field, label in (("who", "责任人"), ("due", "完成时限")):
                self.fields[f"{field}_{key}"] = LineField(
                    label=label, max_length=LONGEST[field], required=False
                )

    @staticmethod
    def initial_of(kind: str, name: str, lines: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields hold of an object."""
        found: dict[str, Any] = {"kind": kind, "name": name}
        for key, line in lines.items():
            found[f"found_{key}"] = "yes" if line["found"] else "no"
            found |= {f"{field}_{key}": line.get(field, "") for field in (*LONGEST, "severity")}
        return found

    def lines(self, *, nothing: bool = False) -> dict[str, Any]:
        """Return the answers in the shape of models/sweep_sheet.py; `nothing`: of each question
        that nothing was found, whatever was chosen."""
        data, lines = self.cleaned_data, {}
        for key, _, _ in self.asks:
            found = "no" if nothing else data[f"found_{key}"]
            texts = {field: data[f"{field}_{key}"] for field in LONGEST if data[f"{field}_{key}"]}
            if not found and texts:
                found = "yes"  # who writes what he found has found something
            if found == "yes":
                severity = data[f"severity_{key}"] or "ordinary"
                lines[key] = {"found": True, "severity": severity, **texts}
            elif found:
                lines[key] = {"found": False, **texts}
        return lines

    def name_questions(self) -> None:
        """Say with each field which question it is of, where they do not stand under it."""
        for key, name, _ in self.asks:
            for field in ("found", "severity", *LONGEST):
                one = self.fields[f"{field}_{key}"]
                one.label = f"{name[:30]}：{one.label}"

    def questions(self) -> Iterator[dict[str, Any]]:
        """Yield each question with its fields, as the page draws them."""
        for key, name, description in self.asks:
            fields = {field: self[f"{field}_{key}"] for field in ("found", "severity", *LONGEST)}
            yield {"key": key, "name": name, "description": description, **fields}


class TableForm(ActForm):
    """Rows from a table: pasted, or a workbook."""

    submit = "核对"
    text = forms.CharField(
        label="粘贴表格内容",
        required=False,
        strip=False,
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 10, "wrap": "off", "class": "pasted"}),
        help_text="在Excel或WPS中选中各行（连同表头）复制，粘贴到这里。",
    )
    file = forms.FileField(
        label="或选择文件",
        required=False,
        help_text="xlsx、xls或csv，须有“排查对象”“有无问题”两列。",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and not data.get("file") and not data.get("text", "").strip():
            raise forms.ValidationError("请粘贴表格内容，或选择一个文件。")
        return data


class SendForm(ActForm):
    submit = "报送"
    version = VersionField()


class DecideForm(ActForm):
    submit = "提交审阅意见"
    number = forms.IntegerField(
        label="版本", widget=forms.HiddenInput, min_value=1, max_value=32_767
    )
    decision = forms.ChoiceField(
        label="结论", choices=SweepVerdict.Decision, widget=forms.RadioSelect
    )
    comment = TextField(
        label="意见",
        rows=4,
        max_length=2000,
        required=False,
        help_text="退回时必填：请写明哪里要补、怎么补。填报单位会看到。",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("decision") == SweepVerdict.Decision.RETURNED and not data.get("comment"):
            self.add_error("comment", "退回时请写明需要修改什么。")
        return data


class AskForm(ActForm):
    submit = "发出"
    question = LineField(
        label="排查内容",
        max_length=300,
        help_text="一句话问清楚，例如“公务用车加油卡是否专车专用、登记是否完整”。",
    )
    explanation = TextField(label="说明", rows=3, max_length=2000, required=False)
    due_on = DayField(label="完成日期")
    organizations = PlacesField(
        label="排查单位",
        required=False,
        max_length=4000,
        help_text="每行一个，最多30个；不填即您范围内参加活动、有书记或负责人的全部单位。",
    )

"""Forms for measures, progress and evidence."""

from typing import Any

from django import forms

from rectification.forms.days import DayField
from rectification.models import Evidence, Measure, Problem, Progress
from reform.actions.attachments import ENDINGS, PLAIN
from reform.forms.act import ActForm, LineField, TextField


class BehalfForm(ActForm):
    """Asks in whose name it is entered where somebody else types it (代填)."""

    behalf = forms.ChoiceField(label="填报人", required=False)

    def __init__(self, *args: Any, people: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(people) > 1:
            words = [people[0], *(f"{name}（代填）" for name in people[1:])]
            self.fields["behalf"].choices = list(zip(people, words, strict=True))
            self.fields["behalf"].help_text = "替别人填报时请选他的名字，页面会注明由您代填。"
        else:
            del self.fields["behalf"]


class MeasureForm(BehalfForm):
    submit = "保存措施"
    version = forms.IntegerField(label="版本", widget=forms.HiddenInput, required=False)
    text = TextField(label="措施", rows=3, max_length=2000)
    kind = forms.ChoiceField(
        label="性质", choices=[("", "不区分"), *Measure.Kind.choices], required=False
    )
    person_name = LineField(
        label="责任人", max_length=80, required=False, help_text="不填即为本问题的责任人。"
    )
    due_on = DayField(label="完成时限", required=False, help_text="不填即为本问题的时限。")


class FinishForm(BehalfForm):
    submit = "措施已完成"
    done_on = DayField(label="完成日期")
    note = TextField(label="完成情况", rows=2, max_length=2000, required=False)


class ProgressForm(BehalfForm):
    submit = "填报进展"
    on = DayField(label="日期")
    progress = forms.ChoiceField(label="完成情况", choices=Progress)
    text = TextField(label="整改进展", rows=4, max_length=3000)
    effect = TextField(
        label="整改成效", rows=2, max_length=3000, required=False, help_text="有成效时填写。"
    )


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; each becomes a piece of evidence."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(file, initial) for file in files]


class EvidenceForm(BehalfForm):
    submit = "添加佐证"
    shown_for = {
        "files": f"kind={Evidence.Kind.FILE.value}",
        **dict.fromkeys(("number", "place", "keeper"), f"kind={Evidence.Kind.REFERENCE.value}"),
    }
    kind = forms.ChoiceField(
        label="种类",
        choices=[
            (Evidence.Kind.FILE, "上传文件"),
            (Evidence.Kind.REFERENCE, "存档备查（写明文号和存放地点）"),
            (Evidence.Kind.NOTE, "文字说明（写明可核实的情况）"),
        ],
        widget=forms.RadioSelect,
        initial=Evidence.Kind.FILE,
    )
    files = FilesField(label="文件", required=False)
    title = LineField(
        label="名称", max_length=200, required=False, help_text="上传文件时不填即用文件名。"
    )
    text = TextField(label="说明", rows=3, max_length=3000, required=False)
    number = LineField(label="文号", max_length=60, required=False)
    place = LineField(label="存放地点", max_length=100, required=False)
    keeper = LineField(label="保管人", max_length=40, required=False)
    measure = forms.ModelChoiceField(
        label="对应措施", queryset=None, required=False, empty_label="整条问题"
    )

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].queryset = problem.measures.all()
        kinds = ",".join(f".{ending}" for ending in (*ENDINGS, *PLAIN))
        self.fields["files"].widget.attrs["accept"] = kinds
        self.fields["files"].help_text = "可一次选多个；图片、PDF、Word、Excel等，单个不超过20MB。"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        kind = data.get("kind")
        if kind == Evidence.Kind.FILE and not data.get("files"):
            self.add_error("files", "请选择要上传的文件。")
        if kind == Evidence.Kind.REFERENCE and not (data.get("number") or data.get("place")):
            self.add_error("place", "存档备查须写明文号或存放地点，便于核查时调阅。")
        if kind == Evidence.Kind.NOTE and not data.get("text"):
            self.add_error("text", "请写明可核实的情况。")
        if kind in {Evidence.Kind.REFERENCE, Evidence.Kind.NOTE} and not data.get("title"):
            self.add_error("title", "请填写名称。")
        return data

"""The form of a checklist: its words, and a list that is pasted, a line each."""

from typing import Any

from django import forms

from campaigns.forms.drafts import EditForm
from campaigns.forms.lines import lines_of, parted
from campaigns.models import Checklist
from campaigns.models.checklist import PARTS
from campaigns.models.kit import KitItem, KitQuestion
from reform.forms.act import LineField, TextField

FINDS = "*＊"


class ChecklistForm(EditForm):
    submit = "保存清单"
    shown_for = {
        "items": "mode=pick|each",
        "parts": "mode=pick|each",
        "questions": "mode=questions",
    }
    title = LineField(label="名称", max_length=60)
    purpose = forms.ChoiceField(label="用途", choices=Checklist.Purpose)
    mode = forms.ChoiceField(
        label="作答方式",
        choices=[
            (Checklist.Mode.PICK, "选条目、讲实例：只填与自己有关的"),
            (Checklist.Mode.EACH, "逐条作答：每条都答，没有的一键注明"),
            (Checklist.Mode.QUESTIONS, "问答：逐个回答问题"),
        ],
        widget=forms.RadioSelect,
    )
    guidance = TextField(label="填写说明", rows=3, max_length=2000, required=False)
    parts = LineField(
        label="三个部分的名称",
        max_length=64,
        required=False,
        help_text="以顿号分隔，例如：症状、病根、药方。不填则为问题具体表现、原因分析体会、改进措施计划。",
    )
    items = TextField(
        label="条目",
        rows=12,
        max_length=80_000,
        required=False,
        help_text="一行一条，按此排序：名称：具体表现。可以从表格整列粘贴。",
    )
    questions = TextField(
        label="问题",
        rows=8,
        max_length=20_000,
        required=False,
        help_text="一行一问，按此排序。答的就是问题的，行首加“*”，审阅后可列入台账。",
    )

    def clean_parts(self) -> list[str]:
        words = [word.strip() for word in self.cleaned_data["parts"].split("、") if word.strip()]
        if (words and len(words) != len(PARTS)) or any(len(word) > 20 for word in words):
            raise forms.ValidationError("请写三个名称，以顿号分隔，每个不超过20字。")
        return words or list(PARTS)

    def clean_items(self) -> list[KitItem]:
        found = []
        for number, line in enumerate(lines_of(self.cleaned_data["items"]), start=1):
            name, *rest = parted(line, "：", ":")
            words = "：".join(rest)
            if not name or len(name) > 40 or len(words) > 300:
                raise forms.ValidationError(
                    f"第{number}行：名称1至40字，具体表现最多300字，中间用冒号分开。"
                )
            found.append(KitItem(name, words))
        return found

    def clean_questions(self) -> list[KitQuestion]:
        found = []
        for number, line in enumerate(lines_of(self.cleaned_data["questions"]), start=1):
            text = line.lstrip(FINDS).strip()
            if not text or len(text) > 300:
                raise forms.ValidationError(f"第{number}行：每个问题1至300字。")
            found.append(KitQuestion(text, finds=line[0] in FINDS))
        return found

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        words = ("title", "purpose", "mode", "guidance", "parts")
        return {
            "facts": {key: data[key] for key in words},
            "items": data["items"],
            "questions": data["questions"],
        }


def written(checklist: Checklist) -> dict[str, Any]:
    """Return a checklist as its form shows it."""
    items = [
        f"{item.name}：{item.description}" if item.description else item.name
        for item in checklist.items.all()
    ]
    questions = [f"*{one.text}" if one.finds else one.text for one in checklist.questions.all()]
    return {
        "title": checklist.title,
        "purpose": checklist.purpose,
        "mode": checklist.mode,
        "guidance": checklist.guidance,
        "parts": "、".join(checklist.parts),
        "items": "\n".join(items),
        "questions": "\n".join(questions),
    }
